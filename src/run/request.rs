//! Turns a lane's plan and a prompt into the request that its provider gets. Knows no wire format.

use crate::domain::{
    plan::LanePlan,
    request::{ChatRequest, Message, Role},
};

/// What every lane of a run is asked.
pub(super) struct Asked<'a> {
    /// The person's prompt.
    pub(super) prompt: &'a str,
    /// What was said before it.
    pub(super) earlier: &'a [Message],
    /// Replaces a lane's own system text.
    pub(super) system: Option<&'a str>,
    /// Replaces a lane's own limit.
    pub(super) max_tokens: Option<u32>,
}

/// The request of one lane.
pub(super) fn build(plan: &LanePlan, asked: &Asked<'_>) -> ChatRequest {
    let prompt = Message {
        role: Role::User,
        content: asked.prompt.to_owned(),
    };
    let mut sampling = plan.sampling.clone();
    sampling.max_tokens = asked.max_tokens.or(sampling.max_tokens);
    ChatRequest {
        model: plan.model.clone(),
        system: self::system(plan, asked.system).map(str::to_owned),
        messages: asked.earlier.iter().cloned().chain([prompt]).collect(),
        sampling,
        effort: plan.effort,
        extra: plan.extra.clone(),
    }
}

/// The system text that a lane gets; an empty one is none.
pub(super) fn system<'a>(plan: &'a LanePlan, replacement: Option<&'a str>) -> Option<&'a str> {
    replacement
        .or(plan.system.as_deref())
        .filter(|text| !text.is_empty())
}
