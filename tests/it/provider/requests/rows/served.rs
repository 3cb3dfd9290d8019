//! The rows of hosts that serve the models of others: routers, clouds, one's own machines.

use super::{Auth, Row, both, chat, gemini_body};
use serde_json::{Value, json};
use tierscope::domain::plan::ProviderId;

pub(super) fn open_models() -> Vec<Row> {
    let usage = json!({"include_usage": true});
    let all = json!({"stream_options": usage, "max_tokens": 2000, "temperature": 0.5, "top_p": 0.25, "top_k": 40,
        "min_p": 0.125, "seed": 7, "stop": ["END"]});
    let with = |own: Value| both(all.clone(), &own);
    vec![
        chat(
            "8",
            ProviderId::Groq,
            "openai/gpt-oss-120b",
            "https://api.groq.com/openai/v1",
            Auth::Bearer("GROQ_API_KEY"),
            &json!({"stream_options": usage, "max_completion_tokens": 2000,
            "temperature": 0.5, "top_p": 0.25, "seed": 7, "stop": ["END"], "reasoning_effort": "low"}),
        ),
        chat(
            "9",
            ProviderId::Together,
            "openai/gpt-oss-20b",
            "https://api.together.xyz/v1",
            Auth::Bearer("TOGETHER_API_KEY"),
            &with(json!({"reasoning_effort": "low"})),
        ),
        chat(
            "10",
            ProviderId::Fireworks,
            "accounts/fireworks/models/gpt-oss-120b",
            "https://api.fireworks.ai/inference/v1",
            Auth::Bearer("FIREWORKS_API_KEY"),
            &with(json!({"reasoning_effort": "low", "perf_metrics_in_response": true})),
        ),
        chat(
            "11",
            ProviderId::OpenRouter,
            "openai/gpt-oss-120b",
            "https://openrouter.ai/api/v1",
            Auth::Bearer("OPENROUTER_API_KEY"),
            &with(json!({"reasoning": {"effort": "low"}})),
        ),
    ]
}

pub(super) fn clouds() -> Vec<Row> {
    let vertex = Row {
        path: "/v1beta1/projects/p/locations/l/publishers/google/models/gemini-2.5-flash:streamGenerateContent?alt=sse",
        keys: &[("project", "p"), ("location", "l")],
        body: gemini_body(&json!({"includeThoughts": true, "thinkingBudget": 1024})),
        ..chat(
            "4",
            ProviderId::Vertex,
            "gemini-2.5-flash",
            "https://aiplatform.googleapis.com",
            Auth::Bearer("GOOGLE_ACCESS_TOKEN"),
            &json!({}),
        )
    };
    let [converse, converse_thinking] = bedrock();
    let azure = |model, base, own: &Value| {
        chat(
            "18",
            ProviderId::AzureOpenAi,
            model,
            base,
            Auth::Header("api-key", "AZURE_OPENAI_API_KEY"),
            own,
        )
    };
    let usage = json!({"include_usage": true});
    let sampling = json!({"temperature": 0.5, "top_p": 0.25, "seed": 7, "stop": ["END"]});
    let with = |own: Value| both(sampling.clone(), &own);
    let origin = "https://n.openai.azure.com";
    vec![
        vertex,
        converse,
        converse_thinking,
        azure(
            "gpt-4o",
            "https://n.openai.azure.com/openai/v1",
            &with(json!({"stream_options": usage, "max_completion_tokens": 2000})),
        ),
        // The changes of 2024-09-01-preview name `max_completion_tokens` and `stream_options` as new.
        Row {
            path: "/openai/deployments/d/chat/completions?api-version=2024-02-01",
            keys: &[("deployment", "d"), ("api_version", "2024-02-01")],
            ..azure("gpt-4o", origin, &with(json!({"max_tokens": 2000})))
        },
        Row {
            path: "/openai/deployments/d/chat/completions?api-version=2024-10-21",
            keys: &[("deployment", "d")],
            ..azure(
                "o3",
                origin,
                &json!({"stream_options": usage, "max_completion_tokens": 2000, "seed": 7,
                "reasoning_effort": "low"}),
            )
        },
        Row {
            path: "/chat/completions?api-version=2024-05-01-preview",
            keys: &[("api_version", "2024-05-01-preview")],
            ..azure(
                "grok-4-1-fast-non-reasoning",
                "https://n.services.ai.azure.com/models",
                &with(json!({"stream_options": usage, "max_tokens": 2000})),
            )
        },
    ]
}

/// Colons of a model's name are escaped in the path.
fn bedrock() -> [Row; 2] {
    let user = json!([{"role": "user", "content": [{"text": "Hi"}]}]);
    let of = |model, path, inference: Value, own: &Value| Row {
        path,
        accept: "application/vnd.amazon.eventstream",
        keys: &[("region", "eu-west-1")],
        body: both(
            json!({"system": [{"text": "Be terse"}], "messages": user, "inferenceConfig": inference}),
            own,
        ),
        ..chat(
            "17",
            ProviderId::Bedrock,
            model,
            "https://bedrock-runtime.{region}.amazonaws.com",
            Auth::Bearer("AWS_BEARER_TOKEN_BEDROCK"),
            &json!({}),
        )
    };
    [
        of(
            "us.amazon.nova-micro-v1:0",
            "/model/us.amazon.nova-micro-v1%3A0/converse-stream",
            json!({"maxTokens": 2000, "temperature": 0.5, "topP": 0.25, "stopSequences": ["END"]}),
            &json!({}),
        ),
        of(
            "us.anthropic.claude-sonnet-4-20250514-v1:0",
            "/model/us.anthropic.claude-sonnet-4-20250514-v1%3A0/converse-stream",
            json!({"maxTokens": 2000, "stopSequences": ["END"]}),
            &json!({"additionalModelRequestFields": {"thinking": {"type": "enabled", "budget_tokens": 1024}}}),
        ),
    ]
}

pub(super) fn own_machines() -> Vec<Row> {
    let usage = json!({"include_usage": true});
    let common = json!({"stream_options": usage, "max_tokens": 2000, "temperature": 0.5, "top_p": 0.25, "seed": 7,
        "stop": ["END"]});
    let with = |own: Value| both(common.clone(), &own);
    let thinking = json!({"top_k": 40, "min_p": 0.125, "chat_template_kwargs": {"enable_thinking": true},
        "reasoning_effort": "low"});
    vec![
        Row {
            path: "/api/chat",
            accept: "application/x-ndjson",
            ..chat(
                "12",
                ProviderId::Ollama,
                "qwen3:4b",
                "http://127.0.0.1:11434",
                Auth::None,
                &json!({"think": true,
                "options": {"num_predict": 2000, "temperature": 0.5, "top_p": 0.25, "top_k": 40, "min_p": 0.125,
                "seed": 7, "stop": ["END"]}}),
            )
        },
        chat(
            "13",
            ProviderId::LlamaServer,
            "m",
            "http://127.0.0.1:8080/v1",
            Auth::None,
            &with(thinking.clone()),
        ),
        chat(
            "14",
            ProviderId::Vllm,
            "m",
            "http://127.0.0.1:8000/v1",
            Auth::None,
            &with(thinking),
        ),
        chat(
            "15",
            ProviderId::LmStudio,
            "m",
            "http://127.0.0.1:1234/v1",
            Auth::None,
            &with(json!({"top_k": 40, "reasoning_effort": "low"})),
        ),
        chat(
            "1",
            ProviderId::OpenAiCompatible,
            "m",
            "http://127.0.0.1:9/v1",
            Auth::None,
            &with(json!({"reasoning_effort": "low"})),
        ),
    ]
}
