//! Other programs that send many prompts, and how a program's time and memory are taken.

use super::{Figures, loopback::Loopback};
use std::{
    fmt::Write as _,
    fs,
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

/// Runs a program to its end: wall time, the processor time of it and its children by the shell's `times`, and its peak
/// memory by `/proc`.
pub fn timed(command: &Command, cells: usize) -> Figures {
    let quoted =
        |text: &std::ffi::OsStr| format!("'{}'", text.to_string_lossy().replace('\'', "'\\''"));
    let words: Vec<String> = std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(quoted)
        .collect();
    let script = format!("{} >/dev/null 2>&1; echo $?; times", words.join(" "));
    let mut shell = Command::new("bash");
    shell.arg("-c").arg(script).stdout(Stdio::piped());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    if let Some(folder) = command.get_current_dir() {
        shell.current_dir(folder);
    }
    let began = Instant::now();
    let child = shell.spawn().expect("bash");
    let shell_id = child.id();
    let watch = std::thread::spawn(move || peak_of_children(shell_id));
    let output = child.wait_with_output().expect("its end");
    let wall_s = began.elapsed().as_secs_f64();
    let text = String::from_utf8_lossy(&output.stdout);
    let mut lines = text.lines();
    let status = lines.next().unwrap_or_default();
    assert!(
        matches!(status, "0" | "100"),
        "{} ended with {status}",
        words[0]
    );
    // The second line of `times` is of the children: 0m1.234s 0m0.567s.
    let cpu_s = lines
        .nth(1)
        .map_or(0.0, |line| line.split_whitespace().map(seconds).sum());
    Figures {
        cells,
        wall_s,
        cpu_s,
        peak_mib: watch.join().expect("the watch"),
    }
}

fn seconds(text: &str) -> f64 {
    let (minutes, rest) = text.split_once('m').unwrap_or(("0", text));
    let rest = rest.trim_end_matches('s');
    minutes.parse::<f64>().unwrap_or(0.0) * 60.0 + rest.parse::<f64>().unwrap_or(0.0)
}

/// The largest peak of a child's resident memory, while the parent lives.
fn peak_of_children(parent: u32) -> f64 {
    let mut peak: f64 = 0.0;
    while Path::new(&format!("/proc/{parent}")).exists() {
        let children = fs::read_to_string(format!("/proc/{parent}/task/{parent}/children"));
        for child in children.unwrap_or_default().split_whitespace() {
            let status = fs::read_to_string(format!("/proc/{child}/status")).unwrap_or_default();
            let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
            let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
            peak = peak.max(kib.unwrap_or(0.0) / 1024.0);
        }
        std::thread::sleep(Duration::from_millis(20));
        if fs::read_to_string(format!("/proc/{parent}/stat"))
            .is_ok_and(|stat| stat.contains(") Z "))
        {
            break;
        }
    }
    peak
}

/// As many requests by curl, 8 at a time for each lane: the floor.
pub fn curl(server: &Loopback, folder: &Path, requests: usize) -> Figures {
    let config = (0..requests).fold(String::new(), |mut config, at| {
        let _ = write!(
            config,
            "url = \"{}\"\nheader = \"content-type: application/json\"\noutput = \"/dev/null\"\n\
             data = \"{{\\\"model\\\":\\\"m\\\",\\\"stream\\\":true,\\\"messages\\\":[{{\\\"role\\\":\\\"user\\\",\\\"content\\\":\\\"What is {at} + 7?\\\"}}]}}\"\nnext\n",
            server.url("/v1/chat/completions")
        );
        config
    });
    let file = folder.join("curl.conf");
    fs::write(&file, config.trim_end_matches("next\n")).expect("written");
    let mut command = Command::new("curl");
    command
        .args(["-s", "-N", "--parallel", "--parallel-max", "8", "-K"])
        .arg(file);
    timed(&command, requests)
}

/// Fewer of them by promptfoo, 8 at a time.
pub fn promptfoo(server: &Loopback, folder: &Path, requests: usize) -> Option<Figures> {
    Command::new("promptfoo")
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .ok()?;
    let tests = (0..requests).fold(String::new(), |mut tests, at| {
        let _ = writeln!(
            tests,
            "  - vars: {{ a: {at} }}\n    assert: [{{ type: contains, value: '19' }}]"
        );
        tests
    });
    let config = format!(
        "prompts: ['What is {{{{a}}}} + 7?']\nproviders:\n  - id: openai:chat:m\n    config: {{ apiBaseUrl: '{}', apiKey: x }}\ntests:\n{tests}",
        server.url("/v1")
    );
    let file = folder.join("promptfooconfig.yaml");
    fs::write(&file, config).expect("written");
    let mut command = Command::new("promptfoo");
    command
        .args([
            "eval",
            "--no-cache",
            "--no-table",
            "--no-progress-bar",
            "-j",
            "8",
            "-c",
        ])
        .arg(file)
        .env("PROMPTFOO_CONFIG_DIR", folder.join("promptfoo"))
        .env("PROMPTFOO_DISABLE_TELEMETRY", "1")
        .env("PROMPTFOO_DISABLE_UPDATE", "1");
    Some(timed(&command, requests))
}
