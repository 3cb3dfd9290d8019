//! The rules about a single file, and the table of all rules, each with a snippet that it must refuse and one that it
//! must let pass.

use super::{
    layers::{
        crates_stay_at_home, imports_point_down, layer_of, module_of, pure_modules_stay_pure,
    },
    source::Source,
};

pub type Finding = String;

pub struct Rule {
    pub name: &'static str,
    pub judge: fn(&Source) -> Vec<Finding>,
    /// Path and text: refused.
    pub bad: &'static [(&'static str, &'static str)],
    /// Path and text: let pass.
    pub good: &'static [(&'static str, &'static str)],
}

pub fn finding(source: &Source, line: usize, text: impl AsRef<str>) -> Finding {
    format!("{}:{line}: {}", source.path, text.as_ref())
}

pub const RULES: &[Rule] = &[
    Rule {
        name: "imports point down",
        judge: imports_point_down,
        bad: &[
            ("src/domain/usage.rs", "use crate::wire::Dialect;"),
            ("src/domain/usage.rs", "use super::super::run::Run;"),
            ("src/domain.rs", "fn a() { super::tui::draw() }"),
            ("src/run.rs", "use crate::{domain::id, tui::view};"),
            ("src/tui/view.rs", "use crate::headless;"),
            ("src/headless.rs", "use crate::tui;"),
            ("src/wire/sse.rs", "use crate::provider::Stopwatch;"),
            (
                "src/provider/http.rs",
                "mod a { fn b() { super::super::super::run::c() } }",
            ),
            ("src/config.rs", "use crate::places;"),
            ("src/brandnew.rs", ""),
        ],
        good: &[
            ("src/run.rs", "use crate::{domain::id, provider::Provider};"),
            (
                "src/domain/record.rs",
                "use super::run::RunState; mod tests { use super::super::run::RunState; }",
            ),
            ("src/wiring.rs", "use crate::{tui, headless};"),
            ("src/main.rs", "fn main() { tierscope::cli::main() }"),
            (
                "src/domain/id.rs",
                "// use crate::wire;\nconst A: &str = \"crate::wire\";",
            ),
            ("tests/it/a.rs", "use tierscope::tui;"),
        ],
    },
    Rule {
        name: "crates stay at home",
        judge: crates_stay_at_home,
        bad: &[
            ("src/run.rs", "use reqwest::Client;"),
            ("src/providers.rs", "use reqwest::Client;"),
            ("src/cli/engine.rs", "use llama_cpp_2::model;"),
            ("src/provider/local.rs", "use llama_cpp_sys_2 as sys;"),
            ("src/headless.rs", "use ratatui::Frame;"),
            ("src/cli.rs", "use crossterm::style;"),
            ("src/report.rs", "use rusqlite::Connection;"),
        ],
        good: &[
            ("src/provider/http.rs", "use reqwest::Client;"),
            ("src/fetch.rs", "use reqwest::Client;"),
            (
                "src/engine/llama.rs",
                "use {llama_cpp_2 as a, llama_cpp_sys_2 as b};",
            ),
            (
                "src/tui.rs",
                "use {ratatui::Frame, crossterm::event}; // rusqlite",
            ),
        ],
    },
    Rule {
        name: "pure modules stay pure",
        judge: pure_modules_stay_pure,
        bad: &[
            ("src/domain/run.rs", "use tokio::sync::mpsc;"),
            (
                "src/domain/run.rs",
                "fn a() { let t = std::time::Instant::now(); }",
            ),
            ("src/domain.rs", "use std::{fmt, fs};"),
            ("src/wire/sse.rs", "use std::{net::TcpStream};"),
        ],
        good: &[
            (
                "src/domain/run.rs",
                "use std::time::Duration; // Instant::now",
            ),
            (
                "src/run.rs",
                "use tokio::sync::mpsc; fn a() { Instant::now(); }",
            ),
        ],
    },
    Rule {
        name: "a file says what it is for",
        judge: file_says_what_it_is_for,
        bad: &[("src/run.rs", "use a;\n//! Late."), ("src/run.rs", "")],
        good: &[("src/run.rs", "//! One prompt at N lanes.\nuse a;")],
    },
    Rule {
        name: "nothing below the faces prints",
        judge: nothing_below_the_faces_prints,
        bad: &[
            ("src/run.rs", "fn a() { println!(\"x\") }"),
            ("src/domain/id.rs", "fn a() { std::eprint!(\"x\") }"),
            ("src/engine/server.rs", "fn a() { dbg!(1) }"),
            (
                "src/provider/http.rs",
                "fn a() { std::io::stderr().lock() }",
            ),
        ],
        good: &[
            ("src/headless.rs", "fn a() { println!(\"x\") }"),
            (
                "src/run.rs",
                "#[cfg(test)] mod tests { fn a() { println!(\"x\") } }",
            ),
            ("src/engine/server.rs", "fn a() { io::stdout() }"),
            (
                "src/run.rs",
                "// println!\nfn a() { writeln!(out, \"println!()\") }",
            ),
        ],
    },
    Rule {
        name: "every channel is bounded",
        judge: every_channel_is_bounded,
        bad: &[
            (
                "src/run.rs",
                "fn a() { tokio::sync::mpsc::unbounded_channel() }",
            ),
            ("src/run.rs", "use tokio::sync::mpsc::UnboundedSender;"),
            ("src/run.rs", "fn a() { std::sync::mpsc::channel() }"),
            ("tests/it/a.rs", "fn a() { mpsc::channel::<u8>() }"),
            ("src/run.rs", "fn a() { let (a, b) = channel(); }"),
        ],
        good: &[
            (
                "src/run.rs",
                "fn a() { mpsc::channel(8); oneshot::channel(); mpsc::channel::<u8>(8) }",
            ),
            (
                "src/run.rs",
                "fn a() { oneshot::channel::<Vec<u8>>() } fn channel() {}",
            ),
        ],
    },
    Rule {
        name: "unsafe lives in the engine",
        judge: unsafe_lives_in_the_engine,
        bad: &[
            ("src/tui.rs", "fn a() { unsafe { b() } }"),
            ("tests/it/a.rs", "unsafe fn a() {}"),
        ],
        good: &[
            ("src/engine/llama.rs", "unsafe fn a() {}"),
            ("src/tui.rs", "// unsafe\n#![deny(unsafe_code)]"),
        ],
    },
    Rule {
        name: "every test runs, without sleeping and in an environment of its own",
        judge: tests_run_and_do_not_wait,
        bad: &[
            ("tests/it/a.rs", "#[test] #[ignore] fn a() {}"),
            ("src/run.rs", "#[test] #[ignore = \"slow\"] fn a() {}"),
            ("tests/it/a.rs", "fn a() { std::thread::sleep(b) }"),
            ("src/run/tests.rs", "use std::{thread::{self, sleep}};"),
            ("tests/it/a.rs", "fn a() { std::env::set_var(a, b) }"),
            ("src/run.rs", "fn a() { env::remove_var(a) }"),
        ],
        good: &[
            (
                "tests/it/a.rs",
                "#[test] fn ignore() { tokio::time::sleep(a); command.env(a, b) }",
            ),
            ("benches/screen.rs", "fn a() { std::thread::sleep(b) }"),
        ],
    },
    Rule {
        name: "names say what a thing is",
        judge: names_say_what_a_thing_is,
        bad: &[
            ("src/run/utils.rs", ""),
            ("tests/it/test_helpers.rs", ""),
            ("src/run.rs", "struct LaneManager;"),
            ("src/run.rs", "fn get_lane() {}"),
            ("src/run.rs", "fn handle_key() {}"),
            ("src/run.rs", "fn do_it() {}"),
            ("src/run.rs", "impl Lane { fn get_name(&self) {} }"),
            (
                "src/run.rs",
                "fn a() { } impl A for B { fn b() {} } fn get_name() {}",
            ),
            ("src/run/mod.rs", ""),
        ],
        good: &[
            (
                "src/run.rs",
                "fn get() {} fn handle() {} fn dot() {} fn a() { response.get_ref() }",
            ),
            (
                "src/tui.rs",
                "impl<B> Backend for Ours<B> { fn get_cursor(&self) { if a { } } }",
            ),
        ],
    },
];

fn file_says_what_it_is_for(source: &Source) -> Vec<Finding> {
    if source.text.starts_with("//! ") {
        return Vec::new();
    }
    let text = "must begin with `//!`: its purpose, and what it does not do";
    vec![finding(source, 1, text)]
}

fn unsafe_lives_in_the_engine(source: &Source) -> Vec<Finding> {
    if source.is_under("src/engine") {
        return Vec::new();
    }
    words(
        source,
        &["unsafe"],
        "is allowed in single named places of engine/ only",
    )
}

fn nothing_below_the_faces_prints(source: &Source) -> Vec<Finding> {
    if module_of(source)
        .and_then(layer_of)
        .is_none_or(|layer| layer >= 4)
    {
        return Vec::new();
    }
    let macros = ["print", "println", "eprint", "eprintln", "dbg"];
    // The engine's standard output is the pipe that it answers through.
    let streams: &[&str] = if source.is_under("src/engine") {
        &[]
    } else {
        &["stdout", "stderr"]
    };
    let mut findings = Vec::new();
    for (at, token) in source.tokens.iter().enumerate() {
        let prints = macros.contains(&token.text.as_str()) && source.reads(at + 1, &["!"]);
        let opens = streams.contains(&token.text.as_str()) && source.reads(at + 1, &["(", ")"]);
        if (prints || opens) && !source.is_test_at(at) {
            let text = format!("`{}`: nothing below the faces prints", token.text);
            findings.push(finding(source, token.first_line, text));
        }
    }
    findings
}

fn every_channel_is_bounded(source: &Source) -> Vec<Finding> {
    let banned = ["unbounded_channel", "UnboundedSender", "UnboundedReceiver"];
    let mut findings = words(source, &banned, "every channel is bounded");
    for (at, token) in source
        .tokens
        .iter()
        .enumerate()
        .filter(|(_, t)| t.is_word("channel"))
    {
        let is_single = at >= 3 && source.reads(at - 3, &["oneshot", ":", ":"]);
        let is_defined = at >= 1 && source.reads(at - 1, &["fn"]);
        if !is_single && !is_defined && source.reads(after_turbofish(source, at + 1), &["(", ")"]) {
            findings.push(finding(
                source,
                token.first_line,
                "`channel()` without a bound",
            ));
        }
    }
    findings
}

/// The index after `::<…>` if that stands at `at`, else `at`.
fn after_turbofish(source: &Source, at: usize) -> usize {
    if !source.reads(at, &[":", ":", "<"]) {
        return at;
    }
    let mut depth = 0_usize;
    for (i, token) in source.tokens.iter().enumerate().skip(at + 2) {
        depth += usize::from(token.is_mark('<'));
        depth -= usize::from(token.is_mark('>'));
        if depth == 0 {
            return i + 1;
        }
    }
    at
}

fn tests_run_and_do_not_wait(source: &Source) -> Vec<Finding> {
    let mut findings = words(
        source,
        &["set_var", "remove_var"],
        "the environment is the process's own",
    );
    for (at, token) in source.tokens.iter().enumerate() {
        if source.reads(at, &["[", "ignore", "]"]) || source.reads(at, &["[", "ignore", "="]) {
            findings.push(finding(
                source,
                token.first_line,
                "`#[ignore]`: every test runs",
            ));
        }
    }
    let sleeps = source
        .named()
        .into_iter()
        .filter(|named| named.holds(&["thread", "sleep"]));
    if !source.path.starts_with("benches/") {
        findings.extend(sleeps.map(|named| {
            finding(
                source,
                named.line,
                "`thread::sleep`: wait for the thing itself",
            )
        }));
    }
    findings
}

fn names_say_what_a_thing_is(source: &Source) -> Vec<Finding> {
    let empty_words = ["util", "utils", "helper", "helpers", "manager", "mod"];
    let mut findings = Vec::new();
    let parts = source.path.split(['/', '_', '.']);
    for part in parts.filter(|part| empty_words.contains(part)) {
        findings.push(finding(
            source,
            1,
            format!("`{part}` in a file's name says nothing"),
        ));
    }
    let borrowed = bodies_of_trait_impls(source);
    for (at, token) in source.tokens.iter().enumerate() {
        let is_ours = !borrowed.iter().any(|body| body.contains(&at));
        let is_function = is_ours && at >= 1 && source.reads(at - 1, &["fn"]);
        let verbs = ["get_", "do_", "handle_"];
        let is_empty_verb = is_function && verbs.iter().any(|verb| token.text.starts_with(verb));
        let is_type = at >= 1
            && ["struct", "enum", "trait"]
                .iter()
                .any(|w| source.reads(at - 1, &[w]));
        let nouns = ["Manager", "Helper", "Utils"];
        if is_empty_verb || (is_type && nouns.iter().any(|noun| token.text.ends_with(noun))) {
            findings.push(finding(
                source,
                token.first_line,
                format!("`{}` says nothing", token.text),
            ));
        }
    }
    findings
}

/// The functions there are named by the trait.
fn bodies_of_trait_impls(source: &Source) -> Vec<std::ops::Range<usize>> {
    let heads = source
        .tokens
        .iter()
        .enumerate()
        .filter(|(_, t)| t.is_word("impl"));
    let bodies = heads.filter_map(|(at, _)| {
        let open = (at..source.tokens.len()).find(|&i| source.tokens[i].is_mark('{'))?;
        let is_trait =
            (at..open).any(|i| source.reads(i, &["for"]) && !source.reads(i + 1, &["<"]));
        is_trait.then_some(open..source.closing(open)?)
    });
    bodies.collect()
}

fn words(source: &Source, banned: &[&str], reason: &str) -> Vec<Finding> {
    let found = source
        .tokens
        .iter()
        .filter(|t| banned.iter().any(|word| t.is_word(word)));
    found
        .map(|t| finding(source, t.first_line, format!("`{}`: {reason}", t.text)))
        .collect()
}
