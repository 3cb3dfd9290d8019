//! The one error of the command line: what failed, with which value, what to do next, and the exit status.
