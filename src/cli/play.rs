//! `tierscope play`: a past run once more, out of the history or a tape file, with its own timing. Asks nobody.

#[cfg(unix)]
use super::line_modes::LineModes;
use super::{
    context::{Context, columns},
    history::{one_run, read, refused},
    playground::{self, Stage},
    signals,
};
use crate::{
    config::Settings,
    domain::{
        event::LaneEvent,
        failure::{FailureKind, LaneFailure},
        id::LaneId,
        plan::{LanePlan, LaneSource, PlayedPlan, ProviderId, Timeouts},
        request::Sampling,
        tape::{Pauses, TapeHeader, TapeLane, TapeLine},
    },
    failure::{CliError, Exit},
    headless::{
        ask::{self, Faces, Format, Outcome, Signal, Style},
        sink::Outputs,
    },
    history::HistoryError,
    provider::{self, tape::Tape},
    run::{
        Lane,
        playback::{self, Pace, Playback},
    },
    tui::model::Prepared,
    wiring::{self, Assembly},
};
use futures_util::stream::{self, StreamExt};
#[cfg(unix)]
use rustix::termios::{LocalModes, SpecialCodeIndex};
use std::{
    io::{self, BufRead, IsTerminal},
    path::Path,
    str::FromStr,
    sync::Arc,
    thread,
    time::Duration,
};
use tokio::sync::{Mutex, mpsc};

/// How long connections may take to close after the last word was printed.
const CLOSING: Duration = Duration::from_millis(500);

/// What can be typed after `play`.
#[derive(Debug, clap::Args)]
pub struct PlayArgs {
    /// The id of a run or a batch, how it begins, or a tape file; without one the latest run
    #[arg(value_name = "RUN|TAPE")]
    what: Option<String>,
    /// So many times as fast, 0.1 to 100, or `step`: Return shows the next piece
    #[arg(long, value_name = "SPEED", default_value = "1")]
    speed: Speed,
    /// Prints text, also on a terminal
    #[arg(long)]
    text: bool,
}

/// How fast a run is played.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Speed {
    /// So many times as fast.
    Times(f64),
    /// Piece by piece.
    Step,
}

impl FromStr for Speed {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "step" {
            return Ok(Self::Step);
        }
        let times = text.strip_suffix(['x', '×']).unwrap_or(text).parse::<f64>();
        match times {
            Ok(times) if (0.1..=100.0).contains(&times) => Ok(Self::Times(times)),
            Ok(_) | Err(_) => Err(format!(
                "must be a number from 0.1 to 100, or `step`, not `{text}`"
            )),
        }
    }
}

/// Plays.
pub fn run(context: &Context, args: &PlayArgs) -> Result<Exit, CliError> {
    let (header, told) = recorded(context, args.what.as_deref())?;
    if told.is_empty() {
        return Err(CliError::failed(
            "there is nothing to play: no event was recorded",
        ));
    }
    let is_on_screen = !args.text
        && args.speed != Speed::Step
        && io::stdout().is_terminal()
        && io::stdin().is_terminal();
    let pace = match args.speed {
        Speed::Times(times) => Pace::Times(times),
        Speed::Step => Pace::Steps(Arc::new(Mutex::new(steps()?))),
    };
    let lanes: Vec<Lane> = header.lanes.iter().map(lane).collect();
    let playback = Playback {
        events: events(&header, &told)?,
        lanes: lanes.len(),
        head: header.run,
        pace,
    };
    if is_on_screen {
        return on_screen(context, args.speed, lanes, playback);
    }
    as_text(context, lanes, &playback)
}

/// The tape that is meant.
fn recorded(
    context: &Context,
    what: Option<&str>,
) -> Result<(TapeHeader, Vec<TapeLine>), CliError> {
    if let Some(path) = what.map(Path::new).filter(|path| path.is_file()) {
        let tape = Tape::read(path).map_err(|error| {
            CliError::failed(error.to_string()).hint(
                "`tierscope ask --format events` and `tierscope history export --tape` write tapes",
            )
        })?;
        return Ok((tape.header, tape.lines));
    }
    let history = read(context).map_err(|error| absent(what).unwrap_or(error))?;
    let found = history.find(what).map_err(|error| match &error {
        HistoryError::NoSuch(_) => absent(what).unwrap_or_else(|| refused(&error)),
        _ => refused(&error),
    })?;
    let run = one_run(&history, &found)?;
    history.tape(&run).map_err(|error| refused(&error))
}

/// What is said where a path was meant and nothing is there.
fn absent(what: Option<&str>) -> Option<CliError> {
    let what = what.filter(|what| what.contains(['/', '\\', '.']))?;
    let file = if Path::new(what).is_dir() {
        "it is a folder, not a tape file"
    } else {
        "there is no such file"
    };
    Some(
        CliError::failed(format!(
            "no batch and no run begins with `{what}`, and {file}"
        ))
        .hint("`tierscope history` lists what is kept")
        .hint("`tierscope ask --format events` and `tierscope history export --tape` write tapes"),
    )
}

fn events(header: &TapeHeader, told: &[TapeLine]) -> Result<Arc<[LaneEvent]>, CliError> {
    let mut events = Vec::with_capacity(told.len());
    for line in told {
        let lane = header.lanes.iter().position(|lane| lane.lane == line.lane);
        let Some(lane) = lane else {
            return Err(CliError::failed(format!(
                "the tape has an event of lane `{}`, which its header does not name",
                line.lane
            )));
        };
        events.push(LaneEvent {
            lane: LaneId(lane),
            at: Duration::from_micros(line.at_us),
            kind: line.event.clone(),
        });
    }
    events.sort_by_key(|event| event.at);
    Ok(Arc::from(events))
}

/// A lane as the tape knows it: its name, and nothing that could be asked.
fn lane(recorded: &TapeLane) -> Lane {
    let provider = recorded.provider.parse().unwrap_or(ProviderId::Tape);
    let plan = LanePlan {
        name: recorded.lane.clone(),
        tier: recorded.tier,
        provider,
        model: recorded.model.clone(),
        source: LaneSource::Played(PlayedPlan {
            is_local: recorded.access == "local",
            is_own: recorded.access == "local"
                || provider == ProviderId::Tape
                || provider.is_local_server(),
            cost_usd: recorded.cost_usd,
        }),
        sampling: Sampling::default(),
        system: None,
        effort: None,
        extra: serde_json::Map::new(),
        price: recorded.price.clone(),
        timeouts: Timeouts::default(),
        max_retries: 0,
        is_enabled: true,
        notes: Vec::new(),
    };
    let failure = LaneFailure::new(
        FailureKind::Rejected,
        "this is a recording: it plays the prompt that was recorded and answers no other",
    );
    Lane {
        plan: Arc::new(plan),
        provider: provider::refusing(format!("{} (played)", recorded.provider), failure),
    }
}

fn on_screen(
    context: &Context,
    speed: Speed,
    lanes: Vec<Lane>,
    playback: Playback,
) -> Result<Exit, CliError> {
    let log = context.start_log();
    let runtime = wiring::runtime()?;
    let from = format!("played from {}", playback.head.started_at);
    let notice = match speed {
        Speed::Times(times) if (times - 1.0).abs() > f64::EPSILON => {
            format!("{from}, {times} times as fast; the figures are those of the recording")
        }
        Speed::Times(_) | Speed::Step => from,
    };
    let mut warnings = vec![notice];
    warnings.extend(cut_short(&playback));
    let settings = Settings {
        lanes: lanes.iter().map(|lane| (*lane.plan).clone()).collect(),
        schedule: playback.head.schedule,
        warnings,
        ..Settings::default()
    };
    playground::show(
        context,
        runtime,
        Stage {
            assembly: Assembly {
                settings,
                lanes,
                later: None,
            },
            prepared: Prepared::for_all_lanes(vec![playback.head.prompt.text.clone()]),
            footer: Some("played from a recording"),
            playback: Some(playback),
            is_kept: false,
            log,
        },
    )
}

/// What is said where the recording has pauses that nobody would wait for.
fn cut_short(playback: &Playback) -> Option<String> {
    match playback.pace {
        Pace::Times(_) => Pauses::notice(playback.events.iter().map(|event| event.at)),
        Pace::Steps(_) => None,
    }
}

fn as_text(context: &Context, lanes: Vec<Lane>, playback: &Playback) -> Result<Exit, CliError> {
    if let Some(notice) = cut_short(playback) {
        context.say(&notice);
    }
    let runtime = wiring::runtime()?;
    let is_terminal = io::stdout().is_terminal();
    let faces = Faces {
        format: Format::Text,
        style: Style {
            is_exact: !is_terminal,
            is_colored: context.is_colored(is_terminal),
            is_quiet: context.global.quiet,
            width: is_terminal.then(columns).flatten(),
        },
        shows_progress: false,
    };
    let ended = runtime.block_on(async {
        let signals = signals::signals()
            .map_err(|error| CliError::failed("cannot listen for signals").caused_by(error))?;
        let signals = match playback.pace {
            Pace::Steps(_) => {
                let rare = signals::rare_signals().map_err(|error| {
                    CliError::failed("cannot listen for signals").caused_by(error)
                })?;
                stream::select(signals, rare).boxed()
            }
            Pace::Times(_) => signals,
        };
        // Only now, when no signal ends the process by itself; until the last word is out.
        let _stepping = Stepping::begin(context, &playback.pace);
        let outputs = Outputs {
            out: Box::new(io::stdout()),
            err: Box::new(io::stderr()),
        };
        let all: Vec<usize> = (0..lanes.len()).collect();
        let handle = playback::play(playback, &all);
        ask::show(lanes, handle, faces, None, outputs, signals)
            .await
            .map_err(CliError::output)
    });
    runtime.shutdown_timeout(CLOSING);
    Ok(match ended? {
        // That a lane failed then is no failure of playing it.
        Outcome::Done | Outcome::LaneFailed | Outcome::ReaderGone | Outcome::NotKept => {
            Exit::Success
        }
        Outcome::Stopped(Signal::Interrupt) => Exit::Interrupted,
        Outcome::Stopped(Signal::Terminate) => Exit::Terminated,
    })
}

/// A terminal at which a person steps: it is said what to press, and what is pressed does not show between the pieces.
struct Stepping {
    #[cfg(unix)]
    _modes: Option<LineModes<io::Stdin>>,
}

impl Stepping {
    fn begin(context: &Context, pace: &Pace) -> Option<Self> {
        if !matches!(pace, Pace::Steps(_)) || !io::stdin().is_terminal() {
            return None;
        }
        #[cfg(unix)]
        let modes = LineModes::changed(io::stdin(), |modes| {
            let echo = LocalModes::ECHO | LocalModes::ECHONL;
            modes.local_modes.remove(echo);
            // Put aside, it would leave the shell a terminal without echo.
            modes.special_codes[SpecialCodeIndex::VSUSP] = 0;
        });
        context.say("Return shows the next piece, Ctrl-D all that is left, Ctrl-C ends");
        Some(Self {
            #[cfg(unix)]
            _modes: modes.ok(),
        })
    }
}

/// One step for each line of standard input; at its end the rest comes at once.
fn steps() -> Result<mpsc::Receiver<()>, CliError> {
    let (step, steps) = mpsc::channel(1);
    thread::Builder::new()
        .name("steps".to_owned())
        .spawn(move || {
            let mut line = String::new();
            loop {
                line.clear();
                match io::stdin().lock().read_line(&mut line) {
                    Ok(0) | Err(_) => return,
                    Ok(_) => {}
                }
                if step.blocking_send(()).is_err() {
                    return;
                }
            }
        })
        .map_err(|error| CliError::failed("cannot listen for steps").caused_by(error))?;
    Ok(steps)
}
