//! Keeps every core busy while the streams run: a local lane that decodes, or a process that spins.

use futures_util::StreamExt;
use std::{
    fmt,
    path::PathBuf,
    process::{Child, Command, Stdio},
    str::FromStr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};
use tierscope::{
    domain::{
        event::{LaneEventKind, StreamEvent},
        plan::{GpuLayers, LocalPlan, TemplateSource},
        request::{ChatRequest, Message, Role},
    },
    provider::{
        Provider, Stopwatch,
        local::{LocalProvider, LocalSetup},
    },
};
use tokio::{runtime::Runtime, task::JoinHandle};

/// What the local lane runs.
const MODEL: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/assets/pocket/pocket-flagship.gguf"
);
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
        if cfg!(feature = "local") {
            Self::Engine
        } else {
            Self::Spin
        }
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
    /// The local lane's reader, and the pieces that it has read.
    Engine(JoinHandle<()>, Arc<AtomicU64>),
    /// The spinning process.
    Spin(Child),
    /// None.
    None,
}

impl Load {
    /// Starts it.
    pub fn start(kind: LoadKind, runtime: &Runtime) -> Self {
        match kind {
            LoadKind::Engine => {
                let pieces = Arc::new(AtomicU64::new(0));
                let reader = runtime.spawn(decode(local_lane(), Arc::clone(&pieces)));
                Self::Engine(reader, pieces)
            }
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

    /// Ends it, and says what it did. Panics where it did not last until now.
    pub fn stop(self) -> String {
        match self {
            Self::Engine(reader, pieces) => {
                let pieces = pieces.load(Ordering::Relaxed);
                assert!(
                    !reader.is_finished() && pieces > 0,
                    "the local lane did not decode"
                );
                reader.abort();
                format!("{pieces} pieces of text")
            }
            Self::Spin(mut child) => {
                let is_gone = child.try_wait().is_ok_and(|status| status.is_some());
                assert!(!is_gone, "the spinning process did not last");
                let _ = child.kill().and_then(|()| child.wait());
                "heat".to_owned()
            }
            Self::None => "nothing".to_owned(),
        }
    }
}

impl fmt::Display for Load {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Engine(..) => write!(out, "a local lane that decodes on {} threads", cores()),
            Self::Spin(_) => write!(out, "{} spinning threads in another process", cores()),
            Self::None => out.write_str("none"),
        }
    }
}

fn local_lane() -> LocalProvider {
    LocalProvider::new(LocalSetup {
        program: PathBuf::from(env!("CARGO_BIN_EXE_tierscope")),
        plan: LocalPlan {
            path: PathBuf::from(MODEL),
            gpu_layers: GpuLayers::Count(0),
            devices: Vec::new(),
            context_tokens: None,
            threads: u32::try_from(cores()).expect("few cores"),
            parallel: 1,
            template: TemplateSource::Model,
            thinking_budget: None,
        },
        sharing: 1,
    })
}

/// Asks again and again.
async fn decode(lane: LocalProvider, pieces: Arc<AtomicU64>) {
    loop {
        let request = ChatRequest {
            messages: vec![Message {
                role: Role::User,
                content: "Count from one to one thousand.".to_owned(),
            }],
            ..ChatRequest::default()
        };
        let mut stream = lane.stream(request, Stopwatch::start());
        while let Some(event) = stream.next().await {
            match event.value {
                LaneEventKind::Stream(
                    StreamEvent::Answer { .. } | StreamEvent::Reasoning { .. },
                ) => {
                    pieces.fetch_add(1, Ordering::Relaxed);
                }
                LaneEventKind::Failed { error } => panic!("the local lane failed: {error}"),
                _ => {}
            }
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
