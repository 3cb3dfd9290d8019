//! Which files a path means: itself, or the prompt files of a folder. Reads none of them.

use super::{error::SuiteError, source};
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// Folders in folders, at most; a link may lead back.
const MAX_DEPTH: usize = 16;

/// Files and folders that are looked at, at most: more is the disk, and not a folder of prompts.
const MAX_ENTRIES: usize = 200_000;

/// What a file holds, by its extension.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Toml,
    Jsonl,
    Csv,
    Text,
    Promptfoo,
}

impl Format {
    /// The format of a file's name; `None` where it is none of ours.
    pub(super) fn of(path: &Path) -> Option<Self> {
        let extension = path.extension()?.to_str()?.to_ascii_lowercase();
        Some(match extension.as_str() {
            "toml" => Self::Toml,
            "jsonl" | "ndjson" => Self::Jsonl,
            "csv" => Self::Csv,
            "txt" | "md" => Self::Text,
            "yaml" | "yml" => Self::Promptfoo,
            _ => return None,
        })
    }

    /// What to call it.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Toml => "TOML",
            Self::Jsonl => "JSON lines",
            Self::Csv => "CSV",
            Self::Text => "text",
            Self::Promptfoo => "promptfoo's YAML",
        }
    }
}

/// What a path of the command line means.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Meant {
    StandardInput,
    File(PathBuf, Format),
    /// Its name and its files.
    Folder(String, Vec<(PathBuf, Format)>),
}

/// Looks a path up.
pub(super) fn look_up(path: &Path) -> Result<Meant, SuiteError> {
    if path == Path::new("-") {
        return Ok(Meant::StandardInput);
    }
    let refuse = |message: String| SuiteError::of_file(path.display().to_string(), message);
    let kind = fs::metadata(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => refuse(source::missing(path)),
        _ => refuse(format!("cannot be read: {error}")),
    })?;
    if !kind.is_dir() {
        if !kind.is_file() {
            return Err(refuse(source::NO_FILE.to_owned()));
        }
        let format = Format::of(path).ok_or_else(|| {
            refuse(
                "is of no known kind: a prompt file is .toml, .jsonl, .csv, .txt, .md or .yaml"
                    .to_owned(),
            )
        })?;
        return Ok(Meant::File(path.to_owned(), format));
    }
    let mut files = Vec::new();
    let mut seen = 0;
    collect(path, 0, &mut seen, &mut files)
        .map_err(|error| refuse(format!("cannot be read: {error}")))?;
    if seen > MAX_ENTRIES {
        return Err(refuse(format!(
            "holds more than {MAX_ENTRIES} files of all kinds; name the folders of it that hold prompts"
        )));
    }
    if files.is_empty() {
        return Err(refuse(
            "holds no prompt files (.toml, .jsonl, .csv, .txt, .md, .yaml)".to_owned(),
        ));
    }
    files.sort();
    let formats = files
        .into_iter()
        .filter_map(|file| Format::of(&file).map(|format| (file, format)));
    Ok(Meant::Folder(folder_name(path), formats.collect()))
}

/// Whether a pattern with `*` in it looks at more than [`MAX_ENTRIES`] files and folders.
pub(super) fn is_wide(pattern: &Path) -> bool {
    looks_at_more(pattern, MAX_ENTRIES)
}

fn looks_at_more(pattern: &Path, most: usize) -> bool {
    let is_fixed = |part: &std::path::Component<'_>| {
        !part.as_os_str().to_string_lossy().contains(['*', '?', '['])
    };
    let parts: Vec<_> = pattern.components().collect();
    let fixed = parts.iter().take_while(|part| is_fixed(part));
    let start: PathBuf = fixed.collect();
    let levels = if parts.iter().any(|part| part.as_os_str() == "**") {
        usize::MAX
    } else {
        parts.len() - start.components().count()
    };
    let mut folders = vec![(start, 1)];
    let mut seen = 0;
    while let Some((folder, level)) = folders.pop() {
        let folder = if folder.as_os_str().is_empty() {
            PathBuf::from(".")
        } else {
            folder
        };
        // A folder that cannot be read holds nothing for a pattern either.
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            seen += 1;
            if seen > most {
                return true;
            }
            if level < levels && entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                folders.push((entry.path(), level + 1));
            }
        }
    }
    false
}

fn folder_name(path: &Path) -> String {
    let absolute = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    absolute.file_name().map_or_else(
        || path.display().to_string(),
        |name| name.to_string_lossy().into_owned(),
    )
}

fn collect(
    folder: &Path,
    depth: usize,
    seen: &mut usize,
    files: &mut Vec<PathBuf>,
) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        *seen += 1;
        if *seen > MAX_ENTRIES {
            return Ok(());
        }
        let (path, name) = (entry.path(), entry.file_name());
        let name = name.to_string_lossy();
        if name.starts_with('.') || name.eq_ignore_ascii_case("readme.md") {
            continue;
        }
        if entry.file_type()?.is_dir() {
            if depth < MAX_DEPTH {
                collect(&path, depth + 1, seen, files)?;
            }
        } else if Format::of(&path).is_some() && path.is_file() {
            files.push(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_its_prompt_files_in_order() {
        let home = tempfile::tempdir().unwrap();
        let root = home.path().join("mine");
        fs::create_dir_all(root.join("b/.git")).unwrap();
        for name in [
            "z.toml",
            "b/a.CSV",
            "b/README.md",
            "b/.git/x.txt",
            ".hidden.txt",
            "b/x.rs",
            "a.yml",
        ] {
            fs::write(root.join(name), "x").unwrap();
        }
        let Meant::Folder(name, files) = look_up(&root).unwrap() else {
            panic!()
        };
        let names: Vec<_> = files
            .iter()
            .map(|(path, _)| path.strip_prefix(&root).unwrap())
            .collect();
        assert_eq!(
            (name.as_str(), names),
            (
                "mine",
                ["a.yml", "b/a.CSV", "z.toml"].map(Path::new).to_vec()
            )
        );
    }

    #[test]
    fn what_means_nothing_is_refused() {
        let home = tempfile::tempdir().unwrap();
        let message = look_up(home.path()).unwrap_err().to_string();
        assert!(message.contains("holds no prompt files"), "{message}");
        fs::write(home.path().join("a.rs"), "x").unwrap();
        let message = look_up(&home.path().join("a.rs")).unwrap_err().to_string();
        assert!(message.contains("of no known kind"), "{message}");
        let message = look_up(&home.path().join("b.rs")).unwrap_err().to_string();
        assert!(message.contains("did you mean `a.rs`?"), "{message}");
        assert_eq!(look_up(Path::new("-")).unwrap(), Meant::StandardInput);
    }

    #[test]
    fn a_pattern_looks_only_as_deep_as_it_says() {
        let home = tempfile::tempdir().unwrap();
        fs::create_dir_all(home.path().join("a/b/c")).unwrap();
        for name in ["a/1.md", "a/b/2.md", "a/b/c/3.md"] {
            fs::write(home.path().join(name), "x").unwrap();
        }
        let looks = |pattern: &str, most| looks_at_more(&home.path().join(pattern), most);
        assert!(!looks("a/*.md", 2) && looks("a/*.md", 1));
        assert!(!looks("a/*/*.md", 4) && looks("a/*/*.md", 3));
        assert!(!looks("a/**/*.md", 5) && looks("a/**/*.md", 4));
        assert!(!looks("nowhere/**/*.md", 0));
    }
}
