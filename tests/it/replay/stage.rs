//! A folder with a configuration and prompt files, and the program started in it with nothing of this machine's
//! environment.

use crate::loopback::{Loopback, Reply, Request, Speech};
use serde_json::Value;
use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};
use tempfile::TempDir;

/// A home of the program.
pub struct Home(TempDir);

/// What a program that has ended left behind.
pub struct Ended {
    pub status: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Home {
    /// With this configuration.
    pub fn new(config: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("config.toml"), config).expect("written");
        Self(folder)
    }

    /// With one lane of each name at a server, in the OpenAI shape, with these further keys.
    pub fn with_lanes(server: &Loopback, names: &[&str], more: &str) -> Self {
        let url = server.url("/v1");
        let config = names.iter().fold(String::new(), |mut config, name| {
            let _ = write!(
                config,
                "[[lane]]\nname = \"{name}\"\nprovider = \"openai-compatible\"\nmodel = \"{name}\"\n\
                 base_url = \"{url}\"\n{more}\n"
            );
            config
        });
        Self::new(&config)
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Writes a file and returns its path.
    pub fn file(&self, name: &str, text: &str) -> String {
        let path = self.path().join(name);
        fs::write(&path, text).expect("written");
        path.display().to_string()
    }

    /// A suite of so many sums, each with a check that the answer `19` passes where it is even.
    pub fn sums(&self, count: usize) -> String {
        let suite = (0..count).fold("title = \"Sums\"\n".to_owned(), |mut suite, at| {
            let expected = if at % 2 == 0 { 19 } else { 20 };
            let _ = write!(
                suite,
                "[[prompt]]\nid = \"sum-{at}\"\nprompt = \"What is {at} + 7?\"\ntags = [\"sum\"]\n\
                 check = {{ number = {expected} }}\n"
            );
            suite
        });
        self.file("sums.toml", &suite)
    }

    /// The program with these arguments.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tierscope"));
        command
            .env_clear()
            .env("TIERSCOPE_HOME", self.path())
            .env("TIERSCOPE_KEYRING", "off")
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    pub fn spawn(&self, arguments: &[&str]) -> Child {
        self.command(arguments).spawn().expect("the program")
    }

    /// Runs it to its end.
    pub fn run(&self, arguments: &[&str]) -> Ended {
        Ended::of(self.spawn(arguments))
    }

    /// The latest batch as JSON.
    pub fn batch(&self) -> Value {
        let shown = self.run(&["history", "show", "--json"]);
        serde_json::from_str(&shown.out).unwrap_or_else(|error| panic!("{error}: {}", shown.err))
    }

    /// The cells of the latest batch; none where there is no batch yet.
    pub fn kept(&self) -> Vec<(String, String)> {
        let shown = self.run(&["history", "show", "--json"]);
        serde_json::from_str(&shown.out).map_or_else(|_| Vec::new(), |batch| cells(&batch))
    }

    pub fn history(&self) -> PathBuf {
        self.path().join("history.db")
    }
}

impl Ended {
    pub fn of(child: Child) -> Self {
        let output = child.wait_with_output().expect("its end");
        Self {
            status: output.status.code(),
            out: String::from_utf8(output.stdout).expect("UTF-8"),
            err: String::from_utf8(output.stderr).expect("UTF-8"),
        }
    }
}

/// A server that answers `19` at once.
pub fn sums_server() -> Loopback {
    Loopback::route(|_| answer())
}

pub fn answer() -> Reply {
    Speech::of(&["1", "9"]).openai()
}

/// The prompt and the model that a request asks.
pub fn asked(request: &Request) -> (String, String) {
    let body: Value = serde_json::from_slice(&request.body).expect("JSON");
    let last = body["messages"]
        .as_array()
        .and_then(|messages| messages.last());
    let prompt = last.and_then(|message| message["content"].as_str());
    let model = body["model"].as_str();
    (
        prompt.unwrap_or_default().to_owned(),
        model.unwrap_or_default().to_owned(),
    )
}

/// Prompt and model of every cell of a batch, in the order of the document.
pub fn cells(batch: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let runs = batch["runs"].as_array().into_iter().flatten();
    runs.flat_map(|run| {
        let lanes = run["lanes"].as_array().into_iter().flatten();
        lanes.map(move |lane| (text(&run["run"]["prompt"]["text"]), text(&lane["model"])))
    })
    .collect()
}
