//! The face without a terminal UI: text, JSON and events on standard output.
