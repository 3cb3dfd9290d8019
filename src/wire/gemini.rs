//! Google's `streamGenerateContent`: every event is a whole response. Ends with the stream, since text may follow a
//! finish reason.

use super::{
    body::{BodyOptions, Told, finished, put, put_stop},
    flow::Flow,
    json,
    reading::Format,
    segment::{segment, segment_with_version},
};
use crate::domain::{
    event::{FinishReason, ReasoningForm, StreamEvent},
    failure::{FailureKind, LaneFailure},
    request::{ChatRequest, Role},
    usage::Usage,
};
use serde_json::{Map, Value, json};

/// Body of Gemini's `streamGenerateContent`.
pub(super) fn body(request: &ChatRequest, options: &BodyOptions) -> Value {
    let sampling = &request.sampling;
    let mut body = Map::new();
    if let Some(system) = &request.system {
        let instruction = json!({"parts": [{"text": system}]});
        body.insert("systemInstruction".to_owned(), instruction);
    }
    let contents = request.messages.iter().map(|message| {
        let role = match message.role {
            Role::User => "user",
            Role::Assistant => "model",
        };
        json!({"role": role, "parts": [{"text": message.content}]})
    });
    body.insert("contents".to_owned(), contents.collect());
    let mut generation = Map::new();
    put(&mut generation, "maxOutputTokens", sampling.max_tokens);
    put(&mut generation, "temperature", sampling.temperature);
    put(&mut generation, "topP", sampling.top_p);
    put(&mut generation, "topK", sampling.top_k);
    put(&mut generation, "seed", sampling.seed);
    put_stop(&mut generation, "stopSequences", &sampling.stop);
    put(&mut generation, "thinkingConfig", thinking(&options.told));
    if !generation.is_empty() {
        body.insert("generationConfig".to_owned(), Value::Object(generation));
    }
    finished(body, request, options)
}

/// Models of generation 2.5 are told a budget of tokens, later ones a level.
fn thinking(told: &Told) -> Option<Value> {
    match told {
        Told::Nothing => None,
        Told::Off => Some(json!({"includeThoughts": false, "thinkingBudget": 0})),
        Told::On => Some(json!({"includeThoughts": true})),
        Told::Budget(tokens) => Some(json!({"includeThoughts": true, "thinkingBudget": tokens})),
        Told::Word(word) | Told::Adaptive(word) => {
            Some(json!({"includeThoughts": word != "minimal", "thinkingLevel": word}))
        }
    }
}

/// Path of Gemini's `streamGenerateContent` for a model.
pub(super) fn path(model: &str) -> String {
    let name = model.strip_prefix("models/").unwrap_or(model);
    format!("/v1beta/models/{}", method(name))
}

/// Path of the same at Vertex, where a model belongs to a publisher, a project and a location.
pub fn vertex_path(project: &str, location: &str, model: &str) -> String {
    let prefixes = ["publishers/google/models/", "google/", "models/"];
    let name = prefixes.iter().find_map(|head| model.strip_prefix(head));
    format!(
        "/v1beta1/projects/{}/locations/{}/publishers/google/models/{}",
        segment(project),
        segment(location),
        method(name.unwrap_or(model))
    )
}

/// Without `alt=sse` the answer would be one growing list.
fn method(name: &str) -> String {
    format!(
        "{}:streamGenerateContent?alt=sse",
        segment_with_version(name)
    )
}

/// Reads responses.
#[derive(Debug, Default)]
pub struct Gemini;

impl Format for Gemini {
    const SETTLES: bool = false;

    fn take(
        &mut self,
        response: &Value,
        flow: &mut Flow,
        out: &mut Vec<StreamEvent>,
    ) -> Result<(), LaneFailure> {
        const FIELDS: [&str; 4] = [
            "candidates",
            "promptFeedback",
            "usageMetadata",
            "modelVersion",
        ];
        if FIELDS.iter().any(|field| response.get(field).is_some()) {
            flow.know();
        }
        let candidate = first_candidate(response);
        if let Some(candidate) = candidate {
            take_parts(candidate, flow, out);
            if let Some(reason) = json::text(candidate, "finishReason").and_then(finish_reason) {
                flow.finish(reason, out);
            }
        }
        if let Some(reported) = response.get("usageMetadata") {
            flow.usage(usage(reported), out);
        }
        match response.get("promptFeedback") {
            Some(feedback) if candidate.is_none() => blocked(feedback).map_or(Ok(()), Err),
            _ => Ok(()),
        }
    }
}

fn first_candidate(response: &Value) -> Option<&Value> {
    let mut candidates = response.get("candidates")?.as_array()?.iter();
    candidates.find(|candidate| json::count(candidate, "index").unwrap_or(0) == 0)
}

fn take_parts(candidate: &Value, flow: &mut Flow, out: &mut Vec<StreamEvent>) {
    let parts = candidate.get("content").and_then(|c| c.get("parts"));
    for part in parts.and_then(Value::as_array).into_iter().flatten() {
        let text = json::text(part, "text").unwrap_or_default();
        match part.get("thought") {
            Some(Value::Bool(true)) => flow.reasoning(text, ReasoningForm::Summary, out),
            _ => flow.content(text, out),
        }
    }
}

/// The prompt was not let through to the model.
fn blocked(feedback: &Value) -> Option<LaneFailure> {
    let reason = json::text(feedback, "blockReason")?;
    let message = match json::text(feedback, "blockReasonMessage") {
        Some(words) => format!("the prompt was blocked: {reason}: {words}"),
        None => format!("the prompt was blocked: {reason}"),
    };
    Some(LaneFailure::new(FailureKind::Blocked, message))
}

/// The list of reasons is open: what is not known here is some other reason.
fn finish_reason(reason: &str) -> Option<FinishReason> {
    Some(match reason {
        "FINISH_REASON_UNSPECIFIED" => return None,
        "STOP" => FinishReason::Stop,
        "MAX_TOKENS" => FinishReason::Length,
        "SAFETY"
        | "RECITATION"
        | "BLOCKLIST"
        | "PROHIBITED_CONTENT"
        | "SPII"
        | "IMAGE_SAFETY"
        | "IMAGE_PROHIBITED_CONTENT"
        | "IMAGE_RECITATION" => FinishReason::ContentFilter,
        _ => FinishReason::Other,
    })
}

/// Thoughts are counted apart from the candidates, and prompts of tools apart from the prompt.
fn usage(reported: &Value) -> Usage {
    let visible = json::count(reported, "candidatesTokenCount");
    let thoughts = json::count(reported, "thoughtsTokenCount");
    let prompt = json::count(reported, "promptTokenCount");
    let of_tools = json::count(reported, "toolUsePromptTokenCount").unwrap_or(0);
    let completion = match (visible, thoughts) {
        (None, None) => None,
        _ => Some(visible.unwrap_or(0).saturating_add(thoughts.unwrap_or(0))),
    };
    Usage {
        prompt_tokens: prompt.map(|prompt| prompt.saturating_add(of_tools)),
        cached_prompt_tokens: json::count(reported, "cachedContentTokenCount"),
        cache_write_tokens: None,
        completion_tokens: completion,
        reasoning_tokens: thoughts,
        source: None,
    }
}
