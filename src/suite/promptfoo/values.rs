//! Values of promptfoo's variables that stand in files: their text. Runs no script and reads no picture.

use super::{
    super::{
        draft::merged,
        error::{Place, shorten},
        node::{self, Kind, Node},
        source::Source,
    },
    Reading, extension, file_of, is_script,
    prompts::files,
    trials::Trial,
    without_function,
};
use std::path::Path;

/// Files that promptfoo makes other text of than what stands in them.
const NOT_TEXT: [&str; 33] = [
    "pdf", "jpg", "jpeg", "png", "gif", "bmp", "webp", "svg", "tif", "tiff", "ico", "avif", "heic",
    "heif", "mp4", "webm", "ogg", "ogv", "mov", "avi", "wmv", "mkv", "m4v", "wav", "mp3", "m4a",
    "aac", "flac", "opus", "aiff", "wma", "oga", "xlsx",
];

/// Reads variables, which may stand in files beside: a path, or several.
pub(super) fn add_all(node: &Node, place: &Place, trial: &mut Trial, reading: &mut Reading<'_>) {
    let paths: Option<Vec<&str>> = match &node.value {
        Kind::Text(path) => Some(vec![path]),
        Kind::List(items) => items.iter().map(Node::as_text).collect(),
        _ => None,
    };
    let Some(paths) = paths else {
        return add(node, place, trial, reading);
    };
    for text in paths {
        let path = file_of(text).unwrap_or(Path::new(text));
        // Beside the file that names it, which need not be the configuration.
        let path = reading.beside(path);
        for path in files(&path, place, reading) {
            // One that cannot be read is refused.
            if let Some((_, inner)) = table_of(&path, place, "vars", reading) {
                add(&inner, place, trial, reading);
            }
        }
    }
}

fn add(node: &Node, place: &Place, trial: &mut Trial, reading: &mut Reading<'_>) {
    let Some(entries) = node.as_table() else {
        if node.value != Kind::Null {
            let problem = format!("`vars` must be a table, not {}", node.kind());
            reading.findings.refuse(place, problem);
        }
        return;
    };
    for entry in entries {
        match read(&entry.node, place, reading) {
            Ok(value) => {
                trial.vars = merged(&trial.vars, vec![(entry.key.clone(), value)]);
            }
            Err(path) => {
                lost_value(&path, place, reading);
                trial.lost_vars.push(entry.key.clone());
            }
        }
    }
}

/// A value, which may stand in a file beside; in a list each of them. The error is the file that cannot be used.
fn read(node: &Node, place: &Place, reading: &mut Reading<'_>) -> Result<Node, String> {
    if let Some(items) = node.as_list() {
        let mut read_items = Vec::new();
        for item in items {
            match read(item, place, reading)? {
                // A pattern in a list is each of its files.
                Node {
                    value: Kind::List(found),
                    ..
                } if item.as_text().is_some() => read_items.extend(found),
                item => read_items.push(item),
            }
        }
        return Ok(Node {
            line: node.line,
            value: Kind::List(read_items),
        });
    }
    let Some(path) = node.as_text().and_then(file_of) else {
        return Ok(node.clone());
    };
    if !path.to_string_lossy().contains('*') {
        return text_of(path, node, place, reading);
    }
    let found = files(path, place, reading);
    let items: Result<Vec<Node>, String> = found
        .into_iter()
        .map(|path| text_of(&path, node, place, reading))
        .collect();
    Ok(Node {
        line: node.line,
        value: Kind::List(items?),
    })
}

/// Notes that a value cannot be had.
fn lost_value(path: &str, place: &Place, reading: &mut Reading<'_>) {
    let why = if is_script(without_function(path)) {
        "is a script, and none is run"
    } else {
        "holds no text"
    };
    let what = format!("the value `{}` {why}", shorten(path));
    reading.lose_test(place, &what);
}

fn text_of(
    path: &Path,
    node: &Node,
    place: &Place,
    reading: &mut Reading<'_>,
) -> Result<Node, String> {
    let kind = extension(path);
    let name = path.to_string_lossy();
    if is_script(without_function(&name)) || NOT_TEXT.contains(&kind.as_str()) {
        return Err(name.into_owned());
    }
    let Some(source) = reading.file(place, path) else {
        // That is noted, and nothing is asked.
        return Ok(Node::of_text("", node.line));
    };
    let text = match kind.as_str() {
        "yaml" | "yml" => {
            node::of_yaml(&source.text).map_or(source.text, |node| node.json().to_string())
        }
        _ => source.text.trim().to_owned(),
    };
    Ok(Node::of_text(text, node.line))
}

/// A table that stands in a file of its own; `None` where it cannot be read, which is noted.
pub(super) fn table_of(
    path: &Path,
    place: &Place,
    key: &str,
    reading: &mut Reading<'_>,
) -> Option<(Source, Node)> {
    let shown = shorten(&path.to_string_lossy());
    if !["yaml", "yml", "json"].contains(&extension(path).as_str()) {
        let why = if is_script(without_function(&path.to_string_lossy())) {
            "it is a script, and none is run"
        } else {
            "it is neither YAML nor JSON"
        };
        reading.findings.refuse(
            place,
            format!("`{key}` cannot be read from `{shown}`: {why}"),
        );
        return None;
    }
    let source = reading.file(place, path)?;
    match node::of_yaml(&source.text) {
        Ok(node) => Some((source, node)),
        Err((line, problem)) => {
            reading.findings.refuse(&source.place(line), problem);
            None
        }
    }
}
