//! Recorded answers of real servers, where they are at hand: each one gives the right texts, counts, times and end,
//! whatever way its bytes are split. The figures below were read from the recordings by eye.

use super::{Numbers, Outcome, extract, random_reads, read, read_whole};
use std::path::PathBuf;
use tierscope::{
    domain::{
        event::{FinishReason, ReasoningForm},
        failure::FailureKind,
        usage::UsageSource,
    },
    wire::DialectKind::{
        self, Anthropic, Bedrock, Cohere, Gemini, Ollama, OpenAiChat, OpenAiResponses,
    },
};

/// The folder of recordings, or nothing, said aloud.
#[allow(clippy::print_stdout)] // a test that is skipped says so
pub fn folder() -> Option<PathBuf> {
    let named = std::env::var_os("TIERSCOPE_RECORDINGS").map(PathBuf::from);
    let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/recordings");
    let folder = named.unwrap_or_else(beside);
    if folder.join("MANIFEST.json").is_file() {
        return Some(folder);
    }
    println!("skipped: no recordings in {}", folder.display());
    None
}

/// Not known.
const N: i64 = -1;
/// No time is known.
const NT: [f64; 4] = [-1.0; 4];
const STOP: Result<FinishReason, FailureKind> = Ok(FinishReason::Stop);
const LENGTH: Result<FinishReason, FailureKind> = Ok(FinishReason::Length);
const REFUSAL: Result<FinishReason, FailureKind> = Ok(FinishReason::Refusal);
const TOOLS: Result<FinishReason, FailureKind> = Ok(FinishReason::ToolCalls);
const REJECTED: Result<FinishReason, FailureKind> = Err(FailureKind::Rejected);

/// What a recording must give.
struct Row {
    file: &'static str,
    kind: DialectKind,
    /// Characters of the answer and of the thinking.
    chars: [usize; 2],
    /// Prompt, cached, completion, reasoning tokens.
    tokens: [i64; 4],
    finish: Result<FinishReason, FailureKind>,
    /// Prefill, decode, queue, TTFT in milliseconds.
    server: [f64; 4],
}

const fn row(
    file: &'static str,
    kind: DialectKind,
    chars: [usize; 2],
    tokens: [i64; 4],
    finish: Result<FinishReason, FailureKind>,
    server: [f64; 4],
) -> Row {
    Row {
        file,
        kind,
        chars,
        tokens,
        finish,
        server,
    }
}

#[rustfmt::skip] // a table
const ROWS: &[Row] = &[
    row("001_openai_gpt-5_chat.sse", OpenAiChat, [4, 0], [19, 0, 75, 64], STOP, NT),
    row("003_openai_gpt-4o_chat.sse", OpenAiChat, [4, 0], [20, 0, 2, 0], STOP, NT),
    row("005_openai_gpt-4o-mini_chat.sse", OpenAiChat, [2, 0], [14, 0, 1, 0], STOP, NT),
    row("007_openai_gpt-5.4_chat.sse", OpenAiChat, [1, 0], [26, 0, 4, 0], STOP, NT),
    row("008_openai_gpt-5-nano_responses.sse", OpenAiResponses, [7, 0], [13, 0, 284, 256], STOP, NT),
    // Nothing but a call of a tool: the format has no reason of its own for that.
    row("010_openai_gpt-5_responses.sse", OpenAiResponses, [0, 424], [63, 0, 121, 64], STOP, NT),
    row("011_openrouter_gpt-oss-20b_responses.sse", OpenAiResponses, [1, 85], [78, 0, 37, 22], STOP, NT),
    row("014_openai_gpt-5-nano_responses.sse", OpenAiResponses, [0, 0], [16, 0, 0, 0], LENGTH, NT),
    row("015_anthropic_claude-haiku-4-5-20251001_messages.sse", Anthropic, [5, 0], [15, 0, 9, N], STOP, NT),
    row("016_anthropic_claude-haiku-4-5-20251001_messages.sse", Anthropic, [1253, 1476], [80, 0, 638, 353], STOP, NT),
    row("018_anthropic_claude-sonnet-4-5-20250929_messages.sse", Anthropic, [359, 0], [92, 0, 189, N], STOP, NT),
    row("020_anthropic_claude-haiku-4-5_messages.sse", Anthropic, [8, 0], [40, 0, 3, N], LENGTH, NT),
    row("022_anthropic_claude-sonnet-4-20250514_messages.sse", Anthropic, [110, 0], [16, 0, 38, N], STOP, NT),
    row("023_gemini_gemini-2.5-flash_streamgeneratecontent.sse", Gemini, [7, 0], [8, N, 27, 20], STOP, NT),
    row("024_gemini_gemini-3-flash-preview_streamgeneratecontent.sse", Gemini, [2671, 1464], [44, N, 1510, 902], STOP, NT),
    row("026_gemini_gemini-2.5-pro_streamgeneratecontent.sse", Gemini, [165, 0], [11, N, 652, 603], STOP, NT),
    row("028_gemini_gemini-2.5-flash_streamgeneratecontent.sse", Gemini, [170, 0], [12, N, 33, N], LENGTH, NT),
    row("030_vertex_gemini-2.5-flash_streamgeneratecontent.sse", Gemini, [7, 0], [7, N, 32, 25], STOP, NT),
    row("032_mistral_mistral-small-latest_chat.sse", OpenAiChat, [7, 0], [22, 0, 8, N], STOP, NT),
    row("033_mistral_mistral-small-latest_chat.sse", OpenAiChat, [3, 174], [31, 0, 66, N], STOP, NT),
    row("035_mistral_mistral-large-latest_chat.sse", OpenAiChat, [18, 0], [32, N, 11, N], STOP, NT),
    row("037_deepseek_deepseek-chat_chat.sse", OpenAiChat, [8, 0], [11, 0, 8, N], STOP, NT),
    row("039_deepseek_deepseek-v4-flash_responses.sse", OpenAiResponses, [31, 33], [90, 0, 15, 7], STOP, NT),
    row("040_deepseek_deepseek-v4-flash_chat.sse", OpenAiChat, [0, 0], [355, 256, 16, N], LENGTH, NT),
    // Reasoning is not in xAI's completion_tokens: 165 + 2 + 129 = 296, its total.
    row("041_xai_grok-4-fast_chat.sse", OpenAiChat, [4, 0], [165, 164, 131, 129], STOP, NT),
    row("043_xai_grok-4.3_responses.sse", OpenAiResponses, [8, 35], [199, 128, 160, 152], STOP, NT),
    row("044_groq_kimi-k2-instruct-0905_chat.sse", OpenAiChat, [4, 0], [20, N, 4, N], STOP, [10.710_679, 9.030_045, 193.227_832, -1.0]),
    row("045_groq_gpt-oss-120b_chat.sse", OpenAiChat, [0, 412], [N; 4], REJECTED, NT),
    row("048_openrouter_claude-haiku-4.5_chat.sse", OpenAiChat, [5, 0], [15, 0, 9, 0], STOP, NT),
    row("050_openrouter_claude-sonnet-4.5_chat.sse", OpenAiChat, [9, 51], [43, 0, 36, 13], STOP, NT),
    row("052_openrouter_gpt-4o_chat.sse", OpenAiChat, [48, 0], [49, 0, 12, 0], REFUSAL, NT),
    // The model saw 502 tokens of prompt, of which 7 are billed.
    row("053_cohere_command-a-03-2025_vchat.sse", Cohere, [44, 0], [502, 448, 24, N], STOP, NT),
    row("055_ollama_llama3_apichat.ndjson", Ollama, [212, 0], [17, N, 50, N], STOP, [313.56, 1577.99, -1.0, -1.0]),
    row("056_ollama_llama3_apigenerate.ndjson", Ollama, [291, 0], [17, N, 71, N], STOP, [167.135, 2252.182, -1.0, -1.0]),
    row("058_ollama_qwen3-4b_apichat.ndjson", Ollama, [277, 0], [18, N, 64, N], LENGTH, [17.853_083, 810.829_67, -1.0, -1.0]),
    row("059_ollama_qwen3_chat.sse", OpenAiChat, [9, 1177], [17, N, 289, N], STOP, NT),
    row("061_llama.cpp_gpt-oss-20b_chat.sse", OpenAiChat, [4, 176], [84, N, 57, N], STOP, [8.996, 484.01, -1.0, -1.0]),
    row("063_llama.cpp_Qwen3-1.7B-Q4_K_M_chat.sse", OpenAiChat, [28, 0], [60, 59, 20, N], STOP, [5.469, 107.711, -1.0, -1.0]),
    // Two choices: only the first is read.
    row("065_llama.cpp_Qwen3-1.7B-Q4_K_M_chat.sse", OpenAiChat, [9, 0], [28, 27, 8, N], STOP, [6.973, 55.569, -1.0, -1.0]),
    row("066_gpustack_qwen3_chat.sse", OpenAiChat, [10, 674], [15, 0, 171, 160], STOP, [-1.0, -1.0, -1.0, 38.631]),
    row("068_vllm_opt-125m_chat.sse", OpenAiChat, [39, 0], [N; 4], LENGTH, NT),
    row("069_together_DeepSeek-R1_chat.sse", OpenAiChat, [2556, 1430], [10, 0, 955, N], STOP, NT),
    row("071_azure-openai_gpt-5-mini_chat.sse", OpenAiChat, [3, 0], [19, 0, 76, 64], STOP, [-1.0, -1.0, 152.0, 230.0]),
    row("072_azure-openai_gpt-5-mini_responses.sse", OpenAiResponses, [0, 463], [63, 0, 139, 64], STOP, NT),
    // More cached tokens than the prompt has: kept as reported.
    row("074_azure-foundry_grok-4-1-fast-non-reasoning_chat.sse", OpenAiChat, [8, 0], [7, 161, 8, 0], STOP, NT),
    row("075_bedrock_us.amazon.nova-2-lite-v1_conversestream.eventstream", Bedrock, [47, 0], [53, N, 21, N], STOP, NT),
    row("077_perplexity_sonar_chat.sse", OpenAiChat, [5, 0], [8, N, 5, N], STOP, NT),
    row("079_z.ai_glm-4.7-flash_chat.sse", OpenAiChat, [87, 2368], [15, 14, 734, 708], STOP, NT),
    row("080_avian_kimi-k2.5_chat.sse", OpenAiChat, [48, 883], [21, 8, 242, 238], STOP, NT),
    row("082_cloudflare_llama-3.3-70b-instruct-fp8-f_chat.sse", OpenAiChat, [9, 0], [43, N, 9, N], STOP, NT),
    row("146_groq_deepseek-r1-distill-llama-70_chat.sse", OpenAiChat, [2051, 1977], [21, N, 988, N], STOP, [11.126_655, 3_426.243_708, 56.572_745, -1.0]),
    row("147_hf-router_Llama-3.1-8B-Instruct_chat.sse", OpenAiChat, [18, 0], [62, 0, 8, N], STOP, [3.675_159, 3.118_83, 0.0397, -1.0]),
    row("148_doubleword_Qwen3.5-397B-A17B-FP8_chat.sse", OpenAiChat, [0, 193], [541, 0, 93, 52], TOOLS, NT),
];

fn rows() -> Vec<(&'static Row, Vec<u8>)> {
    let Some(folder) = folder() else {
        return Vec::new();
    };
    let with_body = |row: &'static Row| (row, std::fs::read(folder.join(row.file)).unwrap());
    ROWS.iter().map(with_body).collect()
}

#[test]
fn every_recording_gives_its_texts_counts_and_end() {
    for (row, body) in rows() {
        let outcome = read_whole(row.kind, &body);
        outcome.assert_in_order();
        assert_texts(row, &body, &outcome);
        let usage = outcome.usage();
        let tokens = [
            usage.prompt_tokens,
            usage.cached_prompt_tokens,
            usage.completion_tokens,
            usage.reasoning_tokens,
        ];
        let tokens = tokens.map(|count| count.map_or(N, |count| count.try_into().unwrap()));
        assert_eq!(tokens, row.tokens, "tokens of {}", row.file);
        let source = (row.tokens != [N; 4]).then_some(UsageSource::Reported);
        assert_eq!(usage.source, source, "source of {}", row.file);
        assert_eq!(outcome.finish(), row.finish, "end of {}", row.file);
        let server = outcome.server();
        let found = [
            server.prefill_ms,
            server.decode_ms,
            server.queue_ms,
            server.ttft_ms,
        ];
        for (found, expected) in found.into_iter().zip(row.server) {
            let found = found.unwrap_or(-1.0);
            let expected = (expected * 1e3).round() / 1e3;
            assert!((found - expected).abs() < 1e-6, "{found} in {}", row.file);
        }
    }
}

#[track_caller]
fn assert_texts(row: &Row, body: &[u8], outcome: &Outcome) {
    let (answer, reasoning) = extract::texts(row.kind, body);
    assert_eq!(outcome.answer(), answer, "answer of {}", row.file);
    assert_eq!(outcome.reasoning(), reasoning, "thinking of {}", row.file);
    let chars = [answer, reasoning].map(|text| text.chars().count());
    assert_eq!(chars, row.chars, "characters of {}", row.file);
    let form = match (row.kind, row.chars[1], row.file.get(..3).unwrap()) {
        (_, 0, "008" | "014" | "018") => Some(ReasoningForm::Hidden),
        (_, 0, _) => None,
        (OpenAiChat | Ollama | Cohere, ..) | (OpenAiResponses, _, "011" | "039") => {
            Some(ReasoningForm::Raw)
        }
        (Anthropic | Gemini | Bedrock | OpenAiResponses, ..) => Some(ReasoningForm::Summary),
    };
    assert_eq!(outcome.form(), form, "form of {}", row.file);
}

#[test]
fn every_recording_reads_the_same_byte_by_byte() {
    for (row, body) in rows() {
        let whole = read_whole(row.kind, &body);
        assert_eq!(read(row.kind, body.chunks(1)), whole, "{}", row.file);
    }
}

/// Bytes that each recording is read in all of its splits together.
const BUDGET_BYTES: usize = 1 << 19;

#[test]
fn every_recording_reads_the_same_in_two_parts() {
    for (row, body) in rows() {
        let whole = read_whole(row.kind, &body);
        let step = (body.len() * body.len()).div_ceil(BUDGET_BYTES).max(1);
        for at in (0..=body.len()).step_by(step) {
            let (head, tail) = body.split_at(at);
            assert_eq!(read(row.kind, [head, tail]), whole, "{} at {at}", row.file);
        }
    }
}

#[test]
fn every_recording_reads_the_same_under_a_thousand_random_cuts() {
    for (row, body) in rows() {
        let whole = read_whole(row.kind, &body);
        let mut numbers = Numbers::new(body.len() as u64);
        let mut cuts = 0;
        for stride in [3, 50, 400, 1500].into_iter().cycle() {
            let reads = random_reads(&body, stride, &mut numbers);
            cuts += reads.len() - 1;
            assert_eq!(read(row.kind, reads), whole, "{}", row.file);
            if cuts >= 1000 {
                break;
            }
        }
    }
}

#[test]
fn a_recording_that_is_cut_keeps_its_text_and_never_seems_complete_too_early() {
    for (row, body) in rows() {
        let whole = read_whole(row.kind, &body);
        let step = (body.len() * body.len()).div_ceil(BUDGET_BYTES / 2).max(1);
        for at in (0..body.len()).step_by(step) {
            let cut = read_whole(row.kind, body.split_at(at).0);
            cut.assert_in_order();
            assert!(whole.answer().starts_with(&cut.answer()), "{}", row.file);
            match cut.finish() {
                Ok(_) => assert_eq!(cut.answer(), whole.answer(), "{}", row.file),
                Err(kind) if Err(kind) == row.finish => {}
                Err(kind) => assert_eq!(kind, FailureKind::Truncated, "{} at {at}", row.file),
            }
        }
    }
}
