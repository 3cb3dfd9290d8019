//! The only integration test binary: each extra one would link llama.cpp again.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)] // a test says by panicking what went wrong

mod ask;
mod cli;
#[cfg(feature = "local")]
mod demo;
#[cfg(feature = "local")]
mod engine;
mod fetch;
mod loopback;
mod loopback_check;
mod named;
mod prompts;
mod provider;
#[cfg(unix)]
mod pty;
mod readme;
#[cfg(feature = "local")]
mod scripted_gguf;
mod setup;
mod tidy;
mod wire;
