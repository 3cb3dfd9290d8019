//! A program in a pseudo-terminal: start it, type, wait until the screen shows something, see how it ended. No sleeps:
//! every wait ends as soon as what it waits for is there, and far later than a loaded machine needs it fails.

#![allow(dead_code)] // the benchmark of the screen uses another part of it than the tests

use super::modes::Modes;
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, SlavePty, native_pty_system};
use rustix::process::{Pid, Signal, kill_process};
use std::{
    io::{Read, Write},
    path::Path,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread::JoinHandle,
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// How long a wait may take.
pub const PATIENCE: Duration = Duration::from_secs(60);
/// How often the process itself is looked at while the screen stays the same.
pub const GLANCE: Duration = Duration::from_millis(20);
/// How often the screen is looked at when the process has ended.
const GLANCES_AFTER_THE_END: u32 = 100;

/// How to start the program.
pub struct Setup {
    home: TempDir,
    args: Vec<String>,
    variables: Vec<(String, String)>,
    size: (u16, u16),
    is_controlling: bool,
}

impl Setup {
    /// With this configuration file, in a terminal of 80 × 24.
    pub fn with_config(config: &str) -> Self {
        let home = TempDir::new().unwrap();
        std::fs::write(home.path().join("config.toml"), config).unwrap();
        Self {
            home,
            args: Vec::new(),
            variables: Vec::new(),
            size: (80, 24),
            is_controlling: true,
        }
    }

    /// With no configuration at all.
    pub fn without_config() -> Self {
        let setup = Self::with_config("");
        std::fs::remove_file(setup.home.path().join("config.toml")).unwrap();
        setup
    }

    /// With a file in the folder that it is started in.
    pub fn file(&self, name: &str, text: &str) {
        std::fs::write(self.home.path().join(name), text).unwrap();
    }

    /// With a variable.
    pub fn var(mut self, name: &str, value: impl Into<String>) -> Self {
        self.variables.push((name.to_owned(), value.into()));
        self
    }

    /// With these arguments.
    pub fn args(mut self, args: &[&str]) -> Self {
        self.args.extend(args.iter().map(|arg| (*arg).to_owned()));
        self
    }

    /// In a terminal of this many columns and rows.
    pub fn size(mut self, columns: u16, rows: u16) -> Self {
        self.size = (columns, rows);
        self
    }

    /// In a terminal that sends no SIGHUP when it goes away.
    pub fn without_hangup(mut self) -> Self {
        self.is_controlling = false;
        self
    }

    /// Starts the program's binary.
    pub fn start(self) -> Session {
        Session::start(self)
    }
}

/// A lane that a loopback server answers.
pub fn lane(name: &str, base_url: &str) -> String {
    format!(
        "[[lane]]\nname = \"{name}\"\nprovider = \"openai-compatible\"\nbase_url = \"{base_url}\"\n\
         model = \"loopback\"\napi_key_env = \"\"\ntier = \"small\"\n\n"
    )
}

/// A running program and its terminal.
pub struct Session {
    home: TempDir,
    child: Box<dyn Child + Send + Sync>,
    /// Kept so that the terminal outlives the program and can be looked at afterwards.
    slave: Option<Box<dyn SlavePty + Send>>,
    master: Option<Box<dyn MasterPty + Send>>,
    writer: Option<Box<dyn Write + Send>>,
    seen: Arc<Seen>,
    reader: Option<JoinHandle<()>>,
    termios: String,
    started: Instant,
}

#[derive(Default)]
struct Seen {
    output: Mutex<Output>,
    changed: Condvar,
}

struct Output {
    screen: vt100::Parser,
    raw: Vec<u8>,
    /// When the last bytes were read.
    read_at: Instant,
    is_closing: bool,
}

impl Default for Output {
    fn default() -> Self {
        Self {
            screen: screen(80, 24),
            raw: Vec::new(),
            read_at: Instant::now(),
            is_closing: false,
        }
    }
}

impl Session {
    fn start(setup: Setup) -> Self {
        let (columns, rows) = setup.size;
        let pair = native_pty_system().openpty(cells(columns, rows)).unwrap();
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_tierscope"));
        command.args(&setup.args);
        command.env_clear();
        command.env("PATH", "/usr/bin:/bin");
        command.env("TERM", "xterm-256color");
        command.env("HOME", setup.home.path());
        command.env("TIERSCOPE_HOME", setup.home.path());
        command.env("TIERSCOPE_KEYRING", "off");
        for (name, value) in &setup.variables {
            command.env(name, value);
        }
        command.cwd(setup.home.path());
        command.set_controlling_tty(setup.is_controlling);
        let termios = format!("{:?}", pair.master.get_termios().unwrap());
        let mut reader = pair.master.try_clone_reader().unwrap();
        let writer = pair.master.take_writer().unwrap();
        let seen = Arc::new(Seen::default());
        seen.lock().screen = screen(columns, rows);
        let started = Instant::now();
        let child = pair.slave.spawn_command(command).unwrap();
        let taken = Arc::clone(&seen);
        let thread = std::thread::spawn(move || {
            let mut bytes = [0; 8192];
            while let Ok(count @ 1..) = reader.read(&mut bytes) {
                let read_at = Instant::now();
                let mut output = taken.lock();
                output.read_at = read_at;
                output.screen.process(&bytes[..count]);
                output.raw.extend_from_slice(&bytes[..count]);
                taken.changed.notify_all();
                if output.is_closing {
                    return;
                }
            }
        });
        Self {
            home: setup.home,
            child,
            slave: Some(pair.slave),
            master: Some(pair.master),
            writer: Some(writer),
            seen,
            reader: Some(thread),
            termios,
            started,
        }
    }

    /// Just before the program was executed.
    pub const fn started(&self) -> Instant {
        self.started
    }

    /// The folder of configuration and log.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// Types, or pastes, or answers for the terminal.
    pub fn send(&mut self, bytes: impl AsRef<[u8]>) {
        let writer = self.writer.as_mut().unwrap();
        writer.write_all(bytes.as_ref()).unwrap();
        writer.flush().unwrap();
    }

    /// Sends a signal to the program.
    pub fn signal(&self, signal: Signal) {
        kill_process(self.pid(), signal).unwrap();
    }

    /// Gives the terminal another size.
    pub fn resize(&self, columns: u16, rows: u16) {
        self.seen
            .lock()
            .screen
            .screen_mut()
            .set_size(rows.try_into().unwrap(), columns.try_into().unwrap());
        let master = self.master.as_ref().unwrap();
        master.resize(cells(columns, rows)).unwrap();
    }

    /// Waits until the screen is as `is_there` wants it; returns when the bytes were read that made it so.
    pub fn wait(
        &mut self,
        what: &str,
        mut is_there: impl FnMut(&vt100::Screen) -> bool,
    ) -> Instant {
        self.wait_for(what, |output| is_there(output.screen.screen()))
    }

    /// Waits until the screen shows a text.
    pub fn wait_text(&mut self, text: &str) -> Instant {
        self.wait(text, |screen| screen.contents().contains(text))
    }

    /// Waits until the raw output since `from` is as `is_there` wants it.
    pub fn wait_raw(
        &mut self,
        from: usize,
        what: &str,
        is_there: impl Fn(&[u8]) -> bool,
    ) -> Instant {
        self.wait_for(what, |output| is_there(&output.raw[from..]))
    }

    fn wait_for(&mut self, what: &str, mut is_there: impl FnMut(&Output) -> bool) -> Instant {
        let deadline = Instant::now() + PATIENCE;
        let seen = Arc::clone(&self.seen);
        let mut output = seen.lock();
        let mut glances_left = GLANCES_AFTER_THE_END;
        loop {
            if is_there(&output) {
                return output.read_at;
            }
            let ended = self.child.try_wait().unwrap();
            // Its last words may still be on their way.
            glances_left -= u32::from(ended.is_some());
            assert!(
                Instant::now() < deadline && glances_left > 0,
                "waited for {what:?}; ended: {ended:?}; the screen:\n{}",
                output.screen.screen().contents()
            );
            output = seen.changed.wait_timeout(output, GLANCE).unwrap().0;
        }
    }

    /// Waits until the program has stopped itself.
    pub fn wait_stopped(&mut self) {
        let path = format!("/proc/{}/stat", self.pid().as_raw_nonzero());
        self.wait_for("a stopped process", |_| {
            // The state comes after the name, which is in parentheses.
            std::fs::read_to_string(&path)
                .is_ok_and(|stat| stat.rsplit(')').next().unwrap().trim().starts_with('T'))
        });
    }

    /// The bytes so far.
    pub fn raw(&self) -> Vec<u8> {
        self.seen.lock().raw.clone()
    }

    /// What the terminal's line settings were before the program started, and are now.
    pub fn termios(&self) -> (String, String) {
        let now = self.master.as_ref().unwrap().get_termios().unwrap();
        (self.termios.clone(), format!("{now:?}"))
    }

    /// Waits for the end of the program and says how it went.
    pub fn ended(self) -> Ended {
        self.ended_with_home().0
    }

    /// The same, with the folder of configuration and history, which is removed when it is dropped.
    pub fn ended_with_home(mut self) -> (Ended, TempDir) {
        let status = self.status();
        let (before, after) = self.termios();
        // The last descriptor of the terminal's other side: now the reader comes to the end of the output.
        self.slave = None;
        self.reader.take().unwrap().join().unwrap();
        let home = std::mem::replace(&mut self.home, TempDir::new().unwrap());
        let output = self.seen.lock();
        let ended = Ended {
            status,
            termios: (before, after),
            modes: Modes::after(&output.raw),
            screen: output.screen.screen().contents(),
            raw: output.raw.clone(),
            log: std::fs::read_to_string(home.path().join("tierscope.log")).unwrap_or_default(),
        };
        drop(output);
        (ended, home)
    }

    /// Takes the terminal away, as a closed window does, and waits for the end.
    pub fn vanish(mut self) -> u32 {
        self.seen.lock().is_closing = true;
        self.slave = None;
        // The reader holds the terminal too and waits for output: a key makes some.
        self.send("x");
        self.reader.take().unwrap().join().unwrap();
        self.writer = None;
        self.master = None;
        self.status()
    }

    fn status(&mut self) -> u32 {
        let deadline = Instant::now() + PATIENCE;
        let seen = Arc::clone(&self.seen);
        let mut output = seen.lock();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.exit_code();
            }
            assert!(
                Instant::now() < deadline,
                "it does not end; the screen:\n{}",
                output.screen.screen().contents()
            );
            output = seen.changed.wait_timeout(output, GLANCE).unwrap().0;
        }
    }

    /// The process.
    pub fn pid(&self) -> Pid {
        let pid = self.child.process_id().unwrap();
        Pid::from_raw(pid.try_into().unwrap()).unwrap()
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // A test that failed leaves no program behind.
        let _ = self.child.kill();
    }
}

impl Seen {
    fn lock(&self) -> MutexGuard<'_, Output> {
        // A test that failed while it looked is telling so already.
        self.output.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How a program left its terminal.
#[derive(Debug)]
pub struct Ended {
    /// The exit status.
    pub status: u32,
    /// The line settings before and after.
    pub termios: (String, String),
    /// The modes at the end.
    pub modes: Modes,
    /// What the normal screen shows.
    pub screen: String,
    /// All output.
    pub raw: Vec<u8>,
    /// The log file.
    pub log: String,
}

impl Ended {
    /// Panics unless the terminal is as it was.
    pub fn assert_restored(&self) {
        assert_eq!(self.termios.0, self.termios.1, "the line settings");
        self.modes.assert_restored();
    }
}

fn screen(columns: u16, rows: u16) -> vt100::Parser {
    vt100::Parser::new(rows.try_into().unwrap(), columns.try_into().unwrap(), 0)
}

fn cells(columns: u16, rows: u16) -> PtySize {
    PtySize {
        rows,
        cols: columns,
        pixel_width: 0,
        pixel_height: 0,
    }
}
