//! Standard error while the screen is up: what libraries write there goes to the log instead of over the panes.

use std::{io, path::Path};

/// Standard error, diverted. Does nothing where standard error is no terminal: then the person sent it elsewhere.
#[derive(Debug)]
pub struct Diverted {
    #[cfg(unix)]
    saved: Option<std::os::fd::OwnedFd>,
}

impl Diverted {
    /// Sends standard error to the end of the log, or to nowhere where the log cannot be opened.
    #[cfg(unix)]
    pub fn to(log: Option<&Path>) -> Self {
        use std::{fs::File, io::IsTerminal, os::fd::AsFd};

        if !io::stderr().is_terminal() {
            return Self { saved: None };
        }
        let sink = log
            .and_then(|path| File::options().append(true).create(true).open(path).ok())
            .or_else(|| File::options().write(true).open("/dev/null").ok());
        let saved = sink.and_then(|sink| {
            let saved = io::stderr().as_fd().try_clone_to_owned().ok()?;
            rustix::stdio::dup2_stderr(&sink).ok()?;
            Some(saved)
        });
        Self { saved }
    }

    /// Sends standard error nowhere else: not needed here.
    #[cfg(not(unix))]
    pub fn to(_log: Option<&Path>) -> Self {
        Self {}
    }

    /// Puts standard error back.
    #[cfg(unix)]
    pub fn give_back(self) -> io::Result<()> {
        match self.saved {
            Some(saved) => Ok(rustix::stdio::dup2_stderr(&saved)?),
            None => Ok(()),
        }
    }

    /// Puts standard error back.
    #[cfg(not(unix))]
    pub fn give_back(self) -> io::Result<()> {
        Ok(())
    }
}
