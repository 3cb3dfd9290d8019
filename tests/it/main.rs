//! The only integration test binary: each extra one would link llama.cpp again.
