//! How quick the playground is: the first frame, a key while eight lanes stream, and what it costs while nothing
//! happens. The program's own binary runs in a pseudo-terminal; times are taken where its bytes are read from there, so
//! they hold everything a person waits for but the terminal's own drawing. Ends with status 1 when a bound is missed.
//!
//! `cargo bench --bench screen`; with the feature `local` the pocket models load meanwhile.

#![cfg_attr(not(unix), allow(dead_code, unused_imports))]
#![allow(clippy::expect_used, clippy::unwrap_used)] // a benchmark that cannot run says so by panicking
#![allow(clippy::print_stdout)] // its table is all it is for

#[cfg(unix)]
#[path = "../tests/it/pty/kit.rs"]
mod kit;
#[cfg(unix)]
#[path = "../tests/it/loopback.rs"]
mod loopback;
#[cfg(unix)]
#[path = "../tests/it/pty/modes.rs"]
mod modes;

use std::{process::ExitCode, time::Duration};

/// Launches for the first frame.
const LAUNCHES: usize = 20;
/// Keys that are timed.
const KEYS: usize = 60;
/// How long the idle program is watched.
const WATCHED: Duration = Duration::from_secs(10);

#[cfg(unix)]
fn main() -> ExitCode {
    let rows = [
        unix::first_frame(),
        unix::key_to_screen(),
        unix::idle_wake_ups(),
    ];
    println!(
        "{:<52} {:>10} {:>10} {:>10} {:>10}",
        "", "median", "p95", "worst", "bound"
    );
    let mut is_missed = false;
    for row in rows {
        is_missed |= !row.is_met();
        println!("{row}");
    }
    if is_missed {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    }
}

#[cfg(not(unix))]
fn main() -> ExitCode {
    println!("the screen is measured on Unix only");
    ExitCode::SUCCESS
}

#[cfg(unix)]
mod unix {
    use super::{
        KEYS, LAUNCHES, WATCHED,
        kit::{Session, Setup, lane},
        loopback::{Loopback, Speech},
    };
    use std::{
        fmt, fs,
        path::Path,
        thread,
        time::{Duration, Instant},
    };

    /// One line of the table.
    pub struct Row {
        what: String,
        values: Vec<f64>,
        unit: &'static str,
        /// The 95th percentile must not be above it.
        bound: f64,
    }

    impl Row {
        fn percentile(&self, percent: usize) -> f64 {
            let mut sorted = self.values.clone();
            sorted.sort_by(f64::total_cmp);
            let at = (sorted.len() * percent).div_ceil(100).max(1) - 1;
            sorted.get(at).copied().unwrap_or(f64::NAN)
        }

        /// Whether the bound is kept; not when nothing was measured.
        pub fn is_met(&self) -> bool {
            self.percentile(95) <= self.bound
        }
    }

    impl fmt::Display for Row {
        fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(
                out,
                "{:<52} {:>10.1} {:>10.1} {:>10.1} {:>10.1} {}{}",
                self.what,
                self.percentile(50),
                self.percentile(95),
                self.percentile(100),
                self.bound,
                self.unit,
                if self.is_met() { "" } else { "  MISSED" },
            )
        }
    }

    fn ms(time: Duration) -> f64 {
        time.as_secs_f64() * 1000.0
    }

    /// A configuration with the pocket models, where local models are built in, and these lanes.
    fn config(remote: &str) -> String {
        let names = ["pocket-small", "pocket-flagship", "pocket-reasoning"];
        names
            .into_iter()
            .filter(|_| cfg!(feature = "local"))
            .map(|name| {
                let path = Path::new(env!("CARGO_MANIFEST_DIR"))
                    .join("assets/pocket")
                    .join(format!("{name}.gguf"));
                format!(
                    "[[lane]]\nname = \"local-{name}\"\nprovider = \"local\"\npath = \"{}\"\n\
                     tier = \"small\"\n\n",
                    path.display()
                )
            })
            .chain([remote.to_owned()])
            .collect()
    }

    /// From the start of the process to the end of its first frame, models loading beside it.
    pub fn first_frame() -> Row {
        let values = (0..LAUNCHES)
            .map(|_| {
                let setup = Setup::with_config(&config(&lane("quiet", "http://127.0.0.1:9/v1")));
                let mut session = setup.size(120, 34).start();
                let drawn = session.wait_raw(0, "the first frame", |raw| {
                    String::from_utf8_lossy(raw).contains("\x1b[?2026l")
                });
                let took = drawn.saturating_duration_since(session.started());
                quit(session);
                ms(took)
            })
            .collect();
        Row {
            what: format!("first frame, models loading, {LAUNCHES} launches"),
            values,
            unit: "ms",
            bound: 100.0,
        }
    }

    /// From a key to the frame that shows it, while eight lanes stream 200 pieces a second each.
    pub fn key_to_screen() -> Row {
        let pieces = vec!["token "; 200 * 40];
        let speech = Speech::of(&pieces).paced(Duration::ZERO, Duration::from_millis(5));
        let server = Loopback::start([speech.openai()]);
        let lanes: String = (0..8)
            .map(|number| lane(&format!("lane-{number}"), &server.url("/v1")))
            .collect();
        let mut session = Setup::with_config(&lanes).size(200, 50).start();
        session.wait_text("lane-7");
        session.send("go\r");
        session.wait("all lanes answering", |screen| {
            screen.contents().matches("token token").count() >= 8
        });
        let values = (0..KEYS)
            .map(|number| {
                // Not in step with the frames.
                thread::sleep(Duration::from_millis(60 + (number as u64 * 7) % 31));
                let letter = char::from(b'A' + u8::try_from(number % 26).unwrap());
                let shown = |screen: &vt100::Screen| screen.contents().matches(letter).count();
                let mut before = 0;
                session.wait("the screen before", |screen| {
                    before = shown(screen);
                    true
                });
                let typed = Instant::now();
                session.send(letter.to_string());
                let seen = session.wait("the key", |screen| shown(screen) > before);
                ms(seen.saturating_duration_since(typed))
            })
            .collect();
        let streamed = server.sent().len();
        quit(session);
        assert!(streamed > KEYS, "the lanes streamed meanwhile");
        Row {
            what: format!("key to screen, 8 lanes × 200 pieces/s, {KEYS} keys"),
            values,
            unit: "ms",
            bound: 50.0,
        }
    }

    /// Wake-ups of the idle program and of its engines, models loaded, after an answer.
    pub fn idle_wake_ups() -> Row {
        let server = Loopback::start([Speech::of(&["All", " said"]).openai()]);
        let mut session = Setup::with_config(&config(&lane("remote", &server.url("/v1"))))
            .size(120, 34)
            .start();
        session.wait_text("remote");
        session.send("hello\r");
        session.wait_text("All said");
        settle(&mut session);
        let pid = session.pid().as_raw_nonzero().get();
        let before = switches(pid);
        let began = Instant::now();
        thread::sleep(WATCHED);
        let woken = switches(pid).saturating_sub(before);
        let per_second = woken as f64 / began.elapsed().as_secs_f64();
        quit(session);
        Row {
            what: format!("wake-ups while idle, {} s", WATCHED.as_secs()),
            values: vec![per_second],
            unit: "/s",
            bound: 4.9,
        }
    }

    /// Waits until nothing is drawn any more: models are loaded and all lanes have ended.
    fn settle(session: &mut Session) {
        loop {
            let drawn = session.raw().len();
            thread::sleep(Duration::from_secs(2));
            if session.raw().len() == drawn {
                return;
            }
        }
    }

    /// Voluntary context switches of all threads of a process and of its children: how often something woke up.
    fn switches(pid: i32) -> u64 {
        let mut sum = 0;
        for task in fs::read_dir(format!("/proc/{pid}/task")).unwrap() {
            let task = task.unwrap().path();
            let status = fs::read_to_string(task.join("status")).unwrap_or_default();
            sum += status
                .lines()
                .find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"))
                .and_then(|count| count.trim().parse::<u64>().ok())
                .unwrap_or(0);
            let children = fs::read_to_string(task.join("children")).unwrap_or_default();
            sum += children
                .split_whitespace()
                .filter_map(|child| child.parse().ok())
                .map(switches)
                .sum::<u64>();
        }
        sum
    }

    fn quit(session: Session) {
        session.signal(rustix::process::Signal::TERM);
        let ended = session.ended();
        ended.assert_restored();
    }
}
