//! Configuration: file, environment and command line, merged and validated into lane plans. Opens no connection.
