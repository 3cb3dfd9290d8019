//! Where files live: configuration, history, log, cache. Creates nothing.
