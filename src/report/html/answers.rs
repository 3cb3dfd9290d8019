//! The answers to one prompt side by side, with what differs, the thinking folded away, and what the checks said.

use super::{
    difference::{Difference, compare},
    text::{block, line},
};
use crate::{
    domain::{
        batch::{BatchRun, CellRecord},
        check::Verdict,
        failure::LaneFailure,
        figures,
        record::{LaneRecord, LaneStatus},
        request::Role,
        sanitise::sanitise,
    },
    report::{folders, words},
};
use std::fmt::Write as _;

/// Longer answers scroll inside of their own box.
const TALL_CHARS: usize = 1_500;

/// A run as a part of the page that can be folded.
pub(super) fn run(place: usize, run: &BatchRun, cells: &[&CellRecord], is_open: bool) -> String {
    let name = run.prompt_id.as_deref().unwrap_or(&run.head.id.0);
    let mut out = format!(
        "<details class=\"run\" id=\"run-{place}\"{}><summary><b>{}{}</b>",
        if is_open { " open" } else { "" },
        line(name),
        match run.repetition {
            0 | 1 => String::new(),
            repetition => format!(", repetition {repetition}"),
        }
    );
    for cell in cells {
        let _ = write!(
            out,
            " <span class=\"mark\">{} {}</span>",
            line(&cell.lane.lane),
            outcome(cell)
        );
    }
    out.push_str("</summary>\n<div class=\"inside\">\n");
    prompt(run, &mut out);
    let base = cells
        .iter()
        .find(|cell| cell.lane.status == LaneStatus::Done && !cell.lane.answer.trim().is_empty());
    out.push_str("<div class=\"answers\">\n");
    for cell in cells {
        answer(cell, base.map(|base| &base.lane), &mut out);
    }
    out.push_str("</div></div></details>\n");
    out
}

fn outcome(cell: &CellRecord) -> String {
    let words = words::outcome(cell);
    let class = match (cell.lane.status, cell.is_passed()) {
        (LaneStatus::Failed, _) | (LaneStatus::Done, Some(false)) => "bad",
        (LaneStatus::Done, Some(true)) => "good",
        _ => "plain",
    };
    format!("<span class=\"{class}\">{words}</span>")
}

fn prompt(run: &BatchRun, out: &mut String) {
    let prompt = &run.head.prompt;
    out.push_str("<div class=\"prompt\">");
    if !run.tags.is_empty() {
        let _ = write!(
            out,
            "<p class=\"meta\">tags: {}</p>",
            line(&run.tags.join(", "))
        );
    }
    if let Some(system) = &prompt.system {
        let _ = write!(
            out,
            "<p class=\"meta\">system</p><div class=\"text\" dir=\"auto\">{}</div>",
            block(system)
        );
    }
    for message in &prompt.earlier {
        let _ = write!(
            out,
            "<p class=\"meta\">{}</p><div class=\"text\" dir=\"auto\">{}</div>",
            match message.role {
                Role::User => "user",
                Role::Assistant => "assistant",
            },
            block(&message.content)
        );
    }
    let _ = writeln!(
        out,
        "{}<div class=\"text\" dir=\"auto\">{}</div></div>",
        if prompt.system.is_some() || !prompt.earlier.is_empty() {
            "<p class=\"meta\">user</p>"
        } else {
            ""
        },
        block(&prompt.text)
    );
}

fn answer(cell: &CellRecord, base: Option<&LaneRecord>, out: &mut String) {
    let lane = &cell.lane;
    let tier = lane.tier.map_or("", |tier| tier.name());
    // What is called as it is needs no second name.
    let model = if lane.model == lane.lane {
        String::new()
    } else {
        line(&lane.model)
    };
    let _ = writeln!(
        out,
        "<section class=\"answer\"><header><h4>{}</h4><span class=\"mark\">{}</span></header>\n<p class=\"meta\">{tier} \
         {model}</p><p class=\"meta\">{}</p>",
        line(&lane.lane),
        outcome(cell),
        numbers(lane)
    );
    if !lane.reasoning.trim().is_empty() {
        let _ = writeln!(
            out,
            "<details><summary>thinking, {} characters</summary><div class=\"text\" dir=\"auto\">{}</div></details>",
            figures::count(lane.reasoning.chars().count() as u64),
            block(&lane.reasoning)
        );
    }
    answer_text(lane, base, out);
    if let Some(error) = &lane.error {
        let _ = writeln!(
            out,
            "<p class=\"bad\">✗ {}</p>",
            line(&failure(lane, error))
        );
    }
    if !cell.checks.is_empty() {
        verdicts(&cell.checks, " class=\"checks\"", out);
    }
    for warning in &lane.warnings {
        let _ = writeln!(out, "<p class=\"note\">! {}</p>", line(warning));
    }
    out.push_str("</section>\n");
}

/// Why a lane failed. What failed on this machine may name its folders.
fn failure(lane: &LaneRecord, error: &LaneFailure) -> String {
    let said = error.to_string();
    if lane.access == "local" || lane.provider == "tape" {
        folders::without_in(&said)
    } else {
        said
    }
}

fn answer_text(lane: &LaneRecord, base: Option<&LaneRecord>, out: &mut String) {
    let own = sanitise(&lane.answer);
    if own.trim().is_empty() {
        out.push_str("<p class=\"note\">no answer</p>\n");
        return;
    }
    let other = base.filter(|base| base.lane != lane.lane);
    let (html, note) = match other {
        None => (super::text::escape(&own), None),
        Some(base) => {
            let name = line(&base.lane);
            match compare(&sanitise(&base.answer), &own) {
                Difference::Same => (
                    super::text::escape(&own),
                    Some(format!("word for word that of {name}")),
                ),
                Difference::Marked(html) => (html, None),
                Difference::Other(share) => (
                    super::text::escape(&own),
                    Some(format!(
                        "unmarked: {} of its words in common with {name}",
                        words::percent(share)
                    )),
                ),
                Difference::TooLong => (
                    super::text::escape(&own),
                    Some(format!("unmarked: too long to be compared with {name}")),
                ),
            }
        }
    };
    let tall = if own.chars().count() > TALL_CHARS {
        format!(
            " tall\" tabindex=\"0\" role=\"region\" aria-label=\"answer of {}",
            line(&lane.lane)
        )
    } else {
        String::new()
    };
    let _ = writeln!(out, "<div class=\"text{tall}\" dir=\"auto\">{html}</div>");
    if let Some(note) = note {
        let _ = writeln!(out, "<p class=\"note\">{note}</p>");
    }
}

fn verdicts(of: &[Verdict], class: &str, out: &mut String) {
    let _ = write!(out, "<ul{class}>");
    for verdict in of {
        let (class, mark) = match verdict.passed {
            Some(true) => ("good", "✓ passed"),
            Some(false) => ("bad", "✗ not passed"),
            None => ("plain", "? not judged"),
        };
        let _ = write!(
            out,
            "<li><span class=\"{class}\">{mark}</span> <code>{}</code> {}",
            line(&verdict.check),
            line(&verdict.reason)
        );
        if !verdict.parts.is_empty() {
            verdicts(&verdict.parts, "", out);
        }
        out.push_str("</li>");
    }
    out.push_str("</ul>\n");
}

/// The figures of an answer that are known, and a price that is not where a host may ask one.
fn numbers(lane: &LaneRecord) -> String {
    let source = lane.usage.source;
    let time = |name: &str, ms: Option<f64>| ms.map(|_| format!("{name} {}", figures::time(ms)));
    let tokens = lane.usage.completion_tokens;
    let rate = lane.speed.decode_tokens_per_sec;
    let is_priced = lane.cost_usd.is_some() || lane.access != "local" && tokens.is_some();
    let parts = [
        time("first", lane.timing.ttft_ms),
        time("answer", lane.timing.ttfa_ms),
        time("all", lane.timing.e2e_ms),
        tokens.map(|_| format!("{} tok", figures::tokens(tokens, source))),
        rate.map(|_| format!("{} tok/s", figures::rate(rate, source))),
        is_priced.then(|| figures::usd(lane.cost_usd, source)),
    ];
    let known: Vec<String> = parts.into_iter().flatten().collect();
    known.join(" · ")
}
