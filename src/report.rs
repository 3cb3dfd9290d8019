//! Reports over the cells of batches: what is said about each lane, and in which form. Reads no database.
//!
//! Cells are taken in one at a time and only their figures are kept, so that a report may be larger than the memory.

pub mod choice;
pub mod csv;
pub mod evidence;
pub mod json;
pub mod need;
pub mod sentence;
pub mod summary;

pub use choice::Choice;
pub use evidence::{CellFigures, Evidence, LaneEvidence, RunFigures};
pub use need::Need;
pub use summary::LaneSummary;
