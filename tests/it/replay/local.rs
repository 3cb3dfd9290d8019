//! A replay at local lanes that answer several prompts at once.

use super::stage::Home;
use crate::scripted_gguf::Model;
use std::fmt::Write as _;

/// A home with a lane on a model whose answers end in 19 and take a while.
fn home_with(lanes: &[(&str, u32)]) -> Home {
    // Long enough that none is done before the next has begun.
    let words: Vec<String> = (0..300).map(|word| format!("w{word} ")).collect();
    let model = Model::saying(&format!("{}|19", words.join("|")));
    let home = Home::new("");
    let path = home.path().join("said.gguf");
    model.write(&path);
    let config = lanes
        .iter()
        .fold(String::new(), |mut config, (name, many)| {
            let _ = write!(
                config,
                "[[lane]]\nname = \"{name}\"\nprovider = \"local\"\npath = \"{}\"\nthreads = 1\n\
             parallel = {many}\n",
                path.display()
            );
            config
        });
    std::fs::write(home.path().join("config.toml"), config).expect("written");
    home
}

/// The engines of a program.
#[cfg(target_os = "linux")]
fn engines(parent: u32) -> Vec<rustix::process::Pid> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir("/proc").expect("processes").flatten() {
        let Ok(stat) = std::fs::read_to_string(entry.path().join("stat")) else {
            continue;
        };
        // Behind the name, which may hold anything: the state, then the parent.
        let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields);
        let of = fields
            .split_whitespace()
            .nth(1)
            .and_then(|of| of.parse().ok());
        let pid = entry.file_name().to_string_lossy().parse().ok();
        if of == Some(parent) {
            found.extend(pid.and_then(rustix::process::Pid::from_raw));
        }
    }
    found
}

#[cfg(target_os = "linux")]
#[test]
fn an_engine_that_dies_costs_no_cell_and_gives_no_lane_up() {
    use rustix::process::{Signal, kill_process};
    let home = home_with(&[("eight", 8)]);
    let suite = home.sums(40);
    let child = home.spawn(&["replay", &suite]);
    // Twice: with eight in hand, that would be more failures in a row than a lane may have.
    let mut killed = Vec::new();
    while killed.len() < 2 {
        let kept = home.kept().len();
        let engine = engines(child.id()).first().copied();
        if let Some(engine) =
            engine.filter(|engine| kept > killed.len() && !killed.contains(engine))
        {
            kill_process(engine, Signal::KILL).expect("killed");
            killed.push(engine);
        }
        assert!(kept < 40, "it ended before it was killed");
    }
    let ended = super::stage::Ended::of(child);
    assert_eq!(ended.status, Some(0), "{}", ended.err);
    let batch = home.batch();
    assert_eq!(super::stage::cells(&batch).len(), 40);
    for run in batch["runs"].as_array().expect("runs") {
        assert_eq!(run["lanes"][0]["status"], "done", "{run}");
    }
}

#[test]
fn a_lane_answers_as_many_prompts_at_once_as_its_configuration_says() {
    for schedule in ["fair", "race"] {
        let home = home_with(&[("three", 3), ("one", 1)]);
        let suite = home.sums(12);
        let ended = home.run(&["replay", &suite, "--schedule", schedule]);
        assert_eq!(ended.status, Some(0), "{}", ended.err);
        let shared =
            "`three` answered up to 3 prompts together; its times and speeds are those of a share";
        assert!(ended.err.contains(shared), "{}", ended.err);
        assert_eq!(
            ended
                .err
                .contains("`one` computed at the same time on one machine (`race`)"),
            schedule == "race",
            "{}",
            ended.err
        );
        let batch = home.batch();
        let mut told = String::new();
        let (mut together, mut all) = (0, 0);
        for run in batch["runs"].as_array().expect("runs") {
            for lane in run["lanes"].as_array().expect("lanes") {
                all += 1;
                let answer = lane["answer"].as_str().expect("an answer");
                assert!(answer.starts_with("w0 w1 ") && answer.ends_with("w299 19"));
                let many = lane["server"]["sequences"].as_u64();
                let _ = write!(told, "{} {many:?}, ", lane["lane"]);
                if lane["lane"] == "three" {
                    together += u64::from(many == Some(3));
                    assert!(many.is_none_or(|many| many <= 3), "{told}");
                } else {
                    assert_eq!(many, None, "{told}");
                }
            }
        }
        assert_eq!(all, 24);
        assert!(together >= 3, "{schedule}: {told}");
    }
}
