//! The person's own editor: a text goes out in a file and comes back. Touches neither the screen nor the keys.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::PathBuf,
};
use tokio::process::Child;

#[cfg(unix)]
mod unix;
#[cfg(unix)]
use unix::{ask_to_end, editing, folder};

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
        let child = editing(&command, &file.path)
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

    /// Ends it, whatever it does: it is asked first, so that it can save what it wants to save.
    pub async fn end(mut self) {
        ask_to_end(&mut self.child).await;
        if let Err(error) = self.child.kill().await {
            tracing::warn!(%error, "the editor could not be ended");
        }
    }
}

#[cfg(not(unix))]
async fn ask_to_end(_child: &mut Child) {}

#[cfg(not(unix))]
fn folder() -> fs::DirBuilder {
    fs::DirBuilder::new()
}

#[cfg(not(unix))]
fn editing(command: &str, file: &std::path::Path) -> tokio::process::Command {
    let mut words = command.split_whitespace();
    let mut editor = tokio::process::Command::new(words.next().unwrap_or("notepad"));
    editor.args(words).arg(file);
    editor
}

/// A file in a folder of its own that only this person can enter, whatever an editor writes there: the file anew, its
/// backup, its swap file. All of it is removed when dropped.
#[derive(Debug)]
struct TextFile {
    folder: PathBuf,
    path: PathBuf,
}

impl TextFile {
    fn new(text: &str) -> io::Result<Self> {
        let name = format!("tierscope-{}", uuid::Uuid::now_v7());
        let place = std::env::temp_dir().join(name);
        folder().create(&place)?;
        let file = Self {
            path: place.join("prompt.md"),
            folder: place,
        };
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        options.open(&file.path)?.write_all(text.as_bytes())?;
        Ok(file)
    }

    /// What is in it now, without the line end that editors add.
    fn text(&self) -> io::Result<String> {
        let mut bytes = Vec::new();
        io::Read::read_to_end(
            &mut io::Read::take(File::open(&self.path)?, MOST_BYTES),
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
        let _ = fs::remove_dir_all(&self.folder);
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::External;
    use std::{fs, os::unix::fs::MetadataExt};

    #[tokio::test]
    async fn the_text_goes_out_and_comes_back() {
        let mut external = External::open(
            Some("sh -c 'printf \" more\\n\" >> \"$0\"; : > \"$0~\"'"),
            "some",
        )
        .unwrap();
        let folder = external.file.folder.clone();
        assert_eq!(fs::metadata(&folder).unwrap().mode() & 0o777, 0o700);
        assert_eq!(external.wait().await, Ok("some more".to_owned()));
        drop(external);
        assert!(!folder.exists());
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

    #[tokio::test]
    async fn the_editor_is_the_process_itself_where_it_can_be() {
        let mut external = External::open(Some("sh -c 'echo $PPID > \"$0\"'"), "").unwrap();
        let parent = external.wait().await;
        assert_eq!(parent, Ok(std::process::id().to_string()));
    }

    #[tokio::test]
    async fn what_only_a_shell_can_do_a_shell_does() {
        for command in [
            "NAME=said sh -c 'printf \"$NAME\" > \"$0\"'",
            "false || sh -c 'printf said > \"$0\"'",
            "command sh -c 'printf said > \"$0\"'",
        ] {
            let mut external = External::open(Some(command), "kept").unwrap();
            assert_eq!(external.wait().await, Ok("said".to_owned()), "{command}");
        }
        let mut external = External::open(Some(":"), "kept").unwrap();
        assert_eq!(external.wait().await, Ok("kept".to_owned()));
    }
}
