//! A batch held against an earlier one of the same suite, prompt by prompt and lane by lane.

use super::Paired;
use crate::{
    domain::record::LaneStatus,
    report::evidence::{Evidence, LaneEvidence},
};
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};

/// What became of a batch's prompts since an earlier one.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BatchComparison {
    /// The earlier batch.
    pub before: String,
    /// The later batch.
    pub now: String,
    /// Prompts of both.
    pub prompts: u64,
    /// Those of them that are asked with another text, or other instructions, now.
    pub changed_prompts: u64,
    /// Prompts of the earlier batch alone.
    pub prompts_only_before: u64,
    /// Prompts of the later batch alone.
    pub prompts_only_now: u64,
    /// Lanes of the earlier batch alone.
    pub lanes_only_before: Vec<String>,
    /// Lanes of the later batch alone.
    pub lanes_only_now: Vec<String>,
    /// The lanes of both: the later batch's figures to those of the earlier one.
    pub lanes: Vec<LaneChange>,
    /// Regressions, then new failures, then what is mended; each in the order of the lanes and prompts.
    pub changes: Vec<Change>,
}

/// One lane, now to before.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LaneChange {
    /// The lane.
    pub lane: String,
    /// Its figures now to those before.
    #[serde(flatten)]
    pub paired: Paired,
}

/// One prompt at one lane that is not what it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// What became of it.
    pub kind: ChangeKind,
    /// The lane.
    pub lane: String,
    /// The prompt's id.
    pub prompt: String,
    /// How it stood before; `None` where it was not there.
    pub before: Option<Standing>,
    /// How it stands now.
    pub now: Standing,
}

/// What became of a prompt at a lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// It passed before, and does not now.
    Regression,
    /// It does not pass, or the lane fails, and before it was not there or nobody could say.
    NewFailure,
    /// It did not pass, or the lane failed, and now it is well.
    Fixed,
}

/// How the repetitions of a prompt at a lane came out; those that were stopped are not among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Standing {
    /// Checks passed.
    pub passed: u32,
    /// Checks did not pass.
    pub not_passed: u32,
    /// The lane failed.
    pub failed: u32,
    /// Done, and nobody could judge it.
    pub unjudged: u32,
}

/// How a standing is summed up: by more than half of what can be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Good,
    Bad,
    Open,
}

impl Standing {
    /// Repetitions in it.
    pub const fn cells(self) -> u32 {
        self.passed + self.not_passed + self.failed + self.unjudged
    }

    fn verdict(self) -> Verdict {
        let bad = self.not_passed + self.failed;
        if self.passed + bad == 0 {
            Verdict::Open
        } else if self.passed > bad {
            Verdict::Good
        } else if self.passed == 0 && self.unjudged > bad {
            Verdict::Open
        } else {
            Verdict::Bad
        }
    }

    /// In words: `passed`, `not passed`, `failed`, `2 of 3 passed`.
    pub fn words(self) -> String {
        let cells = self.cells();
        if cells == self.unjudged {
            "not judged".to_owned()
        } else if cells == self.passed {
            "passed".to_owned()
        } else if cells == self.failed {
            "failed".to_owned()
        } else if cells == self.not_passed {
            "not passed".to_owned()
        } else {
            format!("{} of {cells} passed", self.passed)
        }
    }
}

impl ChangeKind {
    /// All, the worst first.
    pub const ALL: [Self; 3] = [Self::Regression, Self::NewFailure, Self::Fixed];

    /// What a list of them is called.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Regression => "Regressions",
            Self::NewFailure => "New failures",
            Self::Fixed => "Fixed",
        }
    }

    fn of(before: Option<Standing>, now: Standing) -> Option<Self> {
        let was = before.map_or(Verdict::Open, Standing::verdict);
        match (was, now.verdict()) {
            (Verdict::Good, Verdict::Bad) => Some(Self::Regression),
            (Verdict::Open, Verdict::Bad) => Some(Self::NewFailure),
            (Verdict::Bad, Verdict::Good) => Some(Self::Fixed),
            // A lane that failed and does not any more is mended, even where nothing is checked.
            (Verdict::Bad, Verdict::Open)
                if before.is_some_and(|was| was.failed > 0) && now.cells() > 0 =>
            {
                Some(Self::Fixed)
            }
            _ => None,
        }
    }
}

impl BatchComparison {
    /// Holds the cells of a batch against those of an earlier one. Prompts are the same where their ids are, and without
    /// ids where their texts are.
    pub fn of(before: (&str, &Evidence), now: (&str, &Evidence)) -> Self {
        let places = Places::of(before.1);
        let find = |place| places.find(now.1, place);
        let matched: Vec<_> = (0..now.1.prompts.len()).map(find).collect();
        Self::matched(before, now, &matched)
    }

    /// The same with a batch of another suite, whose ids may mean other prompts: only those with the same text are the same.
    pub fn of_other_suites(before: (&str, &Evidence), now: (&str, &Evidence)) -> Self {
        let places = Places::of(before.1);
        let find = |place: usize| {
            let digest = now.1.prompts.get(place)?.digest;
            let found = places.find(now.1, place)?;
            let old = before.1.prompts.get(found)?;
            (old.digest == digest).then_some(found)
        };
        let matched: Vec<_> = (0..now.1.prompts.len()).map(find).collect();
        Self::matched(before, now, &matched)
    }

    /// With the earlier place of each later prompt.
    fn matched(
        (before, old): (&str, &Evidence),
        (now, new): (&str, &Evidence),
        matched: &[Option<usize>],
    ) -> Self {
        let both = matched.iter().flatten().count() as u64;
        let changed = matched
            .iter()
            .zip(&new.prompts)
            .filter(|(old_place, prompt)| {
                let old_prompt = old_place.and_then(|place| old.prompts.get(place));
                old_prompt.is_some_and(|old| old.digest != prompt.digest)
            });
        let missing = |lanes: &Evidence, from: &Evidence| -> Vec<String> {
            let names = lanes.lanes.iter().map(|lane| lane.lane.clone());
            names.filter(|name| from.lane(name).is_none()).collect()
        };
        let mut comparison = Self {
            before: before.to_owned(),
            now: now.to_owned(),
            prompts: both,
            changed_prompts: changed.count() as u64,
            prompts_only_before: (old.prompts.len() as u64).saturating_sub(both),
            prompts_only_now: new.prompts.len() as u64 - both,
            lanes_only_before: missing(old, new),
            lanes_only_now: missing(new, old),
            lanes: Vec::new(),
            changes: Vec::new(),
        };
        for lane in &new.lanes {
            let was = old.lane(&lane.lane);
            let place = |prompt: usize| matched.get(prompt).copied().flatten();
            // What a new lane does not pass is no news about the old ones.
            if let Some(was) = was {
                comparison.lanes.push(LaneChange {
                    lane: lane.lane.clone(),
                    paired: Paired::of((lane, new), (was, old), place),
                });
                comparison.compare_lane(lane, was, new, place);
            }
        }
        comparison.changes.sort_by_key(|change| change.kind);
        comparison
    }

    fn compare_lane(
        &mut self,
        lane: &LaneEvidence,
        was: &LaneEvidence,
        new: &Evidence,
        place: impl Fn(usize) -> Option<usize>,
    ) {
        let old = standings(was);
        for (prompt, now) in standings(lane) {
            let before = place(prompt).and_then(|place| old.get(&place)).copied();
            if let Some(kind) = ChangeKind::of(before, now) {
                self.changes.push(Change {
                    kind,
                    lane: lane.lane.clone(),
                    prompt: new
                        .prompts
                        .get(prompt)
                        .map(|prompt| prompt.name.clone())
                        .unwrap_or_default(),
                    before,
                    now,
                });
            }
        }
    }

    /// The changes of a kind.
    pub fn of_kind(&self, kind: ChangeKind) -> impl Iterator<Item = &Change> {
        self.changes
            .iter()
            .filter(move |change| change.kind == kind)
    }

    /// Whether something passed before and does not now.
    pub fn has_regressions(&self) -> bool {
        self.of_kind(ChangeKind::Regression).next().is_some()
    }
}

/// Where the prompts of the earlier batch are.
struct Places<'a> {
    by_id: HashMap<&'a str, usize>,
    by_text: HashMap<u64, usize>,
}

impl<'a> Places<'a> {
    fn of(evidence: &'a Evidence) -> Self {
        let mut places = Self {
            by_id: HashMap::new(),
            by_text: HashMap::new(),
        };
        for (place, prompt) in evidence.prompts.iter().enumerate() {
            match &prompt.id {
                Some(id) => places.by_id.insert(id, place),
                None => places.by_text.insert(prompt.digest, place),
            };
        }
        places
    }

    fn find(&self, evidence: &Evidence, place: usize) -> Option<usize> {
        let prompt = evidence.prompts.get(place)?;
        match &prompt.id {
            Some(id) => self.by_id.get(id.as_str()),
            None => self.by_text.get(&prompt.digest),
        }
        .copied()
    }
}

fn standings(lane: &LaneEvidence) -> BTreeMap<usize, Standing> {
    let mut standings: BTreeMap<usize, Standing> = BTreeMap::new();
    for cell in &lane.cells {
        let count = |standing: &mut Standing| match (cell.status, cell.passed) {
            (LaneStatus::Done, Some(true)) => standing.passed += 1,
            (LaneStatus::Done, Some(false)) => standing.not_passed += 1,
            (LaneStatus::Done, None) => standing.unjudged += 1,
            (LaneStatus::Failed, _) => standing.failed += 1,
            (LaneStatus::Cancelled, _) => {}
        };
        count(standings.entry(cell.prompt).or_default());
    }
    standings.retain(|_, standing| standing.cells() > 0);
    standings
}
