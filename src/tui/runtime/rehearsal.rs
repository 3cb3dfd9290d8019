//! Failures on demand, for the tests of the terminal: `TIERSCOPE_TEST_PANIC` makes the loop fail after its first frame.
//! Only in builds with debug assertions; a released program knows no such variable.

use crate::tui::TuiError;
use std::{env, io, panic};

/// Panics where the variable says `answers` and a lane has ended while another one has not.
pub fn amid_answers(lanes_left: usize, lanes: usize) {
    if (1..lanes).contains(&lanes_left)
        && env::var("TIERSCOPE_TEST_PANIC").as_deref() == Ok("answers")
    {
        panic::panic_any("rehearsed panic amid answers");
    }
}

/// Fails as the variable says: `loop` panics here, `task` panics on a worker, `error` returns an error.
pub fn after_first_frame() -> Result<(), TuiError> {
    match env::var("TIERSCOPE_TEST_PANIC").as_deref() {
        Ok("loop") => panic::panic_any("rehearsed panic of the loop"),
        Ok("task") => {
            tokio::spawn(async { panic::panic_any("rehearsed panic of a task") });
            Ok(())
        }
        Ok("error") => Err(TuiError::Terminal(io::Error::other("rehearsed error"))),
        Ok(_) | Err(_) => Ok(()),
    }
}
