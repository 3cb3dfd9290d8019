//! What the server plays and what is asked: scenes, the lanes' wire formats, and the truth that follows from them.

use crate::loopback::{Loopback, Piece, Reply, Request, Speech};
use std::{collections::HashMap, time::Duration};
use tierscope::domain::{
    plan::{LanePlan, LaneSource, ProviderId, RemotePlan, Timeouts},
    request::Sampling,
};

/// What every lane is asked.
pub const PROMPT: &str = "Count.";
/// Pieces a second on every lane.
pub const PIECES_PER_SEC: u32 = 100;
/// Between the head and the first piece of the first lane; each next lane begins a little later, as real ones would.
const FIRST: Duration = Duration::from_millis(150);
const LATER_US: u64 = 1_250;

/// One kind of stream.
#[derive(Debug)]
pub struct Scene {
    /// What the table calls it.
    pub name: &'static str,
    /// Pieces of thinking, before those of the answer.
    pub thinking_pieces: usize,
    /// Pieces of the answer.
    pub answer_pieces: usize,
    /// Tokens of thinking that is not sent.
    pub hidden_tokens: u64,
    /// Tokens that each piece stands for.
    pub tokens_per_piece: u64,
    /// How much later each next lane begins, in microseconds.
    pub later_us: u64,
}

impl Scene {
    /// An answer without thinking, a token a piece.
    pub const fn plain(name: &'static str) -> Self {
        Self {
            name,
            thinking_pieces: 0,
            answer_pieces: 200,
            hidden_tokens: 0,
            tokens_per_piece: 1,
            later_us: LATER_US,
        }
    }
}

/// All of them.
pub const SCENES: &[Scene] = &[
    Scene::plain("plain answer"),
    Scene {
        thinking_pieces: 80,
        answer_pieces: 120,
        ..Scene::plain("streamed reasoning")
    },
    Scene {
        hidden_tokens: 300,
        ..Scene::plain("hidden reasoning")
    },
    Scene {
        tokens_per_piece: 4,
        ..Scene::plain("4 tokens a chunk")
    },
];

/// Who receives a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// The program.
    Ours,
    /// A bare socket.
    Control,
}

/// One stream of one round.
#[derive(Debug, Clone, Copy)]
pub struct Cell {
    /// What is played.
    pub scene: &'static Scene,
    /// Counts from 0.
    pub round: usize,
    /// To whom.
    pub who: Who,
    /// Counts from 0.
    pub lane: usize,
}

/// How one wire format is spoken and read.
struct Dialect {
    provider: ProviderId,
    say: fn(&Speech) -> Reply,
    /// Writes before the first piece.
    lead: usize,
    /// Thinking comes as it is thought, so that the whole stream is the window.
    is_raw: bool,
    /// The server says how much of the completion was thinking.
    has_split: bool,
}

/// Wire formats, which the lanes take in turn.
pub const DIALECT_COUNT: usize = 4;

const DIALECTS: [Dialect; DIALECT_COUNT] = [
    Dialect {
        provider: ProviderId::OpenAi,
        say: Speech::openai,
        lead: 1,
        is_raw: true,
        has_split: true,
    },
    Dialect {
        provider: ProviderId::Anthropic,
        say: Speech::anthropic,
        lead: 1,
        is_raw: false,
        has_split: true,
    },
    Dialect {
        provider: ProviderId::Gemini,
        say: Speech::gemini,
        lead: 0,
        is_raw: false,
        has_split: true,
    },
    Dialect {
        provider: ProviderId::Ollama,
        say: Speech::ollama,
        lead: 0,
        is_raw: true,
        has_split: false,
    },
];

impl Cell {
    /// The model's name, by which the server knows the cell.
    pub fn model(&self) -> String {
        let who = match self.who {
            Who::Ours => "ours",
            Who::Control => "control",
        };
        format!("{} {} {who} {}", self.scene.name, self.round, self.lane).replace(' ', "-")
    }

    fn from_model(model: &str) -> Self {
        let scene = SCENES
            .iter()
            .chain(crate::crowd::SCENES)
            .find(|scene| model.starts_with(&scene.name.replace(' ', "-")))
            .expect("the name of a scene");
        let mut parts = model.rsplit('-');
        let mut part = || parts.next().expect("the parts of a name");
        let (lane, who, round) = (part(), part(), part());
        Self {
            scene,
            round: round.parse().expect("a number"),
            who: if who == "ours" {
                Who::Ours
            } else {
                Who::Control
            },
            lane: lane.parse().expect("a number"),
        }
    }

    fn dialect(&self) -> &'static Dialect {
        let dialect = &DIALECTS[self.lane % DIALECTS.len()];
        // Ollama does not say how much was thinking: hidden thinking cannot be told from the answer there.
        if self.scene.hidden_tokens > 0 && !dialect.has_split {
            &DIALECTS[0]
        } else {
            dialect
        }
    }

    /// The lane that asks for it.
    pub fn plan(&self, server: &Loopback) -> LanePlan {
        let provider = self.dialect().provider;
        let path = if provider == ProviderId::OpenAi {
            "/v1"
        } else {
            ""
        };
        LanePlan {
            name: format!("lane-{}", self.lane),
            tier: None,
            provider,
            model: self.model(),
            source: LaneSource::Remote(RemotePlan {
                base_url: Some(server.url(path)),
                ..RemotePlan::default()
            }),
            sampling: Sampling::default(),
            system: None,
            effort: None,
            extra: serde_json::Map::new(),
            price: None,
            timeouts: Timeouts::default(),
            max_retries: 0,
            is_enabled: true,
            notes: Vec::new(),
        }
    }

    fn speech(&self) -> Speech {
        let scene = self.scene;
        let every = Duration::from_secs(1) / PIECES_PER_SEC;
        let later = Duration::from_micros(scene.later_us * self.lane as u64);
        let thinking = vec!["think "; scene.thinking_pieces];
        let answer = vec!["word "; scene.answer_pieces];
        let thought = scene.thinking_pieces as u64 * scene.tokens_per_piece + scene.hidden_tokens;
        let answered = scene.answer_pieces as u64 * scene.tokens_per_piece;
        Speech::of(&answer)
            .thinking(&thinking)
            .tokens(thought + answered, thought)
            .paced(FIRST + later, every)
    }

    /// Which writes of the body are pieces, from the first to the last.
    pub fn piece_writes(&self) -> std::ops::Range<usize> {
        let lead = self.dialect().lead;
        lead..lead + self.scene.thinking_pieces + self.scene.answer_pieces
    }

    /// The pieces of the window of the decode rate, and the tokens that they stand for.
    pub fn window(&self) -> Window {
        let scene = self.scene;
        let skipped = if self.dialect().is_raw {
            0
        } else {
            scene.thinking_pieces
        };
        let speech = self.speech();
        let chars = speech.pieces[skipped..]
            .iter()
            .map(|piece| match piece {
                Piece::Reasoning(text) | Piece::Answer(text) => text.chars().count(),
            })
            .collect::<Vec<_>>();
        Window {
            skipped,
            tokens: chars.len() as f64 * scene.tokens_per_piece as f64,
            chars,
        }
    }
}

/// The pieces that a decode rate is made of.
#[derive(Debug)]
pub struct Window {
    /// Pieces before it.
    pub skipped: usize,
    /// Tokens in it.
    pub tokens: f64,
    /// Characters of each piece.
    pub chars: Vec<usize>,
}

/// What the server answers; all made beforehand, so that making them delays no other stream.
pub struct Replies(HashMap<(&'static str, usize), Reply>);

impl Replies {
    /// Of every one of these scenes on this many lanes.
    pub fn of_lanes(scenes: &'static [Scene], lanes: usize) -> Self {
        let mut replies = HashMap::new();
        for scene in scenes {
            for lane in 0..lanes {
                let (round, who) = (0, Who::Ours);
                let cell = Cell {
                    scene,
                    round,
                    who,
                    lane,
                };
                let reply = (cell.dialect().say)(&cell.speech());
                replies.insert((scene.name, lane), reply);
            }
        }
        Self(replies)
    }

    /// The one that was asked for.
    pub fn answer(&self, request: &Request) -> Reply {
        let cell = cell_of(request);
        self.0[&(cell.scene.name, cell.lane)].clone()
    }
}

/// The cell that a request asks for.
pub fn cell_of(request: &Request) -> Cell {
    let in_path = request
        .path
        .strip_prefix("/v1beta/models/")
        .and_then(|rest| rest.split(':').next())
        .map(str::to_owned);
    let model = in_path.unwrap_or_else(|| {
        let body = request.json();
        body["model"].as_str().expect("a model").to_owned()
    });
    Cell::from_model(&model)
}
