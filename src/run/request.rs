//! Turns a lane's plan and a prompt into the request that its provider gets. Knows no wire format.

use crate::domain::{
    plan::LanePlan,
    request::{ChatRequest, Message, Role},
};

/// The request of one lane. `system` replaces the lane's own system text.
pub(super) fn build(plan: &LanePlan, prompt: &str, system: Option<&str>) -> ChatRequest {
    ChatRequest {
        model: plan.model.clone(),
        system: self::system(plan, system).map(str::to_owned),
        messages: vec![Message {
            role: Role::User,
            content: prompt.to_owned(),
        }],
        sampling: plan.sampling.clone(),
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
