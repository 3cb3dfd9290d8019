//! What a local lane costs over llama.cpp itself: prefill and decode of our lane, child, pipe and events and all, against
//! a plain loop over the crate on the same file with the same parameters. Ends with status 1 below 0.97 of the loop.
//!
//! `cargo bench --bench local -- [PAIRS [THREADS]]`. On a machine that does other work too, take fewer threads than
//! cores: those of llama.cpp wait for each other, and one that has to wait for its turn holds up all. The file is `$TIERSCOPE_BENCH_GGUF`, else one written for it: 79 million
//! parameters of eight bits. Pairs are interleaved, the order within them alternates, and the median of the pairs' ratios is
//! shown with its 95 % bootstrap interval. Ours is timed where the pieces leave the pipe: prefill to the first piece,
//! decode from the first to the last. Then prompts are cancelled while they are read, and the time is taken until the
//! engine has taken the next one. Last, a lane answers prompts together that another one answers one after another.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used
)] // it prints its table, and panics when it cannot measure

#[cfg(feature = "local")]
#[path = "local/plain.rs"]
mod plain;
#[cfg(feature = "local")]
#[path = "../tests/it/scripted_gguf.rs"]
mod scripted_gguf;

use std::process::ExitCode;

#[cfg(not(feature = "local"))]
fn main() -> ExitCode {
    println!("this build has no local engine");
    ExitCode::SUCCESS
}

#[cfg(feature = "local")]
fn main() -> ExitCode {
    measure::run()
}

#[cfg(feature = "local")]
mod measure {
    use super::{plain::Plain, scripted_gguf::Model};
    use futures_util::{StreamExt, future::join_all};
    use llama_cpp_2::{
        llama_backend::LlamaBackend,
        model::{LlamaModel, params::LlamaModelParams},
    };
    use std::{
        path::PathBuf,
        process::ExitCode,
        thread,
        time::{Duration, Instant},
    };
    use tierscope::{
        domain::{
            event::{LaneEventKind, StreamEvent},
            lane::LaneState,
            plan::{GpuLayers, LocalPlan, TemplateSource},
            request::{ChatRequest, Message, Role, Sampling},
        },
        provider::{
            LaneStream, Provider, Stopwatch,
            local::{LocalProvider, LocalSetup},
        },
    };
    use tokio::runtime::Runtime;

    /// Tokens of the prompt, the beginning included.
    const PROMPT: usize = 512;
    /// Tokens of the answer.
    pub const ANSWER: u32 = 128;
    pub const CONTEXT: u32 = 1024;
    const CANCELS: usize = 20;
    const CANCEL_BOUND_MS: f64 = 200.0;
    /// Prompts that are answered together, and how often that is measured.
    const TOGETHER: u32 = 8;
    const TOGETHER_PAIRS: usize = 5;
    /// What our lane must reach of the plain loop's speed.
    const BOUND: f64 = 0.97;

    /// Tokens a second.
    #[derive(Debug, Clone, Copy)]
    pub struct Speed {
        pub prefill: f64,
        pub decode: f64,
    }

    pub fn run() -> ExitCode {
        let mut numbers = std::env::args().filter_map(|argument| argument.parse::<u32>().ok());
        let pairs = numbers.next().unwrap_or(21);
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let threads = numbers.next().or(u32::try_from(cores).ok()).unwrap_or(1);
        let folder = tempfile::tempdir().unwrap();
        let path = std::env::var_os("TIERSCOPE_BENCH_GGUF").map_or_else(
            || {
                let path = folder.path().join("speed.gguf");
                Model {
                    is_endless: true,
                    layers: 12,
                    width: 768,
                    feed_forward: 2048,
                    context: CONTEXT,
                    ..Model::saying("one|, |two|; ")
                }
                .write(&path);
                path
            },
            PathBuf::from,
        );
        let backend = LlamaBackend::init().unwrap();
        let params = LlamaModelParams::default().with_progress_callback(|_| true);
        let model = LlamaModel::load_from_file(&backend, &path, &params).unwrap();
        let mut plain = Plain::new(&backend, &model, threads);
        let ours = Ours::new(path.clone(), threads, 1);
        // The first of each pays for buffers and pages.
        plain.measure();
        ours.measure();
        let mut rows = Vec::new();
        for pair in 0..pairs {
            let (ours, plain) = if pair % 2 == 0 {
                let plain = plain.measure();
                (ours.measure(), plain)
            } else {
                let ours = ours.measure();
                (ours, plain.measure())
            };
            println!(
                "{pair:>3}  prefill {:>8.1} / {:>8.1}  decode {:>8.1} / {:>8.1} tok/s",
                ours.prefill, plain.prefill, ours.decode, plain.decode
            );
            rows.push((ours, plain));
        }
        println!("ours / plain loop, {pairs} pairs, {threads} threads");
        let prefill = verdict("prefill", &rows, |speed| speed.prefill);
        let decode = verdict("decode", &rows, |speed| speed.decode);
        let cancel = cancelling(&ours);
        let together = together(&ours, &Ours::new(path, threads, TOGETHER));
        if prefill && decode && cancel && together {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        }
    }

    fn verdict(name: &str, rows: &[(Speed, Speed)], of: impl Fn(Speed) -> f64) -> bool {
        let ratios: Vec<f64> = rows
            .iter()
            .map(|(ours, plain)| of(*ours) / of(*plain))
            .collect();
        let middle = median(ratios.clone());
        let (low, high) = interval(&ratios);
        let is_met = middle >= BOUND;
        println!(
            "{name:<8} median ratio {middle:.3} [{low:.3}, {high:.3}], bound {BOUND}: {}",
            if is_met { "met" } else { "MISSED" }
        );
        is_met
    }

    /// How soon a cancelled engine is at work on the next prompt.
    fn cancelling(ours: &Ours) -> bool {
        let mut times: Vec<f64> = (0..CANCELS)
            .map(|_| ours.cancel().as_secs_f64() * 1e3)
            .collect();
        times.sort_by(f64::total_cmp);
        let worst = times.last().copied().unwrap_or(f64::INFINITY);
        let is_met = worst <= CANCEL_BOUND_MS;
        println!(
            "cancel   median {:.1} ms, worst {worst:.1} ms of {CANCELS}, bound {CANCEL_BOUND_MS} ms: {}",
            median(times),
            if is_met { "met" } else { "MISSED" }
        );
        is_met
    }

    /// How much sooner prompts are answered together than one after another.
    fn together(alone: &Ours, several: &Ours) -> bool {
        let ratios: Vec<f64> = (0..=TOGETHER_PAIRS)
            .map(|_| {
                let one_by_one: Duration = (0..TOGETHER).map(|_| alone.answer(1)).sum();
                one_by_one.as_secs_f64() / several.answer(TOGETHER).as_secs_f64()
            })
            // The first one pays for buffers and pages.
            .skip(1)
            .collect();
        let middle = median(ratios.clone());
        let (low, high) = interval(&ratios);
        let is_met = middle >= 1.0;
        println!(
            "together {TOGETHER} prompts in {middle:.2} [{low:.2}, {high:.2}] times less time than one after another, bound 1: {}",
            if is_met { "met" } else { "MISSED" }
        );
        is_met
    }

    fn median(mut values: Vec<f64>) -> f64 {
        values.sort_by(f64::total_cmp);
        let half = values.len() / 2;
        if values.len().is_multiple_of(2) {
            f64::midpoint(values[half - 1], values[half])
        } else {
            values[half]
        }
    }

    /// The middle 95 % of the medians of 2 000 samples drawn with replacement.
    fn interval(ratios: &[f64]) -> (f64, f64) {
        let mut state = 1_u64;
        let mut draw = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            ratios[usize::try_from(state >> 33).unwrap() % ratios.len()]
        };
        let mut medians: Vec<f64> = (0..2000)
            .map(|_| median(ratios.iter().map(|_| draw()).collect()))
            .collect();
        medians.sort_by(f64::total_cmp);
        (medians[50], medians[1949])
    }

    /// A local lane as the program has it.
    struct Ours {
        provider: LocalProvider,
        runtime: Runtime,
    }

    impl Ours {
        fn new(path: PathBuf, threads: u32, parallel: u32) -> Self {
            Self {
                provider: LocalProvider::new(LocalSetup {
                    program: env!("CARGO_BIN_EXE_tierscope").into(),
                    plan: LocalPlan {
                        path,
                        gpu_layers: GpuLayers::Auto,
                        devices: Vec::new(),
                        context_tokens: Some(CONTEXT),
                        threads,
                        parallel,
                        template: TemplateSource::None,
                        thinking_budget: None,
                    },
                    sharing: 1,
                }),
                runtime: tierscope::wiring::runtime().unwrap(),
            }
        }

        /// From giving up a prompt that is being read to the engine's having taken the next.
        fn cancel(&self) -> Duration {
            self.runtime.block_on(async {
                let long = request("x".repeat(CONTEXT as usize - 100), 1);
                let mut stream = self.provider.stream(long, Stopwatch::start());
                until(&mut stream, |event| {
                    matches!(event, StreamEvent::Prefill { .. })
                })
                .await;
                let begun = Instant::now();
                drop(stream);
                let mut next = self
                    .provider
                    .stream(request("x".into(), 1), Stopwatch::start());
                until(&mut next, |event| matches!(event, StreamEvent::Accepted)).await;
                let took = begun.elapsed();
                while next.next().await.is_some() {}
                took
            })
        }

        /// So many short prompts, until all are answered.
        fn answer(&self, many: u32) -> Duration {
            let begun = Instant::now();
            self.runtime.block_on(join_all((0..many).map(|_| async {
                let short = request("x".repeat(63), 64);
                let mut stream = self.provider.stream(short, Stopwatch::start());
                while stream.next().await.is_some() {}
            })));
            begun.elapsed()
        }

        fn measure(&self) -> Speed {
            let request = request(question(), ANSWER);
            let mut state = LaneState::default();
            let mut times = Vec::new();
            self.runtime.block_on(async {
                let mut stream = self.provider.stream(request, Stopwatch::start());
                while let Some(event) = stream.next().await {
                    let before = state.answer.len();
                    state.apply(event.at, &event.value);
                    if state.answer.len() > before {
                        times.push(event.at);
                    }
                }
            });
            assert!(state.failure().is_none(), "{:?}", state.phase);
            let usage = state.usage();
            let sent = state.timeline.sent.unwrap();
            let (first, last) = (times[0], times[times.len() - 1]);
            let answered = usage.completion_tokens.unwrap() - 1;
            Speed {
                prefill: usage.prompt_tokens.unwrap() as f64
                    / first.saturating_sub(sent).as_secs_f64(),
                decode: answered as f64 / last.saturating_sub(first).as_secs_f64(),
            }
        }
    }

    async fn until(stream: &mut LaneStream, is_reached: impl Fn(&StreamEvent) -> bool) {
        while let Some(event) = stream.next().await {
            if let LaneEventKind::Stream(event) = &event.value
                && is_reached(event)
            {
                return;
            }
        }
        panic!("the lane ended too early");
    }

    fn request(content: String, max_tokens: u32) -> ChatRequest {
        ChatRequest {
            messages: vec![Message {
                role: Role::User,
                content,
            }],
            sampling: Sampling {
                temperature: Some(0.0),
                max_tokens: Some(max_tokens),
                ..Sampling::default()
            },
            ..ChatRequest::default()
        }
    }

    pub fn question() -> String {
        "x".repeat(PROMPT - 1)
    }
}
