//! The report as `JUnit` XML, as build servers read it: one test case for each cell that has checks, or whose lane failed. A
//! check that did not pass is a failure; a lane that failed is an error, and so is an answer that nobody could judge, for
//! `--fail-on checks` counts it, too; what was stopped is skipped. Holds no figure but times.

use super::{folders, words};
use crate::domain::{
    batch::{BatchHead, BatchRun, CellRecord},
    check::Verdict,
    record::LaneStatus,
    sanitise::{sanitise, sanitise_line},
};
use std::{
    fmt::Write as _,
    io::{self, Write},
};

/// How many test cases a suite has, and how they ended; must be known before the first of them is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    tests: u64,
    failures: u64,
    errors: u64,
    skipped: u64,
}

/// How a cell ends as a test case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Passed,
    Failure,
    Error,
    Unjudged,
    Skipped,
}

/// `None` for a cell that is no test case.
fn end(cell: &CellRecord) -> Option<End> {
    match (cell.lane.status, cell.checks.is_empty()) {
        (LaneStatus::Failed, _) => Some(End::Error),
        (_, true) => None,
        (LaneStatus::Cancelled, false) => Some(End::Skipped),
        (LaneStatus::Done, false) => Some(match cell.is_passed() {
            Some(true) => End::Passed,
            Some(false) => End::Failure,
            None => End::Unjudged,
        }),
    }
}

impl Counts {
    /// Counts a cell.
    pub fn add(&mut self, cell: &CellRecord) {
        let Some(end) = end(cell) else {
            return;
        };
        self.tests += 1;
        match end {
            End::Passed => {}
            End::Failure => self.failures += 1,
            End::Error | End::Unjudged => self.errors += 1,
            End::Skipped => self.skipped += 1,
        }
    }

    const fn with(self, other: Self) -> Self {
        Self {
            tests: self.tests + other.tests,
            failures: self.failures + other.failures,
            errors: self.errors + other.errors,
            skipped: self.skipped + other.skipped,
        }
    }

    fn attributes(self) -> String {
        let Self {
            tests,
            failures,
            errors,
            skipped,
        } = self;
        format!(
            "tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\" skipped=\"{skipped}\""
        )
    }
}

/// Writes the document, a batch as a suite after the other.
#[derive(Debug)]
pub struct Document<W: Write> {
    out: W,
    is_open: bool,
}

impl<W: Write> Document<W> {
    /// Begins with the counts of all suites.
    pub fn new(mut out: W, counts: &[Counts]) -> io::Result<Self> {
        let all = counts.iter().copied().fold(Counts::default(), Counts::with);
        writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
        writeln!(out, "<testsuites name=\"tierscope\" {}>", all.attributes())?;
        Ok(Self {
            out,
            is_open: false,
        })
    }

    /// Begins the suite of a batch.
    pub fn suite(&mut self, batch: &BatchHead, counts: Counts) -> io::Result<()> {
        self.close()?;
        self.is_open = true;
        let name = batch.suite.as_deref().unwrap_or(batch.kind.name());
        // The schema's date has no fraction and no zone.
        let time: String = batch.started_at.chars().take(19).collect();
        writeln!(
            self.out,
            "  <testsuite name=\"{}\" id=\"{}\" timestamp=\"{}\" {}>",
            attribute(name),
            attribute(&batch.id.0),
            attribute(&time),
            counts.attributes()
        )
    }

    /// Writes the cells of a run.
    pub fn run(&mut self, run: &BatchRun, cells: &[&CellRecord]) -> io::Result<()> {
        let name = run.prompt_id.as_deref().unwrap_or(&run.head.id.0);
        let name = if run.repetition > 1 {
            format!("{name} ({})", run.repetition)
        } else {
            name.to_owned()
        };
        for cell in cells {
            if let Some(end) = end(cell) {
                self.out.write_all(case(&name, cell, end).as_bytes())?;
            }
        }
        Ok(())
    }

    fn close(&mut self) -> io::Result<()> {
        if std::mem::take(&mut self.is_open) {
            writeln!(self.out, "  </testsuite>")?;
        }
        Ok(())
    }

    /// Ends the document.
    pub fn finish(mut self) -> io::Result<()> {
        self.close()?;
        writeln!(self.out, "</testsuites>")?;
        self.out.flush()
    }
}

fn case(name: &str, cell: &CellRecord, end: End) -> String {
    let lane = &cell.lane;
    let time = lane
        .timing
        .e2e_ms
        .map_or_else(String::new, |ms| format!(" time=\"{:.6}\"", ms / 1_000.0));
    let mut out = format!(
        "    <testcase classname=\"{}\" name=\"{}\"{time}",
        attribute(&lane.lane),
        attribute(name)
    );
    match end {
        End::Passed => out.push_str("/>\n"),
        End::Failure => {
            let failed: Vec<&Verdict> = cell
                .checks
                .iter()
                .filter(|verdict| verdict.passed == Some(false))
                .collect();
            let first = failed.first().map_or("", |verdict| &verdict.reason);
            let kind = failed.first().map_or("", |verdict| &verdict.check);
            let mut text = String::new();
            for verdict in failed {
                reasons(&mut text, verdict, 0);
            }
            let answer = format!("{text}\nanswer:\n{}", lane.answer);
            element(&mut out, "failure", kind, first, &answer);
        }
        End::Error => {
            let (kind, message) = lane.error.as_ref().map_or(("", String::new()), |error| {
                (error.kind.name(), folders::without_in(&error.to_string()))
            });
            element(&mut out, "error", kind, &message, &lane.answer);
        }
        End::Unjudged => {
            let open = cell.checks.iter().find(|verdict| verdict.passed.is_none());
            let why = open.map_or("", |verdict| &verdict.reason);
            let mut text = String::new();
            for verdict in &cell.checks {
                reasons(&mut text, verdict, 0);
            }
            let answer = format!("{text}\nanswer:\n{}", lane.answer);
            let message = format!("could not be judged: {why}");
            element(&mut out, "error", "unjudged", &message, &answer);
        }
        End::Skipped => {
            let _ = writeln!(
                out,
                ">\n      <skipped message=\"{}\"/>\n    </testcase>",
                attribute(words::outcome(cell))
            );
        }
    }
    out
}

fn element(out: &mut String, name: &str, kind: &str, message: &str, text: &str) {
    let _ = writeln!(
        out,
        ">\n      <{name} type=\"{}\" message=\"{}\">{}</{name}>\n    </testcase>",
        attribute(kind),
        attribute(message),
        escaped(&sanitise(text))
    );
}

/// A verdict and those inside it, a line each.
fn reasons(out: &mut String, verdict: &Verdict, depth: usize) {
    let mark = match verdict.passed {
        Some(true) => "passed",
        Some(false) => "not passed",
        None => "not judged",
    };
    let _ = writeln!(
        out,
        "{}{}: {mark}: {}",
        "  ".repeat(depth),
        sanitise_line(&verdict.check),
        sanitise_line(&verdict.reason)
    );
    for part in &verdict.parts {
        reasons(out, part, depth + 1);
    }
}

fn attribute(text: &str) -> String {
    escaped(&sanitise_line(text))
}

/// Text that is already safe, for XML. What XML 1.0 forbids (2.2, Char) is left out: it has no escape.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\t' | '\n' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'.. => out.push(c),
            _ => {}
        }
    }
    out
}
