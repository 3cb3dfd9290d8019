//! The figures of all cells, by lane: everything that a report says is computed from them. Holds no answer.

use super::{
    asked,
    sharing::{Race, Share},
};
use crate::domain::{
    batch::{BatchRun, CellRecord},
    check::Verdict,
    record::{LaneRecord, LaneStatus},
    tier::Tier,
    usage::UsageSource,
};
use std::{
    collections::{BTreeSet, HashMap, HashSet},
    hash::{DefaultHasher, Hash, Hasher},
};

/// The figures of a selection of batches and runs.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Evidence {
    /// The lanes in the order in which they first came.
    pub lanes: Vec<LaneEvidence>,
    /// The prompts in the order in which they first came.
    pub prompts: Vec<Prompt>,
    /// Runs that were taken in.
    pub runs: u64,
    /// Lanes that were not the same model in all cells: their figures mix several.
    pub mixed: BTreeSet<String>,
    /// Local lanes that computed at the same time; none of these is a part of another one.
    pub races: Vec<Race>,
    /// Whether any cell has checks.
    has_checks: bool,
    places: HashMap<String, usize>,
    known: HashMap<(Option<String>, u64), usize>,
    marks: HashSet<u64>,
}

/// One prompt. Asked again, it is the same one; under the same id with another text, as in another suite, it is not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prompt {
    /// The case's id; `None` outside of a replay.
    pub id: Option<String>,
    /// What it is called: its id, or that of the first run that asked it.
    pub name: String,
    /// Stands for its text, the instructions and the conversation before it.
    pub digest: u64,
    /// Stands for it in [`LaneEvidence::asked`].
    pub(super) mark: u64,
    /// Whether it has checks; `None` while no lane has done it, for a cell that failed does not say.
    has_checks: Option<bool>,
}

/// One lane.
#[derive(Debug, Clone, PartialEq)]
pub struct LaneEvidence {
    /// Name.
    pub lane: String,
    /// Tier, where it is known.
    pub tier: Option<Tier>,
    /// Provider.
    pub provider: String,
    /// Model.
    pub model: String,
    /// `local` or `api`.
    pub access: String,
    /// The day of the prices, as the last cell has it.
    pub price_as_of: Option<String>,
    /// Its cells.
    pub cells: Vec<CellFigures>,
    /// The most prompts that it answered together, where it was more than one.
    pub sequences: Option<u32>,
    /// Cells that are done and have checks, and nobody can say whether they pass.
    pub unjudged: u64,
    /// What judging its answers cost; `None` where nothing was judged for money.
    pub judge_cost_usd: Option<f64>,
    /// A part of what judging its answers cost is not known.
    pub is_judge_cost_partial: bool,
}

/// The figures of one cell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CellFigures {
    /// The prompt's place in [`Evidence::prompts`].
    pub prompt: usize,
    /// Which run it belongs to, counted from 0 in the order in which they were taken in.
    pub run: usize,
    /// Counted from 1.
    pub repetition: u32,
    /// How it ended.
    pub status: LaneStatus,
    /// Whether its checks passed; `None` where there is none or it could not be judged.
    pub passed: Option<bool>,
    /// Times and counts, as the record has them.
    pub figures: RunFigures,
}

/// Times, counts and cost of a cell; `None` is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct RunFigures {
    /// To the first piece.
    pub ttft_ms: Option<f64>,
    /// To the first piece of the answer.
    pub ttfa_ms: Option<f64>,
    /// Thinking.
    pub thinking_ms: Option<f64>,
    /// To the last piece.
    pub e2e_ms: Option<f64>,
    /// Waiting for a turn, and for another attempt.
    pub queue_ms: Option<f64>,
    /// Decode rate.
    pub decode_tokens_per_sec: Option<f64>,
    /// Characters a second.
    pub chars_per_sec: Option<f64>,
    /// Prompt tokens.
    pub prompt_tokens: Option<u64>,
    /// Completion tokens, thinking included.
    pub completion_tokens: Option<u64>,
    /// Tokens of the thinking.
    pub reasoning_tokens: Option<u64>,
    /// Where the counts come from.
    pub source: Option<UsageSource>,
    /// US dollars.
    pub cost_usd: Option<f64>,
    /// It ended before anybody told what it cost, and may have cost something.
    pub is_cost_untold: bool,
}

impl RunFigures {
    /// As a record has them.
    pub fn of(record: &LaneRecord) -> Self {
        Self {
            ttft_ms: record.timing.ttft_ms,
            ttfa_ms: record.timing.ttfa_ms,
            thinking_ms: record.timing.thinking_ms,
            e2e_ms: record.timing.e2e_ms,
            queue_ms: record.timing.queue_ms,
            decode_tokens_per_sec: record.speed.decode_tokens_per_sec,
            chars_per_sec: record.speed.chars_per_sec,
            prompt_tokens: record.usage.prompt_tokens,
            completion_tokens: record.usage.completion_tokens,
            reasoning_tokens: record.usage.reasoning_tokens,
            source: record.usage.source,
            cost_usd: record.cost_usd,
            is_cost_untold: record.cost_usd.is_none() && is_untold(record),
        }
    }
}

/// Whether a cell that is not done had begun to be served. Whom the host refused, it charges nothing.
fn is_untold(record: &LaneRecord) -> bool {
    let timing = &record.timing;
    let has_begun = timing
        .connect_ms
        .or(timing.ttfb_ms)
        .or(timing.ttft_ms)
        .is_some();
    match (record.status, &record.error) {
        (LaneStatus::Done, _) => false,
        (LaneStatus::Failed, Some(failure)) => {
            failure.kind.is_untold() || has_begun && failure.status.is_none()
        }
        (LaneStatus::Failed | LaneStatus::Cancelled, _) => has_begun,
    }
}

impl Evidence {
    /// Takes in one cell of the run that has begun.
    pub fn add(&mut self, run: &BatchRun, cell: &CellRecord, judge_cost_usd: Option<f64>) {
        let prompt = self.prompt(run);
        let record = &cell.lane;
        if record.status == LaneStatus::Done {
            let has_checks = !cell.checks.is_empty();
            self.has_checks |= has_checks;
            if let Some(prompt) = self.prompts.get_mut(prompt) {
                *prompt.has_checks.get_or_insert(false) |= has_checks;
            }
        }
        let place = if let Some(place) = self.places.get(&record.lane) {
            *place
        } else {
            self.lanes.push(LaneEvidence::of(record));
            self.places
                .insert(record.lane.clone(), self.lanes.len() - 1);
            self.lanes.len() - 1
        };
        let Some(lane) = self.lanes.get_mut(place) else {
            return;
        };
        if lane.model != record.model || lane.provider != record.provider {
            self.mixed.insert(record.lane.clone());
        }
        lane.note(cell, judge_cost_usd);
        lane.cells.push(CellFigures {
            prompt,
            run: usize::try_from(self.runs.saturating_sub(1)).unwrap_or(usize::MAX),
            repetition: run.repetition,
            status: record.status,
            passed: cell.is_passed(),
            figures: RunFigures::of(record),
        });
    }

    /// A run begins, in which these lanes computed at the same time; its cells come next.
    pub fn begin_run(&mut self, race: Race) {
        self.runs += 1;
        if race.len() > 1 && !self.races.iter().any(|known| known.is_superset(&race)) {
            self.races.retain(|known| !known.is_subset(&race));
            self.races.push(race);
        }
    }

    fn prompt(&mut self, run: &BatchRun) -> usize {
        let digest = digest(run);
        let key = (run.prompt_id.clone(), digest);
        *self.known.entry(key).or_insert_with_key(|(id, digest)| {
            let name = id.clone().unwrap_or_else(|| run.head.id.0.clone());
            // As the totals know it, who see no text, unless another prompt has the same id.
            let named = asked::mark(&name);
            let is_first = self.marks.insert(named);
            let mark = if is_first { named } else { named ^ digest };
            self.prompts.push(Prompt {
                id: id.clone(),
                name,
                digest: *digest,
                mark,
                has_checks: None,
            });
            self.prompts.len() - 1
        })
    }

    /// Whether a cell of this prompt that failed counts as one that did not pass: where the prompt has checks, or nobody
    /// knows it, for no lane has done it, and others have.
    pub fn is_checked(&self, prompt: usize) -> bool {
        let prompt = self.prompts.get(prompt);
        let known = prompt.and_then(|prompt| prompt.has_checks);
        known.unwrap_or(self.has_checks)
    }

    /// The same of these prompts alone. Runs and races stay as they are.
    pub(super) fn only(&self, prompts: &BTreeSet<usize>) -> Self {
        let mut only = self.clone();
        for lane in &mut only.lanes {
            lane.cells.retain(|cell| prompts.contains(&cell.prompt));
            let unjudged = lane
                .done()
                .filter(|cell| cell.passed.is_none() && self.is_checked(cell.prompt));
            lane.unjudged = unjudged.count() as u64;
        }
        only
    }

    /// A lane by its name.
    pub fn lane(&self, name: &str) -> Option<&LaneEvidence> {
        self.places
            .get(name)
            .and_then(|place| self.lanes.get(*place))
    }
}

impl LaneEvidence {
    /// A lane that this is the first cell of; it holds no cell yet.
    pub(super) fn of(record: &LaneRecord) -> Self {
        Self {
            lane: record.lane.clone(),
            tier: record.tier,
            provider: record.provider.clone(),
            model: record.model.clone(),
            access: record.access.clone(),
            price_as_of: None,
            cells: Vec::new(),
            sequences: None,
            unjudged: 0,
            judge_cost_usd: None,
            is_judge_cost_partial: false,
        }
    }

    /// What a cell says about its lane.
    pub(super) fn note(&mut self, cell: &CellRecord, judge_cost_usd: Option<f64>) {
        self.price_as_of.clone_from(&cell.lane.price_as_of);
        if cell.lane.status == LaneStatus::Done {
            let sequences = cell.lane.server.sequences.filter(|many| *many > 1);
            self.sequences = self.sequences.max(sequences);
        }
        let is_unjudged = !cell.checks.is_empty() && cell.is_passed().is_none();
        self.unjudged += u64::from(is_unjudged && cell.lane.status == LaneStatus::Done);
        self.is_judge_cost_partial |= cell.checks.iter().any(Verdict::has_unknown_judging);
        if let Some(cost) = judge_cost_usd {
            *self.judge_cost_usd.get_or_insert(0.0) += cost;
        }
    }

    /// What of the machine it had.
    pub(super) fn share(&self, evidence: &Evidence) -> Share {
        Share::of(self.sequences, evidence.raced(&self.lane))
    }

    /// Its cells that are done: the only ones whose figures mean anything.
    pub fn done(&self) -> impl Iterator<Item = &CellFigures> {
        self.cells
            .iter()
            .filter(|cell| cell.status == LaneStatus::Done)
    }

    /// Each cell by its prompt, and whether it passed: an answer that never came has not. Those that were stopped are left
    /// out, and so are those that failed on a prompt without checks.
    pub fn outcomes<'a>(
        &'a self,
        evidence: &'a Evidence,
    ) -> impl Iterator<Item = (usize, Option<bool>)> + 'a {
        self.cells.iter().filter_map(|cell| match cell.status {
            LaneStatus::Done => Some((cell.prompt, cell.passed)),
            LaneStatus::Failed if evidence.is_checked(cell.prompt) => {
                Some((cell.prompt, Some(false)))
            }
            LaneStatus::Failed | LaneStatus::Cancelled => None,
        })
    }

    /// Whether a token count of a cell that is done is an estimate, and with it what is worked out from that.
    pub fn is_estimated(&self) -> bool {
        self.done()
            .any(|cell| cell.figures.source == Some(UsageSource::Estimated))
    }

    /// A figure of each cell that is done and has it.
    pub fn values(&self, of: fn(&RunFigures) -> Option<f64>) -> impl Iterator<Item = f64> {
        self.done().filter_map(move |cell| of(&cell.figures))
    }
}

/// The same within this process for the same text.
fn digest(run: &BatchRun) -> u64 {
    let prompt = &run.head.prompt;
    let mut hasher = DefaultHasher::new();
    prompt.system.hash(&mut hasher);
    for message in &prompt.earlier {
        message.content.hash(&mut hasher);
    }
    prompt.text.hash(&mut hasher);
    hasher.finish()
}
