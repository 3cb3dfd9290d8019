//! The person's own editor: a text goes out in a file and comes back. Touches neither the screen nor the keys.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};
use tokio::process::{Child, Command};

/// Longest text that is taken back.
const MOST_BYTES: u64 = 4 << 20;

/// An editor that is open. Dropping it ends the editor and removes the file.
#[derive(Debug)]
pub struct External {
    child: Child,
    command: String,
    file: TextFile,
}

impl External {
    /// Opens the editor with a text. The error says why it could not.
    pub fn open(editor: Option<&str>, text: &str) -> Result<Self, String> {
        let command = editor
            .map(str::trim)
            .filter(|editor| !editor.is_empty())
            .unwrap_or(if cfg!(windows) { "notepad" } else { "vi" })
            .to_owned();
        let file = TextFile::new(text)
            .map_err(|error| format!("no file for the editor could be written: {error}"))?;
        let child = editing(&command, &file.0)
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| format!("the editor `{command}` could not be started: {error}"))?;
        Ok(Self {
            child,
            command,
            file,
        })
    }

    /// Waits until it is closed: the text, or why there is none. Cancel-safe.
    pub async fn wait(&mut self) -> Result<String, String> {
        match self.child.wait().await {
            Ok(status) if status.success() => self
                .file
                .text()
                .map_err(|error| format!("what the editor wrote could not be read: {error}")),
            Ok(status) => Err(format!("the editor `{}` failed: {status}", self.command)),
            Err(error) => Err(format!("the editor `{}` was lost: {error}", self.command)),
        }
    }
}

/// The variable may hold options: a shell takes it apart, and the file's name is never part of what it reads.
#[cfg(unix)]
fn editing(command: &str, file: &Path) -> Command {
    let mut shell = Command::new("/bin/sh");
    shell
        .arg("-c")
        .arg(format!("{command} \"$@\""))
        .arg(command)
        .arg(file);
    shell
}

#[cfg(not(unix))]
fn editing(command: &str, file: &Path) -> Command {
    let mut words = command.split_whitespace();
    let mut editor = Command::new(words.next().unwrap_or("notepad"));
    editor.args(words).arg(file);
    editor
}

/// A file that only this person can read, removed when dropped.
#[derive(Debug)]
struct TextFile(PathBuf);

impl TextFile {
    fn new(text: &str) -> io::Result<Self> {
        let name = format!("tierscope-{}.md", uuid::Uuid::now_v7());
        let path = std::env::temp_dir().join(name);
        private().open(&path)?.write_all(text.as_bytes())?;
        Ok(Self(path))
    }

    /// What is in it now, without the line end that editors add.
    fn text(&self) -> io::Result<String> {
        let mut bytes = Vec::new();
        io::Read::read_to_end(
            &mut io::Read::take(File::open(&self.0)?, MOST_BYTES),
            &mut bytes,
        )?;
        let text = String::from_utf8_lossy(&bytes);
        let text = text.strip_suffix('\n').unwrap_or(&text);
        Ok(text.strip_suffix('\r').unwrap_or(text).to_owned())
    }
}

impl Drop for TextFile {
    fn drop(&mut self) {
        // Gone already, or the system removes it with the other temporary files.
        let _ = fs::remove_file(&self.0);
    }
}

#[cfg(unix)]
fn private() -> OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(0o600);
    options
}

#[cfg(not(unix))]
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    options
}

#[cfg(all(test, unix))]
mod tests {
    use super::External;

    #[tokio::test]
    async fn the_text_goes_out_and_comes_back() {
        let mut external =
            External::open(Some("sh -c 'printf \" more\\n\" >> \"$0\"'"), "some").unwrap();
        let file = external.file.0.clone();
        assert_eq!(external.wait().await, Ok("some more".to_owned()));
        drop(external);
        assert!(!file.exists());
    }

    #[tokio::test]
    async fn an_editor_that_fails_says_so() {
        let mut external = External::open(Some("false"), "kept").unwrap();
        let reason = external.wait().await.unwrap_err();
        assert!(reason.contains("`false` failed"), "{reason}");
    }

    #[tokio::test]
    async fn an_editor_that_is_not_there_says_so() {
        let mut external = External::open(Some("no-such-editor"), "kept").unwrap();
        let reason = external.wait().await.unwrap_err();
        assert!(reason.contains("no-such-editor"), "{reason}");
    }
}
