//! Tests of a run with providers that follow a script, on a clock that stands still unless everything waits.

mod ends;
mod flow;
pub(crate) mod script;

pub(super) use script::remote_plan;
