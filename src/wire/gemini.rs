//! Google's `streamGenerateContent`: every event is a whole response. Ends with the stream, since text may follow a
//! finish reason.

use super::{flow::Flow, json, reading::Format};
use crate::domain::{
    event::{FinishReason, ReasoningForm, StreamEvent},
    failure::{FailureKind, LaneFailure},
    usage::Usage,
};
use serde_json::Value;

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
        completion_tokens: completion,
        reasoning_tokens: thoughts,
        source: None,
    }
}
