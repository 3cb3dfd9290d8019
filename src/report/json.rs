//! A batch as one JSON document, a run at a time: `schema`, `batch`, `runs`, `summary`.

use super::{choice::Choice, evidence::Evidence, summary::LaneSummary};
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
    settings: Value,
}

impl From<&BatchHead> for BatchDocument {
    fn from(head: &BatchHead) -> Self {
        Self {
            id: head.id.0.clone(),
            started_at: head.started_at.clone(),
            kind: head.kind.name(),
            suite: head.suite.clone(),
            settings: head.settings.clone(),
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
        write!(out, "{{\n\"schema\": {SCHEMA},\n")?;
        match all.as_slice() {
            [only] => write!(out, "\"batch\": {},\n", json(only)?)?,
            several => write!(out, "\"batch\": null,\n\"batches\": {},\n", json(&several)?)?,
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
        if let Some(choice) = choice {
            write!(self.out, ",\n\"need\": {}", json(choice)?)?;
        }
        writeln!(self.out, "\n}}")?;
        self.out.flush()
    }
}

fn json(value: &impl Serialize) -> io::Result<String> {
    Ok(escaped_json(&serde_json::to_string(value)?))
}
