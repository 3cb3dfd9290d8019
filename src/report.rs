//! Reports over the cells of batches: what is said about each lane, and in which form. Reads no database.
//!
//! Cells are taken in one at a time and only their figures are kept, so that a report may be larger than the memory.

mod asked;
mod centre;
pub mod choice;
pub mod compare;
pub mod csv;
pub mod evidence;
pub mod findings;
mod folders;
mod formulas;
pub mod html;
pub mod json;
pub mod junit;
mod margin;
pub mod markdown;
pub mod need;
pub mod outcomes;
pub mod picks;
pub mod projection;
mod reservations;
pub mod sentence;
pub mod sharing;
pub mod shortfall;
pub mod summary;
mod tails;
pub mod totals;
mod unjudged;
pub mod votes;
pub mod words;

pub use choice::Choice;
pub use compare::{BatchComparison, LaneComparison};
pub use evidence::{CellFigures, Evidence, LaneEvidence, RunFigures};
pub use findings::{Findings, Wishes};
pub use need::Need;
pub use outcomes::Asked;
pub use picks::Picks;
pub use projection::Projection;
pub use shortfall::Shortfall;
pub use summary::LaneSummary;
pub use totals::Totals;

use crate::domain::sanitise::sanitise_line;

/// A name inside a sentence, between backticks, of which it holds none itself: whoever writes the sentence can tell where
/// it begins and ends.
pub fn quoted(name: &str) -> String {
    format!("`{}`", sanitise_line(name).replace('`', "'"))
}

#[cfg(test)]
pub(crate) mod tests;
