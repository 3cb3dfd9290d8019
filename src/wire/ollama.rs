//! Ollama's own format: one JSON object a line, of its chat or of its plain generation.

use super::{
    body::{BodyOptions, Told, finished, messages_with_system, put, put_stop},
    flow::Flow,
    json,
    reading::Format,
};
use crate::domain::{
    event::{FinishReason, ReasoningForm, StreamEvent},
    failure::LaneFailure,
    request::ChatRequest,
    usage::{ServerTimings, Usage},
};
use serde_json::{Map, Value, json};

/// Milliseconds in a nanosecond.
const NANOSECOND_MS: f64 = 1e-6;

/// Body of Ollama's own chat.
pub(super) fn body(request: &ChatRequest, options: &BodyOptions) -> Value {
    let sampling = &request.sampling;
    let mut body = Map::new();
    body.insert("model".to_owned(), json!(request.model));
    let messages = messages_with_system(request);
    body.insert("messages".to_owned(), Value::Array(messages));
    body.insert("stream".to_owned(), json!(true));
    let think = match &options.told {
        Told::Nothing => None,
        Told::Off => Some(json!(false)),
        Told::On | Told::Budget(_) => Some(json!(true)),
        Told::Word(word) | Told::Adaptive(word) => Some(json!(word)),
    };
    put(&mut body, "think", think);
    let mut model_options = Map::new();
    put(&mut model_options, "num_predict", sampling.max_tokens);
    put(&mut model_options, "temperature", sampling.temperature);
    put(&mut model_options, "top_p", sampling.top_p);
    put(&mut model_options, "top_k", sampling.top_k);
    put(&mut model_options, "min_p", sampling.min_p);
    put(&mut model_options, "seed", sampling.seed);
    put_stop(&mut model_options, "stop", &sampling.stop);
    if !model_options.is_empty() {
        body.insert("options".to_owned(), Value::Object(model_options));
    }
    finished(body, request, options)
}

/// Reads lines.
#[derive(Debug, Default)]
pub struct Ollama;

impl Format for Ollama {
    const SETTLES: bool = true;

    fn take(
        &mut self,
        line: &Value,
        flow: &mut Flow,
        out: &mut Vec<StreamEvent>,
    ) -> Result<(), LaneFailure> {
        let is_done = match line.get("done") {
            Some(Value::Bool(done)) => *done,
            _ => return Ok(()),
        };
        flow.know();
        // The chat puts its texts into a message, the plain generation beside it.
        let (holder, answer) = match line.get("message") {
            Some(message) => (message, "content"),
            None => (line, "response"),
        };
        let thought = json::text(holder, "thinking").unwrap_or_default();
        flow.reasoning(thought, ReasoningForm::Raw, out);
        flow.content(json::text(holder, answer).unwrap_or_default(), out);
        if !is_done {
            return Ok(());
        }
        flow.finish(finish_reason(json::text(line, "done_reason")), out);
        flow.usage(
            Usage {
                prompt_tokens: json::count(line, "prompt_eval_count"),
                completion_tokens: json::count(line, "eval_count"),
                ..Usage::default()
            },
            out,
        );
        flow.server(
            ServerTimings {
                prefill_ms: json::scaled(line, "prompt_eval_duration", NANOSECOND_MS),
                decode_ms: json::scaled(line, "eval_duration", NANOSECOND_MS),
                load_ms: json::scaled(line, "load_duration", NANOSECOND_MS),
                ..ServerTimings::default()
            },
            out,
        );
        flow.conclude(out)
    }
}

/// Old servers give no reason when the model simply ended.
fn finish_reason(reason: Option<&str>) -> FinishReason {
    match reason {
        None | Some("stop") => FinishReason::Stop,
        Some("length") => FinishReason::Length,
        Some(_) => FinishReason::Other,
    }
}
