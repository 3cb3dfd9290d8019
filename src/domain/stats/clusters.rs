//! Answers that are not independent: repetitions of a prompt resemble each other, so that an interval may not count them
//! as so many answers. Decides no check.

use super::{Interval, Z_95};

/// A prompt: of so many of its answers, so many are hits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cluster {
    /// Answers with what is counted.
    pub hits: u64,
    /// All its answers.
    pub size: u64,
}

/// How many independent answers say as much as these: n / D, where D is the design effect, the variance of the share with
/// prompts as clusters to that of as many independent answers (Rao and Scott, "A simple method for the analysis of clustered
/// binary data", Biometrics 48, 1992): D = m / (m − 1) · Σ (hitsⱼ − sizeⱼ p)² / (n p (1 − p)) over m prompts.
///
/// Never more than n, for repetitions add nothing to what their prompts say when they differ by chance; and never less than
/// (Σ size)² / Σ size² (Kish, "Survey Sampling", 1965), which is what is left where all answers to a prompt are the same, and
/// is the number of prompts where each has as many answers. The latter is taken, too, where all answers or none are hits:
/// then they do not tell how much alike they are. With one answer a prompt it is n.
pub fn effective_size(clusters: &[Cluster]) -> f64 {
    let sum = |of: fn(&Cluster) -> f64| clusters.iter().map(of).sum::<f64>();
    let count = sum(|cluster| cluster.size as f64);
    if count == 0.0 {
        return 0.0;
    }
    let least = count * count / sum(|cluster| (cluster.size * cluster.size) as f64);
    let share = sum(|cluster| cluster.hits as f64) / count;
    let prompts = clusters.iter().filter(|cluster| cluster.size > 0).count() as f64;
    let spread = share * (1.0 - share);
    if prompts < 2.0 || spread <= 0.0 {
        return least;
    }
    let deviations: f64 = clusters
        .iter()
        .map(|cluster| (cluster.hits as f64 - cluster.size as f64 * share).powi(2))
        .sum();
    let effect = prompts / (prompts - 1.0) * deviations / (count * spread);
    (count / effect).clamp(least, count)
}

/// The score interval of a share (Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22,
/// 1927), without a correction for continuity: (p + z²/2n ± z √(p(1 − p)/n + z²/4n²)) / (1 + z²/n). For answers that are not
/// independent n is their [`effective_size`]: of the intervals that take it, Franco, Little, Louis and Slud, "Comparative study
/// of confidence intervals for proportions in complex sample surveys", Journal of Survey Statistics and Methodology 7, 2019,
/// recommend Wilson's, and show that all of them cover somewhat less than 95 % where there are few clusters (some 91 to 97 %
/// with 5 to 40 prompts). `None` where nothing was counted, or the share is none.
pub fn score_interval(share: f64, count: f64) -> Option<Interval> {
    if count <= 0.0 || !(0.0..=1.0).contains(&share) || !count.is_finite() {
        return None;
    }
    let square = Z_95 * Z_95;
    let middle = (share + square / (2.0 * count)) / (1.0 + square / count);
    let reach = Z_95 / (1.0 + square / count)
        * (share * (1.0 - share) / count + square / (4.0 * count * count)).sqrt();
    Some(Interval {
        // Exactly 0 and 1 at the edges, where rounding would leave a trace.
        low: if share <= 0.0 {
            0.0
        } else {
            (middle - reach).max(0.0)
        },
        high: if share >= 1.0 {
            1.0
        } else {
            (middle + reach).min(1.0)
        },
    })
}
