//! The words of each vendor for what no wait and no other prompt mends: a used-up budget, a prompt that is too long, a
//! model that is gone, a request above a limit. Data only, but for the search; the kinds by status are in `kind`.

use crate::domain::failure::FailureKind::{self, ContextLength, NotFound, Quota, Rejected};

/// What one vendor says, and which kind that is.
#[derive(Debug)]
pub(super) struct Row {
    /// Who says it.
    #[cfg_attr(not(test), expect(dead_code, reason = "for whoever reads the table"))]
    pub(super) vendor: &'static str,
    /// The status that it comes with; 0 where it differs.
    pub(super) status: u16,
    /// Parts of what is said, in lower case, in words for people or for machines: all of them must be there.
    pub(super) parts: &'static [&'static str],
    /// The kind.
    pub(super) kind: FailureKind,
    /// Where the vendor says so, or where it was reported.
    #[cfg_attr(not(test), expect(dead_code, reason = "for whoever reads the table"))]
    pub(super) source: &'static str,
}

const fn row(
    vendor: &'static str,
    status: u16,
    parts: &'static [&'static str],
    kind: FailureKind,
    source: &'static str,
) -> Row {
    Row {
        vendor,
        status,
        parts,
        kind,
        source,
    }
}

const ANTHROPIC: &str = "https://docs.anthropic.com/en/api/errors";
const OPENAI: &str = "https://platform.openai.com/docs/guides/error-codes";
const XAI: &str = "https://docs.x.ai/docs/key-information/debugging";
const GEMINI: &str = "https://ai.google.dev/gemini-api/docs/billing";
const KIMI: &str = "https://platform.moonshot.ai/docs/api/chat";
const QWEN: &str = "https://www.alibabacloud.com/help/en/model-studio/error-code";
const COHERE: &str = "https://docs.cohere.com/reference/errors";
const OLLAMA: &str = "https://docs.ollama.com/cloud";
const FIREWORKS: &str = "https://docs.fireworks.ai/guides/inference-error-codes";
const GROQ: &str = "https://console.groq.com/docs/errors";
const HUGGING_FACE: &str = "https://huggingface.co/docs/inference-providers/pricing";
const VLLM: &str = "https://github.com/vllm-project/vllm";
const TGI: &str = "https://github.com/huggingface/text-generation-inference";
const LLAMA_SERVER: &str = "https://github.com/ggml-org/llama.cpp/tree/master/tools/server";
const MISTRAL: &str = "https://docs.mistral.ai/api";
const COPILOT: &str = "https://docs.github.com/en/copilot";
const OPENROUTER: &str = "https://openrouter.ai/docs/api-reference/errors";
const ZAI: &str = "https://docs.z.ai/api-reference/api-code";

/// One row per way to say it. The first that fits counts: what can never fit a limit stands before the limits.
pub(super) const ROWS: &[Row] = &[
    row(
        "OpenAI",
        429,
        &["request too large", "requested"],
        Rejected,
        OPENAI,
    ),
    row(
        "Groq",
        413,
        &["request too large", "requested"],
        Rejected,
        GROQ,
    ),
    row(
        "Anthropic",
        400,
        &["specified api usage limits"],
        Quota,
        ANTHROPIC,
    ),
    row(
        "Anthropic",
        400,
        &["credit balance is too low"],
        Quota,
        ANTHROPIC,
    ),
    row("OpenAI", 429, &["insufficient_quota"], Quota, OPENAI),
    row("OpenAI", 0, &["billing_hard_limit_reached"], Quota, OPENAI),
    row("OpenAI", 0, &["billing_not_active"], Quota, OPENAI),
    row("OpenAI", 0, &["credit_balance_exhausted"], Quota, OPENAI),
    row(
        "OpenAI",
        429,
        &[
            "exceeded your current quota, please check your plan and billing details. for more information on this error, read the docs: https://platform.openai.com",
        ],
        Quota,
        OPENAI,
    ),
    row("xAI", 0, &["used all available credits"], Quota, XAI),
    row(
        "xAI",
        0,
        &["reached its monthly spending limit"],
        Quota,
        XAI,
    ),
    row("xAI", 403, &["doesn't have any credits"], Quota, XAI),
    row(
        "Gemini",
        429,
        &["prepayment credits are depleted"],
        Quota,
        GEMINI,
    ),
    row("Gemini", 0, &["monthly spending cap"], Quota, GEMINI),
    row("Kimi", 429, &["exceeded_current_quota_error"], Quota, KIMI),
    row("Kimi", 429, &["account", "suspended"], Quota, KIMI),
    row("Qwen", 0, &["arrearage"], Quota, QWEN),
    row("Qwen", 0, &["allocationquota.freetieronly"], Quota, QWEN),
    row(
        "Cohere",
        429,
        &["limited to 1000 api calls / month"],
        Quota,
        COHERE,
    ),
    row("Cohere", 429, &["trial key", "/ month"], Quota, COHERE),
    row(
        "Ollama Cloud",
        0,
        &["reached your weekly usage limit"],
        Quota,
        OLLAMA,
    ),
    row(
        "Ollama Cloud",
        0,
        &["reached your hourly usage limit, please upgrade"],
        Quota,
        OLLAMA,
    ),
    row("Fireworks", 412, &["suspended"], Quota, FIREWORKS),
    row("Fireworks", 412, &["spending limit"], Quota, FIREWORKS),
    row(
        "Hugging Face",
        0,
        &["monthly included credits"],
        Quota,
        HUGGING_FACE,
    ),
    row("Copilot", 0, &["premium request allowance"], Quota, COPILOT),
    row(
        "OpenRouter",
        403,
        &["key limit exceeded"],
        Quota,
        OPENROUTER,
    ),
    row(
        "OpenRouter",
        402,
        &["requires more credits"],
        Quota,
        OPENROUTER,
    ),
    row(
        "Z.ai",
        429,
        &["insufficient balance or no resource package"],
        Quota,
        ZAI,
    ),
    row(
        "Volcengine",
        0,
        &["accountoverdueerror"],
        Quota,
        "https://www.volcengine.com/docs/82379/1299023",
    ),
    row(
        "Anthropic",
        400,
        &["input length and `max_tokens` exceed context limit"],
        ContextLength,
        ANTHROPIC,
    ),
    row("xAI", 400, &["maximum prompt length"], ContextLength, XAI),
    row(
        "vLLM",
        400,
        &["longer than the maximum model length"],
        ContextLength,
        VLLM,
    ),
    row(
        "vLLM",
        400,
        &["this model's maximum context length"],
        ContextLength,
        VLLM,
    ),
    row(
        "vLLM",
        400,
        &["exceeds the max_model_len"],
        ContextLength,
        VLLM,
    ),
    row(
        "TGI",
        422,
        &["`inputs` tokens + `max_new_tokens` must be"],
        ContextLength,
        TGI,
    ),
    row(
        "TGI",
        422,
        &["`inputs` must have less than"],
        ContextLength,
        TGI,
    ),
    row(
        "Kimi",
        400,
        &["exceeded model token limit"],
        ContextLength,
        KIMI,
    ),
    row(
        "Qwen",
        400,
        &["range of input length should be"],
        ContextLength,
        QWEN,
    ),
    row(
        "Copilot",
        400,
        &["model_max_prompt_tokens_exceeded"],
        ContextLength,
        COPILOT,
    ),
    row(
        "Mistral",
        400,
        &["too large for model with", "maximum context length"],
        ContextLength,
        MISTRAL,
    ),
    row("Cohere", 400, &["too many tokens"], ContextLength, COHERE),
    row(
        "llama-server",
        400,
        &["exceed_context_size_error"],
        ContextLength,
        LLAMA_SERVER,
    ),
    row(
        "llama-server",
        500,
        &["exceeds the available context size"],
        ContextLength,
        LLAMA_SERVER,
    ),
    row(
        "Groq",
        400,
        &["please reduce the length of the messages"],
        ContextLength,
        GROQ,
    ),
    row("Groq", 400, &["model_decommissioned"], NotFound, GROQ),
    row("Groq", 400, &["has been decommissioned"], NotFound, GROQ),
    row(
        "Hugging Face",
        400,
        &["model_not_supported"],
        NotFound,
        HUGGING_FACE,
    ),
    row(
        "Hugging Face",
        400,
        &["is not supported by any provider"],
        NotFound,
        HUGGING_FACE,
    ),
    row(
        "Ollama",
        0,
        &["model", "not found, try pulling it first"],
        NotFound,
        OLLAMA,
    ),
];

/// The kind that a vendor's own words tell; `words` are in lower case.
pub(super) fn kind_of(status: u16, words: &str, message: &str) -> Option<FailureKind> {
    let message = message.to_lowercase();
    let says = |part: &&str| words.contains(*part) || message.contains(*part);
    let can_be = |row: &&Row| row.status == 0 || status == 0 || row.status == status;
    let row = ROWS
        .iter()
        .filter(can_be)
        .find(|row| row.parts.iter().all(says))?;
    match row.kind {
        Rejected if !never_fits(&message) => None,
        kind => Some(kind),
    }
}

/// Whether a request asks for more than the limit that is named: "Limit 30000, Requested 45000", in lower case.
fn never_fits(message: &str) -> bool {
    let number_after = |word: &str| {
        let mut behind = message.split(word).skip(1);
        behind.find_map(|rest| {
            let rest = rest.trim_start_matches([' ', ':']);
            let digits = rest.chars().filter(|c| *c != ',');
            let digits: String = digits.take_while(char::is_ascii_digit).collect();
            digits.parse::<u64>().ok()
        })
    };
    match (number_after("limit"), number_after("requested")) {
        (Some(limit), Some(requested)) => requested > limit,
        _ => false,
    }
}

#[cfg(test)]
mod tests;
