//! Reads the repository itself and keeps the rules of its design: layers, homes of crates, sizes, channels, names.
//!
//! A rule that clippy or rustfmt can keep is left to them.

mod layers;
mod lexer;
mod rules;
mod size;
mod source;
mod tree;

use rules::RULES;
use source::Source;

#[track_caller]
fn assert_none(findings: &[String]) {
    assert!(
        findings.is_empty(),
        "{} findings:\n{}",
        findings.len(),
        findings.join("\n")
    );
}

#[test]
fn the_tree_keeps_every_rule() {
    let sources = tree::sources();
    assert!(sources.len() > 20, "only {} files read", sources.len());
    let judged = sources
        .iter()
        .flat_map(|source| RULES.iter().flat_map(|rule| (rule.judge)(source)));
    assert_none(&judged.collect::<Vec<_>>());
}

#[test]
fn files_and_functions_are_short() {
    let sources = tree::sources();
    let mut findings: Vec<String> = sources.iter().flat_map(size::file_is_short).collect();
    findings.extend(sources.iter().flat_map(size::functions_are_short));
    assert_none(&findings);
}

#[test]
fn every_file_is_compiled() {
    let sources = tree::sources();
    let manifest = std::fs::read_to_string(tree::root().join("Cargo.toml")).unwrap();
    let mut findings = tree::orphans(&sources);
    findings.extend(tree::unlisted_benchmarks(&sources, &manifest));
    assert_none(&findings);
}

#[test]
fn the_top_level_holds_only_what_the_design_lists() {
    assert_none(&tree::strangers_at_the_top(&tree::top_level()));
}

#[test]
fn every_rule_refuses_its_bad_snippets() {
    for rule in RULES {
        assert!(
            !rule.bad.is_empty(),
            "nothing proves that `{}` can fail",
            rule.name
        );
        for (path, text) in rule.bad {
            let findings = (rule.judge)(&Source::new(path, text));
            assert!(
                !findings.is_empty(),
                "`{}` lets this pass: {path}: {text}",
                rule.name
            );
        }
    }
}

#[test]
fn every_rule_lets_its_good_snippets_pass() {
    for rule in RULES {
        for (path, text) in rule.good {
            let findings = (rule.judge)(&Source::new(path, text));
            assert!(
                findings.is_empty(),
                "`{}` refuses {path}: {text}\n{findings:?}",
                rule.name
            );
        }
    }
}
