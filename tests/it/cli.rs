//! Tests of the command line, through the binary itself. Each run has a home of its own and no other variable.

use std::{
    fs,
    path::Path,
    process::{Command, Output, Stdio},
};
use tempfile::TempDir;

mod checks;
mod config;
mod keys;
mod lanes;
mod leaks;
mod models;

/// A folder that holds all of a person's files, and nothing of this machine's.
pub struct Home(TempDir);

impl Home {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// With this configuration.
    pub fn with(config: &str) -> Self {
        let home = Self::new();
        fs::write(home.path().join("config.toml"), config).unwrap();
        home
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tierscope"));
        command
            .args(arguments)
            .env_clear()
            .env("TIERSCOPE_HOME", self.path())
            .env("TIERSCOPE_KEYRING", "off")
            .stdin(Stdio::null());
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Ended {
        Ended::from(self.command(arguments).output().unwrap())
    }
}

/// How a run ended.
#[derive(Debug, PartialEq, Eq)]
pub struct Ended {
    pub status: Option<i32>,
    pub out: String,
    pub err: String,
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        Self {
            status: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

#[test]
fn a_mistake_on_the_command_line_is_status_2() {
    let home = Home::new();
    for (arguments, complaint) in [
        (
            ["ask", "hi", "--temperature", "3"],
            "must be a number from 0 to 2, not 3",
        ),
        (
            ["ask", "hi", "--temperature", "-1"],
            "must be a number from 0 to 2, not -1",
        ),
        (
            ["ask", "hi", "--temperature", "hot"],
            "must be a number, not `hot`",
        ),
        (
            ["ask", "hi", "--top-p", "1.5"],
            "must be a number from 0 to 1, not 1.5",
        ),
        (["ask", "hi", "--max-tokens", "0"], "0 is not in 1.."),
        (
            ["ask", "hi", "--stop", ""],
            "must not be empty, which would end every answer",
        ),
        (
            ["ask", "hi", "--timeout", "soon"],
            "must be a duration such as `500ms`, `90s`, `2m` or `1m30s`, not `soon`",
        ),
        (
            ["ask", "hi", "--tier", "huge"],
            "[possible values: base, small, mid, flagship, reasoning]",
        ),
        (
            ["ask", "hi", "--effort", "some"],
            "[possible values: none, low, medium, high]",
        ),
        (
            ["ask", "hi", "--schedule", "slow"],
            "[possible values: race, fair]",
        ),
        (
            ["ask", "hi", "--color", "red"],
            "[possible values: auto, always, never]",
        ),
        (
            ["ask", "hi", "--frobnicate", "1"],
            "unexpected argument '--frobnicate'",
        ),
        (
            ["--seed", "1", "lanes", "--json"],
            "`tierscope lanes` takes none of the options",
        ),
    ] {
        let ended = home.run(&arguments);
        assert_eq!(ended.status, Some(2), "{arguments:?}: {ended:?}");
        assert!(ended.err.contains(complaint), "{arguments:?}: {ended:?}");
        assert_eq!(ended.out, "", "{arguments:?}");
    }
}

#[test]
fn an_unknown_lane_is_named_with_the_nearest_one() {
    let home = Home::with("[[lane]]\nname = \"mini\"\nprovider = \"ollama\"\nmodel = \"m\"\n");
    let ended = home.run(&["ask", "hi", "--lane", "mimi"]);
    assert_eq!(
        ended,
        Ended {
            status: Some(2),
            out: String::new(),
            err: "error: unknown lane `mimi`\nhint: did you mean `mini`?\n".to_owned(),
        }
    );
}

#[cfg(not(feature = "local"))]
#[test]
fn a_pocket_lane_needs_a_build_with_local_models() {
    let home = Home::with("[[lane]]\nname = \"mini\"\nprovider = \"ollama\"\nmodel = \"m\"\n");
    let ended = home.run(&["ask", "hi", "--lane", "pocket-base"]);
    assert_eq!(ended.status, Some(2));
    assert!(
        ended.err.starts_with("error: lane `pocket-base` "),
        "{ended:?}"
    );
}

#[test]
fn a_name_in_a_warning_cannot_turn_the_terminal_around() {
    let home = Home::with(
        "[[lane]]\nname = \"a\\u202Eb\"\nprovider = \"openai-compatible\"\nmodel = \"m\"\n\
         base_url = \"http://127.0.0.1:1\"\nmax_retries = 0\nthreads = 2\n",
    );
    let ended = home.run(&["ask", "hi"]);
    assert_eq!(ended.status, Some(3), "{ended:?}");
    assert!(
        ended
            .err
            .contains("(line 1): `threads` has no effect with provider"),
        "{ended:?}"
    );
    assert!(!ended.err.contains('\u{202e}'), "{ended:?}");
    let quiet = home.run(&["ask", "hi", "-q"]);
    assert!(!quiet.err.contains("warning"), "{quiet:?}");
    assert!(!quiet.err.contains('\u{202e}'), "{quiet:?}");
}

#[test]
fn a_tier_that_no_lane_has_is_a_mistake() {
    let home = Home::with(
        "[[lane]]\nname = \"mini\"\nprovider = \"ollama\"\nmodel = \"m\"\ntier = \"small\"\n",
    );
    let ended = home.run(&["ask", "hi", "--tier", "flagship"]);
    assert_eq!(
        ended,
        Ended {
            status: Some(2),
            out: String::new(),
            err: "error: no lane of tier flagship would run here\n\
                  hint: `tierscope lanes` shows the tiers of the lanes that run\n"
                .to_owned(),
        }
    );
}

#[test]
fn completions_and_the_manual_name_every_command_and_option() {
    let home = Home::new();
    let man = home.run(&["man"]);
    assert_eq!((man.status, man.err.as_str()), (Some(0), ""));
    let bash = home.run(&["completions", "bash"]);
    assert_eq!((bash.status, bash.err.as_str()), (Some(0), ""));
    for word in ["ask", "lanes", "config", "completions"] {
        assert!(man.out.contains(word), "{word}");
        assert!(bash.out.contains(word), "{word}");
    }
    for option in ["--max-tokens", "--temperature", "--schedule", "--lane"] {
        assert!(bash.out.contains(option), "{option}");
        assert!(man.out.contains(&option.replace('-', "\\-")), "{option}");
    }
    for shell in ["zsh", "fish", "elvish", "powershell"] {
        let ended = home.run(&["completions", shell]);
        assert!(
            ended.status == Some(0) && ended.out.contains("tierscope"),
            "{shell}"
        );
    }
}

/// Standard output whose reader has gone.
fn closed_pipe() -> Stdio {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    writer.into()
}

#[test]
fn a_closed_pipe_is_no_error() {
    let home = Home::new();
    for arguments in [
        &["man"][..],
        &["--help"],
        &["--version"],
        &["lanes"],
        &["config", "path"],
        &["completions", "zsh"],
    ] {
        let output = home
            .command(arguments)
            .stdout(closed_pipe())
            .output()
            .unwrap();
        let ended = Ended::from(output);
        assert_eq!(
            (ended.status, ended.err.as_str()),
            (Some(0), ""),
            "{arguments:?}"
        );
    }
}

#[test]
fn without_a_terminal_the_playground_says_what_to_use() {
    let home = Home::with("[[lane]]\nname = \"mini\"\nprovider = \"ollama\"\nmodel = \"m\"\n");
    let ended = home.run(&[]);
    assert_eq!(ended.status, Some(1));
    assert!(ended.err.contains("needs a terminal"), "{ended:?}");
    assert!(ended.err.contains("hint: use `tierscope ask`"), "{ended:?}");
}

#[test]
fn without_a_home_the_message_says_what_to_set() {
    let output = Command::new(env!("CARGO_BIN_EXE_tierscope"))
        .args(["config", "path"])
        .env_clear()
        .output()
        .unwrap();
    let ended = Ended::from(output);
    assert_eq!(
        ended,
        Ended {
            status: Some(1),
            out: String::new(),
            err: "error: no home directory: HOME is not set\n\
                  hint: set TIERSCOPE_HOME to a folder for configuration, history, log and cache\n"
                .to_owned(),
        }
    );
}
