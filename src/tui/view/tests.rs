//! Snapshots of the screen: the text, and the styles as one letter per cell.

mod costs;
mod room;
mod screens;

use super::*;
use crate::{
    domain::{
        cost::Price,
        event::{LaneEvent, LaneEventKind, StreamEvent},
        id::LaneId,
        plan::{
            GpuLayers, LanePlan, LaneSource, LocalPlan, ProviderId, RemotePlan, TemplateSource,
            Timeouts,
        },
        request::Sampling,
        tier::Tier,
    },
    tui::{
        effect::Effect,
        model::{LaneEntry, ModelSpec},
        msg::Msg,
        theme::Colors,
        update::update,
    },
};
use ratatui::{
    Terminal,
    backend::TestBackend,
    crossterm::event::{KeyCode, KeyEvent, KeyModifiers},
    style::{Color, Modifier},
};

/// A playground in a terminal of its own.
pub(in crate::tui) struct Bench {
    pub(in crate::tui) model: Model,
    pub(in crate::tui) cache: ViewCache,
    pub(in crate::tui) now: Duration,
    pub(in crate::tui) effects: Vec<Effect>,
}

impl Bench {
    pub(in crate::tui) fn new(size: (u16, u16), lanes: Vec<LaneEntry>) -> Self {
        Self::with(size, lanes, Colors::Ansi)
    }

    pub(in crate::tui) fn with(size: (u16, u16), lanes: Vec<LaneEntry>, colors: Colors) -> Self {
        Self::of(size, lanes, colors, None)
    }

    /// Whose sitting may cost so much.
    pub(in crate::tui) fn limited(size: (u16, u16), max_cost_usd: f64) -> Self {
        Self::of(size, four_lanes(), Colors::Ansi, Some(max_cost_usd))
    }

    fn of(
        size: (u16, u16),
        lanes: Vec<LaneEntry>,
        colors: Colors,
        max_cost_usd: Option<f64>,
    ) -> Self {
        let model = Model::new(ModelSpec {
            lanes,
            colors,
            max_cost_usd,
            size,
            ..ModelSpec::default()
        });
        let mut bench = Self {
            model,
            cache: ViewCache::default(),
            now: Duration::ZERO,
            effects: Vec::new(),
        };
        bench.send(Msg::Resize {
            columns: size.0,
            rows: size.1,
        });
        bench
    }

    pub(in crate::tui) fn send(&mut self, msg: Msg) {
        self.effects.extend(update(&mut self.model, msg));
    }

    pub(in crate::tui) fn key(&mut self, code: KeyCode) {
        self.press(KeyEvent::new(code, KeyModifiers::NONE));
    }

    pub(in crate::tui) fn ctrl(&mut self, c: char) {
        self.press(KeyEvent::new(KeyCode::Char(c), KeyModifiers::CONTROL));
    }

    pub(in crate::tui) fn press(&mut self, key: KeyEvent) {
        let at = self.now;
        self.send(Msg::Key { key, at });
    }

    pub(in crate::tui) fn type_text(&mut self, text: &str) {
        for c in text.chars() {
            self.key(KeyCode::Char(c));
        }
    }

    /// Sends a prompt, and starts its run as the runtime would.
    pub(in crate::tui) fn ask(&mut self, prompt: &str) {
        self.type_text(prompt);
        self.key(KeyCode::Enter);
        let run = RunNumber(self.model.runs);
        let origin = self.now;
        self.send(Msg::RunStarted { run, origin });
    }

    /// Something happens on a lane of the run, so long after it began.
    pub(in crate::tui) fn event(&mut self, lane: usize, at_ms: u64, kind: LaneEventKind) {
        let run = RunNumber(self.model.runs);
        let events = vec![LaneEvent {
            lane: LaneId(lane),
            at: Duration::from_millis(at_ms),
            kind,
        }];
        self.send(Msg::RunEvents { run, events });
    }

    pub(in crate::tui) fn stream(&mut self, lane: usize, at_ms: u64, event: StreamEvent) {
        self.event(lane, at_ms, LaneEventKind::Stream(event));
    }

    pub(in crate::tui) fn settle(&mut self, lane: usize, at_ms: u64) {
        self.event(lane, at_ms, LaneEventKind::Settled { disturbed: false });
    }

    pub(in crate::tui) fn draw(&mut self, columns: u16, rows: u16) -> Buffer {
        let mut terminal = Terminal::new(TestBackend::new(columns, rows)).unwrap();
        let (model, cache, now) = (&self.model, &mut self.cache, self.now);
        terminal
            .draw(|frame| view(model, cache, frame, now))
            .unwrap()
            .buffer
            .clone()
    }

    /// The screen as text, seen by the person.
    pub(in crate::tui) fn text(&mut self) -> String {
        let (columns, rows) = self.model.size;
        let text = text_of(&self.draw(columns, rows));
        self.model.drawn(self.now);
        text
    }

    /// The person reads the screen, which takes a second.
    pub(in crate::tui) fn read(&mut self) {
        self.text();
        self.now += Duration::from_secs(1);
    }

    /// The screen as one letter per cell for its style.
    pub(in crate::tui) fn styles(&mut self) -> String {
        let (columns, rows) = self.model.size;
        let buffer = self.draw(columns, rows);
        lines_of(&buffer, |cell| {
            let bold = cell.modifier.contains(Modifier::BOLD);
            let letter = match cell.fg {
                Color::Reset if cell.modifier.contains(Modifier::DIM) => '.',
                Color::Reset if bold => 'B',
                Color::Reset => ' ',
                Color::Cyan => 'F',
                color => color.to_string().chars().next().unwrap_or('?'),
            };
            letter.to_string()
        })
    }
}

fn text_of(buffer: &Buffer) -> String {
    lines_of(buffer, |cell| cell.symbol().to_owned())
}

fn lines_of(buffer: &Buffer, show: impl Fn(&ratatui::buffer::Cell) -> String) -> String {
    let mut out = String::new();
    for row in 0..buffer.area.height {
        let mut line = String::new();
        let mut skip = 0;
        for column in 0..buffer.area.width {
            let cell = &buffer[(column, row)];
            if skip > 0 {
                skip -= 1;
                continue;
            }
            skip = Line::raw(cell.symbol()).width().saturating_sub(1);
            line.push_str(&show(cell));
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

pub(in crate::tui) fn local(name: &str, tier: Tier) -> LaneEntry {
    entry(
        name,
        "pocket-model",
        tier,
        "CPU",
        LaneSource::Local(LocalPlan {
            path: "model.gguf".into(),
            gpu_layers: GpuLayers::Auto,
            devices: Vec::new(),
            context_tokens: None,
            threads: 0,
            parallel: 1,
            template: TemplateSource::Model,
            thinking_budget: None,
        }),
    )
}

pub(in crate::tui) fn remote(name: &str, model: &str, tier: Tier) -> LaneEntry {
    let source = LaneSource::Remote(RemotePlan {
        api_key_env: Some("OPENAI_API_KEY".to_owned()),
        ..RemotePlan::default()
    });
    entry(name, model, tier, "openai", source)
}

fn entry(name: &str, model: &str, tier: Tier, place: &str, source: LaneSource) -> LaneEntry {
    let price = matches!(source, LaneSource::Remote(_)).then_some(Price {
        input: Some(2.5),
        output: Some(10.0),
        cached_input: None,
        as_of: Some("2026-11-01".to_owned()),
        ..Price::default()
    });
    let plan = LanePlan {
        name: name.to_owned(),
        tier: Some(tier),
        provider: ProviderId::OpenAi,
        model: model.to_owned(),
        source,
        sampling: Sampling {
            max_tokens: Some(1_000),
            ..Sampling::default()
        },
        system: None,
        effort: None,
        extra: serde_json::Map::new(),
        price,
        timeouts: Timeouts::default(),
        max_retries: 2,
        is_enabled: true,
        notes: Vec::new(),
    };
    LaneEntry {
        plan: plan.into(),
        place: place.to_owned(),
    }
}

pub(in crate::tui) fn four_lanes() -> Vec<LaneEntry> {
    vec![
        local("small", Tier::Small),
        remote("flagship", "gpt-4o", Tier::Flagship),
        remote("thinker", "deepseek-r1", Tier::Reasoning),
        local("base", Tier::Base),
    ]
}

#[test]
fn a_long_answer_is_wrapped_once_whatever_is_drawn() {
    let mut bench = Bench::new((120, 34), four_lanes());
    bench.ask("write");
    for index in 0..5_000 {
        bench.stream(0, index, StreamEvent::answer("word "));
        if index % 100 == 0 {
            bench.text();
        }
    }
    let before = bench.model.panes[0].work();
    bench.text();
    assert_eq!(bench.model.panes[0].work(), before, "drawing wraps nothing");
    assert!(before < 5_000 * 80, "{before}");
}
