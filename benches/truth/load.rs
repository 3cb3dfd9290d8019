//! Keeps every core busy while the streams run: a local lane that decodes, or a process that spins.

use std::{
    fmt,
    process::{Child, Command, Stdio},
    str::FromStr,
};
use tokio::runtime::Runtime;

/// The hidden argument that turns this program into the spinning process.
const SPINNER: &str = "--be-the-spinner";

/// What keeps the cores busy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoadKind {
    /// A local lane.
    Engine,
    /// A process with one spinning thread a core.
    Spin,
    /// Nothing.
    None,
}

impl LoadKind {
    /// A local lane where this build has them.
    pub const fn usual() -> Self {
        Self::Spin
    }
}

impl FromStr for LoadKind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "engine" => Ok(Self::Engine),
            "spin" => Ok(Self::Spin),
            "none" => Ok(Self::None),
            other => Err(format!("no load is called `{other}`")),
        }
    }
}

/// A load under way.
pub enum Load {
    /// The spinning process.
    Spin(Child),
    /// None.
    None,
}

impl Load {
    /// Starts it.
    pub fn start(kind: LoadKind, _runtime: &Runtime) -> Self {
        match kind {
            LoadKind::Engine => panic!("not yet"),
            LoadKind::Spin => {
                let program = std::env::current_exe().expect("this program");
                let child = Command::new(program)
                    .arg(SPINNER)
                    .stdin(Stdio::piped())
                    .spawn()
                    .expect("a spinning process");
                Self::Spin(child)
            }
            LoadKind::None => Self::None,
        }
    }

    /// Ends it, and says what it did.
    pub fn stop(self) -> String {
        match self {
            Self::Spin(mut child) => {
                drop(child.stdin.take());
                let ended = child.kill().and_then(|()| child.wait());
                format!(
                    "heat only ({})",
                    ended.map_or_else(|error| error.to_string(), |_| "ended".to_owned())
                )
            }
            Self::None => "nothing".to_owned(),
        }
    }
}

impl fmt::Display for Load {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Spin(_) => write!(out, "{} spinning threads in another process", cores()),
            Self::None => out.write_str("none"),
        }
    }
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// Whether this process was started as the spinner.
pub fn is_spinner(arguments: &[String]) -> bool {
    arguments.iter().any(|argument| argument == SPINNER)
}

/// Spins on every core until the process that started this one is gone.
pub fn spin() -> ! {
    for _ in 0..cores() {
        std::thread::spawn(|| {
            let mut value = 1_u64;
            loop {
                value = std::hint::black_box(
                    value
                        .wrapping_mul(6_364_136_223_846_793_005)
                        .wrapping_add(1),
                );
            }
        });
    }
    let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
    std::process::exit(0)
}
