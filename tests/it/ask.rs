//! `tierscope ask` as a person or a script runs it: the program itself, with lanes at a loopback server.

mod ends;
mod formats;
mod limit;
mod record;
mod schema;
mod stage;
