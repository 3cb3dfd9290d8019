//! The tables of a page: lanes, what is needed, a month's cost, comparisons. The same words as in Markdown.

use super::text::{line, prose};
use crate::{
    domain::{figures, wording},
    report::{
        compare::{BatchComparison, ChangeKind, Paired},
        findings::Findings,
        markdown::{NO_MONTH, PASSED, change_sentences, standings},
        quoted, rows, sentence, votes,
        words::{self, Figure},
    },
};
use std::fmt::Write as _;

/// More changes of a kind are counted, not listed.
const MOST_CHANGES: usize = 200;

/// The table of the lanes.
pub(super) fn lanes(findings: &Findings) -> String {
    if findings.summaries.is_empty() {
        return String::new();
    }
    let mut out = "<section aria-labelledby=\"lanes\"><h2 id=\"lanes\">Lanes</h2>\n".to_owned();
    open(
        &mut out,
        "Lanes",
        &[
            "Lane",
            "Passed",
            "First piece",
            "First answer",
            "Time",
            "tok/s",
            "Cost a prompt",
            "Thinking",
            "Cells",
        ],
        1,
    );
    let best = sentence::best_lane(&findings.summaries);
    for lane in &findings.summaries {
        let class = if best.as_deref() == Some(&lane.lane) {
            " class=\"best\""
        } else {
            ""
        };
        let facts = [
            lane.tier.map(|tier| tier.name().to_owned()),
            (lane.model != lane.lane).then(|| line(&lane.model)),
        ];
        let facts = facts.into_iter().flatten();
        let facts: String = facts.fold(String::new(), |out, fact| {
            out + "<small>" + &fact + "</small>"
        });
        let _ = write!(
            out,
            "<tr{class}><th scope=\"row\">{}{facts}</th>",
            line(&lane.lane)
        );
        for figure in rows::lane(lane) {
            cell(&mut out, &figure);
        }
        out.push_str("</tr>\n");
    }
    let _ = writeln!(
        out,
        "</tbody></table></div>\n<p class=\"note\">{}</p></section>",
        prose(&caption(findings, best))
    );
    out
}

/// What stands below the table of the lanes.
fn caption(findings: &Findings, best: Option<String>) -> String {
    let mut caption = format!(
        "Median, below it the 25th to 75th percentile, of the cells that are done; {PASSED} ~ marks an estimate, – is not known, \
         ? is a price that is not known.{}",
        rows::count_note(&findings.summaries)
    );
    if let Some(best) = best {
        let _ = write!(
            caption,
            " ★ No lane passes more often than {}.",
            quoted(&best)
        );
    }
    let days = rows::price_days(findings);
    if !days.is_empty() {
        let _ = write!(caption, " Prices: {}.", days.join(", "));
    }
    for lane in &findings.summaries {
        if !lane.judging().is_empty() {
            let cost = wording::sum(&lane.judging());
            let _ = write!(
                caption,
                " Judging {} cost {cost} besides.",
                quoted(&lane.lane)
            );
        }
    }
    caption
}

/// What a need came to.
pub(super) fn need(findings: &Findings) -> String {
    let Some(choice) = &findings.choice else {
        return String::new();
    };
    let mut sentences = choice.sentences().into_iter();
    let mut out = format!(
        "<section aria-labelledby=\"need\"><h2 id=\"need\">What is needed</h2>\n<p>{}</p>\n<p class=\"lead\">{}</p>\n<ul>",
        prose(&choice.terms()),
        prose(&sentences.next().unwrap_or_default())
    );
    for sentence in sentences {
        let _ = write!(out, "<li>{}</li>", prose(&sentence));
    }
    out.push_str("</ul></section>\n");
    out
}

/// What a month would cost.
pub(super) fn months(findings: &Findings) -> String {
    let Some(first) = findings.projections.first() else {
        return String::new();
    };
    let mut out = format!(
        "<section aria-labelledby=\"month\"><h2 id=\"month\">Cost of {} requests a month</h2>\n",
        figures::count(first.requests_per_month)
    );
    if findings
        .projections
        .iter()
        .all(|month| month.cost_usd_per_month.is_none())
    {
        let _ = writeln!(out, "<p>{NO_MONTH}</p></section>");
        return out;
    }
    open(
        &mut out,
        "Cost of a month",
        &["Lane", "A month", "Mean of a prompt", "Over"],
        1,
    );
    for (month, lane) in findings.projections.iter().zip(&findings.summaries) {
        row(
            &mut out,
            &month.lane,
            &[
                words::usd(lane, month.cost_usd_per_month),
                words::usd(lane, month.mean_cost_usd),
                words::counted(month.cells, "cell", "cells"),
            ],
        );
    }
    out.push_str(
        "</tbody></table></div>\n<p class=\"note\">What all cells cost, failed and stopped ones too, over those that ended, as often as \
         there are requests: true where they are like these prompts.</p></section>\n",
    );
    out
}

/// Each lane against the base.
pub(super) fn comparisons(findings: &Findings) -> String {
    let Some(first) = findings.comparisons.first() else {
        return String::new();
    };
    let mut out = format!(
        "<section aria-labelledby=\"pairs\"><h2 id=\"pairs\">The same prompts, against {}</h2>\n",
        prose(&quoted(&first.base))
    );
    let pairs = findings
        .comparisons
        .iter()
        .map(|comparison| (comparison.lane.as_str(), &comparison.paired));
    paired_table(&mut out, "Comparison on the same prompts", pairs);
    out.push_str(
        "<p class=\"note\">Geometric means of the ratios of single prompts, with bootstrap intervals of 95 %; pass rates in \
         points; p of McNemar’s exact test.</p></section>\n",
    );
    out
}

fn paired_table<'a>(
    out: &mut String,
    title: &str,
    pairs: impl Iterator<Item = (&'a str, &'a Paired)> + Clone,
) {
    open(out, title, &rows::PAIRED, 1);
    for (lane, figures) in pairs.clone() {
        row(out, lane, &rows::paired(figures));
    }
    out.push_str("</tbody></table></div>\n");
    for note in rows::paired_notes(&pairs.map(|(_, figures)| figures)) {
        let _ = writeln!(out, "<p class=\"note\">{}</p>", prose(note));
    }
}

/// What became of an earlier batch.
pub(super) fn changes(change: &BatchComparison) -> String {
    let mut out = format!(
        "<section aria-labelledby=\"change\"><h2 id=\"change\">Since batch {}</h2>\n",
        prose(&quoted(&change.before))
    );
    for sentence in change_sentences(change) {
        let _ = writeln!(out, "<p>{}</p>", prose(&sentence));
    }
    for kind in ChangeKind::ALL {
        let all = change.of_kind(kind).count();
        if all == 0 {
            continue;
        }
        let _ = writeln!(
            out,
            "<h3>{} ({})</h3>",
            kind.title(),
            figures::count(all as u64)
        );
        open(
            &mut out,
            kind.title(),
            &["Lane", "Prompt", "Before", "Now"],
            4,
        );
        for one in change.of_kind(kind).take(MOST_CHANGES) {
            let [before, now] = standings(one);
            let _ = writeln!(
                out,
                "<tr><th scope=\"row\">{}</th><td class=\"words long\">{}</td><td class=\"words\">{before}</td><td \
                 class=\"words\">{now}</td></tr>",
                line(&one.lane),
                line(&one.prompt)
            );
        }
        out.push_str("</tbody></table></div>\n");
        if all > MOST_CHANGES {
            let _ = writeln!(
                out,
                "<p class=\"note\">… and {} more</p>",
                all - MOST_CHANGES
            );
        }
    }
    if !change.lanes.is_empty() {
        out.push_str("<h3>Now against before</h3>\n");
        let lanes = change.lanes.iter();
        let pairs = lanes.map(|lane| (lane.lane.as_str(), &lane.paired));
        paired_table(&mut out, "Now against before", pairs);
    }
    out.push_str("</section>\n");
    out
}

/// Which lane's answers were chosen.
pub(super) fn votes(findings: &Findings) -> String {
    if findings.votes.is_empty() {
        return String::new();
    }
    let mut out =
        "<section aria-labelledby=\"votes\"><h2 id=\"votes\">Which answers were chosen</h2>\n"
            .to_owned();
    open(&mut out, "Which answers were chosen", &votes::HEADS, 1);
    for lane in &findings.votes {
        row(&mut out, &lane.lane, &lane.cells());
    }
    let _ = writeln!(
        out,
        "</tbody></table></div>\n<p class=\"note\">{}</p></section>",
        prose(&findings.asking.meaning())
    );
    out
}

/// Opens a table in a box of its own, that scrolls where the page is narrow.
fn open(out: &mut String, title: &str, heads: &[&str], words: usize) {
    let _ = write!(
        out,
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{title}\"><table><thead><tr>"
    );
    for (place, head) in heads.iter().enumerate() {
        let class = if place < words {
            " class=\"words\""
        } else {
            ""
        };
        let _ = write!(out, "<th scope=\"col\"{class}>{head}</th>");
    }
    out.push_str("</tr></thead><tbody>\n");
}

fn cell(out: &mut String, figure: &Figure) {
    let _ = write!(out, "<td>{}", super::text::escape(&figure.middle));
    if let Some(range) = &figure.range {
        let _ = write!(out, "<small>{}</small>", super::text::escape(range));
    }
    out.push_str("</td>");
}

fn row(out: &mut String, lane: &str, cells: &[String]) {
    let _ = write!(out, "<tr><th scope=\"row\">{}</th>", line(lane));
    for cell in cells {
        let _ = write!(out, "<td>{}</td>", super::text::escape(cell));
    }
    out.push_str("</tr>\n");
}
