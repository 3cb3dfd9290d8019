//! The repository's files: reads them, and judges what only the whole tree can show.

use super::{rules::Finding, source::Source};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// All that may lie at the top; names that begin with a dot may too.
const TOP_LEVEL: [&str; 12] = [
    "CHANGELOG.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "Makefile",
    "README.md",
    "assets",
    "benches",
    "prompts",
    "src",
    "tests",
];

pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every `.rs` file of the program, its tests and its benchmarks.
pub fn sources() -> Vec<Source> {
    let root = root();
    let mut paths = Vec::new();
    for folder in ["src", "tests", "benches"] {
        collect_rust_files(&root.join(folder), &mut paths);
    }
    paths.sort();
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let inside = path.strip_prefix(&root).unwrap().to_str().unwrap();
        Source::new(&inside.replace('\\', "/"), &text)
    };
    paths.into_iter().map(read).collect()
}

fn collect_rust_files(folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect_rust_files(&path, paths);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            paths.push(path);
        }
    }
}

/// Names at the top of the repository, build folders left out.
pub fn top_level() -> Vec<String> {
    let entries = fs::read_dir(root())
        .unwrap()
        .map(|entry| entry.unwrap().path());
    entries
        .filter(|path| !path.join("CACHEDIR.TAG").exists())
        .map(|path| path.file_name().unwrap().to_str().unwrap().to_owned())
        .collect()
}

pub fn strangers_at_the_top(names: &[String]) -> Vec<Finding> {
    let strangers = names
        .iter()
        .filter(|name| !name.starts_with('.') && !TOP_LEVEL.contains(&name.as_str()));
    strangers
        .map(|name| format!("{name}: does not belong at the top level"))
        .collect()
}

/// Files that no `mod` line leads to: they are never compiled, and tests in them never run.
pub fn orphans(sources: &[Source]) -> Vec<Finding> {
    let is_declared = |source: &Source| {
        let Some((parents, name)) = parent_of(&source.path) else {
            return true;
        };
        let ending = format!("{name}.rs\"");
        let declares = |other: &Source| {
            (0..other.tokens.len()).any(|at| {
                let is_by_path = other.reads(at, &["path", "="])
                    && (other.tokens.get(at + 2)).is_some_and(|t| t.text.ends_with(&ending));
                is_by_path || other.reads(at, &["mod", &name, ";"])
            })
        };
        sources
            .iter()
            .any(|other| parents.contains(&other.path) && declares(other))
    };
    let orphans = sources.iter().filter(|source| !is_declared(source));
    orphans
        .map(|source| format!("{}: no `mod` line leads to it", source.path))
        .collect()
}

/// The files that may declare the module in `path`, and its name; none for a root, and for a benchmark.
fn parent_of(path: &str) -> Option<(Vec<String>, String)> {
    let (folder, file) = path.rsplit_once('/')?;
    let name = file.strip_suffix(".rs")?.to_owned();
    match (folder, file) {
        ("src", "lib.rs" | "main.rs") | ("tests/it", "main.rs") => None,
        ("src", _) => Some((vec!["src/lib.rs".into(), "src/main.rs".into()], name)),
        ("tests/it", _) => Some((vec!["tests/it/main.rs".into()], name)),
        _ if folder.starts_with("benches") => None,
        _ => Some((vec![format!("{folder}.rs")], name)),
    }
}

/// Benchmarks that Cargo.toml does not list: with `autobenches = false` they would never be built.
pub fn unlisted_benchmarks(sources: &[Source], manifest: &str) -> Vec<Finding> {
    let programs = sources.iter().filter(|source| {
        source.path.starts_with("benches/")
            && (0..source.tokens.len()).any(|at| source.reads(at, &["fn", "main"]))
    });
    programs
        .filter(|source| {
            let name = source
                .path
                .trim_start_matches("benches/")
                .trim_end_matches(".rs");
            !manifest.contains(&format!("name = \"{name}\"\nharness = false"))
        })
        .map(|source| {
            format!(
                "{}: Cargo.toml has no [[bench]] for it with `harness = false`",
                source.path
            )
        })
        .collect()
}

#[test]
fn a_stranger_at_the_top_is_found() {
    let names = ["src", ".ci", "Cargo.toml", "notes.md"].map(String::from);
    assert_eq!(strangers_at_the_top(&names).len(), 1);
}

#[test]
fn an_orphan_is_found() {
    let source = |path: &str, text: &str| Source::new(path, text);
    let sources = [
        source("src/lib.rs", "pub mod run;"),
        source("src/run.rs", "mod lane; #[path = \"run/odd.rs\"] mod even;"),
        source("src/run/odd.rs", ""),
        source("src/run/lane.rs", ""),
        source("src/run/lost.rs", ""),
        source("tests/it/main.rs", "// mod lost;"),
        source("tests/it/lost.rs", ""),
    ];
    let found = orphans(&sources).join("\n");
    assert!(found.contains("src/run/lost.rs") && found.contains("tests/it/lost.rs"));
    assert_eq!(found.lines().count(), 2, "{found}");
}

#[test]
fn an_unlisted_benchmark_is_found() {
    let sources = [
        Source::new("benches/truth.rs", "fn main() {}"),
        Source::new("benches/truth/server.rs", ""),
    ];
    let listed = "[[bench]]\nname = \"truth\"\nharness = false\n";
    assert_eq!(unlisted_benchmarks(&sources, listed).len(), 0);
    assert_eq!(unlisted_benchmarks(&sources, "").len(), 1);
}
