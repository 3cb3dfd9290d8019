//! Tiers: the axis along which models are compared. Does not know which model belongs to which tier.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// What kind of model a lane runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tier {
    /// Pretrained only: continues text, does not chat.
    Base,
    /// The small distillation of a generation.
    Small,
    /// The middle distillation of a generation.
    Mid,
    /// The largest model of a generation.
    Flagship,
    /// Thinks before it answers.
    Reasoning,
}

impl Tier {
    /// All tiers, in the order in which screens and tables list them.
    pub const ALL: [Self; 5] = [
        Self::Base,
        Self::Small,
        Self::Mid,
        Self::Flagship,
        Self::Reasoning,
    ];

    /// The word used in configuration, JSON and on the screen.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Base => "base",
            Self::Small => "small",
            Self::Mid => "mid",
            Self::Flagship => "flagship",
            Self::Reasoning => "reasoning",
        }
    }
}

impl fmt::Display for Tier {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(self.name())
    }
}

impl FromStr for Tier {
    type Err = UnknownTier;

    fn from_str(text: &str) -> Result<Self, UnknownTier> {
        Self::ALL
            .into_iter()
            .find(|tier| tier.name() == text)
            .ok_or_else(|| UnknownTier(text.to_owned()))
    }
}

/// A word that names no tier.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown tier `{0}`: use base, small, mid, flagship or reasoning")]
pub struct UnknownTier(pub String);
