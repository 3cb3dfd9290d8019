//! Tests of what is printed, with lanes that follow a script.

mod ends;
mod formats;
mod stage;
mod turns;
