//! Configuration: file, environment and command line, merged and validated into lane plans. Opens no connection but to
//! local servers on loopback, and those only where there is no file.

pub mod discover;
pub mod env_file;
pub mod file;
mod keys;
pub mod layer;
pub mod problem;
mod rates;
mod reader;
pub mod sample;
pub mod select;
pub mod settings;
pub mod show;
pub mod spec;
pub mod validate;
pub mod value;

pub use settings::Settings;
