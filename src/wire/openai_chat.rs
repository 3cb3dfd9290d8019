//! Chat completions: the chunks of OpenAI and of all who speak like it. Tells hosts apart by what they send, never by
//! name.

use super::{
    body::{BodyOptions, EffortField, Told, finished, messages_with_system, put, put_stop},
    error_body,
    flow::Flow,
    json,
    reading::Format,
};
use crate::domain::{
    event::{FinishReason, ReasoningForm, StreamEvent},
    failure::{FailureKind, LaneFailure},
    request::ChatRequest,
    usage::{ServerTimings, Usage},
};
use serde_json::{Map, Value, json};

/// Body of chat completions.
pub(super) fn body(request: &ChatRequest, options: &BodyOptions) -> Value {
    let sampling = &request.sampling;
    let mut body = Map::new();
    body.insert("model".to_owned(), json!(request.model));
    let messages = messages_with_system(request);
    body.insert("messages".to_owned(), Value::Array(messages));
    body.insert("stream".to_owned(), json!(true));
    if options.include_usage {
        body.insert("stream_options".to_owned(), json!({"include_usage": true}));
    }
    put(&mut body, options.max_tokens_field, sampling.max_tokens);
    put(&mut body, "temperature", sampling.temperature);
    put(&mut body, "top_p", sampling.top_p);
    put(&mut body, "top_k", sampling.top_k.filter(|_| options.top_k));
    put(&mut body, "min_p", sampling.min_p.filter(|_| options.min_p));
    if let Some(field) = options.seed_field {
        put(&mut body, field, sampling.seed);
    }
    put_stop(&mut body, "stop", &sampling.stop);
    put_told(&mut body, options.effort, &options.told);
    finished(body, request, options)
}

fn put_told(body: &mut Map<String, Value>, field: EffortField, told: &Told) {
    let word = match told {
        Told::Word(word) | Told::Adaptive(word) => Some(word.as_str()),
        Told::Off => Some("none"),
        Told::Nothing | Told::On | Told::Budget(_) => None,
    };
    let switch = match told {
        Told::Nothing => return,
        Told::Off => false,
        Told::On | Told::Word(_) | Told::Adaptive(_) | Told::Budget(_) => true,
    };
    match field {
        EffortField::ReasoningEffort => put(body, "reasoning_effort", word),
        EffortField::ReasoningObject => {
            let told = match (word, told) {
                (Some(word), _) => json!({"effort": word}),
                (None, Told::Budget(tokens)) => json!({"max_tokens": tokens}),
                (None, _) => json!({"enabled": true}),
            };
            put(body, "reasoning", Some(told));
        }
        EffortField::ThinkingType => {
            let kind = if switch { "enabled" } else { "disabled" };
            put(body, "thinking", Some(json!({"type": kind})));
            put(body, "reasoning_effort", word.filter(|_| switch));
        }
        EffortField::TemplateArguments => {
            let arguments = json!({"enable_thinking": switch});
            put(body, "chat_template_kwargs", Some(arguments));
            // Not every version knows the word "none".
            put(body, "reasoning_effort", word.filter(|_| switch));
        }
        EffortField::Nothing => {}
    }
}

/// Reads chunks.
#[derive(Debug, Default)]
pub struct OpenAiChat;

impl Format for OpenAiChat {
    const SETTLES: bool = true;

    fn take(
        &mut self,
        chunk: &Value,
        flow: &mut Flow,
        out: &mut Vec<StreamEvent>,
    ) -> Result<(), LaneFailure> {
        if chunk.get("choices").is_some_and(Value::is_array)
            || chunk.get("usage").is_some_and(Value::is_object)
        {
            flow.know();
        }
        if let Some(progress) = chunk.get("prompt_progress") {
            take_progress(progress, flow, out);
        }
        let choice = first_choice(chunk);
        if let Some(delta) = choice.and_then(|choice| choice.get("delta")) {
            take_delta(delta, flow, out);
        }
        let reason = choice.and_then(|choice| json::text(choice, "finish_reason"));
        if let Some(reason) = reason {
            flow.finish(finish_reason(reason), out);
        }
        take_figures(chunk, flow, out);
        if reason == Some("error") && error_body::in_stream(chunk).is_none() {
            return Err(LaneFailure::new(
                FailureKind::Server,
                "the server ended the answer with an error that it did not name",
            ));
        }
        Ok(())
    }
}

/// With several choices only the first is read.
fn first_choice(chunk: &Value) -> Option<&Value> {
    let mut choices = chunk.get("choices")?.as_array()?.iter();
    choices.find(|choice| json::count(choice, "index").unwrap_or(0) == 0)
}

fn take_delta(delta: &Value, flow: &mut Flow, out: &mut Vec<StreamEvent>) {
    take_reasoning(delta, flow, out);
    match delta.get("content") {
        Some(Value::String(text)) => flow.content(text, out),
        Some(Value::Array(parts)) => {
            for part in parts {
                take_part(part, flow, out);
            }
        }
        _ => {}
    }
    if let Some(text) = json::text(delta, "refusal") {
        flow.refusal(text, out);
    }
}

/// The thought of a chunk, from the first field that holds one: the others repeat it.
fn take_reasoning(delta: &Value, flow: &mut Flow, out: &mut Vec<StreamEvent>) {
    let details = delta.get("reasoning_details").and_then(Value::as_array);
    let details = details.map_or(&[] as &[Value], Vec::as_slice);
    let has = |kind| details.iter().any(|detail| is_kind(detail, kind));
    let raw = json::text(delta, "reasoning_content").or_else(|| json::text(delta, "reasoning"));
    if let Some(text) = raw {
        let is_summary = has("reasoning.summary") && !has("reasoning.text");
        let form = if is_summary {
            ReasoningForm::Summary
        } else {
            ReasoningForm::Raw
        };
        return flow.reasoning(text, form, out);
    }
    for (kind, field, form) in [
        ("reasoning.text", "text", ReasoningForm::Raw),
        ("reasoning.summary", "summary", ReasoningForm::Summary),
    ] {
        for detail in details.iter().filter(|detail| is_kind(detail, kind)) {
            let text = json::text(detail, field).unwrap_or_default();
            flow.reasoning(text, form, out);
        }
    }
    if has("reasoning.encrypted") {
        flow.hidden_reasoning(out);
    }
}

fn is_kind(part: &Value, kind: &str) -> bool {
    json::text(part, "type") == Some(kind)
}

/// One part of a content that is a list.
fn take_part(part: &Value, flow: &mut Flow, out: &mut Vec<StreamEvent>) {
    match json::text(part, "type") {
        Some("thinking") => match part.get("thinking") {
            Some(Value::String(text)) => flow.reasoning(text, ReasoningForm::Raw, out),
            Some(Value::Array(thoughts)) => {
                for thought in thoughts {
                    let text = json::text(thought, "text").unwrap_or_default();
                    flow.reasoning(text, ReasoningForm::Raw, out);
                }
            }
            _ => {}
        },
        Some("text") => flow.content(json::text(part, "text").unwrap_or_default(), out),
        _ => {}
    }
}

fn finish_reason(reason: &str) -> FinishReason {
    match reason {
        "stop" | "eos" | "end_turn" | "stop_sequence" => FinishReason::Stop,
        "length" | "max_tokens" | "model_length" => FinishReason::Length,
        "content_filter" => FinishReason::ContentFilter,
        "refusal" => FinishReason::Refusal,
        "tool_calls" | "function_call" => FinishReason::ToolCalls,
        _ => FinishReason::Other,
    }
}

fn take_progress(progress: &Value, flow: &mut Flow, out: &mut Vec<StreamEvent>) {
    let tokens = |field| json::count(progress, field).and_then(|count| u32::try_from(count).ok());
    if let (Some(done), Some(total)) = (tokens("processed"), tokens("total")) {
        flow.know();
        out.push(StreamEvent::Prefill { done, total });
    }
}

/// Counts and times, wherever a chunk holds them.
fn take_figures(chunk: &Value, flow: &mut Flow, out: &mut Vec<StreamEvent>) {
    let object = |field| chunk.get(field).filter(|value| value.is_object());
    let groq_usage = object("x_groq").and_then(|groq| groq.get("usage"));
    let reported = object("usage").or(groq_usage);
    let timings = object("timings");
    if let Some(reported) = reported {
        flow.usage(usage(reported), out);
        flow.server(times_in_usage(reported), out);
    } else if let Some(timings) = timings
        && !flow.has_usage()
    {
        flow.usage(usage_of_timings(timings), out);
    }
    for times in [
        timings.map(llama_timings),
        object("time_info").map(seconds),
        object("latency_checkpoint").map(|times| ServerTimings {
            queue_ms: json::scaled(times, "pre_inference_ms", 1.0),
            ttft_ms: json::scaled(times, "service_ttft_ms", 1.0),
            ..ServerTimings::default()
        }),
        object("perf_metrics").map(|times| ServerTimings {
            prefill_ms: json::scaled(times, "prefill-duration", 1e3),
            ttft_ms: json::scaled(times, "server-time-to-first-token", 1e3),
            ..ServerTimings::default()
        }),
        object("sla_metrics").map(|times| ServerTimings {
            ttft_ms: json::scaled(times, "ttft_ms", 1.0),
            ..ServerTimings::default()
        }),
    ] {
        flow.server(times.unwrap_or_default(), out);
    }
}

/// Counts of any host of this form. Where the total is the sum of all three, the completion was counted without the
/// reasoning (xAI).
fn usage(reported: &Value) -> Usage {
    let details = |field| reported.get(field).unwrap_or(&Value::Null);
    let prompt = json::count(reported, "prompt_tokens");
    let completion = json::count(reported, "completion_tokens");
    let total = json::count(reported, "total_tokens");
    let reasoning = json::count(details("completion_tokens_details"), "reasoning_tokens")
        .or_else(|| json::count(reported, "reasoning_tokens"));
    let cached = json::count(details("prompt_tokens_details"), "cached_tokens")
        .or_else(|| json::count(reported, "prompt_cache_hit_tokens"))
        .or_else(|| json::count(reported, "cached_tokens"));
    let is_apart = match (prompt, completion, reasoning, total) {
        (Some(prompt), Some(completion), Some(reasoning), Some(total)) => {
            let known = prompt.saturating_add(completion);
            reasoning > 0 && known.checked_add(reasoning) == Some(total)
        }
        _ => false,
    };
    let apart = reasoning.filter(|_| is_apart).unwrap_or(0);
    Usage {
        prompt_tokens: prompt,
        cached_prompt_tokens: cached,
        cache_write_tokens: json::count(details("prompt_tokens_details"), "cache_write_tokens")
            .filter(|written| *written > 0),
        completion_tokens: completion.map(|count| count.saturating_add(apart)),
        reasoning_tokens: reasoning,
        source: None,
    }
}

/// llama-server's own figures, where no usage was asked for: it counts cached tokens of the prompt apart.
fn usage_of_timings(timings: &Value) -> Usage {
    let cached = json::count(timings, "cache_n");
    let read = json::count(timings, "prompt_n");
    Usage {
        prompt_tokens: read.map(|read| read.saturating_add(cached.unwrap_or(0))),
        cached_prompt_tokens: cached,
        completion_tokens: json::count(timings, "predicted_n"),
        ..Usage::default()
    }
}

fn llama_timings(timings: &Value) -> ServerTimings {
    ServerTimings {
        prefill_ms: json::scaled(timings, "prompt_ms", 1.0),
        decode_ms: json::scaled(timings, "predicted_ms", 1.0),
        ..ServerTimings::default()
    }
}

/// Times that stand among the counts: in seconds, or as a time to the first token in milliseconds.
fn times_in_usage(reported: &Value) -> ServerTimings {
    ServerTimings {
        ttft_ms: json::scaled(reported, "time_to_first_token_ms", 1.0),
        ..seconds(reported)
    }
}

fn seconds(times: &Value) -> ServerTimings {
    ServerTimings {
        prefill_ms: json::scaled(times, "prompt_time", 1e3),
        decode_ms: json::scaled(times, "completion_time", 1e3),
        queue_ms: json::scaled(times, "queue_time", 1e3),
        ..ServerTimings::default()
    }
}
