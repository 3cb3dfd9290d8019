//! Truth, what was reported, and how far they lie apart.

use crate::{
    control::Receipt,
    loopback::{Loopback, Request, Sent},
    scene::{self, Cell, Window},
};
use std::{
    collections::HashMap,
    fmt,
    time::{Duration, Instant},
};
use tierscope::{domain::lane::LaneState, provider::Stopwatch};

/// The bounds on what our 95th percentile may lie beyond the control's.
const TTFT_BOUND_MS: f64 = 2.0;
const RATE_BOUND_PERCENT: f64 = 2.0;

/// How far one stream's figures lie from the truth.
#[derive(Debug, Clone, Copy)]
pub struct Sample {
    /// Reported − true TTFT.
    ttft_ms: f64,
    /// Reported decode rate over the true one − 1, as an absolute value.
    rate_percent: f64,
    /// From t0 to the server having the request.
    request_ms: f64,
}

impl Sample {
    /// Of a lane of ours, as its JSON would say it.
    pub fn ours(cell: &Cell, lane: &LaneState, watch: Stopwatch, truth: &Truth) -> Self {
        let t0 = lane.timeline.sent.expect("a request that was sent");
        let rate = lane.speed().decode_tokens_per_sec;
        let rate =
            rate.unwrap_or_else(|| panic!("no decode rate: {:?} {:?}", lane.phase, lane.usage()));
        assert!(
            !lane.disturbed,
            "our own back-pressure disturbed lane {}",
            cell.lane
        );
        let since_t0 = |at: Instant| ms(watch.at(at)) - ms(t0);
        Self {
            ttft_ms: ttft_off_ms(lane, watch, truth),
            rate_percent: off(rate, truth.rate(&cell.window())),
            request_ms: since_t0(truth.requested),
        }
    }

    /// Of a bare socket.
    pub fn control(cell: &Cell, receipt: &Receipt, truth: &Truth) -> Self {
        let arrivals: Vec<Instant> = truth
            .ends
            .iter()
            .map(|end| receipt.at(receipt.head + end))
            .collect();
        let window = cell.window();
        Self {
            ttft_ms: ms(arrivals[0].saturating_duration_since(truth.pieces[0])),
            rate_percent: off(
                rate(&arrivals[window.skipped..], &window),
                truth.rate(&window),
            ),
            request_ms: ms(truth.requested.saturating_duration_since(receipt.t0)),
        }
    }
}

/// Reported − true TTFT of a lane of ours.
pub fn ttft_off_ms(lane: &LaneState, watch: Stopwatch, truth: &Truth) -> f64 {
    let t0 = lane.timeline.sent.expect("a request that was sent");
    let reported = lane
        .timing()
        .ttft_ms
        .unwrap_or_else(|| panic!("no TTFT: {:?}", lane.phase));
    reported - (ms(watch.at(truth.pieces[0])) - ms(t0))
}

fn off(reported: f64, truth: f64) -> f64 {
    (reported / truth - 1.0).abs() * 100.0
}

/// What the server did for one cell.
#[derive(Debug)]
pub struct Truth {
    requested: Instant,
    /// When each piece was handed to the kernel.
    pieces: Vec<Instant>,
    /// Where each piece ends in the body as it is on the wire.
    ends: Vec<usize>,
}

impl Truth {
    fn rate(&self, window: &Window) -> f64 {
        rate(&self.pieces[window.skipped..], window)
    }
}

/// Tokens that came after the first arrival, over the time from the first to the last.
fn rate(arrivals: &[Instant], window: &Window) -> f64 {
    let (first, last) = (arrivals[0], arrivals[arrivals.len() - 1]);
    let all: usize = window.chars.iter().sum();
    let with_first: usize = arrivals
        .iter()
        .zip(&window.chars)
        .filter(|(at, _)| **at == first)
        .map(|(_, chars)| chars)
        .sum();
    let after = window.tokens * (1.0 - with_first as f64 / all as f64);
    after / last.duration_since(first).as_secs_f64()
}

/// What the server did for all cells of a round.
pub struct ServerLog {
    requests: HashMap<String, Request>,
    sent: HashMap<usize, Vec<Sent>>,
}

impl ServerLog {
    /// Reads the log of the server.
    pub fn of(server: &Loopback) -> Self {
        let mut sent: HashMap<usize, Vec<Sent>> = HashMap::new();
        for write in server.sent() {
            sent.entry(write.request).or_default().push(write);
        }
        let requests = server
            .requests()
            .into_iter()
            .map(|request| (scene::cell_of(&request).model(), request))
            .collect();
        Self { requests, sent }
    }

    /// The truth about one cell.
    pub fn of_cell(&self, cell: &Cell) -> Truth {
        let request = &self.requests[&cell.model()];
        let writes = &self.sent[&request.index];
        let mut end = 0;
        let ends: Vec<usize> = writes
            .iter()
            .map(|write| {
                // Length in hexadecimal, and two line ends.
                end += format!("{:x}", write.bytes).len() + 4 + write.bytes;
                end
            })
            .collect();
        let pieces = cell.piece_writes();
        Truth {
            requested: request.at,
            pieces: writes[pieces.clone()]
                .iter()
                .map(|write| write.at)
                .collect(),
            ends: ends[pieces].to_vec(),
        }
    }
}

/// The head of the table.
pub const HEADER: &str = concat!(
    "                             |  TTFT error, ms (50 % / 95 %)     ",
    "|  decode rate error, % (50 % / 95 %) |  t0 to server, ms (95 %)\n",
    "scene               streams  |  ours         control      beyond ",
    "|  ours         control       beyond  |  ours    control",
);

/// One scene of the table.
pub struct Row {
    name: &'static str,
    streams: usize,
    ttft: Errors,
    rate: Errors,
    request: Errors,
}

/// Percentiles of one figure, ours and the control's.
struct Errors {
    ours: (f64, f64),
    control: (f64, f64),
}

impl Errors {
    fn of(ours: &[Sample], control: &[Sample], figure: fn(&Sample) -> f64) -> Self {
        let both = |samples: &[Sample]| {
            let mut values: Vec<f64> = samples.iter().map(|sample| figure(sample).abs()).collect();
            values.sort_by(f64::total_cmp);
            (percentile(&values, 0.5), percentile(&values, 0.95))
        };
        Self {
            ours: both(ours),
            control: both(control),
        }
    }

    fn beyond(&self) -> f64 {
        self.ours.1 - self.control.1
    }
}

impl Row {
    /// Of all samples of a scene.
    pub fn of(name: &'static str, ours: &[Sample], control: &[Sample]) -> Self {
        Self {
            name,
            streams: ours.len(),
            ttft: Errors::of(ours, control, |sample| sample.ttft_ms),
            rate: Errors::of(ours, control, |sample| sample.rate_percent),
            request: Errors::of(ours, control, |sample| sample.request_ms),
        }
    }

    /// Whether both bounds hold.
    pub fn is_true(&self) -> bool {
        self.ttft.beyond() <= TTFT_BOUND_MS && self.rate.beyond() <= RATE_BOUND_PERCENT
    }
}

impl fmt::Display for Row {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:<20}{:>7}  ", self.name, self.streams)?;
        for errors in [&self.ttft, &self.rate] {
            let ((our_half, our_most), (half, most)) = (errors.ours, errors.control);
            write!(
                out,
                "| {our_half:>5.3} /{our_most:>6.3}  {half:>5.3} /{most:>6.3}  {:>7.3} ",
                errors.beyond()
            )?;
        }
        let verdict = if self.is_true() { "" } else { "   MISSED" };
        write!(
            out,
            "  | {:>7.3}  {:>7.3}{verdict}",
            self.request.ours.1, self.request.control.1
        )
    }
}

/// The value at this share of values in their order.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // ranks lie between 0 and the length
pub fn percentile(sorted: &[f64], share: f64) -> f64 {
    let rank = share * (sorted.len() - 1) as f64;
    let (low, high) = (sorted[rank.floor() as usize], sorted[rank.ceil() as usize]);
    low + (high - low) * rank.fract()
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}
