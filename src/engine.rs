//! The local engine: a child process that owns llama.cpp, and the protocol spoken with it.
