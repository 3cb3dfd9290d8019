//! `tierscope replay` as a person and a scheduler use it: against a server on this machine, killed, stopped, continued.

mod budgets;
mod endings;
mod faults;
mod honest;
mod hosts;
mod judged;
mod keeping;
#[cfg(feature = "local")]
mod local;
mod memory;
mod money;
mod promptfoo;
mod runs;
mod spending;
mod stage;
