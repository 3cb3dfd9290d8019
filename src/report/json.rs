//! A batch as one JSON document, a run at a time: `schema`, `batch`, `runs`, `summary`.

use super::{
    choice::Choice, evidence::Evidence, findings::Findings, folders, summary::LaneSummary,
};
use crate::domain::{
    batch::{BatchHead, BatchRun, CellRecord},
    record::{RunHead, SCHEMA},
    sanitise::escaped_json,
};
use serde::Serialize;
use serde_json::Value;
use std::io::{self, Write};

/// What the document says of a batch.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BatchDocument {
    id: String,
    started_at: String,
    kind: &'static str,
    suite: Option<String>,
    /// As they are stored, the folders of files left out.
    settings: Value,
}

impl From<&BatchHead> for BatchDocument {
    fn from(head: &BatchHead) -> Self {
        Self {
            id: head.id.0.clone(),
            started_at: head.started_at.clone(),
            kind: head.kind.name(),
            suite: head.suite.clone(),
            settings: folders::without(&head.settings),
        }
    }
}

#[derive(Serialize)]
struct RunDocument<'a> {
    schema: u32,
    run: &'a RunHead,
    prompt_id: &'a Option<String>,
    repetition: u32,
    tags: &'a [String],
    lanes: Vec<&'a CellRecord>,
}

/// Writes the document.
pub struct Document<W: Write> {
    out: W,
    is_first: bool,
}

impl<W: Write> std::fmt::Debug for Document<W> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Document")
    }
}

impl<W: Write> Document<W> {
    /// Begins with the batch; several are a list under `batches`, and `batch` is null.
    pub fn new(mut out: W, batches: &[BatchHead]) -> io::Result<Self> {
        let all: Vec<BatchDocument> = batches.iter().map(BatchDocument::from).collect();
        writeln!(out, "{{\n\"schema\": {SCHEMA},")?;
        match all.as_slice() {
            [only] => writeln!(out, "\"batch\": {},", json(only)?)?,
            several => writeln!(out, "\"batch\": null,\n\"batches\": {},", json(&several)?)?,
        }
        write!(out, "\"runs\": [")?;
        Ok(Self {
            out,
            is_first: true,
        })
    }

    /// Writes a run with its cells.
    pub fn run(&mut self, run: &BatchRun, cells: &[&CellRecord]) -> io::Result<()> {
        let document = RunDocument {
            schema: SCHEMA,
            run: &run.head,
            prompt_id: &run.prompt_id,
            repetition: run.repetition,
            tags: &run.tags,
            lanes: cells.to_vec(),
        };
        let comma = if std::mem::take(&mut self.is_first) {
            ""
        } else {
            ","
        };
        write!(self.out, "{comma}\n{}", json(&document)?)
    }

    /// Ends with what is said about each lane, and with what a need came to.
    pub fn finish(mut self, evidence: &Evidence, choice: Option<&Choice>) -> io::Result<()> {
        let summaries: Vec<LaneSummary> = evidence.summaries();
        write!(self.out, "\n],\n\"summary\": {}", json(&summaries)?)?;
        self.further("need", choice)?;
        self.end()
    }

    /// Ends with all that a report says.
    pub fn finish_with(mut self, findings: &Findings) -> io::Result<()> {
        write!(
            self.out,
            "\n],\n\"summary\": {},\n\"sentence\": {}",
            json(&findings.summaries)?,
            json(&findings.sentence)?
        )?;
        let some = |is_some: bool| is_some.then_some(());
        let remarks = some(!findings.remarks.is_empty()).map(|()| &findings.remarks);
        let months = some(!findings.projections.is_empty()).map(|()| &findings.projections);
        let lanes = some(!findings.comparisons.is_empty()).map(|()| &findings.comparisons);
        self.further("remarks", remarks)?;
        self.further("need", findings.choice.as_ref())?;
        self.further("projections", months)?;
        self.further("comparisons", lanes)?;
        let votes = some(!findings.votes.is_empty()).map(|()| &findings.votes);
        self.further("votes", votes)?;
        self.further("pairs", votes.map(|_| &findings.asking))?;
        self.further("change", findings.change.as_ref())?;
        self.end()
    }

    fn further(&mut self, key: &str, value: Option<&impl Serialize>) -> io::Result<()> {
        match value {
            Some(value) => write!(self.out, ",\n\"{key}\": {}", json(value)?),
            None => Ok(()),
        }
    }

    fn end(mut self) -> io::Result<()> {
        writeln!(self.out, "\n}}")?;
        self.out.flush()
    }
}

fn json(value: &impl Serialize) -> io::Result<String> {
    Ok(escaped_json(&serde_json::to_string(value)?))
}

/// The document of one run, as `ask --format json` prints it, with the checks of each lane.
pub fn one_run(run: &BatchRun, cells: &[&CellRecord]) -> serde_json::Result<String> {
    let document = serde_json::json!({ "schema": SCHEMA, "run": run.head, "lanes": cells });
    serde_json::to_string_pretty(&document).map(|json| escaped_json(&json) + "\n")
}
