//! What a replay will take, going by what its lanes did before. Pure arithmetic: is given what is known, and says what is
//! not.

use std::time::Duration;

/// What earlier cells of a lane came to, each figure on average: a sum follows the mean, and the median of answers of which
/// a few are long would promise too little.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Habit {
    /// How many cells.
    pub cells: usize,
    /// Completion tokens, thinking included; `None` where no cell tells.
    pub completion_tokens: Option<f64>,
    /// Seconds from sending to the last piece; `None` where no cell tells.
    pub seconds: Option<f64>,
}

impl Habit {
    /// Of cells with these tokens and milliseconds; `None` where there is no cell.
    pub fn of(cells: &[(Option<u64>, Option<f64>)]) -> Option<Self> {
        let tokens = cells.iter().filter_map(|(tokens, _)| *tokens);
        let times = cells.iter().filter_map(|(_, ms)| *ms);
        (!cells.is_empty()).then(|| Self {
            cells: cells.len(),
            completion_tokens: mean(tokens.map(|tokens| tokens as f64)),
            seconds: mean(times.map(|ms| ms / 1_000.0)),
        })
    }
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (mut sum, mut many) = (0.0, 0_u32);
    for value in values {
        sum += value;
        many += 1;
    }
    (many > 0).then(|| sum / f64::from(many))
}

/// What a lane has to do, and where.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Share<'a> {
    /// Lanes with the same one wait for each other.
    pub place: &'a str,
    /// Cells at once there.
    pub most: u32,
    /// Cells to be done.
    pub cells: u64,
    /// Seconds of one.
    pub seconds: f64,
}

/// How long it takes when each place is kept busy and all places work beside each other.
pub fn time(shares: &[Share<'_>]) -> Duration {
    let of_place = |place: &str| {
        let here = shares
            .iter()
            .filter(|share| share.place == place && share.cells > 0);
        let (mut work, mut longest, mut most) = (0.0_f64, 0.0_f64, 1);
        for share in here {
            work += share.cells as f64 * share.seconds;
            longest = longest.max(share.seconds);
            most = most.max(share.most);
        }
        // A few cells do not fill a place: none of them is faster for that.
        (work / f64::from(most)).max(longest)
    };
    let longest = shares.iter().map(|share| of_place(share.place));
    let seconds = longest.fold(0.0, f64::max);
    Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
}
