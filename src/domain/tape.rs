//! The lines of a tape: a header, then one object per event. Reads and writes no file.

use super::{event::LaneEventKind, plan::LanePlan, record::RunHead, tier::Tier};
use serde::{Deserialize, Serialize};

/// The first line of a tape.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TapeHeader {
    /// [`super::record::SCHEMA`].
    pub schema: u32,
    /// What was asked.
    pub run: RunHead,
    /// The lanes; events name them.
    pub lanes: Vec<TapeLane>,
}

/// One lane of a tape.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TapeLane {
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
}

impl From<&LanePlan> for TapeLane {
    fn from(plan: &LanePlan) -> Self {
        Self {
            lane: plan.name.clone(),
            tier: plan.tier,
            provider: plan.provider.name().to_owned(),
            model: plan.model.clone(),
            access: plan.access().to_owned(),
        }
    }
}

/// Every other line of a tape.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TapeLine {
    /// The lane's name.
    pub lane: String,
    /// Microseconds since the run began; pieces of one read share it.
    pub at_us: u64,
    /// What happened.
    #[serde(flatten)]
    pub event: LaneEventKind,
}
