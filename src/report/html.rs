//! The report as one page that needs nothing else: no script, no picture, no font from elsewhere. Written run by run, so
//! that it may be larger than the memory.

mod answers;
mod difference;
mod scatter;
mod settings;
mod tables;
mod text;
mod timeline;

use super::{
    findings::Findings,
    formulas::FORMULAS,
    picks::{self, Listed, Picks},
};
use crate::domain::{
    batch::{BatchRun, CellRecord},
    figures,
};
use std::io::{self, Write};
use text::{line, prose};

/// So many runs are shown unfolded; of more, those that did not go well.
const UNFOLDED: u64 = 12;
/// Whatever a page holds, a browser that reads this runs none of it.
const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// A page that is being written.
#[derive(Debug)]
pub struct Page<'a, W: Write> {
    out: W,
    findings: &'a Findings,
    listed: Listed,
    /// The run that is drawn over time.
    typical: Option<usize>,
    /// The place of the next run.
    place: usize,
}

impl<'a, W: Write> Page<'a, W> {
    /// Begins with all that is said over all cells.
    pub fn new(out: W, findings: &'a Findings, picks: &Picks) -> io::Result<Self> {
        let typical = timeline::typical(&findings.evidence);
        let mut page = Self {
            out,
            findings,
            listed: picks.listed(typical),
            typical,
            place: 0,
        };
        page.head()?;
        let is_linked = typical.is_some_and(|place| page.listed.has(place));
        let mut parts = vec![
            tables::lanes(findings),
            tables::need(findings),
            scatter::section(&findings.summaries),
            tables::months(findings),
            tables::comparisons(findings),
            tables::votes(findings),
        ];
        parts.extend(findings.change.as_ref().map(tables::changes));
        parts.push(timeline::section(&findings.evidence, typical, is_linked));
        for part in parts {
            page.out.write_all(part.as_bytes())?;
        }
        page.begin_answers()?;
        Ok(page)
    }

    fn head(&mut self) -> io::Result<()> {
        let findings = self.findings;
        let title = line(&findings.title());
        writeln!(
            self.out,
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" \
             content=\"width=device-width, initial-scale=1\">\n<meta http-equiv=\"Content-Security-Policy\" \
             content=\"{POLICY}\">\n<meta name=\"color-scheme\" content=\"light dark\">\n<title>{title} – tierscope \
             report</title>\n<style>\n{}</style>\n</head>\n<body>\n<header>\n<h1>{title}</h1>",
            include_str!("html/page.css")
        )?;
        for batch in findings.batches.iter().take(8) {
            let when = batch.started_at.get(..16).map_or_else(
                || line(&batch.started_at),
                |minutes| line(&minutes.replace('T', " ")) + " UTC",
            );
            writeln!(
                self.out,
                "<p class=\"meta\">{} of {when}, <code>{}</code></p>",
                batch.kind.name(),
                line(&batch.id.0)
            )?;
        }
        writeln!(self.out, "<p class=\"meta\">{}</p>", findings.extent())?;
        let (first, rest) = text::first_sentence(&findings.sentence);
        writeln!(self.out, "<p class=\"lead\">{}</p>", prose(first))?;
        if !rest.is_empty() {
            writeln!(self.out, "<p>{}</p>", prose(rest))?;
        }
        for remark in &findings.remarks {
            writeln!(self.out, "<p class=\"remark\">{}</p>", prose(remark))?;
        }
        self.contents()?;
        writeln!(self.out, "</header>\n<main>")
    }

    fn contents(&mut self) -> io::Result<()> {
        let findings = self.findings;
        let all = [
            ("lanes", "Lanes", !findings.summaries.is_empty()),
            ("need", "What is needed", findings.choice.is_some()),
            ("charts", "Quality, cost and time", true),
            ("month", "A month", !findings.projections.is_empty()),
            ("pairs", "Comparison", !findings.comparisons.is_empty()),
            ("votes", "Choices", !findings.votes.is_empty()),
            ("change", "Changes", findings.change.is_some()),
            ("timeline", "One prompt over time", self.typical.is_some()),
            ("answers", "Answers", true),
            ("settings", "Settings", true),
            ("formulas", "Formulas", true),
        ];
        write!(self.out, "<nav aria-label=\"Contents\"><ul>")?;
        for (id, title, is_there) in all {
            if is_there {
                write!(self.out, "<li><a href=\"#{id}\">{title}</a></li>")?;
            }
        }
        writeln!(self.out, "</ul></nav>")
    }

    fn begin_answers(&mut self) -> io::Result<()> {
        writeln!(
            self.out,
            "<section aria-labelledby=\"answers\"><h2 id=\"answers\">Answers</h2>\n<p class=\"note\">Beside the first answer of a \
             prompt, <ins>what another one has and it has not</ins>, and <del>what it alone has</del>.</p>"
        )?;
        if let Listed::Some { places, of } = &self.listed {
            writeln!(
                self.out,
                "<p class=\"remark\">{} of {} runs are listed: the first where a lane failed or a check did not pass or could not be judged, then the \
                 first whose answers differ.</p>",
                figures::count(places.len() as u64),
                figures::count(*of as u64)
            )?;
        }
        Ok(())
    }

    /// Writes the next run, where it is listed.
    pub fn run(&mut self, run: &BatchRun, cells: &[&CellRecord]) -> io::Result<()> {
        let place = self.place;
        self.place += 1;
        if !self.listed.has(place) {
            return Ok(());
        }
        let is_poor = cells.iter().any(|cell| picks::is_poor(cell));
        let is_open = self.findings.evidence.runs <= UNFOLDED
            || is_poor && self.findings.evidence.runs <= 8 * UNFOLDED;
        let html = answers::run(place, run, cells, is_open);
        self.out.write_all(html.as_bytes())
    }

    /// Ends with settings and formulas.
    pub fn finish(mut self) -> io::Result<()> {
        writeln!(
            self.out,
            "</section>\n<section aria-labelledby=\"settings\"><h2 id=\"settings\">Settings</h2>"
        )?;
        for batch in &self.findings.batches {
            self.out.write_all(settings::batch(batch).as_bytes())?;
        }
        writeln!(
            self.out,
            "</section>\n<section aria-labelledby=\"formulas\"><h2 id=\"formulas\">What the figures mean</h2>\n<dl \
             class=\"formulas\">"
        )?;
        for (name, meaning) in FORMULAS {
            writeln!(
                self.out,
                "<dt>{}</dt><dd>{}</dd>",
                line(name),
                line(meaning)
            )?;
        }
        writeln!(
            self.out,
            "</dl></section>\n</main>\n<footer><p class=\"note\">Written by tierscope {}.</p></footer>\n</body>\n</html>",
            env!("CARGO_PKG_VERSION")
        )?;
        self.out.flush()
    }
}
