//! Which prompt and which repetition each run of a replay is, and which cells there is nothing to do for. Small, however
//! many there are; asks nobody.

/// The prompts in the order in which they are asked. All repetitions of one lie far apart, so that what changes over time
/// is not taken for noise: first all prompts once, then all that are asked again, and so on.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Runs {
    rounds: Vec<Rounds>,
    runs: usize,
}

/// Several rounds through the same prompts.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Rounds {
    first_run: usize,
    first_repetition: u32,
    /// Which prompts; `None`: all of them.
    cases: Option<Vec<u32>>,
    many: usize,
}

impl Runs {
    /// Of prompts that are asked so often each; at least once.
    pub fn of(repeats: &[u32]) -> Self {
        let mut steps: Vec<u32> = repeats.iter().map(|repeat| (*repeat).max(1)).collect();
        steps.sort_unstable();
        steps.dedup();
        let mut all = Self::default();
        let mut before = 0;
        for step in steps {
            let cases: Vec<u32> = (0..)
                .zip(repeats)
                .filter(|(_, repeat)| (**repeat).max(1) >= step)
                .map(|(case, _)| case)
                .collect();
            let many = cases.len();
            all.rounds.push(Rounds {
                first_run: all.runs,
                first_repetition: before + 1,
                cases: (many < repeats.len()).then_some(cases),
                many,
            });
            all.runs += many * (step - before) as usize;
            before = step;
        }
        all
    }

    /// How many there are.
    pub const fn len(&self) -> usize {
        self.runs
    }

    /// How many prompts there are, however often each is asked.
    pub fn prompts(&self) -> usize {
        self.rounds.first().map_or(0, |rounds| rounds.many)
    }

    /// How often every prompt is asked; `None` where some are asked more often than others.
    pub fn times(&self) -> Option<usize> {
        match self.rounds.as_slice() {
            [] => Some(0),
            [all] => self.runs.checked_div(all.many),
            _ => None,
        }
    }

    /// Whether a prompt is asked several times.
    pub fn is_repeated(&self) -> bool {
        self.rounds.len() > 1 || self.rounds.iter().any(|rounds| self.runs > rounds.many)
    }

    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.runs == 0
    }

    /// The prompt, counted from 0, and the repetition, counted from 1, of a run.
    pub fn run(&self, run: usize) -> Option<(usize, u32)> {
        if run >= self.runs {
            return None;
        }
        let after = self
            .rounds
            .partition_point(|rounds| rounds.first_run <= run);
        let rounds = self.rounds.get(after.checked_sub(1)?)?;
        let at = run - rounds.first_run;
        let round = u32::try_from(at / rounds.many).ok()?;
        let place = at % rounds.many;
        let case = match &rounds.cases {
            Some(cases) => *cases.get(place)? as usize,
            None => place,
        };
        Some((case, rounds.first_repetition + round))
    }

    /// The run of a prompt and a repetition.
    pub fn find(&self, case: usize, repetition: u32) -> Option<usize> {
        let after = self
            .rounds
            .partition_point(|rounds| rounds.first_repetition <= repetition);
        let rounds = self.rounds.get(after.checked_sub(1)?)?;
        let place = match &rounds.cases {
            Some(cases) => cases.binary_search(&u32::try_from(case).ok()?).ok()?,
            None => case,
        };
        let round = (repetition - rounds.first_repetition) as usize;
        let run = rounds.first_run + round * rounds.many + place;
        // Behind the last round there is none.
        (self.run(run) == Some((case, repetition))).then_some(run)
    }

    /// All of them in their order.
    pub fn iter(&self) -> impl Iterator<Item = (usize, u32)> + '_ {
        (0..self.runs).filter_map(|run| self.run(run))
    }
}

/// A yes or no for each cell, by run and by lane.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Marks {
    lanes: usize,
    cells: usize,
    bits: Vec<u64>,
}

impl Marks {
    /// No for all of them.
    pub fn none(runs: usize, lanes: usize) -> Self {
        let cells = runs * lanes;
        Self {
            lanes,
            cells,
            bits: vec![0; cells.div_ceil(64)],
        }
    }

    /// How many cells there are.
    pub const fn len(&self) -> usize {
        self.cells
    }

    /// Whether there is no cell.
    pub const fn is_empty(&self) -> bool {
        self.cells == 0
    }

    /// Cells that are marked.
    pub fn count(&self) -> usize {
        self.bits
            .iter()
            .map(|word| word.count_ones() as usize)
            .sum()
    }

    /// Whether a cell is; `None` where there is no such cell.
    pub fn has(&self, run: usize, lane: usize) -> Option<bool> {
        let at = self.at(run, lane)?;
        let word = self.bits.get(at / 64)?;
        Some(word >> (at % 64) & 1 == 1)
    }

    /// Marks a cell, or takes its mark away.
    pub fn set(&mut self, run: usize, lane: usize, is_marked: bool) {
        let Some(at) = self.at(run, lane) else {
            return;
        };
        if let Some(word) = self.bits.get_mut(at / 64) {
            let bit = 1 << (at % 64);
            *word = if is_marked { *word | bit } else { *word & !bit };
        }
    }

    fn at(&self, run: usize, lane: usize) -> Option<usize> {
        let at = run.checked_mul(self.lanes)?.checked_add(lane)?;
        (lane < self.lanes && at < self.cells).then_some(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn repetitions_lie_far_apart() {
        let runs = Runs::of(&[2, 1, 4]);
        let all: Vec<(usize, u32)> = runs.iter().collect();
        assert_eq!(
            all,
            [(0, 1), (1, 1), (2, 1), (0, 2), (2, 2), (2, 3), (2, 4)]
        );
        assert_eq!((runs.len(), runs.run(7)), (7, None));
        assert!(Runs::of(&[]).is_empty());
        // One prompt a million times is no list of a million.
        assert_eq!(Runs::of(&[1_000_000]).run(999_999), Some((0, 1_000_000)));
    }

    #[test]
    fn prompts_are_counted_once_however_often_they_are_asked() {
        let counted = |repeats: &[u32]| {
            let runs = Runs::of(repeats);
            (runs.prompts(), runs.times())
        };
        assert_eq!(counted(&[3, 3]), (2, Some(3)));
        assert_eq!(counted(&[0, 1]), (2, Some(1)));
        assert_eq!(counted(&[2, 1, 4]), (3, None));
        assert_eq!(counted(&[]), (0, Some(0)));
    }

    #[test]
    fn a_mark_is_of_its_cell_alone() {
        let mut marks = Marks::none(50, 3);
        marks.set(21, 1, true);
        marks.set(49, 2, true);
        marks.set(21, 3, true);
        marks.set(50, 0, true);
        assert_eq!((marks.count(), marks.len()), (2, 150));
        assert_eq!(
            (marks.has(21, 1), marks.has(22, 0)),
            (Some(true), Some(false))
        );
        assert_eq!((marks.has(50, 0), marks.has(0, 3)), (None, None));
        marks.set(21, 1, false);
        assert_eq!(marks.count(), 1);
    }

    proptest! {
        #[test]
        fn every_run_is_the_one_of_a_plain_list(repeats in prop::collection::vec(0_u32..5, 0..9)) {
            let most = repeats.iter().copied().max().unwrap_or(0).max(1);
            let plain: Vec<(usize, u32)> = (1..=most)
                .flat_map(|repetition| {
                    let cases = repeats.iter().enumerate();
                    cases.filter(move |(_, repeat)| repetition <= (**repeat).max(1)).map(move |(at, _)| (at, repetition))
                })
                .collect();
            let runs = Runs::of(&repeats);
            prop_assert_eq!(&runs.iter().collect::<Vec<_>>(), &plain);
            for case in 0..10 {
                for repetition in 0..6 {
                    let at = plain.iter().position(|run| *run == (case, repetition));
                    prop_assert_eq!(runs.find(case, repetition), at);
                }
            }
        }
    }
}
