//! Nouns and arithmetic: events, states, metrics, records. Does no I/O, reads no clock, knows no async.
//!
//! Everything that shows, stores or prints a number folds [`event::LaneEvent`]s with [`run::RunState`], so that no two
//! faces can disagree about it.

pub mod batch;
pub mod case;
pub mod check;
pub mod cost;
pub mod environment;
pub mod event;
pub mod failure;
pub mod figures;
pub mod forecast;
pub mod id;
pub mod lane;
pub mod metrics;
pub mod plan;
pub mod record;
pub mod request;
pub mod run;
pub mod sanitise;
pub mod shortened;
pub mod stats;
pub mod summary;
pub mod tape;
pub mod tier;
pub mod timeline;
pub mod usage;
pub mod wording;

#[cfg(test)]
mod tests;
