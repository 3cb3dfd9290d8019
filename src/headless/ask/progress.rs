//! One line on standard error that says what the lanes do while there is nothing else to see. For terminals only.

use crate::{
    domain::{
        event::{LaneEvent, LaneEventKind, StreamEvent},
        run::RunState,
        sanitise::sanitise_line,
        summary::cut,
        wording,
    },
    run::Lane,
};
use std::time::Duration;

/// Goes to the first column and empties the line.
const WIPE: &str = "\r\u{1b}[2K";
/// Pieces of an answer move the line no more often than this.
const PACE: Duration = Duration::from_millis(200);
/// Columns where the terminal does not tell.
const WIDTH: usize = 80;

/// The line.
#[derive(Debug)]
pub(super) struct Progress {
    width: usize,
    shown: String,
    at: Duration,
}

impl Progress {
    /// A line that is not shown yet, on a terminal of so many columns.
    pub(super) fn new(columns: Option<usize>) -> Self {
        Self {
            // The last column stays free: some terminals wrap there.
            width: columns.unwrap_or(WIDTH).saturating_sub(1),
            shown: String::new(),
            at: Duration::ZERO,
        }
    }

    /// What to write after an event, where the line changes.
    pub(super) fn apply(
        &mut self,
        lanes: &[Lane],
        state: &RunState,
        event: &LaneEvent,
    ) -> Option<String> {
        let is_early = event.at < self.at + PACE;
        if is_early && is_frequent(&event.kind) && !self.shown.is_empty() {
            return None;
        }
        self.at = event.at;
        let states = lanes.iter().zip(&state.lanes).map(|(lane, state)| {
            let words = wording::phase(&lane.plan, state, event.at);
            format!("{}: {}", sanitise_line(&lane.plan.name), words.text)
        });
        let line = cut(&states.collect::<Vec<_>>().join(" · "), self.width);
        if line == self.shown {
            return None;
        }
        self.shown.clone_from(&line);
        Some(format!("{WIPE}{line}"))
    }

    /// What to write before anything else may be printed.
    pub(super) fn wipe(&mut self) -> &'static str {
        if self.shown.is_empty() {
            return "";
        }
        self.shown.clear();
        WIPE
    }
}

const fn is_frequent(kind: &LaneEventKind) -> bool {
    match kind {
        LaneEventKind::Loading { .. }
        | LaneEventKind::Stream(
            StreamEvent::Answer { .. }
            | StreamEvent::Reasoning { .. }
            | StreamEvent::Prefill { .. }
            | StreamEvent::Usage { .. }
            | StreamEvent::Server { .. },
        ) => true,
        LaneEventKind::Queued { .. }
        | LaneEventKind::Sent { .. }
        | LaneEventKind::Connected
        | LaneEventKind::Failed { .. }
        | LaneEventKind::Cancelled
        | LaneEventKind::Settled { .. }
        | LaneEventKind::Stream(StreamEvent::Accepted | StreamEvent::Finished { .. }) => false,
    }
}
