//! Files of one name in several folders are told apart by as many of those folders as that takes. Reads no file.

use super::Part;
use std::{
    collections::{HashMap, HashSet},
    path::{Component, Path, PathBuf},
};

/// What stands before the name of each file whose stem another file has, too: `de`, or `de/short`; nothing where the others
/// are told apart from it already.
pub(super) fn apart(files: &[Part]) -> HashMap<PathBuf, String> {
    let mut alike: HashMap<&str, Vec<&Path>> = HashMap::new();
    for file in files {
        if let Some(path) = &file.path {
            alike.entry(&file.stem).or_default().push(path);
        }
    }
    let mut found = HashMap::new();
    for paths in alike.into_values().filter(|paths| paths.len() > 1) {
        let named = |path: &&Path| folders(path);
        let whole = |path: &&Path| folders(&std::path::absolute(path).unwrap_or_default());
        let told = shortest(&paths.iter().map(named).collect::<Vec<_>>())
            .or_else(|| shortest(&paths.iter().map(whole).collect::<Vec<_>>()));
        let told = told.into_iter().flatten();
        found.extend(paths.iter().map(|path| (*path).to_owned()).zip(told));
    }
    found
}

/// The id of a prompt that so far is `STEM/ID`. One that was called after its file, as `q-1`, says so already.
pub(super) fn id(folder: &str, stem: &str, id: &str) -> String {
    let own = id
        .strip_prefix(stem)
        .and_then(|rest| rest.strip_prefix('/'));
    let own = own.filter(|own| {
        own.strip_prefix(stem)
            .is_some_and(|rest| rest.starts_with('-'))
    });
    let id = own.unwrap_or(id);
    if folder.is_empty() {
        id.to_owned()
    } else {
        format!("{folder}/{id}")
    }
}

/// The folders that a path names, the last one last.
fn folders(path: &Path) -> Vec<String> {
    let parts = path.parent().into_iter().flat_map(Path::components);
    let names = parts.filter_map(|part| match part {
        Component::Normal(name) => Some(name.to_string_lossy().into_owned()),
        _ => None,
    });
    names.collect()
}

/// The last folders of each, as few as make all of them differ; `None` where nothing does.
fn shortest(all: &[Vec<String>]) -> Option<Vec<String>> {
    let deepest = all.iter().map(Vec::len).max()?;
    let last = |count: usize| -> Vec<String> {
        let ends = all.iter().map(|folders| {
            let from = folders.len().saturating_sub(count);
            folders.get(from..).unwrap_or_default().join("/")
        });
        ends.collect()
    };
    (1..=deepest).map(last).find(|ends| {
        let mut seen = HashSet::new();
        ends.iter().all(|end| seen.insert(end))
    })
}
