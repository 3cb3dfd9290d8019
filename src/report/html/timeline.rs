//! When each lane waited, thought and answered on one prompt, as bars. Draws cells that are done alone.

use super::text::{line, prose};
use crate::{
    domain::figures,
    report::{
        evidence::{CellFigures, Evidence, RunFigures},
        quoted,
    },
};
use std::fmt::Write as _;

/// The run whose times are most like the medians of the lanes, among those that most lanes have done.
pub(super) fn typical(evidence: &Evidence) -> Option<usize> {
    let runs = usize::try_from(evidence.runs).ok()?;
    let mut done = vec![(0_usize, 0.0_f64); runs];
    for (lane, summary) in evidence.lanes.iter().zip(evidence.summaries()) {
        let Some(median) = summary.e2e_ms.map(|spread| spread.median) else {
            continue;
        };
        for cell in lane.done() {
            let Some(time) = cell.figures.e2e_ms else {
                continue;
            };
            if let Some((lanes, distance)) = done.get_mut(cell.run) {
                *lanes += 1;
                let ratio = (time.max(0.001) / median.max(0.001)).ln();
                *distance += ratio.abs();
            }
        }
    }
    let best = done.iter().enumerate().min_by(|(_, a), (_, b)| {
        b.0.cmp(&a.0)
            .then((a.1 / a.0.max(1) as f64).total_cmp(&(b.1 / b.0.max(1) as f64)))
    });
    best.filter(|(_, (lanes, _))| *lanes > 0)
        .map(|(place, _)| place)
}

/// The section; nothing where no run has times.
pub(super) fn section(evidence: &Evidence, run: Option<usize>, is_linked: bool) -> String {
    let Some(run) = run else {
        return String::new();
    };
    let cells: Vec<(&str, &CellFigures)> = evidence
        .lanes
        .iter()
        .filter_map(|lane| {
            let cell = lane.done().find(|cell| cell.run == run)?;
            Some((lane.lane.as_str(), cell))
        })
        .collect();
    let Some((_, first)) = cells.first() else {
        return String::new();
    };
    let prompt = evidence.prompts.get(first.prompt);
    let prompt = quoted(prompt.map_or("", |prompt| prompt.name.as_str()));
    let longest = cells
        .iter()
        .filter_map(|(_, cell)| cell.figures.e2e_ms)
        .fold(0.0, f64::max);
    let link = if is_linked {
        format!(" <a href=\"#run-{run}\">Its answers.</a>")
    } else {
        String::new()
    };
    let mut out = format!(
        "<section aria-labelledby=\"timeline\"><h2 id=\"timeline\">One prompt over time</h2>\n<p>{}{link}</p>\n<p class=\"note\">\
         <span class=\"key\"><i class=\"waiting\"></i>waiting for the first piece (thinking that is not shown is in it)</span>\
         <span class=\"key\"><i class=\"thinking\"></i>thinking</span><span class=\"key\"><i class=\"answering\"></i>answering\
         </span></p>\n<dl class=\"timeline\">\n",
        prose(&format!(
            "{prompt}, whose times are most like the medians; from the request to the last piece, {} across.",
            figures::time(Some(longest))
        ))
    );
    for (lane, cell) in cells {
        let _ = writeln!(
            out,
            "<dt>{}</dt><dd>{}</dd>",
            line(lane),
            bar(&cell.figures, longest)
        );
    }
    out.push_str("</dl></section>\n");
    out
}

/// The parts of a cell's time, in milliseconds, and what they are.
fn parts(figures: &RunFigures) -> Vec<(&'static str, f64)> {
    let (Some(end), Some(first)) = (figures.e2e_ms, figures.ttft_ms) else {
        return Vec::new();
    };
    let answer = figures.ttfa_ms.unwrap_or(end).clamp(first, end.max(first));
    let thinking = answer - first;
    let all = [
        ("waiting", first),
        ("thinking", thinking),
        ("answering", end - answer),
    ];
    all.into_iter().filter(|(_, ms)| *ms > 0.0).collect()
}

fn bar(figures: &RunFigures, longest: f64) -> String {
    let parts = parts(figures);
    if parts.is_empty() || longest <= 0.0 {
        return "<small>no times are known</small>".to_owned();
    }
    let mut bar = String::new();
    let mut words = Vec::new();
    for (kind, ms) in &parts {
        let _ = write!(
            bar,
            "<i class=\"{kind}\" style=\"width:{:.2}%\"></i>",
            100.0 * ms / longest
        );
        words.push(format!("{kind} {}", figures::time(Some(*ms))));
    }
    format!(
        "<div class=\"bar\" aria-hidden=\"true\">{bar}</div><small>{}; {} in all</small>",
        words.join(", "),
        figures::time(figures.e2e_ms)
    )
}
