//! The models that everybody speaks of, and the names that they go by at hosts beside their lab's own.

use tierscope::domain::plan::ProviderId::{
    self, AzureOpenAi, Bedrock, Fireworks, Groq, LlamaServer, LmStudio, Ollama, OpenRouter,
    Together, Vertex, Vllm,
};

/// A model of the catalogue, and its names at hosts that the catalogue does not tell of.
pub type Named = (&'static str, &'static [(ProviderId, &'static str)]);

#[rustfmt::skip] // a table
pub const NAMED: &[Named] = &[
    ("gpt-4", &[(AzureOpenAi, "gpt-4")]),
    ("gpt-4-turbo", &[(AzureOpenAi, "gpt-4-turbo")]),
    ("gpt-4o", &[(AzureOpenAi, "gpt-4o"), (OpenRouter, "openai/gpt-4o")]),
    ("gpt-4o-mini", &[(AzureOpenAi, "gpt-4o-mini")]),
    ("o1", &[(AzureOpenAi, "o1")]),
    ("o1-mini", &[(AzureOpenAi, "o1-mini")]),
    ("o3", &[(AzureOpenAi, "o3"), (OpenRouter, "openai/o3")]),
    ("o3-mini", &[(AzureOpenAi, "o3-mini")]),
    ("claude-3-opus", &[(Bedrock, "us.anthropic.claude-3-opus-20240229-v1:0")]),
    ("claude-3-sonnet", &[(Bedrock, "us.anthropic.claude-3-sonnet-20240229-v1:0")]),
    ("claude-3-haiku", &[(Bedrock, "us.anthropic.claude-3-haiku-20240307-v1:0")]),
    ("claude-3-5-sonnet", &[(Bedrock, "us.anthropic.claude-3-5-sonnet-20241022-v2:0")]),
    ("claude-3-5-haiku", &[(Bedrock, "us.anthropic.claude-3-5-haiku-20241022-v1:0")]),
    ("claude-3-7-sonnet", &[(Bedrock, "us.anthropic.claude-3-7-sonnet-20250219-v1:0"), (OpenRouter, "anthropic/claude-3.7-sonnet")]),
    ("claude-opus-4", &[(Bedrock, "us.anthropic.claude-opus-4-20250514-v1:0")]),
    ("claude-sonnet-4", &[(Bedrock, "us.anthropic.claude-sonnet-4-20250514-v1:0")]),
    // The first Haiku of that generation.
    ("claude-haiku-4-5", &[(Bedrock, "us.anthropic.claude-haiku-4-5-20251001-v1:0")]),
    ("gemini-2.5-pro", &[(Vertex, "gemini-2.5-pro")]),
    ("gemini-2.5-flash", &[(Vertex, "gemini-2.5-flash")]),
    ("gemini-2.5-flash-lite", &[(Vertex, "gemini-2.5-flash-lite")]),
    ("llama-3.1-8b-instruct", &[(Groq, "llama-3.1-8b-instant"), (Together, "meta-llama/Meta-Llama-3.1-8B-Instruct-Turbo"),
        (Ollama, "llama3.1:8b"), (Vllm, "meta-llama/Llama-3.1-8B-Instruct"), (LlamaServer, "llama-3.1-8b-instruct"),
        (LmStudio, "meta-llama-3.1-8b-instruct")]),
    ("llama-3.1-70b-instruct", &[(OpenRouter, "meta-llama/llama-3.1-70b-instruct"), (Ollama, "llama3.1:70b"),
        (Bedrock, "us.meta.llama3-1-70b-instruct-v1:0"), (Vllm, "meta-llama/Llama-3.1-70B-Instruct")]),
    ("llama-3.1-405b-instruct", &[(Fireworks, "accounts/fireworks/models/llama-v3p1-405b-instruct"),
        (OpenRouter, "meta-llama/llama-3.1-405b-instruct"), (Together, "meta-llama/Meta-Llama-3.1-405B-Instruct-Turbo")]),
    ("mistral-large-2407", &[(Bedrock, "mistral.mistral-large-2407-v1:0")]),
    ("mistral-large-2411", &[(OpenRouter, "mistralai/mistral-large-2411")]),
    ("mistral-large-3", &[]),
    // The lab's own API serves later models, under its old names too.
    ("deepseek-v3", &[(Together, "deepseek-ai/DeepSeek-V3"),
        (Fireworks, "accounts/fireworks/models/deepseek-v3"), (Vllm, "deepseek-ai/DeepSeek-V3")]),
    ("deepseek-r1", &[(Together, "deepseek-ai/DeepSeek-R1"),
        (Fireworks, "accounts/fireworks/models/deepseek-r1"), (OpenRouter, "deepseek/deepseek-r1"),
        (Bedrock, "us.deepseek.r1-v1:0")]),
    ("deepseek-r1-distill-qwen-1.5b", &[(Ollama, "deepseek-r1:1.5b"), (LlamaServer, "deepseek-r1-distill-qwen-1.5b")]),
    ("deepseek-r1-distill-qwen-7b", &[(Ollama, "deepseek-r1:7b"), (Vllm, "deepseek-ai/DeepSeek-R1-Distill-Qwen-7B")]),
    ("deepseek-r1-distill-qwen-14b", &[(Ollama, "deepseek-r1:14b"), (OpenRouter, "deepseek/deepseek-r1-distill-qwen-14b")]),
    ("deepseek-r1-distill-qwen-32b", &[(Ollama, "deepseek-r1:32b"), (OpenRouter, "deepseek/deepseek-r1-distill-qwen-32b")]),
    ("deepseek-r1-distill-llama-8b", &[(Vllm, "deepseek-ai/DeepSeek-R1-Distill-Llama-8B")]),
    ("deepseek-r1-distill-llama-70b", &[(Groq, "deepseek-r1-distill-llama-70b"),
        (Together, "deepseek-ai/DeepSeek-R1-Distill-Llama-70B"), (Ollama, "deepseek-r1:70b")]),
];
