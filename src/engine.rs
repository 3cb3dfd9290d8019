//! The local engine: a child process that owns llama.cpp, and the protocol spoken with it over its pipes.
//!
//! A GGUF that makes llama.cpp abort, a crash of a driver or an out-of-memory kill ends that child and fails its lane;
//! nothing else. Only `provider::local` starts the child and speaks to it. Does not know lanes, runs or faces.

pub mod gguf;
pub mod protocol;
pub mod text;
pub mod thinking;

#[cfg(feature = "local")]
mod context;
#[cfg(feature = "local")]
mod decoder;
#[cfg(feature = "local")]
mod llama;
#[cfg(feature = "local")]
mod memory;
#[cfg(feature = "local")]
mod output;
#[cfg(feature = "local")]
mod prompt;
#[cfg(feature = "local")]
mod sampler;
#[cfg(feature = "local")]
mod server;
#[cfg(feature = "local")]
mod switch;
#[cfg(feature = "local")]
pub mod template;
#[cfg(feature = "local")]
mod threads;

use std::process::ExitCode;

/// Whether this build can run GGUF files at all.
pub const IS_BUILT_IN: bool = cfg!(feature = "local");

/// The child's whole life: reads commands from standard input, writes events to standard output, ends with its input.
#[cfg(feature = "local")]
pub fn main_loop() -> ExitCode {
    server::main_loop()
}

/// Without llama.cpp there is nothing to serve.
#[cfg(not(feature = "local"))]
pub fn main_loop() -> ExitCode {
    ExitCode::FAILURE
}
