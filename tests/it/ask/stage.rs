//! A folder with a configuration, and the program started in it with nothing of this machine's environment.

use std::{
    fmt::Write as _,
    fs,
    io::Write as _,
    process::{Child, Command, Output, Stdio},
};
use tempfile::TempDir;

/// A home of the program.
pub struct Home(TempDir);

impl Home {
    /// With this configuration.
    pub fn new(config: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("tierscope.toml"), config).expect("written");
        Self(folder)
    }

    /// With one lane of each name at this address, all in the OpenAI shape.
    pub fn with_lanes(base_url: &str, names: &[&str]) -> Self {
        let config = names.iter().fold(String::new(), |mut config, name| {
            let _ = write!(
                config,
                "[[lane]]\nname = \"{name}\"\nprovider = \"openai-compatible\"\nmodel = \"{name}\"\n\
                 base_url = \"{base_url}\"\nmax_retries = 0\n\n"
            );
            config
        });
        Self::new(&config)
    }

    /// Writes a file beside the configuration and returns its path.
    pub fn file(&self, name: &str, text: &[u8]) -> String {
        let path = self.0.path().join(name);
        fs::write(&path, text).expect("written");
        path.display().to_string()
    }

    /// `tierscope ask` with these arguments.
    pub fn ask(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tierscope"));
        command
            .env_clear()
            .env("TIERSCOPE_HOME", self.0.path())
            .env("TIERSCOPE_KEYRING", "off")
            .arg("ask")
            .arg("--config")
            .arg(self.0.path().join("tierscope.toml"))
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Runs it to its end.
    pub fn asked(&self, arguments: &[&str]) -> Asked {
        Asked::of(self.ask(arguments).output().expect("started"))
    }

    /// Runs it to its end with this standard input.
    pub fn asked_with_input(&self, arguments: &[&str], input: &[u8]) -> Asked {
        let mut child = self.start(self.ask(arguments).stdin(Stdio::piped()));
        let mut stdin = child.stdin.take().expect("piped");
        stdin.write_all(input).expect("read");
        drop(stdin);
        Asked::of(child.wait_with_output().expect("ended"))
    }

    #[allow(clippy::unused_self)] // the home must outlive the child
    pub fn start(&self, command: &mut Command) -> Child {
        command.spawn().expect("started")
    }
}

/// How it ended.
#[derive(Debug)]
pub struct Asked {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Asked {
    pub fn of(output: Output) -> Self {
        Self {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).expect("UTF-8"),
            err: String::from_utf8(output.stderr).expect("UTF-8"),
        }
    }

    /// Checks the exit status.
    #[track_caller]
    pub fn with_code(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{self:?}");
        self
    }
}
