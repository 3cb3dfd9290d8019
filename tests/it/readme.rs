//! README holds what the program does: keys as in the keymap, paths that exist, a configuration that is accepted.

use std::{fs, path::Path, process::Command};
use tierscope::{provider::hosts::HOSTS, tui::keymap::KEYMAP};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn readme() -> String {
    fs::read_to_string(root().join("README.md")).unwrap()
}

/// Rows of a table below a heading, cell by cell, without its head.
fn rows_below<'t>(text: &'t str, heading: &str) -> Vec<Vec<&'t str>> {
    let below = text.lines().skip_while(|line| *line != heading).skip(1);
    let section = below.take_while(|line| !line.starts_with('#'));
    let rows = section.filter(|line| line.starts_with('|')).skip(2);
    rows.map(|row| row.trim_matches('|').split(" | ").map(str::trim).collect())
        .collect()
}

#[test]
fn its_keys_are_those_of_the_keymap() {
    let text = readme();
    let rows = rows_below(&text, "## Keys");
    assert!(rows.len() >= 10, "only {} keys are explained", rows.len());
    for row in rows {
        let [place, keys, help] = row[..] else {
            panic!("a row of keys has three cells: {row:?}");
        };
        let keys = keys.replace('`', "");
        let known = KEYMAP.iter().any(|binding| {
            (
                binding.context.title(),
                binding.key_names().as_str(),
                binding.help,
            ) == (place, keys.as_str(), help.replace('`', "").as_str())
        });
        assert!(
            known,
            "the keymap has no such row: {place} | {keys} | {help}"
        );
    }
}

#[test]
fn its_providers_and_variables_are_those_of_the_table_of_hosts() {
    let text = readme();
    let rows: Vec<String> = rows_below(&text, "### Add a key")
        .iter()
        .map(|row| row.join(" | "))
        .collect();
    let hosts = HOSTS.iter().filter(|host| !host.key.variables.is_empty());
    let expected = hosts.map(|host| {
        let variables: Vec<String> = host
            .key
            .variables
            .iter()
            .map(|name| format!("`{name}`"))
            .collect();
        format!("`{}` | {}", host.provider.name(), variables.join(" or "))
    });
    assert_eq!(rows, expected.collect::<Vec<_>>());
    for host in HOSTS {
        assert!(
            text.contains(&format!("`{}`", host.provider.name())),
            "{} is missing",
            host.provider
        );
    }
}

#[test]
fn its_links_lead_somewhere() {
    let text = readme();
    let targets = text
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next());
    let inside: Vec<&str> = targets
        .filter(|target| !target.starts_with("http"))
        .collect();
    assert!(inside.len() >= 4, "{inside:?}");
    for target in inside {
        assert!(
            root().join(target).exists(),
            "README links to {target}, which is not there"
        );
    }
}

#[test]
fn its_configuration_is_accepted() {
    let text = readme();
    let example = text
        .split("```toml\n")
        .nth(1)
        .and_then(|rest| rest.split("```").next())
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config.toml");
    fs::write(&file, example).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_tierscope"))
        .args(["config", "check", "--config"])
        .arg(&file)
        .env("TIERSCOPE_HOME", folder.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
}
