//! The playground: terminal UI over runs.

pub mod effect;
pub mod model;
pub mod msg;
pub mod theme;
pub mod update;
pub mod view;
