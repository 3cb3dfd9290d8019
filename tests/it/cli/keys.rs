//! Tests of `tierscope keys` and `--env-file`, without a keyring, with one that is silent, and with a real one where this
//! machine has it.

use super::{Ended, Home};
use serde_json::Value;
use std::{
    fs,
    io::Write,
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

const KEY: &str = "sk-very-secret-0123456789";

/// Runs with this standard input, with the keyring of this bus.
fn run_at(home: &Home, bus: &str, arguments: &[&str], input: &str) -> Ended {
    let mut command = home.command(arguments);
    command
        .env("TIERSCOPE_KEYRING", "auto")
        .env("DBUS_SESSION_BUS_ADDRESS", bus)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    piped(command, input)
}

fn piped(mut command: Command, input: &str) -> Ended {
    let mut child = command.spawn().unwrap();
    // One that has no keyring does not read the key.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    Ended::from(child.wait_with_output().unwrap())
}

/// Whether any file below a folder holds the key.
fn holds_key(folder: &Path) -> bool {
    fs::read_dir(folder).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        if path.is_dir() {
            return holds_key(&path);
        }
        let bytes = fs::read(&path).unwrap_or_default();
        String::from_utf8_lossy(&bytes).contains("very-secret")
    })
}

#[test]
fn without_a_keyring_nothing_is_stored_and_the_environment_is_named() {
    let home = Home::new();
    let ended = home.run(&["keys", "set", "openai"]);
    assert_eq!(
        ended,
        Ended {
            status: Some(1),
            out: String::new(),
            err: "error: there is no keyring here: TIERSCOPE_KEYRING is `off`\n\
                  hint: set OPENAI_API_KEY in the environment instead, or in a file that --env-file names; nothing was \
                  stored anywhere\n"
                .to_owned(),
        }
    );
    if cfg!(target_os = "linux") {
        let nowhere = format!("unix:path={}/no-bus", home.path().display());
        for arguments in [
            &["keys", "set", "openai"][..],
            &["keys", "list"],
            &["keys", "rm", "openai"],
        ] {
            let ended = run_at(&home, &nowhere, arguments, KEY);
            assert_eq!(ended.status, Some(1), "{ended:?}");
            assert!(
                ended.err.starts_with("error: there is no keyring here: "),
                "{ended:?}"
            );
            assert!(!ended.err.contains("very-secret"), "{ended:?}");
        }
    }
    assert!(!holds_key(home.path()));
}

#[cfg(target_os = "linux")]
#[test]
fn a_bus_that_is_silent_is_not_waited_for() {
    let home =
        Home::with("[[lane]]\nname = \"mini\"\nprovider = \"openai\"\nmodel = \"gpt-4o-mini\"\n");
    let socket = home.path().join("bus");
    let listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    let bus = format!("unix:path={}", socket.display());
    for (arguments, status) in [
        (&["keys", "set", "openai"][..], 1),
        (&["lanes"], 0),
        (&["ask", "hi", "--format", "json"], 3),
    ] {
        let before = Instant::now();
        let ended = run_at(&home, &bus, arguments, KEY);
        assert_eq!(ended.status, Some(status), "{ended:?}");
        let said = format!("{}{}", ended.out, ended.err);
        assert!(
            said.contains("the keyring did not answer within 1s"),
            "{ended:?}"
        );
        // The limit, and a generous while for a machine with much else to do.
        assert!(before.elapsed() < Duration::from_secs(20));
    }
    drop(listener);
    assert!(!holds_key(home.path()));
}

/// A bus that never stops answering, and never says anything.
#[cfg(target_os = "linux")]
#[test]
fn a_bus_that_answers_endlessly_is_not_listened_to_for_ever() {
    let home =
        Home::with("[[lane]]\nname = \"mini\"\nprovider = \"openai\"\nmodel = \"gpt-4o-mini\"\n");
    let socket = home.path().join("bus");
    let listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    std::thread::spawn(move || {
        for bus in listener.incoming() {
            let mut bus = bus.unwrap();
            std::thread::spawn(move || while bus.write_all(&[b'x'; 4096]).is_ok() {});
        }
    });
    let bus = format!("unix:path={}", socket.display());
    for (arguments, status) in [
        (&["keys", "list"][..], 1),
        (&["keys", "set", "openai"], 1),
        (&["ask", "hi"], 3),
    ] {
        let before = Instant::now();
        let ended = run_at(&home, &bus, arguments, KEY);
        assert_eq!(ended.status, Some(status), "{ended:?}");
        // The limit, and a generous while for a machine with much else to do.
        assert!(before.elapsed() < Duration::from_secs(20));
    }
}

#[test]
fn a_key_on_the_command_line_is_refused_and_not_repeated() {
    let home = Home::new();
    for arguments in [
        &["keys", "set", "openai", KEY][..],
        &["keys", "set", "openai", "--key", KEY],
        &["keys", "set", KEY],
        &["keys", "rm", KEY],
        &["keys", KEY],
        &["keys", "list", KEY],
        &["keys", "rm", "openai", KEY],
        &["keys", "rm", &format!("--key={KEY}")],
        &["-q", "keys", &format!("--{KEY}")],
    ] {
        let ended = home.run(arguments);
        assert_eq!(ended.status, Some(2), "{ended:?}");
        assert!(!format!("{ended:?}").contains("very-secret"), "{ended:?}");
    }
    let ended = home.run(&["keys", "--help"]);
    assert!(
        ended.status == Some(0) && ended.out.contains("Usage"),
        "{ended:?}"
    );
    let ended = home.run(&["keys"]);
    assert!(ended.status == Some(2), "{ended:?}");
    let ended = home.run(&["keys", "set", "opnai"]);
    assert!(ended.err.contains("did you mean `openai`?"), "{ended:?}");
}

#[test]
fn variables_of_a_file_count_only_where_it_is_asked_for() {
    let home =
        Home::with("[[lane]]\nname = \"mini\"\nprovider = \"openai\"\nmodel = \"gpt-4o-mini\"\n");
    let file = home.path().join(".env");
    fs::write(&file, format!("# mine\nexport OPENAI_API_KEY=\"{KEY}\"\n")).unwrap();
    let key_of = |variables: &[(&str, &str)], arguments: &[&str]| {
        let mut command = home.command(arguments);
        command
            .current_dir(home.path())
            .envs(variables.iter().copied());
        let ended = Ended::from(command.output().unwrap());
        assert_eq!(ended.status, Some(0), "{ended:?}");
        assert!(!ended.out.contains("very-secret"), "{ended:?}");
        let rows: Vec<Value> = serde_json::from_str(&ended.out).unwrap();
        let row = rows.into_iter().find(|row| row["lane"] == "mini").unwrap();
        row["key"]["source"].as_str().map(str::to_owned)
    };
    assert_eq!(key_of(&[], &["lanes", "--json"]), None, "never unasked");
    let asked = ["--env-file", ".env", "lanes", "--json"];
    assert_eq!(key_of(&[], &asked).as_deref(), Some("env_file"));
    let variables = [("OPENAI_API_KEY", "sk-of-the-process")];
    assert_eq!(key_of(&variables, &asked).as_deref(), Some("environment"));
}

#[test]
fn a_file_of_variables_that_cannot_be_used_is_a_clear_error() {
    let home = Home::new();
    let file = home.path().join("keys.env");
    let path = file.display().to_string();
    let ended = home.run(&["lanes", "--env-file", &path]);
    assert_eq!(ended.status, Some(2), "{ended:?}");
    assert!(
        ended.err.starts_with(&format!(
            "error: {path}: --env-file: there is no such file\n"
        )),
        "{ended:?}"
    );
    fs::write(&file, format!("A=1\n{KEY}\nB='{KEY}\n")).unwrap();
    let ended = home.run(&["lanes", "--env-file", &path]);
    assert_eq!(ended.status, Some(2), "{ended:?}");
    assert!(
        ended
            .err
            .contains(&format!("{path}:2: must be `NAME=value`"))
            && ended
                .err
                .contains(&format!("{path}:3: has no closing quote")),
        "{ended:?}"
    );
    assert!(!ended.err.contains("very-secret"), "{ended:?}");
}

/// Begins a script: a keyring with a password of its own, unlocked.
#[cfg(target_os = "linux")]
const UNLOCK: &str =
    "printf secret | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1; ";

/// A session bus with an unlocked keyring of its own; everything ends with it.
#[cfg(target_os = "linux")]
struct Desktop {
    home: Home,
}

#[cfg(target_os = "linux")]
impl Desktop {
    /// `None` where this machine lacks the programs.
    fn new() -> Option<Self> {
        let has = |program: &str| {
            let folders = std::env::var_os("PATH").unwrap_or_default();
            std::env::split_paths(&folders).any(|folder| folder.join(program).exists())
        };
        (has("dbus-run-session") && has("gnome-keyring-daemon")).then(|| Self { home: Home::new() })
    }

    fn variables(&self) -> Vec<(&'static str, std::ffi::OsString)> {
        let home = self.home.path().as_os_str().to_owned();
        let path = std::env::var_os("PATH").unwrap_or_default();
        let homes = ["HOME", "XDG_RUNTIME_DIR", "TIERSCOPE_HOME"].map(|name| (name, home.clone()));
        let program = env!("CARGO_BIN_EXE_tierscope").into();
        homes
            .into_iter()
            .chain([("PATH", path), ("T", program)])
            .collect()
    }

    /// Runs a script of shell commands on that bus, with `$T` for the program.
    fn run(&self, script: &str) -> Ended {
        let mut command = Command::new("dbus-run-session");
        command
            .args(["--", "sh", "-c", &format!("{UNLOCK}{script}")])
            .env_clear()
            .envs(self.variables())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        piped(command, KEY)
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_key_that_is_typed_is_not_shown_and_can_be_given_up() {
    use portable_pty::{CommandBuilder, PtySize, native_pty_system};
    use std::io::Read;
    let Some(desktop) = Desktop::new() else {
        println!("skipped: needs dbus-run-session and gnome-keyring-daemon");
        return;
    };
    for (typed, status, said) in [
        (
            "sk-very-secret-0123456789x\u{7f}\r",
            0,
            "stored OPENAI_API_KEY",
        ),
        ("sk-very-secret\u{3}", 130, ""),
    ] {
        let pair = native_pty_system().openpty(PtySize::default()).unwrap();
        let before = format!("{:?}", pair.master.get_termios().unwrap());
        let mut command = CommandBuilder::new("dbus-run-session");
        let script = format!("{UNLOCK}\"$T\" keys set openai; echo status $?");
        command.args(["--", "sh", "-c", &script]);
        command.env_clear();
        for (name, value) in desktop.variables() {
            command.env(name, value);
        }
        let mut child = pair.slave.spawn_command(command).unwrap();
        let mut reader = pair.master.try_clone_reader().unwrap();
        let mut writer = pair.master.take_writer().unwrap();
        let (mut shown, mut bytes, mut has_typed) = (String::new(), [0; 4096], false);
        while !(shown.contains("status ") && shown.ends_with('\n')) {
            let count = reader.read(&mut bytes).unwrap();
            shown += &String::from_utf8_lossy(&bytes[..count]);
            if !has_typed && shown.contains("Key for OPENAI_API_KEY (it is not shown): ") {
                writer.write_all(typed.as_bytes()).unwrap();
                has_typed = true;
            }
        }
        child.wait().unwrap();
        assert!(shown.contains(&format!("status {status}")), "{shown}");
        assert!(
            shown.contains(said) && !shown.contains("very-secret"),
            "{shown}"
        );
        assert_eq!(format!("{:?}", pair.master.get_termios().unwrap()), before);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_keyring_keeps_a_key_and_lanes_use_it() {
    use crate::loopback::{Loopback, Speech};
    let Some(desktop) = Desktop::new() else {
        println!("skipped: needs dbus-run-session and gnome-keyring-daemon");
        return;
    };
    let server = Loopback::start([Speech::of(&["from the keyring"]).openai()]);
    fs::write(
        desktop.home.path().join("config.toml"),
        format!(
            "[[lane]]\nname = \"mini\"\nprovider = \"openai\"\nmodel = \"m\"\nbase_url = \"{}\"\n",
            server.url("/v1")
        ),
    )
    .unwrap();
    let ended = desktop.run(
        "read -r key; \
         \"$T\" keys list; printf '%s\\n' \"$key\" 2>/dev/null | \"$T\" keys set openai; \"$T\" keys list; \
         \"$T\" lanes --json; \"$T\" ask hi --format json; \"$T\" keys rm OPENAI_API_KEY; \"$T\" keys rm openai; \"$T\" keys list",
    );
    // The bus and the keyring write there too.
    let ours = ["the keyring", "stored", "removed", "error:", "hint:"];
    let is_ours = |line: &&str| ours.iter().any(|word| line.starts_with(word));
    let said: Vec<&str> = ended.err.lines().filter(is_ours).collect();
    assert_eq!(
        said,
        [
            "the keyring holds no key of tierscope; `tierscope keys set openai` stores one",
            "stored OPENAI_API_KEY in the keyring",
            "removed OPENAI_API_KEY from the keyring",
            "error: the keyring holds no OPENAI_API_KEY",
            "hint: `tierscope keys list` shows what it holds",
            "the keyring holds no key of tierscope; `tierscope keys set openai` stores one",
        ],
        "{}",
        ended.out
    );
    assert!(
        ended
            .out
            .starts_with("OPENAI_API_KEY\topenai, openai-responses\n"),
        "{}",
        ended.out
    );
    assert!(
        ended.out.contains("\"source\": \"keyring\""),
        "{}",
        ended.out
    );
    assert!(
        ended.out.contains("\"answer\": \"from the keyring\""),
        "{}",
        ended.out
    );
    assert!(!format!("{ended:?}").contains("very-secret"), "{ended:?}");
    let sent = &server.requests()[0];
    assert_eq!(
        sent.header("authorization"),
        Some(format!("Bearer {KEY}").as_str())
    );
    assert!(!holds_key(desktop.home.path()), "nothing in plain text");
}
