//! One row per cell, with the columns that scripts rely on.

use crate::domain::{
    batch::{BatchRun, CellRecord},
    record::LaneStatus,
    usage::UsageSource,
};
use csv::Writer;
use std::io::{self, Write};

/// The columns.
pub const COLUMNS: [&str; 29] = [
    "batch",
    "run",
    "prompt_id",
    "repetition",
    "lane",
    "tier",
    "provider",
    "model",
    "status",
    "finish_reason",
    "error_kind",
    "checks_passed",
    "prompt_tokens",
    "cached_prompt_tokens",
    "completion_tokens",
    "reasoning_tokens",
    "tokens_source",
    "queue_ms",
    "load_ms",
    "connect_ms",
    "ttfb_ms",
    "ttft_ms",
    "ttfa_ms",
    "thinking_ms",
    "e2e_ms",
    "decode_tokens_per_sec",
    "chars_per_sec",
    "cost_usd",
    "sequences",
];

/// Writes rows.
pub struct Rows<W: Write> {
    writer: Writer<W>,
}

impl<W: Write> std::fmt::Debug for Rows<W> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Rows")
    }
}

impl<W: Write> Rows<W> {
    /// Begins with the names of the columns.
    pub fn new(out: W) -> io::Result<Self> {
        let mut writer = Writer::from_writer(out);
        writer.write_record(COLUMNS).map_err(of_io)?;
        Ok(Self { writer })
    }

    /// Writes one cell; what is not known is empty.
    pub fn cell(&mut self, batch: &str, run: &BatchRun, cell: &CellRecord) -> io::Result<()> {
        let lane = &cell.lane;
        let (usage, timing, speed) = (&lane.usage, &lane.timing, &lane.speed);
        let passed = cell.is_passed();
        let row: [String; 29] = [
            batch.to_owned(),
            run.head.id.to_string(),
            run.prompt_id.clone().unwrap_or_default(),
            run.repetition.to_string(),
            lane.lane.clone(),
            lane.tier
                .map(|tier| tier.name().to_owned())
                .unwrap_or_default(),
            lane.provider.clone(),
            lane.model.clone(),
            match lane.status {
                LaneStatus::Done => "done",
                LaneStatus::Failed => "failed",
                LaneStatus::Cancelled => "cancelled",
            }
            .to_owned(),
            lane.finish_reason
                .map(|reason| reason.name().to_owned())
                .unwrap_or_default(),
            lane.error
                .as_ref()
                .map(|error| error.kind.name().to_owned())
                .unwrap_or_default(),
            passed.map(|passed| passed.to_string()).unwrap_or_default(),
            count(usage.prompt_tokens),
            count(usage.cached_prompt_tokens),
            count(usage.completion_tokens),
            count(usage.reasoning_tokens),
            match usage.source {
                Some(UsageSource::Reported) => "reported",
                Some(UsageSource::Counted) => "counted",
                Some(UsageSource::Estimated) => "estimated",
                None => "",
            }
            .to_owned(),
            number(timing.queue_ms),
            number(timing.load_ms),
            number(timing.connect_ms),
            number(timing.ttfb_ms),
            number(timing.ttft_ms),
            number(timing.ttfa_ms),
            number(timing.thinking_ms),
            number(timing.e2e_ms),
            number(speed.decode_tokens_per_sec),
            number(speed.chars_per_sec),
            number(lane.cost_usd),
            count(lane.server.sequences.map(u64::from)),
        ];
        self.writer
            .write_record(row.map(|value| safe(&value)))
            .map_err(of_io)
    }

    /// Writes what is left.
    pub fn finish(mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

/// The error of the writer below, so that a closed pipe is still told from other ones.
fn of_io(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}

fn count(value: Option<u64>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

fn number(value: Option<f64>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

/// Without what acts on a terminal, and without what a spreadsheet would take for a formula.
fn safe(text: &str) -> String {
    let text = crate::domain::sanitise::sanitise_line(text);
    let is_number = text.parse::<f64>().is_ok();
    if !is_number && text.starts_with(['=', '+', '-', '@']) {
        format!("'{text}")
    } else {
        text
    }
}
