//! The playground: terminal UI over runs.
