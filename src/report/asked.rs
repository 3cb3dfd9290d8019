//! Whether lanes were asked the same prompts: only such lanes are ranked. Compares what was asked, not what came of it.

use super::{
    evidence::{Evidence, LaneEvidence},
    quoted,
    summary::LaneSummary,
    words,
};
use std::{
    collections::BTreeSet,
    hash::{DefaultHasher, Hash, Hasher},
};

/// A lane of whose answers fewer than this part of the most that another one has were judged is not ranked with it.
const LEAST_JUDGED_SHARE: f64 = 0.9;

/// Stands for a prompt by its name; the same within this process.
pub(super) fn mark(name: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    hasher.finish()
}

/// Stands for a set of prompts, in whatever order they come: a prompt more.
pub(super) const fn with(set: u64, mark: u64) -> u64 {
    set.wrapping_add(mark)
}

impl LaneEvidence {
    /// The prompts that it was asked.
    fn prompts(&self) -> BTreeSet<usize> {
        self.cells.iter().map(|cell| cell.prompt).collect()
    }

    /// Stands for them.
    pub(super) fn asked(&self, evidence: &Evidence) -> u64 {
        let prompts = self.prompts();
        let prompts = prompts
            .iter()
            .filter_map(|prompt| evidence.prompts.get(*prompt));
        prompts.fold(0, |set, prompt| with(set, prompt.mark))
    }
}

/// Whether all of them were asked the same.
pub(super) fn is_same<'a>(lanes: impl IntoIterator<Item = &'a LaneSummary>) -> bool {
    let mut lanes = lanes.into_iter();
    let first = lanes.next();
    lanes.all(|lane| first.is_none_or(|first| first.asked == lane.asked))
}

/// The lanes among these that can be ranked, because they were asked the same and, where answers were judged, about as many of
/// them were: the largest such group. None where every lane was asked something else.
pub(super) fn comparable<'a>(lanes: &[&'a LaneSummary]) -> Vec<&'a LaneSummary> {
    let group = |of: &LaneSummary| -> Vec<&'a LaneSummary> {
        let same = || lanes.iter().filter(|lane| lane.asked == of.asked);
        let most = same().map(|lane| lane.checks.counted()).max().unwrap_or(0);
        same()
            .filter(|lane| lane.checks.counted() as f64 >= most as f64 * LEAST_JUDGED_SHARE)
            .copied()
            .collect()
    };
    let groups = lanes.iter().map(|lane| group(lane));
    // Of equally many lanes the first ones.
    let largest = groups.reduce(|best, next| if next.len() > best.len() { next } else { best });
    let largest = largest.unwrap_or_default();
    if largest.len() == 1 && lanes.len() > 1 {
        Vec::new()
    } else {
        largest
    }
}

/// Names in a sentence: `a`, `b` and `c`.
pub(super) fn names(lanes: &[&LaneSummary]) -> String {
    let names: Vec<String> = lanes.iter().map(|lane| quoted(&lane.lane)).collect();
    match names.as_slice() {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// Lanes that are no worse than the one that was just named.
pub(super) fn beside(equal: &[&LaneSummary]) -> String {
    if equal.is_empty() {
        String::new()
    } else {
        format!(", with {},", names(equal))
    }
}

/// The same evidence without the prompts that not every lane was asked, and what is to be said of that. `None` where all were
/// asked the same, or less than half of what some lane was asked is common.
pub(super) fn common(evidence: &Evidence) -> Option<(Evidence, String)> {
    let sets: Vec<BTreeSet<usize>> = evidence.lanes.iter().map(LaneEvidence::prompts).collect();
    let common = sets.iter().cloned().reduce(|all, set| &all & &set)?;
    let is_most = |set: &BTreeSet<usize>| common.len() * 2 >= set.len();
    if common.is_empty() || sets.iter().all(|set| *set == common) || !sets.iter().all(is_most) {
        return None;
    }
    let said = format!(
        "By the {} that all lanes were asked: ",
        words::counted(common.len() as u64, "prompt", "prompts")
    );
    Some((evidence.only(&common), said))
}

#[cfg(test)]
mod tests {
    use crate::report::{
        Choice, Findings, Wishes,
        sentence::{best_lane, summary},
        tests::made::{Made, cell, evidence, run, runs},
    };

    fn sentence(made: &[Made]) -> String {
        Findings::new(Vec::new(), evidence(made), &Wishes::default()).sentence
    }

    /// Runs of one lane at prompts of their own.
    fn elsewhere(lane: &str, name: &str, prompts: u32, passes: u32) -> Vec<Made> {
        let made = (0..prompts).map(|at| {
            let cells = vec![cell(lane, Some(at < passes), 100.0, Some(0.001))];
            (run(&format!("{name}{at}"), 1), cells)
        });
        made.collect()
    }

    #[test]
    fn lanes_on_other_prompts_are_not_ranked() {
        let made = [elsewhere("a", "x", 10, 10), elsewhere("b", "y", 10, 7)].concat();
        assert_eq!(
            sentence(&made),
            "The lanes were not judged on the same prompts, so none is ranked: `a` passes 100 % [72, 100] of 10, `b` 70 % \
             [40, 89] of 10."
        );
        assert_eq!(best_lane(&evidence(&made).summaries()), None);
        let choice = Choice::of(&"cost<1".parse().unwrap(), &evidence(&made));
        assert_eq!(choice.chosen, None);
        assert_eq!(
            choice.sentences()[0],
            "`a` and `b` meet the need; they were not asked the same prompts, so none is called the cheapest."
        );
        let mut unchecked = made;
        for (_, cells) in &mut unchecked {
            cells[0].checks.clear();
        }
        assert_eq!(
            sentence(&unchecked),
            "No answer was checked, so nothing can be said about quality. The lanes were not asked the same prompts, so none is \
             called the fastest or the cheapest."
        );
    }

    #[test]
    fn a_lane_with_one_answer_is_not_the_best() {
        let mut made = runs(
            100,
            &[("a", 98, 100.0, Some(0.1)), ("b", 97, 50.0, Some(0.2))],
        );
        made[0].1.push(cell("c", Some(true), 1.0, Some(0.0)));
        let said = sentence(&made);
        assert!(said.starts_with("`a` passes most often: 98 %"), "{said}");
        assert!(
            said.ends_with(" `c` was not judged on the same prompts and is not ranked: it passes 100 % [21, 100] of 1."),
            "{said}"
        );
    }

    #[test]
    fn where_most_prompts_are_common_they_decide() {
        // `b` did not pass the one prompt that `a` was never asked.
        let mut made = runs(
            20,
            &[("a", 15, 100.0, Some(0.1)), ("b", 18, 50.0, Some(0.2))],
        );
        made[19].1.remove(0);
        let said = sentence(&made);
        assert!(
            said.starts_with("By the 19 prompts that all lanes were asked: `b` passes most often: 95 % [75, 99] of 19"),
            "{said}"
        );
        let choice = Choice::of(&"pass>0.5".parse().unwrap(), &evidence(&made));
        assert_eq!(
            choice.sentences()[0],
            "By the 19 prompts that all lanes were asked: `a` is the cheapest lane that meets the need."
        );
        // Without the cells of each, nothing is worked out by fewer prompts.
        let said = summary(&evidence(&made).summaries());
        assert!(
            said.starts_with("The lanes were not judged on the same prompts"),
            "{said}"
        );
    }

    #[test]
    fn prompts_of_one_id_with_other_texts_are_others() {
        let mut made = [elsewhere("a", "x", 3, 3), elsewhere("b", "x", 3, 3)].concat();
        let lanes = evidence(&made).summaries();
        assert_eq!(lanes[0].asked, lanes[1].asked);
        for (run, _) in &mut made[3..] {
            run.head.prompt.text.push('!');
        }
        let lanes = evidence(&made).summaries();
        assert_ne!(lanes[0].asked, lanes[1].asked);
    }
}
