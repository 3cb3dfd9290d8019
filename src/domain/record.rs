//! The JSON of one run, field by field as scripts rely on it. A value that is not known is `null`, never 0.

use super::{
    event::FinishReason,
    failure::LaneFailure,
    id::RunId,
    lane::{LaneState, Phase},
    metrics::{Speed, Timing},
    plan::{LanePlan, Schedule},
    request::Message,
    run::RunState,
    tier::Tier,
    usage::{ServerTimings, Usage},
};
use serde::{Deserialize, Serialize};

/// Rises when a field changes its meaning.
pub const SCHEMA: u32 = 1;

/// A finished run with its lanes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunRecord {
    /// [`SCHEMA`].
    pub schema: u32,
    /// What was asked, when, by which version.
    pub run: RunHead,
    /// What came back, in the order of the lanes.
    pub lanes: Vec<LaneRecord>,
}

impl RunRecord {
    /// Puts together what was planned and what happened.
    pub fn new<'a>(
        run: RunHead,
        plans: impl IntoIterator<Item = &'a LanePlan>,
        state: &RunState,
    ) -> Self {
        Self {
            schema: SCHEMA,
            run,
            lanes: plans
                .into_iter()
                .zip(&state.lanes)
                .map(|(plan, lane)| LaneRecord::new(plan, lane))
                .collect(),
        }
    }
}

/// What was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunHead {
    /// Unique.
    pub id: RunId,
    /// RFC 3339 in UTC with milliseconds.
    pub started_at: String,
    /// How the lanes were scheduled.
    pub schedule: Schedule,
    /// The prompt.
    pub prompt: PromptRecord,
    /// The version of tierscope.
    pub version: String,
}

/// The prompt of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PromptRecord {
    /// Instructions that stood before it.
    pub system: Option<String>,
    /// What the person asked.
    pub text: String,
    /// What was said before it, oldest first; left out where nothing was.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub earlier: Vec<Message>,
}

/// One lane of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LaneRecord {
    /// Name.
    pub lane: String,
    /// Tier, where it is known.
    pub tier: Option<Tier>,
    /// Provider.
    pub provider: String,
    /// Model.
    pub model: String,
    /// `local` or `api`.
    pub access: String,
    /// How it ended.
    pub status: LaneStatus,
    /// Why the stream said it ended; `None` when it never said.
    pub finish_reason: Option<FinishReason>,
    /// The answer.
    pub answer: String,
    /// The thinking that was streamed.
    pub reasoning: String,
    /// Token counts.
    pub usage: Usage,
    /// Times.
    pub timing: Timing,
    /// Rates.
    pub speed: Speed,
    /// The server's own times.
    pub server: ServerTimings,
    /// Cost.
    pub cost_usd: Option<f64>,
    /// The day of the prices.
    pub price_as_of: Option<String>,
    /// Attempts made.
    pub attempts: u32,
    /// What a person should know about these figures.
    pub warnings: Vec<String>,
    /// Why it failed.
    pub error: Option<LaneFailure>,
}

impl LaneRecord {
    /// Puts together what was planned and what happened. A lane that never ended counts as cancelled.
    pub fn new(plan: &LanePlan, state: &LaneState) -> Self {
        Self {
            lane: plan.name.clone(),
            tier: plan.tier,
            provider: plan.provider.name().to_owned(),
            model: plan.model.clone(),
            access: plan.access().to_owned(),
            status: match state.phase {
                Phase::Done(_) => LaneStatus::Done,
                Phase::Failed(_) => LaneStatus::Failed,
                _ => LaneStatus::Cancelled,
            },
            finish_reason: state.finish(),
            answer: state.answer.clone(),
            reasoning: state.reasoning.clone(),
            usage: state.usage(),
            timing: state.timing(),
            speed: state.speed(),
            // A load is told in a warning.
            server: ServerTimings {
                load_ms: None,
                ..state.server
            },
            cost_usd: state.cost_usd(plan.price.as_ref()),
            price_as_of: plan.price.as_ref().and_then(|price| price.as_of.clone()),
            attempts: state.attempts,
            warnings: state.warnings_with(plan),
            error: state.failure().cloned(),
        }
    }
}

/// How a lane ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LaneStatus {
    /// The stream said why it ended.
    Done,
    /// It failed.
    Failed,
    /// It was stopped.
    Cancelled,
}
