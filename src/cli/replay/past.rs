//! The batch that a replay writes: a new one, or one that it goes on with. Asks nobody.

use super::{
    FailOn, ReplayArgs, Stage, closing_words,
    settings::{self, Keys},
};
use crate::{
    cli::{context::Context, history::refused},
    domain::{batch::BatchHead, plan::LaneSource, record::LaneStatus},
    failure::{CliError, Exit},
    history::{Claim, DoneCell, History, NewBatch, Opened, Recorder},
    run::{self, Lane},
};
use std::{collections::HashMap, path::PathBuf, thread};

/// The batch, and what of it is done.
pub(super) struct Past {
    /// The batch.
    pub(super) head: BatchHead,
    /// Cells there is nothing to do for: by run and by lane, run after run.
    pub(super) is_done: Vec<bool>,
    /// The file; `None` where nothing is kept.
    pub(super) file: Option<PathBuf>,
    /// What it has cost so far.
    pub(super) spent_usd: f64,
    /// Some of its cells are not there, and are not asked now either.
    pub(super) is_incomplete: bool,
    /// It was there before.
    is_continued: bool,
    done: Vec<DoneCell>,
    /// Kept until the end: nobody else works at this batch.
    #[allow(dead_code)] // it is only held
    claim: Option<Claim>,
}

impl Past {
    /// A batch that is not kept.
    pub(super) fn none(head: BatchHead, cells: usize) -> Self {
        Self {
            head,
            is_done: vec![false; cells],
            file: None,
            spent_usd: 0.0,
            is_incomplete: false,
            is_continued: false,
            done: Vec::new(),
            claim: None,
        }
    }

    /// Begins a batch in the history, or finds the one to go on with.
    pub(super) fn open(
        context: &Context,
        args: &ReplayArgs,
        head: BatchHead,
        keys: Keys,
        stage: &Stage,
    ) -> Result<Self, CliError> {
        let Stage { runs, lanes, .. } = stage;
        let keep_days = stage.settings.history.keep_days;
        let path = context.places()?.history_file;
        let Opened {
            mut history,
            notices,
        } = History::open(&path).map_err(|error| refused(&error))?;
        context.warn(&notices);
        forget_old(context, &mut history, keep_days);
        let cells = runs.len() * lanes.len();
        let wants_old = args.resume || args.retry_failed;
        let old = if wants_old {
            let found = if args.retry_failed {
                history.latest_with(&keys.own)
            } else {
                history.resumable(&keys.own)
            };
            found.map_err(|error| refused(&error))?
        } else {
            None
        };
        let mut past = Self {
            file: Some(path),
            ..Self::none(head, cells)
        };
        let Some((id, is_over)) = old else {
            if args.retry_failed {
                return Err(CliError::failed("there is no batch of this suite, with these lanes and settings, to try again")
                    .hint("`tierscope history` lists the batches; a change of the suite, of a lane or of an option makes another batch"));
            }
            if args.resume {
                context.say("There is no batch of this suite, with these lanes and settings, to continue: a new one begins.");
            }
            history
                .begin_batch(&NewBatch {
                    head: past.head.clone(),
                    fingerprint: Some(keys.own),
                    part: keys.part,
                    planned: Some(cells as u64),
                })
                .map_err(|error| refused(&error))?;
            past.claim_and_hash(&history, lanes)?;
            return Ok(past);
        };
        past.spent_usd = history.spent_usd(&id).map_err(|error| refused(&error))?;
        past.head = history.batch(&id).map_err(|error| refused(&error))?;
        past.is_continued = true;
        past.claim_and_hash(&history, lanes)?;
        past.done = history.done(&id).map_err(|error| refused(&error))?;
        past.mark_done(args, stage);
        if past.is_done.iter().any(|is_done| !is_done) && is_over {
            history
                .end_batch(&id, None)
                .map_err(|error| refused(&error))?;
        }
        Ok(past)
    }

    fn mark_done(&mut self, args: &ReplayArgs, stage: &Stage) {
        let Stage {
            suite, runs, lanes, ..
        } = stage;
        let there: HashMap<(&str, u32, &str), LaneStatus> = self
            .done
            .iter()
            .map(|cell| {
                (
                    (cell.prompt_id.as_str(), cell.repetition, cell.lane.as_str()),
                    cell.status,
                )
            })
            .collect();
        let is_done = |status: Option<&LaneStatus>| match (status, args.retry_failed) {
            (Some(LaneStatus::Done), _) | (Some(LaneStatus::Failed), false) => true,
            (Some(LaneStatus::Failed), true) => false,
            // Only what failed is tried again, not what was never done.
            (Some(LaneStatus::Cancelled) | None, retry) => retry,
        };
        let is_there = |status: Option<&LaneStatus>| {
            matches!(status, Some(LaneStatus::Done | LaneStatus::Failed))
        };
        let mut is_incomplete = false;
        let mut marks = Vec::with_capacity(self.is_done.len());
        for (case, repetition) in runs {
            let id = suite.cases.get(*case).map_or("", |case| case.id.as_str());
            for lane in lanes {
                let status = there.get(&(id, *repetition, lane.plan.name.as_str()));
                marks.push(is_done(status));
                is_incomplete |= args.retry_failed && !is_there(status);
            }
        }
        self.is_incomplete = is_incomplete;
        self.is_done = marks;
    }

    /// Where all is done: says so, and gives the status that the batch ended with.
    pub(super) fn is_over(
        &self,
        context: &Context,
        args: &ReplayArgs,
    ) -> Result<Option<Exit>, CliError> {
        if !self.is_continued || self.is_done.iter().any(|is_done| !is_done) {
            if self.is_continued {
                let left = self.is_done.iter().filter(|is_done| !**is_done).count();
                context.say(&format!(
                    "Batch {} goes on: {} of {} cells are left.",
                    self.head.id,
                    left,
                    self.is_done.len()
                ));
            }
            return Ok(None);
        }
        let failed = self
            .done
            .iter()
            .filter(|cell| cell.status == LaneStatus::Failed)
            .count();
        let what = if args.retry_failed {
            "nothing failed"
        } else {
            "all of it is done"
        };
        context.say(&format!(
            "Batch {}: {what}, {} cells, {failed} failed. Nothing was sent.",
            self.head.id,
            self.done.len()
        ));
        if self.is_incomplete {
            context.say("Some of its cells were never asked: --resume goes on with them.");
        } else {
            self.end()?;
        }
        let is_bad = failed > 0
            || match args.fail_on {
                Some(FailOn::Checks) => closing_words::has_shortfall(context, self)?,
                Some(FailOn::Regressions) => closing_words::has_regressed(context, self)?,
                None => false,
            };
        Ok(Some(if is_bad {
            Exit::LaneFailed
        } else {
            Exit::Success
        }))
    }

    /// The way into the history.
    pub(super) fn recorder(&self) -> Result<Option<Recorder>, CliError> {
        let Some(path) = &self.file else {
            return Ok(None);
        };
        let opened = History::open(path).map_err(|error| refused(&error))?;
        Recorder::start(opened.history)
            .map(Some)
            .map_err(|error| CliError::failed("cannot start the history's thread").caused_by(error))
    }

    /// Says that the batch is over.
    pub(super) fn end(&self) -> Result<(), CliError> {
        if let Some(path) = &self.file {
            let opened = History::open(path).map_err(|error| refused(&error))?;
            opened
                .history
                .end_batch(&self.head.id, Some(&run::now()))
                .map_err(|error| refused(&error))?;
        }
        Ok(())
    }

    /// Keeps others out, and has the model files hashed beside the work.
    fn claim_and_hash(&mut self, history: &History, lanes: &[Lane]) -> Result<(), CliError> {
        self.claim = Some(
            history
                .claim(&self.head.id)
                .map_err(|error| refused(&error))?,
        );
        let files: Vec<(String, PathBuf)> = lanes
            .iter()
            .filter_map(|lane| match &lane.plan.source {
                LaneSource::Local(local) => Some((lane.plan.name.clone(), local.path.clone())),
                LaneSource::Remote(_) | LaneSource::Tape(_) | LaneSource::Played(_) => None,
            })
            .collect();
        if self.is_continued || files.is_empty() {
            return Ok(());
        }
        let (path, id, how) = (
            history.path().to_owned(),
            self.head.id.clone(),
            self.head.settings.clone(),
        );
        let hash = move || {
            let how = settings::with_hashes(how, &files);
            if let Ok(opened) = History::open(&path) {
                let _ = opened.history.set_settings(&id, &how);
            }
        };
        // Without it the batch is as good; only its settings say less.
        let _ = thread::Builder::new().name("hashes".to_owned()).spawn(hash);
        Ok(())
    }
}

/// Takes away what is older than the person wants it kept.
fn forget_old(context: &Context, history: &mut History, keep_days: Option<u32>) {
    match history.forget(keep_days) {
        Ok(0) => {}
        Ok(gone) => context.say(&format!(
            "{gone} batches older than the history is to be kept were taken out of it."
        )),
        Err(error) => context.warn(&[error.to_string()]),
    }
}
