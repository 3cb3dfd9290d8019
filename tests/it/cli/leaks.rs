//! A key appears nowhere: not in arguments, logs, errors, tapes, reports, nor in a panic, although the server repeats it
//! wherever it can.

use super::{Ended, Home};
use crate::loopback::{Loopback, Reply, Request, Speech};
use std::{fmt::Write as _, fs, path::Path, process::Stdio};

const KEY: &str = "sk-very-secret-0123456789";
const CONFIGURED: &str = "tok-most-hidden-9876543210";

/// A server that repeats the key that it was sent in every header and body.
fn parrot() -> Loopback {
    Loopback::route(|request: &Request| {
        let key = request.header("authorization").unwrap_or_default();
        let key = key.trim_start_matches("Bearer ").to_owned();
        let body = String::from_utf8_lossy(&request.body).into_owned();
        let said = |text: &str| text.replace("KEY", &key);
        let reply = if request.method == "GET" {
            Reply::json(
                401,
                said(r#"{"error":{"message":"Incorrect API key: KEY"}}"#),
            )
        } else if body.contains("\"fails\"") {
            Reply::json(
                401,
                said(r#"{"error":{"message":"Incorrect API key: KEY","code":"KEY"}}"#),
            )
        } else if body.contains("\"breaks\"") {
            Reply::events().send(said(
                "data: {\"error\":{\"message\":\"no KEY\",\"type\":\"KEY\"}}\n\n",
            ))
        } else if body.contains("\"moves\"") {
            Reply::redirect(302, &said("http://other.invalid/?key=KEY"))
        } else if body.contains("\"waits\"") && request.index < 100 {
            Reply::json(429, said(r#"{"error":{"message":"slow down, KEY"}}"#))
                .header("retry-after", "100")
        } else {
            let whole = said("Your key is KEY, ");
            let (first, second) = whole.split_at(whole.len() - 14);
            Speech::of(&[first, second, "KEY and that is it."])
                .openai()
                .header("x-model", &key)
        };
        reply
            .header("x-request-id", &key)
            .header("server-timing", &format!("{key};dur=1"))
    })
}

/// The same server with lanes that answer and lanes that fail in each way.
fn home(server: &Loopback) -> Home {
    let mut config = String::new();
    for name in ["answers", "fails", "breaks", "moves", "waits"] {
        let _ = write!(
            config,
            "[[lane]]\nname = \"{name}\"\nprovider = \"openai\"\nmodel = \"{name}\"\nbase_url = \"{}\"\n\
             headers = {{ x-team-token = \"{CONFIGURED}\" }}\n\n",
            server.url("/v1")
        );
    }
    Home::with(&config)
}

#[track_caller]
fn assert_silent(text: &str, what: &str) {
    for part in ["very-secret", "0123456789", "most-hidden", "9876543210"] {
        assert!(!text.contains(part), "{what} shows `{part}`: {text}");
    }
}

/// Everything below a folder but the configuration, which the person wrote.
fn assert_silent_files(folder: &Path) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            assert_silent_files(&path);
        } else if !path.ends_with("config.toml") {
            let bytes = fs::read(&path).unwrap();
            assert_silent(
                &String::from_utf8_lossy(&bytes),
                &path.display().to_string(),
            );
        }
    }
}

#[test]
fn no_output_log_or_file_holds_a_key() {
    let server = parrot();
    let home = home(&server);
    for (arguments, status) in [
        (&["ask", "hi", "-vv", "--format", "json"][..], 3),
        (&["ask", "hi", "-vv", "--format", "events"], 3),
        (&["ask", "hi", "-vv"], 3),
        (
            &["ask", "hi", "-vv", "--lane", "answers", "--format", "json"],
            0,
        ),
        (&["ask", "hi", "--lane", "no-such-lane"], 2),
        (&["config", "show"], 0),
        (&["config", "check"], 0),
        (&["lanes"], 0),
        (&["lanes", "--json"], 0),
        (&["lanes", "--check"], 3),
        (&["lanes", "--check", "--json"], 3),
    ] {
        let mut command = home.command(arguments);
        command.env("OPENAI_API_KEY", KEY);
        let ended = Ended::from(command.output().unwrap());
        assert_eq!(ended.status, Some(status), "{arguments:?}: {ended:?}");
        let what = arguments.join(" ");
        assert_silent(&ended.out, &what);
        assert_silent(&ended.err, &what);
    }
    assert_silent_files(home.path());
    let requests = server.requests();
    let bearer = format!("Bearer {KEY}");
    assert!(requests.len() > 15, "only {} requests", requests.len());
    for request in requests {
        assert_eq!(request.header("authorization"), Some(bearer.as_str()));
        assert_eq!(request.header("x-team-token"), Some(CONFIGURED));
        assert_silent(&request.path, "an address");
        assert_silent(&String::from_utf8_lossy(&request.body), "a body");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn no_process_has_a_key_among_its_arguments() {
    use crate::loopback::{Gate, Step};
    let gate = Gate::closed();
    let held = gate.clone();
    let server = Loopback::route(move |_: &Request| {
        Speech::of(&["x"])
            .openai()
            .broken_after(1, Step::Gate(held.clone()))
    });
    let home = home(&server);
    let mut lanes = vec!["ask", "hi", "--lane", "answers"];
    if cfg!(feature = "local") {
        lanes.extend(["--lane", "pocket-small"]);
    }
    let mut command = home.command(&lanes);
    command
        .env("OPENAI_API_KEY", KEY)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    server.wait_blocking(|log| (!log.requests.is_empty()).then_some(()));
    let mut seen = 0;
    for entry in fs::read_dir("/proc").unwrap().flatten() {
        let Ok(arguments) = fs::read(entry.path().join("cmdline")) else {
            continue;
        };
        let arguments = String::from_utf8_lossy(&arguments).into_owned();
        if arguments.contains("tierscope") {
            seen += 1;
            assert_silent(&arguments, "the arguments of a process");
        }
    }
    gate.open();
    let _ = child.wait();
    assert!(seen > 0, "the program itself was not seen");
}

#[cfg(unix)]
#[test]
fn a_panic_holds_no_key() {
    use crate::pty::Setup;
    let server = parrot();
    let home = home(&server);
    let config = fs::read_to_string(home.path().join("config.toml")).unwrap();
    for place in ["loop", "task"] {
        let mut session = Setup::with_config(&config)
            .var("OPENAI_API_KEY", KEY)
            .var("TIERSCOPE_TEST_PANIC", place)
            .start();
        if place == "task" {
            session.wait_text("answers");
            session.send("\x03");
        }
        let ended = session.ended();
        assert_silent(&ended.screen, "the screen");
        assert_silent(&String::from_utf8_lossy(&ended.raw), "the terminal");
        assert_silent(&ended.log, "the log");
    }
}
