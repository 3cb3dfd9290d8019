//! The log file: tracing goes there, never to the screen.
