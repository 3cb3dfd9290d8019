//! Outputs that remember, and a short way to ask scripted lanes.

use crate::{
    headless::{
        ask::{Ask, Format, Outcome, Signal, Style, ask},
        sink::Outputs,
    },
    run::{
        Lane,
        tests::script::{Scripted, lane, remote_plan, spec},
    },
};
use futures_util::stream::{BoxStream, StreamExt};
use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
};

/// Remembers what was written; clones share it.
#[derive(Debug, Clone, Default)]
pub(super) struct Memory(Arc<Mutex<Vec<u8>>>);

impl Memory {
    pub(super) fn text(&self) -> String {
        String::from_utf8(self.0.lock().expect("unlocked").clone()).expect("UTF-8")
    }
}

impl Write for Memory {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("unlocked").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

pub(super) const PLAIN: Style = Style {
    is_exact: false,
    is_colored: false,
    is_quiet: false,
    width: None,
};

pub(super) fn never() -> BoxStream<'static, Signal> {
    futures_util::stream::pending().boxed()
}

pub(super) fn asking(lanes: Vec<Lane>, format: Format, style: Style) -> Ask {
    Ask {
        keep: None,
        run: spec(lanes),
        format,
        style,
        shows_progress: false,
    }
}

/// A lane with this name and script.
pub(super) fn named(
    name: &str,
    script: impl IntoIterator<Item = crate::run::tests::script::Act>,
) -> Lane {
    lane(remote_plan(name), &Scripted::new(script))
}

/// Asks and returns standard output, standard error and how it ended.
pub(super) async fn printed(asking: Ask) -> (String, String, Outcome) {
    let (out, err) = (Memory::default(), Memory::default());
    let outputs = Outputs {
        out: Box::new(out.clone()),
        err: Box::new(err.clone()),
    };
    let outcome = ask(asking, outputs, never()).await.expect("written");
    (out.text(), err.text(), outcome)
}
