//! The batch that a replay writes: a new one, or one that it goes on with. Asks nobody.

use super::{
    FailOn, ReplayArgs, Stage, aside, budget, closing_words, differences,
    known::{Known, Untold},
    settings::{self, Keys},
};
use crate::{
    cli::{
        context::Context,
        history::{refused, removal},
    },
    domain::{
        batch::BatchHead, forecast::Forecast, id::BatchId, plan::LaneSource, record::LaneStatus,
        wording::plural,
    },
    failure::{CliError, Exit},
    headless::replay::Marks,
    history::{Claim, DoneCell, History, HistoryError, NewBatch, Opened, Recorder},
    run::{self, Lane},
    spool::SpoolError,
};
use std::{path::PathBuf, thread};

/// The batch, and what of it is done.
pub(super) struct Past {
    /// The batch.
    pub(super) head: BatchHead,
    /// Cells there is nothing to do for.
    pub(super) is_done: Marks,
    /// The file; `None` where nothing is kept.
    pub(super) file: Option<PathBuf>,
    /// What it has cost so far; what nobody told the cost of counts with the most that it may be.
    pub(super) spent_usd: f64,
    /// Some of its cells are not there, and are not asked now either.
    pub(super) is_incomplete: bool,
    /// Prompts are asked several times.
    pub(super) is_repeated: bool,
    /// Answers that were judged now and had not been before.
    pub(super) judged: usize,
    /// It was there before.
    is_continued: bool,
    /// Cells that were there, and those of them that failed.
    there: u64,
    failed: u64,
    /// Kept until the end: nobody else works at this batch.
    #[allow(dead_code)] // it is only held
    claim: Option<Claim>,
}

impl Past {
    /// A batch that is not kept.
    pub(super) fn none(head: BatchHead, stage: &Stage) -> Self {
        Self {
            head,
            is_done: Marks::none(stage.runs.len(), stage.lanes.len()),
            file: None,
            spent_usd: 0.0,
            is_incomplete: false,
            is_repeated: stage.runs.is_repeated(),
            judged: 0,
            is_continued: false,
            there: 0,
            failed: 0,
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
        let lanes = &stage.lanes;
        let keep_days = stage.settings.history.keep_days;
        let path = context.places()?.history_file;
        let Opened {
            mut history,
            notices,
        } = History::open(&path).map_err(|error| refused(&error))?;
        context.warn(&notices);
        forget_old(context, &mut history, keep_days);
        let wants_old = args.resume || args.retry_failed;
        if wants_old && keys.part.is_none() {
            // Parts that were done apart count as the whole.
            history.join().map_err(|error| refused(&error))?;
        }
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
            ..Self::none(head, stage)
        };
        let Some((id, _)) = old else {
            past.tell_of_none(context, args, &history)?;
            // First, so that nobody takes it away in between.
            past.claim(&history)?;
            history
                .begin_batch(&NewBatch {
                    head: past.head.clone(),
                    fingerprint: Some(keys.own),
                    part: keys.part,
                    planned: Some(past.is_done.len() as u64),
                })
                .map_err(|error| refused(&error))?;
            past.hash(&history, lanes);
            return Ok(past);
        };
        past.head.id = id.clone();
        past.claim(&history)?;
        past.spent_usd = history.spent_usd(&id).map_err(|error| refused(&error))?;
        past.head = history.batch(&id).map_err(|error| refused(&error))?;
        past.is_continued = true;
        past.mark_done(args, stage, &history, &id)?;
        if args.resume && keys.part.is_none() {
            past.take_missing_parts(context, &history, &keys.own)?;
        }
        if past.is_done.count() < past.is_done.len() {
            // It is over no more. This writes in any case: what cannot keep an answer is to say so before one is paid for.
            history
                .end_batch(&id, None)
                .map_err(|error| refused(&error))?;
        }
        Ok(past)
    }

    /// No batch fits: says why the latest of the same suite does not, before anything is paid for anew.
    fn tell_of_none(
        &self,
        context: &Context,
        args: &ReplayArgs,
        history: &History,
    ) -> Result<(), CliError> {
        if !args.resume && !args.retry_failed {
            return Ok(());
        }
        let suite = self.head.suite.as_deref().unwrap_or_default();
        let other = history
            .latest_of_suite(suite)
            .map_err(|error| refused(&error))?;
        let why = other.map(|(id, settings)| {
            let what = differences::words(&self.head.settings, &settings);
            format!("batch {id} of the same suite has others: {what}")
        });
        if args.retry_failed {
            let none = CliError::failed(
                "there is no batch of this suite, with these lanes and settings, to try again",
            );
            return Err(why.into_iter().fold(none, CliError::hint)
                .hint("`tierscope history` lists the batches; a change of the suite, of a lane or of an option makes another batch"));
        }
        context.say("There is no batch of this suite, with these lanes and settings, to continue: a new one begins.");
        context.warn(&why.into_iter().collect::<Vec<_>>());
        Ok(())
    }

    /// Marks what of the batch there is nothing to do for. The history tells of its cells in the order in which they are
    /// asked, but for what other machines did: so the run that a cell belongs to is near, and found without a list of all.
    fn mark_done(
        &mut self,
        args: &ReplayArgs,
        stage: &Stage,
        history: &History,
        id: &BatchId,
    ) -> Result<(), CliError> {
        let (runs, lanes) = (stage.runs.len(), stage.lanes.len());
        let mut there = Marks::none(runs, lanes);
        // Only what failed is tried again, not what was never done.
        let mut is_left = Marks::none(runs, lanes);
        let mut known = Known::of(stage).map_err(aside)?;
        let mark = |cell: DoneCell| -> Result<(), Untold> {
            self.there += 1;
            self.failed += u64::from(cell.status == LaneStatus::Failed);
            let lane = stage
                .lanes
                .iter()
                .position(|lane| lane.plan.name == cell.lane);
            let run = known.run(&cell.prompt_id, cell.repetition)?;
            if let (Some(run), Some(lane)) = (run, lane) {
                if cell.is_lost {
                    self.spent_usd += most_of(args, stage, run, lane)?;
                }
                match cell.status {
                    LaneStatus::Done => there.set(run, lane, true),
                    LaneStatus::Failed => {
                        there.set(run, lane, true);
                        is_left.set(run, lane, args.retry_failed);
                    }
                    LaneStatus::Cancelled => {}
                }
            }
            Ok(())
        };
        history.each_done(id, mark).map_err(Untold::into_error)?;
        self.is_incomplete = args.retry_failed && there.count() < there.len();
        for run in 0..runs {
            for lane in 0..lanes {
                let is_there = there.has(run, lane) == Some(true);
                let is_done = if args.retry_failed {
                    is_left.has(run, lane) == Some(false)
                } else {
                    is_there
                };
                self.is_done.set(run, lane, is_done);
            }
        }
        Ok(())
    }

    /// Whether it may hold answers that were not judged, and there are judges.
    pub(super) fn may_be_judged(&self, stage: &Stage) -> bool {
        self.is_continued && !stage.judges.is_empty()
    }

    /// Where all is done: says so, and gives the status that the batch ended with.
    pub(super) fn is_over(
        &self,
        context: &Context,
        args: &ReplayArgs,
    ) -> Result<Option<Exit>, CliError> {
        let left = self.is_done.len() - self.is_done.count();
        if !self.is_continued || left > 0 {
            if self.is_continued {
                context.say(&format!(
                    "Batch {} goes on: {left} of {} {} left.",
                    self.head.id,
                    budget::counted(self.is_done.len(), "cell"),
                    if left == 1 { "is" } else { "are" }
                ));
            }
            return Ok(None);
        }
        let failed = self.failed;
        let what = if args.retry_failed {
            "nothing failed"
        } else {
            "all of it is done"
        };
        let sent = if self.judged > 0 {
            "No lane was asked for an answer."
        } else {
            "Nothing was sent."
        };
        context.say(&format!(
            "Batch {}: {what}, {}, {failed} failed. {sent}",
            self.head.id,
            budget::counted(usize::try_from(self.there).unwrap_or(usize::MAX), "cell")
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

    /// An error where somebody took the batch out of the history meanwhile.
    pub(super) fn must_be_there(&self) -> Result<(), CliError> {
        let Some(path) = self.file.as_ref().filter(|path| path.exists()) else {
            return Ok(());
        };
        let history = History::open_to_read(path).map_err(|error| refused(&error))?;
        match history.batch(&self.head.id) {
            Ok(_) => Ok(()),
            Err(HistoryError::NoSuch(id)) => Err(refused(&HistoryError::Gone(id))
                .hint("nothing of it is kept, and there is no report of it")),
            Err(error) => Err(refused(&error)),
        }
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

    /// Where parts of the whole are missing: says so, and that their prompts are asked here.
    fn take_missing_parts(
        &self,
        context: &Context,
        history: &History,
        fingerprint: &str,
    ) -> Result<(), CliError> {
        let id = &self.head.id;
        let missing = history.missing_parts(id).map_err(|error| refused(&error))?;
        let Some(missing) = missing else {
            return Ok(());
        };
        if self.is_done.count() < self.is_done.len() {
            context.say(&format!(
                "Batch {id} is of parts, and {missing}: their prompts are asked now."
            ));
        }
        history
            .make_whole(id, fingerprint, self.is_done.len() as u64)
            .map_err(|error| refused(&error))
    }

    /// Keeps others out.
    fn claim(&mut self, history: &History) -> Result<(), CliError> {
        let claim = history.claim(&self.head.id);
        self.claim = Some(claim.map_err(|error| refused(&error))?);
        Ok(())
    }

    /// Has the model files hashed beside the work.
    fn hash(&self, history: &History, lanes: &[Lane]) {
        let files: Vec<(String, PathBuf)> = lanes
            .iter()
            .filter_map(|lane| match &lane.plan.source {
                LaneSource::Local(local) => Some((lane.plan.name.clone(), local.path.clone())),
                LaneSource::Remote(_) | LaneSource::Tape(_) | LaneSource::Played(_) => None,
            })
            .collect();
        if files.is_empty() {
            return;
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
    }
}

/// The most that a cell may have cost which nobody told the cost of, without its judging; nothing where it has no price.
fn most_of(args: &ReplayArgs, stage: &Stage, run: usize, lane: usize) -> Result<f64, SpoolError> {
    let case = stage
        .runs
        .run(run)
        .map(|(case, _)| stage.suite.cases.case(case));
    let case = case.transpose()?.flatten();
    let most = case
        .zip(stage.lanes.get(lane))
        .map(|(case, lane)| budget::asking(args, &lane.plan, &case).most());
    Ok(match most {
        Some(Forecast::AtMost(cost)) => cost,
        Some(Forecast::Free | Forecast::Unknown) | None => 0.0,
    })
}

/// Takes away what is older than the person wants it kept.
fn forget_old(context: &Context, history: &mut History, keep_days: Option<u32>) {
    match history.forget(keep_days) {
        Ok(removed) if removed.batches > 0 => context.say(&format!(
            "{} older than the history is to be kept {} taken out of it{}.",
            plural(removed.batches as u64, "batch", "batches"),
            if removed.batches == 1 { "was" } else { "were" },
            removal::space(&removed)
        )),
        Ok(_) => {}
        Err(error) => context.warn(&[error.to_string()]),
    }
}
