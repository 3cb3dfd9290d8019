//! Keeps runs: folds the events of a run beside its face ([`Keeping`]), and hands each lane to the history the moment it
//! ends. Shows nothing; whoever keeps a run asks for the receipts and says where something was not stored.

use crate::{
    domain::{
        batch::{BatchHead, BatchKind, BatchRun, CellRecord},
        event::{LaneEvent, LaneEventKind},
        forecast,
        id::BatchId,
        plan::LanePlan,
        record::{LaneRecord, RunHead},
        run::RunState,
        tape::TapeLine,
    },
    history::{NewBatch, NewCell, Receipt, Recorder},
};
use serde_json::Value;
use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

/// How long something may be on the screen before it is in the history, in full or as far as it has come.
const WRITTEN_EVERY: Duration = Duration::from_secs(1);

/// One batch of a sitting or of `ask`, which begins with its first run. Clones share it.
#[derive(Debug, Clone)]
pub struct Keep {
    recorder: Recorder,
    batch: Arc<NewBatch>,
    runs: Arc<AtomicU64>,
}

impl Keep {
    /// In this history file, which is opened when the first run is over.
    pub fn new(
        path: PathBuf,
        keep_days: Option<u32>,
        kind: BatchKind,
        settings: Value,
    ) -> std::io::Result<Self> {
        let head = BatchHead {
            id: BatchId(uuid::Uuid::now_v7().to_string()),
            started_at: super::now(),
            kind,
            suite: None,
            settings,
        };
        Ok(Self {
            recorder: Recorder::later(path, keep_days)?,
            batch: Arc::new(NewBatch {
                head,
                fingerprint: None,
                part: None,
                planned: None,
            }),
            runs: Arc::default(),
        })
    }

    /// A run begins.
    pub fn begin(&self, head: RunHead, plans: Vec<Arc<LanePlan>>) -> Keeping {
        let mut state = RunState::new(plans.len());
        for (plan, lane) in plans.iter().zip(&mut state.lanes) {
            lane.prompt_estimate = Some(forecast::prompt_tokens(plan, &head.prompt.text));
        }
        Keeping {
            lanes: vec![KeptLane::default(); plans.len()],
            receipts: Vec::new(),
            position: self.runs.fetch_add(1, Ordering::Relaxed),
            keep: self.clone(),
            head,
            plans,
            state,
        }
    }

    /// Nothing more comes.
    pub async fn end(&self) {
        let id = self.batch.head.id.clone();
        if self.runs.load(Ordering::Relaxed) > 0 {
            let _ = self.recorder.end(id, super::now()).await;
        }
    }

    /// Waits until all that was handed over is written, at most this long, and blocks the thread meanwhile. Whether that
    /// came about; nothing was handed over where no run has begun.
    pub fn flush(&self, limit: Duration) -> bool {
        self.runs.load(Ordering::Relaxed) == 0 || self.recorder.flush(limit)
    }
}

/// A run that is being kept: each lane is stored when it has ended, and about every second as far as it has come. What
/// is dropped before its lanes have ended is stored as cut off.
#[derive(Debug)]
pub struct Keeping {
    keep: Keep,
    head: RunHead,
    plans: Vec<Arc<LanePlan>>,
    state: RunState,
    lanes: Vec<KeptLane>,
    position: u64,
    receipts: Vec<Receipt>,
}

/// How far the history is with one lane.
#[derive(Debug, Clone, Default)]
struct KeptLane {
    /// Its events as lines of JSON.
    tape: Vec<u8>,
    /// Since when something is not in the history; `None` where all is.
    unwritten: Option<Instant>,
    is_stored: bool,
}

impl Keeping {
    /// Takes an event of the run; a lane that has ended is handed to the history.
    pub fn apply(&mut self, event: &LaneEvent) {
        self.state.apply(event);
        let place = event.lane.0;
        let Some((plan, lane)) = self.plans.get(place).zip(self.lanes.get_mut(place)) else {
            return;
        };
        let told = TapeLine {
            lane: plan.name.clone(),
            at_us: u64::try_from(event.at.as_micros()).unwrap_or(u64::MAX),
            event: event.kind.clone(),
        };
        // Into memory nothing fails.
        if serde_json::to_writer(&mut lane.tape, &told).is_ok() {
            lane.tape.push(b'\n');
        }
        if self.state.lanes[place].settled {
            self.store(place);
        } else if !matches!(event.kind, LaneEventKind::Queued { .. }) {
            lane.unwritten.get_or_insert_with(Instant::now);
        }
    }

    /// When [`Keeping::write_so_far`] has something to do, if nothing happens before.
    pub fn due(&self) -> Option<Instant> {
        let oldest = self.lanes.iter().filter_map(|lane| lane.unwritten).min();
        oldest.map(|since| since + WRITTEN_EVERY)
    }

    /// Hands over what lanes hold so far that have held it for a second: what a kill leaves of them. Without the tape,
    /// which would be written again and again.
    pub fn write_so_far(&mut self, now: Instant) {
        for place in 0..self.lanes.len() {
            let is_due = |since: Instant| since + WRITTEN_EVERY <= now;
            if !self.lanes[place].unwritten.is_some_and(is_due) {
                continue;
            }
            let is_taken = self.cell(place, Vec::new()).is_none_or(|cell| {
                let batch = Arc::clone(&self.keep.batch);
                self.keep.recorder.keep_so_far(batch, cell)
            });
            // Where the history is behind, a second later.
            self.lanes[place].unwritten = (!is_taken).then_some(now);
        }
    }

    /// What becomes of the lanes that were handed over since the last call.
    pub fn take_receipts(&mut self) -> Vec<Receipt> {
        std::mem::take(&mut self.receipts)
    }

    /// Nothing more comes: stores the lanes that have not ended, too.
    pub fn finish(mut self) -> Vec<Receipt> {
        self.store_rest();
        self.take_receipts()
    }

    fn store_rest(&mut self) {
        for place in 0..self.lanes.len() {
            self.store(place);
        }
    }

    fn store(&mut self, place: usize) {
        let Some(lane) = self.lanes.get_mut(place).filter(|lane| !lane.is_stored) else {
            return;
        };
        lane.is_stored = true;
        lane.unwritten = None;
        let tape = std::mem::take(&mut lane.tape);
        if let Some(cell) = self.cell(place, tape) {
            let batch = Arc::clone(&self.keep.batch);
            self.receipts.push(self.keep.recorder.keep(batch, cell));
        }
    }

    fn cell(&self, place: usize, tape: Vec<u8>) -> Option<NewCell> {
        let (plan, state) = self.plans.get(place).zip(self.state.lanes.get(place))?;
        Some(NewCell {
            batch: self.keep.batch.head.id.clone(),
            run: BatchRun {
                head: self.head.clone(),
                prompt_id: None,
                repetition: 1,
                tags: Vec::new(),
            },
            run_position: self.position,
            lane_position: u64::try_from(place).unwrap_or(u64::MAX),
            started_at: self.head.started_at.clone(),
            record: CellRecord {
                lane: LaneRecord::new(plan, state),
                checks: Vec::new(),
            },
            judge_cost_usd: None,
            at_most_usd: 0.0,
            tape,
            is_same_attempt: true,
        })
    }
}

impl Drop for Keeping {
    fn drop(&mut self) {
        self.store_rest();
    }
}

#[cfg(test)]
mod tests;
