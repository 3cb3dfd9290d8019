//! The layers: who may import whom, and which crates only one place may name. Judges `src/` alone.

use super::{
    rules::{Finding, finding},
    source::{Named, Source},
};

/// A lower one never imports a higher one. Every module under `src/` has its line here.
const LAYERS: [(&str, u8); 23] = [
    ("domain", 1),
    ("catalog", 2),
    ("check", 2),
    ("config", 2),
    ("engine", 2),
    ("fetch", 2),
    ("history", 2),
    ("pocket", 2),
    ("provider", 2),
    ("report", 2),
    ("spool", 2),
    ("suite", 2),
    ("wire", 2),
    ("run", 3),
    ("demo", 4),
    ("headless", 4),
    ("tui", 4),
    ("cli", 5),
    ("failure", 5),
    ("lib", 5),
    ("logging", 5),
    ("places", 5),
    ("wiring", 5),
];

/// Imports that the layers alone would let through: the importing module, then the only ones it may import.
const NARROWER: [(&str, &[&str]); 3] = [
    ("check", &["domain"]),
    ("wire", &["domain"]),
    ("engine", &["domain", "wire"]),
];

/// The faces: on this layer nobody imports a neighbour.
const FACES: u8 = 4;

/// A crate, and the only modules whose sources may name it.
const HOMES: [(&str, &[&str]); 6] = [
    ("reqwest", &["src/provider", "src/fetch"]),
    ("llama_cpp_2", &["src/engine"]),
    ("llama_cpp_sys_2", &["src/engine"]),
    ("ratatui", &["src/tui"]),
    ("crossterm", &["src/tui"]),
    ("rusqlite", &["src/history"]),
];

pub fn layer_of(module: &str) -> Option<u8> {
    let row = LAYERS.iter().find(|(name, _)| *name == module);
    row.map(|(_, layer)| *layer)
}

/// The module under `src/` that a file belongs to; `main.rs` counts as the root of the library.
pub fn module_of(source: &Source) -> Option<&str> {
    let inside = source.path.strip_prefix("src/")?;
    let first = inside.split('/').next().unwrap_or(inside);
    let name = first.strip_suffix(".rs").unwrap_or(first);
    Some(if name == "main" { "lib" } else { name })
}

pub fn imports_point_down(source: &Source) -> Vec<Finding> {
    let Some(own) = module_of(source) else {
        return Vec::new();
    };
    let Some(own_layer) = layer_of(own) else {
        return vec![finding(
            source,
            1,
            format!("`{own}` has no layer: give it one in the table of layers"),
        )];
    };
    let allowed = NARROWER
        .iter()
        .find(|(name, _)| *name == own)
        .map(|(_, allowed)| *allowed);
    let mut findings = Vec::new();
    for named in source.named() {
        let Some((module, layer)) = imported_module(source, &named) else {
            continue;
        };
        let is_too_high = layer > own_layer || layer == FACES && own_layer == FACES;
        let is_left_out = allowed.is_some_and(|allowed| !allowed.contains(&module));
        if module != own && (is_too_high || is_left_out) {
            findings.push(finding(
                source,
                named.line,
                format!("`{own}` must not import `{module}`"),
            ));
        }
    }
    findings
}

/// The module of the library that a path leads to, if it leaves through `crate::` or enough `super::`.
fn imported_module<'n>(source: &Source, named: &'n Named) -> Option<(&'n str, u8)> {
    let supers = named.segments.iter().take_while(|s| *s == "super").count();
    let from_root = match named.segments.first().map(String::as_str) {
        Some("crate" | "tierscope") => 1,
        Some("super") if supers >= depth_of(source) + named.nesting.depth => supers,
        _ => return None,
    };
    let module = named.segments.get(from_root)?;
    layer_of(module).map(|layer| (module.as_str(), layer))
}

/// How many `super::` lead from a file to the root of the library.
fn depth_of(source: &Source) -> usize {
    match source.path.as_str() {
        "src/lib.rs" | "src/main.rs" => 0,
        path => path.matches('/').count(),
    }
}

pub fn crates_stay_at_home(source: &Source) -> Vec<Finding> {
    if !source.path.starts_with("src/") {
        return Vec::new();
    }
    let mut findings = Vec::new();
    for token in &source.tokens {
        let home = HOMES.iter().find(|(name, _)| token.is_word(name));
        if let Some((name, homes)) = home
            && !homes.iter().any(|home| source.is_under(home))
        {
            let text = format!("names `{name}`, which belongs to {}", homes.join(" and "));
            findings.push(finding(source, token.first_line, text));
        }
    }
    findings
}

/// The domain knows no runtime, no clock and no I/O; a dialect knows no socket and no clock.
pub fn pure_modules_stay_pure(source: &Source) -> Vec<Finding> {
    if !source.is_under("src/domain") && !source.is_under("src/wire") {
        return Vec::new();
    }
    let banned: [&[&str]; 7] = [
        &["tokio"],
        &["Instant", "now"],
        &["SystemTime", "now"],
        &["std", "net"],
        &["std", "fs"],
        &["std", "process"],
        &["std", "env"],
    ];
    let mut findings = Vec::new();
    for named in source
        .named()
        .iter()
        .filter(|named| !(named.nesting.is_test))
    {
        if let Some(run) = banned.iter().find(|run| named.holds(run)) {
            let text = format!("names `{}`: this module is arithmetic only", run.join("::"));
            findings.push(finding(source, named.line, text));
        }
    }
    findings
}
