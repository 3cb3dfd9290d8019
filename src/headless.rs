//! The face without a terminal UI: text, JSON and events on standard output. Decides no exit status and reads no
//! command line.

pub mod ask;
mod json;
pub mod replay;
pub mod sink;
