//! Every number of the focused lane: its value, its formula, its source, and the server's own figure beside ours.

use super::{is_contended, pages::paragraph};
use crate::{
    domain::{
        cost::Price,
        figures,
        lane::LaneState,
        metrics::{Speed, Thinking},
        plan::{LanePlan, LaneSource},
        run::CONTENDED,
        sanitise::sanitise_line,
        usage::{Usage, UsageSource},
        wording,
    },
    tui::{model::Model, theme::Theme},
};
use ratatui::text::{Line, Span};
use std::time::Duration;

/// Columns of the names and of the values.
const NAME: usize = 19;
const VALUE: usize = 11;

/// The lines of the page.
pub(super) fn lines(
    model: &Model,
    columns: u16,
    speed: &Speed,
    clock: Duration,
) -> Vec<Line<'static>> {
    let Some(entry) = model.panes.get(model.focused).map(|pane| &pane.entry) else {
        return vec![Line::raw("There is no lane.")];
    };
    let plan = &entry.plan;
    let mut page = Page {
        theme: model.theme,
        columns,
        lines: Vec::new(),
    };
    page.head(&format!(
        "{} · {}",
        sanitise_line(&plan.name),
        sanitise_line(&plan.model)
    ));
    page.text(&format!(
        "{} · {} · {}",
        plan.tier.map_or("no tier", |tier| tier.name()),
        plan.provider.name(),
        sanitise_line(&entry.place)
    ));
    let Some(state) = model.run.as_ref().and_then(|run| run.lane(model.focused)) else {
        page.text("This lane has not been asked yet.");
        return page.lines;
    };
    page.text(&wording::phase(plan, state, clock).to_string());
    page.timing(state);
    page.tokens(state);
    page.speed(state, speed);
    page.server(state, speed);
    page.cost(plan, state);
    page.notes(
        plan,
        state,
        is_contended(model, model.focused).then_some(CONTENDED),
    );
    page.lines
}

struct Page {
    theme: Theme,
    columns: u16,
    lines: Vec<Line<'static>>,
}

impl Page {
    fn head(&mut self, title: &str) {
        if !self.lines.is_empty() {
            self.lines.push(Line::default());
        }
        let style = self.theme.strong();
        self.lines.extend(paragraph(title, self.columns, 0, style));
    }

    fn text(&mut self, text: &str) {
        let style = self.theme.dim();
        self.lines.extend(paragraph(text, self.columns, 1, style));
    }

    /// A number with what it means beside it, or below it where that is narrow.
    fn row(&mut self, name: &str, value: &str, meaning: &str) {
        let space = NAME.saturating_sub(Span::raw(name).width());
        let padding = VALUE.saturating_sub(Span::raw(value).width());
        let number = format!(" {name}{}{}{value}", " ".repeat(space), " ".repeat(padding));
        let indent = u16::try_from(NAME + VALUE + 3).unwrap_or(0);
        if self.columns >= indent + 30 {
            let mut meanings = paragraph(meaning, self.columns, indent, self.theme.dim());
            if let Some(first) = meanings.first_mut() {
                let text = first.to_string().trim_start().to_owned();
                *first = Line::from(vec![
                    Span::raw(format!("{number}  ")),
                    Span::styled(text, self.theme.dim()),
                ]);
            }
            self.lines.extend(meanings);
        } else {
            self.lines.push(Line::raw(number));
            let style = self.theme.dim();
            self.lines
                .extend(paragraph(meaning, self.columns, 3, style));
        }
    }

    fn timing(&mut self, state: &LaneState) {
        let timing = state.timing();
        self.head("Times, from t0: the last attempt was handed to the transport");
        for (name, ms, meaning) in [
            (
                "queue",
                timing.queue_ms,
                "before t0: for a turn and before retries",
            ),
            ("load", timing.load_ms, "before t0: loading the model"),
            (
                "connect",
                timing.connect_ms,
                "DNS, TCP and TLS; – on a reused connection",
            ),
            ("headers", timing.ttfb_ms, "response headers − t0"),
            (
                "first",
                timing.ttft_ms,
                "first piece of thinking or answer − t0 (TTFT)",
            ),
            ("answer", timing.ttfa_ms, "first piece of the answer − t0"),
            (
                "thinking",
                timing.thinking_ms,
                "answer − first, where thinking was streamed",
            ),
            ("all", timing.e2e_ms, "last piece − t0"),
        ] {
            self.row(name, &figures::time(ms), meaning);
        }
        self.row("attempts", &state.attempts.to_string(), "1 means: no retry");
    }

    fn tokens(&mut self, state: &LaneState) {
        let usage = state.usage();
        self.head("Tokens");
        let source = match usage.source {
            Some(UsageSource::Reported) => "as the server reported them",
            Some(UsageSource::Counted) => "counted with the model's own tokenizer",
            Some(UsageSource::Estimated) if !state.settled => {
                "estimated from the text: the server reported none yet"
            }
            Some(UsageSource::Estimated) => "estimated from the text: the server reported none",
            None => "nothing is known yet",
        };
        self.text(source);
        for (name, value, meaning) in [
            (
                "prompt",
                usage.prompt_tokens,
                "all of it, cached ones included",
            ),
            (
                "cached",
                usage.cached_prompt_tokens,
                "the part of the prompt from a cache",
            ),
            (
                "completion",
                usage.completion_tokens,
                "all of it, thinking included",
            ),
            (
                "thinking",
                usage.reasoning_tokens,
                "the part of the completion that was thinking",
            ),
        ] {
            let value = match name {
                "completion" | "thinking" => figures::tokens(value, usage.source),
                _ => figures::tokens(value, state.reported.source),
            };
            self.row(name, &value, meaning);
        }
    }

    fn speed(&mut self, state: &LaneState, speed: &Speed) {
        let source = state.usage().source;
        self.head("Speed");
        self.row(
            "tok/s",
            &figures::rate(speed.decode_tokens_per_sec, source),
            window(state),
        );
        self.row(
            "tok/s, waited for",
            &figures::rate(speed.e2e_tokens_per_sec, source),
            "completion tokens / all",
        );
        self.row(
            "characters/s",
            &figures::rate(speed.chars_per_sec, None),
            "of the same window: comparable between tokenizers",
        );
        self.row(
            "prefill tok/s",
            &figures::rate(speed.prefill_tokens_per_sec, None),
            "(prompt − cached) / the server's or the engine's prefill time",
        );
        self.row(
            "tokens per chunk",
            &figures::rate(speed.tokens_per_chunk, source),
            "a chunk is what came in one piece; not a token",
        );
        let gaps = speed.chunk_gap_ms;
        self.row(
            "chunk gap, median",
            &figures::time(gaps.p50),
            "between two chunks",
        );
        self.row(
            "chunk gap, 95 %",
            &figures::time(gaps.p95),
            "– below 20 gaps",
        );
        self.row("chunk gap, longest", &figures::time(gaps.max), "");
        self.row(
            "stalls",
            &figures::tokens(speed.stalls, None),
            "gaps longer than 4 × the median and 250 ms",
        );
    }

    /// The server's own figures beside ours, and why they differ.
    fn server(&mut self, state: &LaneState, speed: &Speed) {
        let server = state.server;
        self.head("The server's own figures, beside ours");
        let timing = state.timing();
        let beside = |theirs: Option<f64>, ours: Option<f64>, why: &str| match (theirs, ours) {
            (Some(theirs), Some(ours)) => format!(
                "ours: {}; {} {}: {why}",
                figures::time(Some(ours)),
                figures::time(Some((ours - theirs).abs())),
                if ours >= theirs { "more" } else { "less" },
            ),
            _ => "not reported".to_owned(),
        };
        let first = beside(
            server.ttft_ms,
            timing.ttft_ms,
            "the way there and back, and its queue where it leaves that out",
        );
        self.row("first", &figures::time(server.ttft_ms), &first);
        let decode = beside(
            server.decode_ms,
            state.timeline.all.window().map(crate::domain::metrics::ms),
            "ours begins with the first piece to arrive, and pieces may be held together on the way",
        );
        self.row("decode", &figures::time(server.decode_ms), &decode);
        let prefill = match speed.prefill_tokens_per_sec {
            Some(_) => "the base of prefill tok/s",
            None => "not reported",
        };
        self.row("prefill", &figures::time(server.prefill_ms), prefill);
        self.row(
            "queue",
            &figures::time(server.queue_ms),
            "before the server began",
        );
        if server.total_ms.is_some() {
            let whole = beside(
                server.total_ms,
                timing.e2e_ms,
                "the way there and back; no part of theirs is told apart",
            );
            self.row("whole", &figures::time(server.total_ms), &whole);
        }
        if server.load_ms.is_some() {
            let load = figures::time(server.load_ms);
            self.row("load", &load, "the server loaded the model; part of TTFT");
        }
    }

    fn cost(&mut self, plan: &LanePlan, state: &LaneState) {
        self.head("Cost");
        let meaning = match &plan.price {
            Some(price) => prices(price, &state.usage()),
            None if matches!(plan.source, LaneSource::Played(_)) => "as it was recorded".to_owned(),
            None => "no price is known: give one as `price` in the configuration".to_owned(),
        };
        self.row("cost", &wording::cost(plan, state), &meaning);
    }

    fn notes(&mut self, plan: &LanePlan, state: &LaneState, contended: Option<&str>) {
        let mut notes = state.warnings_with(plan);
        notes.extend(contended.map(str::to_owned));
        if state.disturbed {
            notes.push(
                "our own back-pressure may have moved these numbers: events came faster than they were taken"
                    .to_owned(),
            );
        }
        if !notes.is_empty() {
            self.head("To know");
        }
        for note in notes {
            let style = self.theme.warning();
            let note = format!("! {}", sanitise_line(&note));
            self.lines.extend(paragraph(&note, self.columns, 1, style));
        }
    }
}

/// What the decode rate of this lane was taken over.
fn window(state: &LaneState) -> &'static str {
    match state.thinking() {
        Thinking::None => "(completion − those of the first arrival) / (last − first piece)",
        Thinking::Streamed => {
            "(completion − those of the first arrival) / (last − first piece), thinking included"
        }
        Thinking::Hidden => {
            "(completion − thinking − those of the first arrival) / (last − first piece of the answer): the thinking was not streamed"
        }
    }
}

fn prices(price: &Price, usage: &Usage) -> String {
    let prompt = usage.prompt_tokens.unwrap_or(0);
    let rates = price.rates(prompt);
    let mut parts = vec![("prompt", rates.input), ("completion", rates.output)];
    if usage.cached_prompt_tokens > Some(0) {
        parts.insert(1, ("cached", rates.cached_input));
    }
    if usage.cache_write_tokens > Some(0) {
        parts.insert(1, ("written to the cache", rates.cache_write));
    }
    if rates.reasoning.is_some() {
        parts.push(("thinking", rates.reasoning));
    }
    let parts: Vec<_> = parts
        .into_iter()
        .map(|(name, price)| match price {
            Some(price) => format!("{name} ${price}"),
            None => format!("{name} ?"),
        })
        .collect();
    let passed = price.above.iter().map(|long| long.prompt_tokens);
    let long = match passed.filter(|step| prompt > *step).max() {
        Some(step) => format!(", for prompts above {} tokens", figures::count(step)),
        None => String::new(),
    };
    let as_of = match &price.as_of {
        Some(day) => format!(" (as of {})", sanitise_line(day)),
        None => String::new(),
    };
    format!("{} per million tokens{long}{as_of}", parts.join(", "))
}
