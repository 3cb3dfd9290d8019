//! A lane as it was planned: resolved and validated, ready to run. Holds no key and opens nothing.

use super::{
    cost::Price,
    request::{Effort, Sampling},
    tier::Tier,
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fmt, path::PathBuf, str::FromStr, time::Duration};

/// One lane, resolved.
#[derive(Debug, Clone, PartialEq)]
pub struct LanePlan {
    /// Unique; shown on the pane.
    pub name: String,
    /// The tier, where it is known.
    pub tier: Option<Tier>,
    /// Which provider serves it.
    pub provider: ProviderId,
    /// The model's name at its host; for a local lane the GGUF's file stem.
    pub model: String,
    /// Where it runs and how it is reached.
    pub source: LaneSource,
    /// How tokens are chosen, defaults and command line already merged in.
    pub sampling: Sampling,
    /// Instructions before the conversation.
    pub system: Option<String>,
    /// How much to think.
    pub effort: Option<Effort>,
    /// Merged into the request body as it is.
    pub extra: serde_json::Map<String, serde_json::Value>,
    /// Prices, where they are known.
    pub price: Option<Price>,
    /// How long each phase may take.
    pub timeouts: Timeouts,
    /// Attempts after the first one, before the first piece only.
    pub max_retries: u32,
    /// Switched on at the start.
    pub is_enabled: bool,
    /// What of all this its model does not take, and what becomes of it; one sentence each.
    pub notes: Vec<String>,
}

impl LanePlan {
    /// Where the model runs, in the word of the JSON contract.
    pub const fn access(&self) -> &'static str {
        match self.source {
            LaneSource::Local(_) => "local",
            LaneSource::Remote(_) | LaneSource::Tape(_) => "api",
            LaneSource::Played(played) => {
                if played.is_local {
                    "local"
                } else {
                    "api"
                }
            }
        }
    }
}

/// Where a lane's answer comes from.
#[derive(Debug, Clone, PartialEq)]
pub enum LaneSource {
    /// A GGUF file on this machine, run by llama.cpp.
    Local(LocalPlan),
    /// An API.
    Remote(RemotePlan),
    /// A recorded tape.
    Tape(PathBuf),
    /// A past run that is shown again; nobody is asked.
    Played(PlayedPlan),
}

/// What is known of a lane of a past run besides its events.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct PlayedPlan {
    /// It was a GGUF file.
    pub is_local: bool,
    /// It ran on the person's own machine, so that nobody asks a price for it.
    pub is_own: bool,
    /// What it cost then, where that was recorded.
    pub cost_usd: Option<f64>,
}

/// Most sequences that llama.cpp decodes together.
pub const MAX_PARALLEL: u32 = 256;

/// How a GGUF file is run.
#[derive(Debug, Clone, PartialEq)]
pub struct LocalPlan {
    /// The file, with `~` expanded.
    pub path: PathBuf,
    /// Layers on the GPU.
    pub gpu_layers: GpuLayers,
    /// Names or indices of the devices to use; empty: all.
    pub devices: Vec<String>,
    /// Size of the context; `None`: the smaller of the model's own and 8192.
    pub context_tokens: Option<u32>,
    /// Threads; 0: chosen by the engine.
    pub threads: u32,
    /// Prompts that may be answered at once, 1 to [`MAX_PARALLEL`]; each has a whole context of its own.
    pub parallel: u32,
    /// The chat template.
    pub template: TemplateSource,
    /// Most thinking tokens; after them the thinking is closed.
    pub thinking_budget: Option<u32>,
}

/// How many layers run on the GPU.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum GpuLayers {
    /// All of them where a GPU backend is built in and a device is there.
    #[default]
    Auto,
    /// All of them.
    All,
    /// This many.
    Count(u32),
}

/// Which chat template turns messages into a prompt.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TemplateSource {
    /// The GGUF's own.
    #[default]
    Model,
    /// None: the prompt is continued as it is (base models).
    None,
    /// A Jinja file.
    File(PathBuf),
}

/// How an API is reached. What is `None` comes from the host table.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RemotePlan {
    /// Replaces everything up to the dialect's own path.
    pub base_url: Option<String>,
    /// The variable that holds the key; `Some("")` sends none.
    pub api_key_env: Option<String>,
    /// Sent with every request.
    pub headers: BTreeMap<String, String>,
    /// Vertex: the project of Google Cloud.
    pub project: Option<String>,
    /// Vertex: where it runs, such as `us-central1`.
    pub location: Option<String>,
    /// Bedrock: where it runs, such as `us-east-1`.
    pub region: Option<String>,
    /// Azure: the deployment, where the older paths are used.
    pub deployment: Option<String>,
    /// Azure: the version of the API.
    pub api_version: Option<String>,
}

/// How long each phase of a request may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// DNS, TCP and TLS.
    pub connect: Duration,
    /// Without a byte: before the headers and between two reads.
    pub idle: Duration,
    /// The whole answer, from t0.
    pub whole: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            idle: Duration::from_secs(120),
            whole: Duration::from_secs(600),
        }
    }
}

macro_rules! providers {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        /// Every provider that a configuration may name.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum ProviderId { $($(#[$doc])* $variant,)* }

        impl ProviderId {
            /// All of them, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name used in configuration and JSON.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }
    };
}

providers! {
    /// A GGUF file on this machine.
    Local = "local",
    /// A recorded tape.
    Tape = "tape",
    /// OpenAI Chat Completions.
    OpenAi = "openai",
    /// OpenAI Responses.
    OpenAiResponses = "openai-responses",
    /// Anthropic Messages.
    Anthropic = "anthropic",
    /// Google AI Studio.
    Gemini = "gemini",
    /// Google Vertex AI.
    Vertex = "vertex",
    /// Mistral.
    Mistral = "mistral",
    /// DeepSeek.
    DeepSeek = "deepseek",
    /// xAI.
    Xai = "xai",
    /// Groq.
    Groq = "groq",
    /// Together.
    Together = "together",
    /// Fireworks.
    Fireworks = "fireworks",
    /// OpenRouter.
    OpenRouter = "openrouter",
    /// Cohere.
    Cohere = "cohere",
    /// Azure OpenAI and AI Foundry.
    AzureOpenAi = "azure-openai",
    /// AWS Bedrock.
    Bedrock = "bedrock",
    /// Ollama's native API.
    Ollama = "ollama",
    /// llama.cpp's server.
    LlamaServer = "llama-server",
    /// vLLM.
    Vllm = "vllm",
    /// LM Studio.
    LmStudio = "lmstudio",
    /// Any other server of the OpenAI shape; needs `base_url`.
    OpenAiCompatible = "openai-compatible",
}

impl ProviderId {
    /// A server that people run themselves, most often on their own machine.
    pub const fn is_local_server(self) -> bool {
        matches!(
            self,
            Self::Ollama | Self::LlamaServer | Self::Vllm | Self::LmStudio
        )
    }
}

impl fmt::Display for ProviderId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(self.name())
    }
}

impl FromStr for ProviderId {
    type Err = UnknownProvider;

    fn from_str(text: &str) -> Result<Self, UnknownProvider> {
        Self::ALL
            .iter()
            .copied()
            .find(|provider| provider.name() == text)
            .ok_or_else(|| UnknownProvider(text.to_owned()))
    }
}

/// A word that names no provider.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown provider `{0}`")]
pub struct UnknownProvider(pub String);

/// Whether local lanes run together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Schedule {
    /// All lanes at once.
    #[default]
    Race,
    /// Local lanes one after another, remote lanes beside them.
    Fair,
}

impl Schedule {
    /// Both of them.
    pub const ALL: [Self; 2] = [Self::Race, Self::Fair];

    /// The word used in configuration and JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Race => "race",
            Self::Fair => "fair",
        }
    }
}
