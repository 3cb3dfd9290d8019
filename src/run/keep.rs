//! Keeps runs: folds the events of a run beside its face, and hands the cells to the history when the run is over. Shows
//! nothing.

use crate::{
    domain::{
        batch::{BatchHead, BatchKind, BatchRun, CellRecord},
        event::LaneEvent,
        forecast,
        id::BatchId,
        plan::LanePlan,
        record::{LaneRecord, RunHead},
        run::RunState,
        tape::TapeLine,
    },
    history::{HistoryError, NewBatch, NewCell, Recorder},
};
use serde_json::Value;
use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

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
            tapes: vec![Vec::new(); plans.len()],
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
}

/// A run that is kept when it is over.
#[derive(Debug)]
pub struct Keeping {
    keep: Keep,
    head: RunHead,
    plans: Vec<Arc<LanePlan>>,
    state: RunState,
    tapes: Vec<Vec<u8>>,
    position: u64,
}

impl Keeping {
    /// Takes an event of the run.
    pub fn apply(&mut self, event: &LaneEvent) {
        self.state.apply(event);
        let Some((plan, tape)) = self
            .plans
            .get(event.lane.0)
            .zip(self.tapes.get_mut(event.lane.0))
        else {
            return;
        };
        let line = TapeLine {
            lane: plan.name.clone(),
            at_us: u64::try_from(event.at.as_micros()).unwrap_or(u64::MAX),
            event: event.kind.clone(),
        };
        // Into memory nothing fails.
        if serde_json::to_writer(&mut *tape, &line).is_ok() {
            tape.push(b'\n');
        }
    }

    /// Stores all its cells; ready when they are on the disk.
    ///
    /// # Errors
    /// The history cannot be written.
    pub async fn store(self) -> Result<(), HistoryError> {
        let recorder = &self.keep.recorder;
        recorder
            .begin(Arc::clone(&self.keep.batch))
            .await
            .unwrap_or(Ok(()))?;
        let run = BatchRun {
            head: self.head,
            prompt_id: None,
            repetition: 1,
            tags: Vec::new(),
        };
        let lanes = self.plans.iter().zip(&self.state.lanes).zip(self.tapes);
        for (lane_position, ((plan, state), tape)) in (0..).zip(lanes) {
            let cell = NewCell {
                batch: self.keep.batch.head.id.clone(),
                run: run.clone(),
                run_position: self.position,
                lane_position,
                started_at: run.head.started_at.clone(),
                record: CellRecord {
                    lane: LaneRecord::new(plan, state),
                    checks: Vec::new(),
                },
                judge_cost_usd: None,
                at_most_usd: 0.0,
                tape,
            };
            recorder
                .store(cell)
                .await
                .unwrap_or_else(|| Ok(run.head.id.clone()))?;
        }
        Ok(())
    }
}
