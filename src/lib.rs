//! tierscope: one prompt at local and remote models at once, side by side, with figures that are true.
//!
//! Layers, a lower one never imports a higher one: `domain` (nouns and arithmetic); `wire`, `provider`, `engine`,
//! `config`, `catalog`, `suite`, `check`, `history`, `report`, `spool` (the outside world); `run` (one prompt at N lanes); `tui` and
//! `headless` (two faces that do not know each other); `cli`, `wiring`, `failure`, `logging`, `places` (composition).

pub mod catalog;
pub mod check;
pub mod cli;
pub mod config;
#[cfg(feature = "local")]
pub mod demo;
pub mod domain;
pub mod engine;
pub mod failure;
pub mod fetch;
pub mod headless;
pub mod history;
pub mod logging;
pub mod places;
#[cfg(feature = "local")]
pub mod pocket;
pub mod provider;
pub mod report;
pub mod run;
pub mod spool;
pub mod suite;
pub mod tui;
pub mod wire;
pub mod wiring;
