//! What the parts of a configuration are read with: the files beside it, and what is found to be wrong or left out. Knows
//! no part of one.

use super::{
    super::{
        error::{Findings, Place, shorten},
        node::Node,
        source::Source,
    },
    trials::Trial,
};
use std::path::{Path, PathBuf};

/// What the parts of a configuration are read with.
pub(super) struct Reading<'r> {
    pub(super) folder: &'r mut Folder,
    pub(super) findings: &'r mut Findings,
    /// The file that is read: the configuration itself, or a part of it.
    pub(super) file: Place,
    /// The path of that part.
    pub(super) beside: Option<PathBuf>,
    /// The whole configuration, for `$ref`.
    pub(super) root: &'r Node,
    /// Why there are fewer prompts than it says.
    pub(super) lost_prompts: Vec<(Place, String)>,
    /// Why there are fewer tests than it says.
    pub(super) lost_tests: Vec<(Place, String)>,
}

impl Reading<'_> {
    /// Names something that is not supported.
    pub(super) fn leave_out(&mut self, place: &Place, what: &str) {
        self.findings
            .warn(place, format_args!("{what} is not supported and left out"));
    }

    /// Names a prompt that cannot be used.
    pub(super) fn lose_prompt(&mut self, place: &Place, what: &str) {
        self.findings.warn(place, what);
        self.lost_prompts.push((place.clone(), what.to_owned()));
    }

    /// Names a test that cannot be used, or a reason of that.
    pub(super) fn lose_test(&mut self, place: &Place, what: &str) {
        self.findings.warn(place, what);
        self.lost_tests.push((place.clone(), what.to_owned()));
    }

    /// Names what keeps the assertions of a test from being judged.
    pub(super) fn judge_nothing(&mut self, trial: &mut Trial, place: &Place, what: &str) {
        self.findings.warn(
            place,
            format_args!("{what} is not supported: the assertions there stay not judged"),
        );
        trial.not_judged = Some(what.to_owned());
    }

    /// Refuses a configuration of which nothing is left, with the reasons.
    pub(super) fn refuse_nothing(&mut self, is_without_prompts: bool, is_without_tests: bool) {
        if self.findings.is_refused() {
            return;
        }
        let (lost, nothing) = match (is_without_prompts, is_without_tests) {
            (true, _) => (
                std::mem::take(&mut self.lost_prompts),
                "`prompts` holds no prompt that can be used",
            ),
            (false, true) => (
                std::mem::take(&mut self.lost_tests),
                "`tests` holds no test that can be used",
            ),
            (false, false) => return,
        };
        self.findings.refuse(&self.file, nothing);
        for (place, why) in lost {
            self.findings.refuse(&place, why);
        }
    }

    /// Reads a file that a value names; `None` where it cannot be read, which is noted.
    pub(super) fn file(&mut self, place: &Place, path: &Path) -> Option<Source> {
        let read = self.folder.read(path);
        if read.is_ok() && self.folder.is_outside(path) {
            let sentence = format!(
                "`{}` lies outside of the configuration's folder, and what stands in it may be sent to the lanes",
                shorten(&path.to_string_lossy())
            );
            self.findings.alarm(place, sentence);
        }
        read.map_err(|problem| self.findings.refuse(place, problem))
            .ok()
    }

    /// Reads something of another file: problems inside are told with the place inside.
    pub(super) fn within<T>(&mut self, source: &Source, read: impl FnOnce(&mut Self) -> T) -> T {
        let outer = (
            std::mem::replace(&mut self.file, source.place(0)),
            std::mem::replace(&mut self.beside, source.path.clone()),
        );
        let found = read(self);
        (self.file, self.beside) = outer;
        found
    }

    /// A path beside the file that is read, as one from the configuration.
    pub(super) fn beside(&self, path: &Path) -> PathBuf {
        match self.beside.as_deref().and_then(Path::parent) {
            Some(folder) => {
                let path = folder.join(path);
                std::path::absolute(&path).unwrap_or(path)
            }
            None => path.to_owned(),
        }
    }

    /// What a table with `$ref` refers to, where that stands in the configuration itself.
    pub(super) fn referred(&self, node: &Node) -> Option<Node> {
        let path = node.key("$ref")?.as_text()?.strip_prefix("#/")?;
        let mut found = self.root;
        for part in path.split('/') {
            found = match found.as_list() {
                Some(items) => items.get(part.parse::<usize>().ok()?)?,
                None => found.key(&part.replace("~1", "/").replace("~0", "~"))?,
            };
        }
        // One that refers on is named as one without a type.
        Some(found.clone())
    }
}

/// The folder that a configuration stands in.
pub(super) struct Folder {
    pub(super) base: PathBuf,
    /// What was read of it.
    pub(super) uses: Vec<PathBuf>,
}

impl Folder {
    pub(super) fn of(source: &Source) -> Self {
        let base = source
            .path
            .as_deref()
            .and_then(Path::parent)
            .unwrap_or(Path::new(""));
        Self {
            base: base.to_owned(),
            uses: Vec::new(),
        }
    }

    pub(super) fn path(&self, path: &Path) -> PathBuf {
        self.base.join(path)
    }

    /// Whether a file lies outside of it, links followed.
    fn is_outside(&self, path: &Path) -> bool {
        let base = if self.base.as_os_str().is_empty() {
            Path::new(".")
        } else {
            &self.base
        };
        match (base.canonicalize(), self.path(path).canonicalize()) {
            (Ok(base), Ok(path)) => !path.starts_with(base),
            _ => true,
        }
    }

    pub(super) fn read(&mut self, path: &Path) -> Result<Source, String> {
        let path = self.path(path);
        let source = Source::read(&path).map_err(|error| {
            let name = path.display();
            let words = error
                .problems
                .first()
                .map_or("cannot be read", |problem| problem.message.as_str());
            format!("`{name}` {words}")
        })?;
        if !self.uses.contains(&path) {
            self.uses.push(path);
        }
        Ok(source)
    }
}
