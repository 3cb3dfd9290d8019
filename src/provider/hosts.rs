//! The table of hosts: who serves models, where, in which wire format, with which key and which habits.
//!
//! Everything that differs between hosts is data here; no other file asks which host it talks to. Sends nothing.

mod habits;
mod inquiry;

use super::route;
use crate::{
    domain::plan::{ProviderId, RemotePlan},
    wire::{BodyOptions, DialectKind, EffortField},
};
use habits::{COMMON, ExtraSampling, Habits, OPEN_MODELS};
pub use inquiry::{Listing, ModelCheck};
use inquiry::{MODEL_BY_NAME, MODELS, listed};
pub use route::{ROUTE_KEYS, Route};

/// One host.
#[derive(Debug, Clone, Copy)]
pub struct Host {
    /// Its name in configurations.
    pub provider: ProviderId,
    /// Everything up to the wire format's own path; `None` where the plan must say it, or the route does.
    pub base_url: Option<&'static str>,
    /// What else its address is put together from.
    pub route: Route,
    /// The wire format it speaks.
    pub dialect: DialectKind,
    /// How it wants to be shown a key.
    pub key: KeyRule,
    /// Headers that it wants with every request.
    pub headers: &'static [(&'static str, &'static str)],
    habits: Habits,
}

/// How a host wants to be shown a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyRule {
    /// The variables that hold it, the first that is set wins. Empty: the host needs none, unless a plan names one.
    pub variables: &'static [&'static str],
    /// The header that carries it.
    pub header: KeyHeader,
    /// Where none of the variables is set, requests are signed for this service of AWS, if AWS's own variables are.
    pub signs_for: Option<&'static str>,
}

/// The header that carries a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyHeader {
    /// `authorization: Bearer KEY`.
    Bearer,
    /// The key alone in a header of this name.
    Named(&'static str),
}

impl Host {
    /// An example of the base URL that this plan must say and does not.
    pub fn lacking_base_url(&self, plan: &RemotePlan) -> Option<&'static str> {
        match (&plan.base_url, self.base_url) {
            (None, None) => self.route.base_url_example(plan),
            _ => None,
        }
    }

    /// How it says whether it knows a key and a model.
    pub const fn model_check(&self) -> ModelCheck {
        self.habits.check
    }

    /// How its request bodies differ from the common form.
    pub fn body_options(&self) -> BodyOptions {
        self.habits.body_options()
    }
}

/// The row of a provider; `None` for those that are no API, and for those that this version does not support.
pub fn find(provider: ProviderId) -> Option<&'static Host> {
    HOSTS.iter().find(|host| host.provider == provider)
}

const BEARER: KeyHeader = KeyHeader::Bearer;

const fn key(variables: &'static [&'static str], header: KeyHeader) -> KeyRule {
    KeyRule {
        variables,
        header,
        signs_for: None,
    }
}

const fn openai_shape(
    provider: ProviderId,
    base_url: &'static str,
    variables: &'static [&'static str],
    habits: Habits,
) -> Host {
    Host {
        provider,
        base_url: Some(base_url),
        route: Route::Plain,
        dialect: DialectKind::OpenAiChat,
        key: key(variables, BEARER),
        headers: &[],
        habits,
    }
}

/// All hosts of this version, in the order of the documentation.
pub static HOSTS: &[Host] = &[
    openai_shape(
        ProviderId::OpenAi,
        "https://api.openai.com/v1",
        &["OPENAI_API_KEY"],
        Habits {
            max_tokens_field: "max_completion_tokens",
            check: MODEL_BY_NAME,
            ..COMMON
        },
    ),
    Host {
        dialect: DialectKind::OpenAiResponses,
        ..openai_shape(
            ProviderId::OpenAiResponses,
            "https://api.openai.com/v1",
            &["OPENAI_API_KEY"],
            Habits {
                check: MODEL_BY_NAME,
                ..COMMON
            },
        )
    },
    Host {
        provider: ProviderId::Anthropic,
        base_url: Some("https://api.anthropic.com"),
        route: Route::Plain,
        dialect: DialectKind::Anthropic,
        key: key(&["ANTHROPIC_API_KEY"], KeyHeader::Named("x-api-key")),
        headers: &[("anthropic-version", "2023-06-01")],
        // Lists no aliases, but knows them by name.
        habits: Habits {
            check: ModelCheck::Model {
                path: "/v1/models/",
                list: "/v1/models?limit=1000",
            },
            ..COMMON
        },
    },
    Host {
        provider: ProviderId::Gemini,
        base_url: Some("https://generativelanguage.googleapis.com"),
        route: Route::Plain,
        dialect: DialectKind::Gemini,
        key: key(
            &["GEMINI_API_KEY", "GOOGLE_API_KEY"],
            KeyHeader::Named("x-goog-api-key"),
        ),
        headers: &[],
        habits: Habits {
            check: ModelCheck::Model {
                path: "/v1beta/models/",
                list: "/v1beta/models?pageSize=1000",
            },
            ..COMMON
        },
    },
    // Access tokens, of which Google's own client knows the second variable; `gcloud auth print-access-token` makes one.
    Host {
        provider: ProviderId::Vertex,
        base_url: None,
        route: Route::GoogleCloud,
        dialect: DialectKind::Gemini,
        key: key(
            &["GOOGLE_ACCESS_TOKEN", "CLOUDSDK_AUTH_ACCESS_TOKEN"],
            BEARER,
        ),
        headers: &[],
        habits: COMMON,
    },
    // Refuses fields that it does not know, so it is not asked for usage: it sends that unasked.
    openai_shape(
        ProviderId::Mistral,
        "https://api.mistral.ai/v1",
        &["MISTRAL_API_KEY"],
        Habits {
            include_usage: false,
            seed_field: Some("random_seed"),
            check: MODEL_BY_NAME,
            ..COMMON
        },
    ),
    openai_shape(
        ProviderId::DeepSeek,
        "https://api.deepseek.com",
        &["DEEPSEEK_API_KEY"],
        Habits {
            seed_field: None,
            effort: EffortField::ThinkingType,
            check: listed(Listing::Whole),
            ..COMMON
        },
    ),
    openai_shape(
        ProviderId::Xai,
        "https://api.x.ai/v1",
        &["XAI_API_KEY"],
        Habits {
            check: MODEL_BY_NAME,
            ..COMMON
        },
    ),
    openai_shape(
        ProviderId::Groq,
        "https://api.groq.com/openai/v1",
        &["GROQ_API_KEY"],
        Habits {
            max_tokens_field: "max_completion_tokens",
            check: MODEL_BY_NAME,
            ..COMMON
        },
    ),
    openai_shape(
        ProviderId::Together,
        "https://api.together.xyz/v1",
        &["TOGETHER_API_KEY"],
        Habits {
            check: listed(Listing::Part),
            sampling: ExtraSampling::TopKAndMinP,
            ..COMMON
        },
    ),
    openai_shape(
        ProviderId::Fireworks,
        "https://api.fireworks.ai/inference/v1",
        &["FIREWORKS_API_KEY"],
        Habits {
            check: listed(Listing::Part),
            sampling: ExtraSampling::TopKAndMinP,
            // Its own times stand in the last chunk only where they are asked for.
            switches: &["perf_metrics_in_response"],
            ..COMMON
        },
    ),
    openai_shape(
        ProviderId::OpenRouter,
        "https://openrouter.ai/api/v1",
        &["OPENROUTER_API_KEY"],
        Habits {
            sampling: ExtraSampling::TopKAndMinP,
            effort: EffortField::ReasoningObject,
            check: ModelCheck::Public {
                list: MODELS,
                key: "/key",
            },
            ..COMMON
        },
    ),
    Host {
        provider: ProviderId::Cohere,
        base_url: Some("https://api.cohere.com"),
        route: Route::Plain,
        dialect: DialectKind::Cohere,
        key: key(&["COHERE_API_KEY"], BEARER),
        headers: &[],
        habits: Habits {
            check: ModelCheck::Model {
                path: "/v1/models/",
                list: "/v1/models?page_size=1000",
            },
            ..COMMON
        },
    },
    Host {
        provider: ProviderId::AzureOpenAi,
        base_url: None,
        route: Route::Azure,
        dialect: DialectKind::OpenAiChat,
        key: key(&["AZURE_OPENAI_API_KEY"], KeyHeader::Named("api-key")),
        headers: &[],
        habits: Habits {
            max_tokens_field: "max_completion_tokens",
            ..COMMON
        },
    },
    Host {
        provider: ProviderId::Bedrock,
        base_url: Some("https://bedrock-runtime.{region}.amazonaws.com"),
        route: Route::Aws,
        dialect: DialectKind::Bedrock,
        key: KeyRule {
            signs_for: Some("bedrock"),
            ..key(&["AWS_BEARER_TOKEN_BEDROCK"], BEARER)
        },
        headers: &[],
        habits: COMMON,
    },
    Host {
        provider: ProviderId::Ollama,
        base_url: Some("http://127.0.0.1:11434"),
        route: Route::Plain,
        dialect: DialectKind::Ollama,
        key: key(&[], BEARER),
        headers: &[],
        habits: Habits {
            check: ModelCheck::List {
                path: "/api/tags",
                listing: Listing::Whole,
            },
            ..COMMON
        },
    },
    openai_shape(
        ProviderId::LlamaServer,
        "http://127.0.0.1:8080/v1",
        &[],
        Habits {
            check: listed(Listing::AnyName),
            ..OPEN_MODELS
        },
    ),
    openai_shape(
        ProviderId::Vllm,
        "http://127.0.0.1:8000/v1",
        &[],
        Habits {
            check: listed(Listing::Whole),
            ..OPEN_MODELS
        },
    ),
    openai_shape(
        ProviderId::LmStudio,
        "http://127.0.0.1:1234/v1",
        &[],
        Habits {
            sampling: ExtraSampling::TopK,
            check: listed(Listing::Whole),
            ..COMMON
        },
    ),
    Host {
        provider: ProviderId::OpenAiCompatible,
        base_url: None,
        route: Route::Plain,
        dialect: DialectKind::OpenAiChat,
        key: key(&[], BEARER),
        headers: &[],
        habits: Habits {
            check: listed(Listing::Part),
            ..COMMON
        },
    },
];
