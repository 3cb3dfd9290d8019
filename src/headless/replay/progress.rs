//! How far a replay is: bars on a terminal, plain lines elsewhere. On standard error; decides nothing.

use super::tally::{LaneTally, Tally};
use crate::domain::{figures, sanitise::sanitise_line, summary::cut, wording};
use std::{fmt::Write as _, time::Duration};
use tokio::time::Instant;
use unicode_width::UnicodeWidthStr;

/// Plain lines come no more often than this.
const PACE: Duration = Duration::from_secs(10);
/// Columns of a bar.
const BAR: usize = 24;
/// Columns of the longest name that is shown whole.
const NAME: usize = 24;

/// Whether the terminal goes on in the next line behind its last column.
const NO_WRAP: &str = "\u{1b}[?7l";
const WRAP: &str = "\u{1b}[?7h";

/// How progress is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Face {
    /// Bars on a terminal of so many columns.
    Bars {
        /// Columns; `None` where the terminal does not tell.
        columns: Option<usize>,
    },
    /// A line now and then.
    Lines,
    /// Not at all.
    Silent,
}

/// What is shown.
#[derive(Debug)]
pub(super) struct Board {
    face: Face,
    shown_lines: usize,
    said: Option<Instant>,
}

impl Board {
    pub(super) const fn new(face: Face) -> Self {
        Self {
            face,
            shown_lines: 0,
            said: None,
        }
    }

    /// What to write now.
    pub(super) fn render(&mut self, tally: &Tally, now: Instant) -> String {
        match self.face {
            Face::Silent => String::new(),
            Face::Bars { columns } => {
                let mut out = self.wipe();
                let lines = bars(tally, now, columns);
                self.shown_lines = lines.len();
                // A terminal that has become narrower cuts them off: lines that it wraps would be more than are taken away.
                out.push_str(NO_WRAP);
                for line in lines {
                    out.push_str(&line);
                    out.push('\n');
                }
                out.push_str(WRAP);
                out
            }
            Face::Lines => {
                let began = *self.said.get_or_insert(now);
                if now.duration_since(began) < PACE {
                    return String::new();
                }
                self.said = Some(now);
                format!("{}\n", total(tally, now))
            }
        }
    }

    /// What takes away what is shown, so that something else can be written.
    pub(super) fn wipe(&mut self) -> String {
        match std::mem::take(&mut self.shown_lines) {
            0 => String::new(),
            // A key that the terminal echoed, such as ^C, has moved the cursor.
            lines => format!("\r\u{1b}[{lines}A\u{1b}[J"),
        }
    }

    /// What to write last.
    pub(super) fn end(&mut self, tally: &Tally, now: Instant) -> String {
        let out = self.wipe();
        match self.face {
            Face::Silent => out,
            Face::Bars { .. } | Face::Lines => {
                let (done, planned) = tally.progress();
                let took = figures::clock(tally.elapsed(now));
                let rate = tally.cells_per_sec(now).unwrap_or_default();
                format!(
                    "{out}{done} of {} in {took}, {rate:.1} a second\n",
                    cells(planned)
                )
            }
        }
    }
}

fn cells(many: usize) -> String {
    match many {
        1 => "1 cell".to_owned(),
        _ => format!("{many} cells"),
    }
}

fn bars(tally: &Tally, now: Instant, columns: Option<usize>) -> Vec<String> {
    // The last column stays free: some terminals wrap there.
    let width = columns.unwrap_or(80).saturating_sub(1);
    let name = |lane: &LaneTally| cut(&sanitise_line(&lane.name), NAME);
    let longest = tally.lanes.iter().map(|lane| name(lane).width()).max();
    let longest = longest.unwrap_or_default();
    let mut lines: Vec<String> = tally
        .lanes
        .iter()
        .map(|lane| {
            let name = name(lane);
            let pad = " ".repeat(longest.saturating_sub(name.width()));
            cut(&format!("{name}{pad}  {}", bar(lane)), width)
        })
        .collect();
    lines.push(cut(&total(tally, now), width));
    lines
}

fn bar(lane: &LaneTally) -> String {
    let full = match lane.planned {
        0 => BAR,
        planned => lane.ended() * BAR / planned,
    };
    let mut out = format!(
        "{}{} {:>6}/{}",
        "█".repeat(full),
        "░".repeat(BAR.saturating_sub(full)),
        lane.ended(),
        lane.planned
    );
    if lane.failed > 0 {
        let _ = write!(out, "  {} failed", lane.failed);
    }
    if lane.judged > 0 {
        let _ = write!(out, "  {} of {} passed", lane.passed, lane.judged);
    }
    if !lane.cost.is_empty() {
        let _ = write!(out, "  {}", wording::sum(&lane.cost));
    }
    out
}

/// One line about everything.
fn total(tally: &Tally, now: Instant) -> String {
    let (ended, planned) = tally.progress();
    let failed: usize = tally.lanes.iter().map(|lane| lane.failed).sum();
    let mut out = format!("{ended} of {}", cells(planned));
    if failed > 0 {
        let _ = write!(out, ", {failed} failed");
    }
    if let Some(rate) = tally.cells_per_sec(now) {
        let _ = write!(out, ", {rate:.1} a second");
    }
    let cost = tally.cost();
    if !cost.is_empty() {
        let _ = write!(out, ", {} so far", wording::sum(&cost));
    }
    if let Some(waiting) = &tally.waiting {
        let _ = write!(out, "; {waiting}");
        return out;
    }
    match tally.time_left(now) {
        Some(left) if left > Duration::ZERO => {
            let _ = write!(out, ", about {} left", figures::clock(left));
        }
        Some(_) | None => {}
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_terminal_echoed_does_not_move_the_bars() {
        let now = Instant::now();
        let tally = Tally::new(["mini".to_owned()].into_iter(), &[1], now);
        let mut board = Board::new(Face::Bars { columns: Some(80) });
        let first = board.render(&tally, now);
        assert!(first.starts_with("\u{1b}[?7lmini"), "{first:?}");
        assert!(
            first.ends_with("\n\u{1b}[?7h"),
            "lines go on as before behind the bars: {first:?}"
        );
        let next = board.render(&tally, now);
        assert!(next.starts_with("\r\u{1b}[2A\u{1b}[J"), "{next:?}");
        assert!(board.end(&tally, now).contains("0 of 1 cell in "));
    }
}
