//! Cells, runs and batches as a history holds them, made up.

use crate::{
    domain::{
        batch::{BatchHead, BatchKind, BatchRun, CellRecord},
        check::Verdict,
        failure::{FailureKind, LaneFailure},
        id::{BatchId, RunId},
        plan::Schedule,
        record::{LaneStatus, PromptRecord, RunHead},
    },
    report::{Evidence, Picks, sharing::race},
};
use serde_json::json;

/// A run with its cells.
pub(crate) type Made = (BatchRun, Vec<CellRecord>);

pub(crate) fn batch(id: &str) -> BatchHead {
    BatchHead {
        id: BatchId(id.to_owned()),
        started_at: "2026-11-25T10:00:00.000Z".to_owned(),
        kind: BatchKind::Replay,
        suite: Some("Sums".to_owned()),
        settings: json!({
            "schedule": "race",
            "lanes": [{ "lane": "mini", "temperature": 0, "stop": ["a", "b"] }, { "lane": "maxi", "seed": null }],
        }),
    }
}

pub(crate) fn run(prompt: &str, repetition: u32) -> BatchRun {
    BatchRun {
        head: RunHead {
            id: RunId(format!("run-{prompt}-{repetition}")),
            started_at: "2026-11-25T10:00:01.000Z".to_owned(),
            schedule: Schedule::Race,
            prompt: PromptRecord {
                system: None,
                text: format!("What is {prompt}?"),
                earlier: Vec::new(),
            },
            version: "0.1.0".to_owned(),
        },
        prompt_id: Some(prompt.to_owned()),
        repetition,
        tags: vec!["easy".to_owned()],
    }
}

/// A cell that is done: its time to the end in milliseconds and its cost in US dollars.
pub(crate) fn cell(lane: &str, passed: Option<bool>, e2e_ms: f64, cost: Option<f64>) -> CellRecord {
    let verdict = passed.map(|passed| Verdict {
        check: "number".to_owned(),
        passed: Some(passed),
        reason: if passed {
            "the last number is 19".to_owned()
        } else {
            "the last number is 18, not 19".to_owned()
        },
        score: None,
        judge_cost_unknown: false,
        parts: Vec::new(),
    });
    let answer = if passed == Some(false) {
        "It is 18."
    } else {
        "It is 19."
    };
    let mut cell: CellRecord = serde_json::from_value(json!({
        "lane": lane, "tier": "small", "provider": "openai", "model": format!("{lane}-model"), "access": "api",
        "status": "done", "finish_reason": "stop", "answer": answer, "reasoning": "",
        "usage": { "prompt_tokens": 12, "cached_prompt_tokens": 0, "completion_tokens": 40, "reasoning_tokens": 10,
                   "source": "reported" },
        "timing": { "queue_ms": 0.0, "load_ms": null, "connect_ms": 1.5, "ttfb_ms": e2e_ms / 8.0, "ttft_ms": e2e_ms / 4.0,
                    "ttfa_ms": e2e_ms / 2.0, "thinking_ms": e2e_ms / 4.0, "e2e_ms": e2e_ms },
        "speed": { "decode_tokens_per_sec": 40_000.0 / e2e_ms, "e2e_tokens_per_sec": 40_000.0 / e2e_ms,
                   "chars_per_sec": 100.0, "prefill_tokens_per_sec": null, "tokens_per_chunk": 1.0,
                   "chunk_gap_ms": { "p50": 9.9, "p95": 14.0, "max": 31.2 }, "stalls": 0 },
        "server": { "prefill_ms": null, "decode_ms": null, "queue_ms": null, "ttft_ms": null },
        "cost_usd": cost, "price_as_of": cost.map(|_| "2026-11-01"), "attempts": 1, "warnings": [], "error": null,
        "checks": [] }))
    .expect("a cell");
    cell.checks.extend(verdict);
    cell
}

/// A cell without a price that runs here.
pub(crate) fn local(lane: &str, passed: Option<bool>, e2e_ms: f64) -> CellRecord {
    let mut cell = cell(lane, passed, e2e_ms, None);
    cell.lane.provider = "local".to_owned();
    cell.lane.access = "local".to_owned();
    cell
}

/// A cell whose lane failed.
pub(crate) fn failed(lane: &str) -> CellRecord {
    let mut cell = cell(lane, None, 1.0, None);
    cell.lane.status = LaneStatus::Failed;
    cell.lane.finish_reason = None;
    cell.lane.answer = String::new();
    cell.lane.timing.e2e_ms = None;
    cell.lane.error = Some(LaneFailure::new(FailureKind::Overloaded, "busy").with_status(503));
    cell
}

pub(crate) fn evidence(runs: &[Made]) -> Evidence {
    let mut evidence = Evidence::default();
    for (run, cells) in runs {
        evidence.begin_run(race(run, cells.iter()));
        for cell in cells {
            evidence.add(run, cell, None);
        }
    }
    evidence
}

pub(crate) fn picks(runs: &[Made]) -> Picks {
    let mut picks = Picks::default();
    for (_, cells) in runs {
        picks.add(&cells.iter().collect::<Vec<_>>());
    }
    picks
}

/// So many prompts at lanes of which each passes the first so many: name, passes, time, cost.
pub(crate) fn runs(prompts: u32, lanes: &[(&str, u32, f64, Option<f64>)]) -> Vec<Made> {
    (0..prompts)
        .map(|prompt| {
            let cells = lanes.iter().map(|(lane, passes, time, cost)| {
                let time = time * (1.0 + f64::from(prompt % 5) / 10.0);
                cell(lane, Some(prompt < *passes), time, *cost)
            });
            (run(&format!("p{prompt}"), 1), cells.collect())
        })
        .collect()
}
