//! The wheel on the alternate screen: many terminals send it there as arrow keys, which would walk through earlier
//! prompts. It stays the terminal's own while the playground runs. Reads no mouse.

use crossterm::Command;
use std::fmt;

/// Remembers whether the terminal turns the wheel into arrow keys, and switches that off.
#[derive(Debug)]
pub struct KeepWheel;

impl Command for KeepWheel {
    fn write_ansi(&self, out: &mut impl fmt::Write) -> fmt::Result {
        out.write_str("\x1b[?1007s\x1b[?1007l")
    }

    #[cfg(windows)]
    fn execute_winapi(&self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Puts it back: as it was where the terminal can remember, and on, as most have it, where it cannot.
#[derive(Debug)]
pub struct GiveWheelBack;

impl Command for GiveWheelBack {
    fn write_ansi(&self, out: &mut impl fmt::Write) -> fmt::Result {
        out.write_str("\x1b[?1007h\x1b[?1007r")
    }

    #[cfg(windows)]
    fn execute_winapi(&self) -> std::io::Result<()> {
        Ok(())
    }
}
