//! What the numbers mean: timing and speed, computed from a timeline and token counts. Each formula stands once, here.
//!
//! Times count from t0, the moment the request of the last attempt was handed to the transport.

use super::{
    timeline::{Timeline, Track},
    usage::Usage,
};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Fewer tokens than this after the first arrival give no decode rate.
pub const MIN_TOKENS: f64 = 8.0;
/// A shorter window gives no rate.
pub const MIN_WINDOW: Duration = Duration::from_millis(50);
/// Fewer gaps than this give no 95th percentile: it would be the largest gap by another name.
pub const MIN_GAPS_FOR_P95: usize = 20;

/// How the thinking of a lane reached us; decides the window of its rates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Thinking {
    /// None, as far as is known.
    #[default]
    None,
    /// Streamed as it was thought.
    Streamed,
    /// Hidden, or only summarised.
    Hidden,
}

/// Milliseconds with microsecond precision; what is not known is `None`.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Timing {
    /// Waiting for a turn and before retries: all before t0 that is not loading.
    pub queue_ms: Option<f64>,
    /// Loading the model.
    pub load_ms: Option<f64>,
    /// DNS, TCP and TLS of a new connection; `None` on a reused one.
    pub connect_ms: Option<f64>,
    /// Response headers − t0.
    pub ttfb_ms: Option<f64>,
    /// First non-empty piece, reasoning or answer − t0.
    pub ttft_ms: Option<f64>,
    /// First non-empty piece of the answer − t0.
    pub ttfa_ms: Option<f64>,
    /// `ttfa_ms` − `ttft_ms` where reasoning was streamed; last − first piece where no answer came.
    pub thinking_ms: Option<f64>,
    /// Last non-empty piece − t0.
    pub e2e_ms: Option<f64>,
}

impl Timing {
    /// Reads a timeline. Open ends (a lane that still waits or loads) are `None`.
    pub fn of(line: &Timeline) -> Self {
        let since_t0 = |at: Option<Duration>| Some(ms(at?.checked_sub(line.sent?)?));
        let before_t0 = line.sent.or(line.ended);
        let load = match (line.loading, before_t0) {
            (Some(from), Some(until)) => Some(until.saturating_sub(from)),
            _ => None,
        };
        let queue = match (line.queued, before_t0) {
            (Some(from), Some(until)) => Some(
                until
                    .saturating_sub(from)
                    .saturating_sub(load.unwrap_or_default()),
            ),
            _ => None,
        };
        let thinking = line
            .reasoning
            .first()
            .and_then(|first| match line.answer.first() {
                Some(answer) => Some(answer.saturating_sub(line.all.first()?)),
                None => Some(line.all.last()?.saturating_sub(first)),
            });
        Self {
            queue_ms: queue.map(ms),
            load_ms: load.map(ms),
            connect_ms: since_t0(line.connected),
            ttfb_ms: since_t0(line.accepted),
            ttft_ms: since_t0(line.all.first()),
            ttfa_ms: since_t0(line.answer.first()),
            thinking_ms: thinking.map(ms),
            e2e_ms: since_t0(line.all.last()),
        }
    }
}

/// Rates of one lane; what cannot be said truthfully is `None`.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Speed {
    /// (N − k) / window; see [`Rates`].
    pub decode_tokens_per_sec: Option<f64>,
    /// Completion tokens / `e2e_ms`: what the person waited for.
    pub e2e_tokens_per_sec: Option<f64>,
    /// Characters of the window without the first arrival / window: comparable between tokenizers.
    pub chars_per_sec: Option<f64>,
    /// (prompt − cached tokens) / prefill time, where the engine or the server reports it.
    pub prefill_tokens_per_sec: Option<f64>,
    /// N / content chunks: a chunk is not a token.
    pub tokens_per_chunk: Option<f64>,
    /// Gaps between the chunks of the window.
    pub chunk_gap_ms: ChunkGaps,
    /// Gaps longer than max(4 × p50, 250 ms).
    pub stalls: Option<u64>,
}

impl Speed {
    /// Computes all rates; sorts the gaps, so it is for finished lanes and for details, not for every frame.
    pub fn of(line: &Timeline, usage: &Usage, thinking: Thinking, prefill_ms: Option<f64>) -> Self {
        let rates = Rates::of(line, usage, thinking);
        let track = window_track(line, thinking);
        let chunk_gap_ms = ChunkGaps::of(track.gaps_us());
        Self {
            decode_tokens_per_sec: rates.decode_tokens_per_sec,
            e2e_tokens_per_sec: rates.e2e_tokens_per_sec,
            chars_per_sec: rates.chars_per_sec,
            prefill_tokens_per_sec: prefill_rate(usage, prefill_ms),
            tokens_per_chunk: rates
                .window_tokens
                .filter(|_| !track.is_empty())
                .map(|tokens| round(tokens / track.chunks() as f64)),
            chunk_gap_ms,
            stalls: (!track.is_empty()).then(|| stalls(track.gaps_us(), chunk_gap_ms.p50)),
        }
    }
}

/// The rates that cost nothing to compute: these may run on every frame.
///
/// N is the tokens whose characters the window holds. Reasoning streamed as it is thought: every piece, N = completion
/// tokens. Reasoning hidden or summarised: the pieces of the answer, N = completion − reasoning tokens, `None` when that
/// split is unknown. k is N × the share of the window's characters that came with the first arrival: they were made
/// before the window opened.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Rates {
    /// N.
    pub window_tokens: Option<f64>,
    /// (N − k) / window; `None` when N − k < 8 or the window is under 50 ms.
    pub decode_tokens_per_sec: Option<f64>,
    /// Completion tokens / (last piece − t0).
    pub e2e_tokens_per_sec: Option<f64>,
    /// Characters / window, both without the first arrival.
    pub chars_per_sec: Option<f64>,
}

impl Rates {
    /// Computes them.
    pub fn of(line: &Timeline, usage: &Usage, thinking: Thinking) -> Self {
        let track = window_track(line, thinking);
        let window_tokens = match thinking {
            Thinking::None | Thinking::Streamed => usage.completion_tokens,
            Thinking::Hidden => match (usage.completion_tokens, usage.reasoning_tokens) {
                (Some(all), Some(reasoning)) => all.checked_sub(reasoning),
                _ => None,
            },
        }
        .map(|tokens| tokens as f64);
        let window = track.window().filter(|window| *window >= MIN_WINDOW);
        let decode = window.zip(window_tokens).and_then(|(window, tokens)| {
            let share = track.first_arrival_chars() as f64 / track.chars().max(1) as f64;
            let after_first = tokens - tokens * share;
            (after_first >= MIN_TOKENS).then(|| round(after_first / window.as_secs_f64()))
        });
        let chars = window.map(|window| {
            round((track.chars() - track.first_arrival_chars()) as f64 / window.as_secs_f64())
        });
        let e2e = line
            .all
            .last()
            .zip(line.sent)
            .map(|(last, t0)| last.saturating_sub(t0));
        Self {
            window_tokens,
            decode_tokens_per_sec: decode,
            e2e_tokens_per_sec: e2e
                .filter(|time| !time.is_zero())
                .zip(usage.completion_tokens)
                .map(|(time, tokens)| round(tokens as f64 / time.as_secs_f64())),
            chars_per_sec: chars,
        }
    }
}

/// Gaps between chunks in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ChunkGaps {
    /// Median.
    pub p50: Option<f64>,
    /// 95th percentile; `None` below [`MIN_GAPS_FOR_P95`] gaps.
    pub p95: Option<f64>,
    /// Longest.
    pub max: Option<f64>,
}

impl ChunkGaps {
    fn of(gaps_us: &[u32]) -> Self {
        let mut sorted = gaps_us.to_vec();
        sorted.sort_unstable();
        Self {
            p50: percentile_ms(&sorted, 0.5),
            p95: percentile_ms(&sorted, 0.95).filter(|_| sorted.len() >= MIN_GAPS_FOR_P95),
            max: sorted.last().map(|gap| f64::from(*gap) / 1_000.0),
        }
    }
}

/// Milliseconds with microsecond precision.
pub fn ms(time: Duration) -> f64 {
    time.as_micros() as f64 / 1_000.0
}

/// Three decimals: rates carry no more information than that.
fn round(value: f64) -> f64 {
    (value * 1_000.0).round() / 1_000.0
}

fn window_track(line: &Timeline, thinking: Thinking) -> &Track {
    match thinking {
        Thinking::None | Thinking::Streamed => &line.all,
        Thinking::Hidden => &line.answer,
    }
}

fn prefill_rate(usage: &Usage, prefill_ms: Option<f64>) -> Option<f64> {
    let fresh = usage
        .prompt_tokens?
        .checked_sub(usage.cached_prompt_tokens.unwrap_or(0))?;
    let time = prefill_ms.filter(|time| *time > 0.0)?;
    (fresh > 0).then(|| round(fresh as f64 * 1_000.0 / time))
}

/// Percentile with linear interpolation between the two nearest ranks (Hyndman and Fan's type 7).
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // ranks lie between 0 and the length
fn percentile_ms(sorted_us: &[u32], share: f64) -> Option<f64> {
    let rank = share * (sorted_us.len().checked_sub(1)? as f64);
    let (low, high) = (
        sorted_us.get(rank.floor() as usize)?,
        sorted_us.get(rank.ceil() as usize)?,
    );
    let (low, high) = (f64::from(*low), f64::from(*high));
    Some(round((low + (high - low) * rank.fract()) / 1_000.0))
}

fn stalls(gaps_us: &[u32], p50_ms: Option<f64>) -> u64 {
    let limit_us = (p50_ms.unwrap_or(0.0) * 4.0).max(250.0) * 1_000.0;
    gaps_us
        .iter()
        .filter(|gap| f64::from(**gap) > limit_us)
        .count() as u64
}
