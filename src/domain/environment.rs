//! The variables of the process, read once at the start and handed on as data, so that nothing below reads or changes
//! the process environment.

use std::{collections::BTreeMap, fmt, path::PathBuf};

/// Names and values. `Debug` shows the names only: values may be keys.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Environment {
    variables: BTreeMap<String, String>,
    /// Those of a file that the person named; the process's own go before them.
    of_file: BTreeMap<String, String>,
}

/// Where the value of a variable stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// In the environment of the process.
    Process,
    /// In the file that `--env-file` names.
    File,
}

impl Environment {
    /// The value of a variable; an empty one counts as unset.
    pub fn var(&self, name: &str) -> Option<&str> {
        self.found(name).map(|(value, _)| value)
    }

    /// Where a variable that is set stands.
    pub fn origin(&self, name: &str) -> Option<Origin> {
        self.found(name).map(|(_, origin)| origin)
    }

    fn found(&self, name: &str) -> Option<(&str, Origin)> {
        let of = |variables, origin| value_of(variables, name).map(|value| (value, origin));
        of(&self.variables, Origin::Process).or_else(|| of(&self.of_file, Origin::File))
    }

    /// The same with the variables of a file below the process's own.
    #[must_use]
    pub fn over_file(mut self, variables: impl IntoIterator<Item = (String, String)>) -> Self {
        self.of_file = variables.into_iter().collect();
        self
    }

    /// The person's home folder.
    pub fn home(&self) -> Option<PathBuf> {
        self.var("HOME")
            .or_else(|| self.var("USERPROFILE"))
            .map(PathBuf::from)
    }

    /// Replaces a leading `~` with the home folder; other paths, and all paths where no home is known, stay as they
    /// are.
    pub fn expand_home(&self, path: &str) -> PathBuf {
        let rest = match path.strip_prefix('~') {
            Some("") => Some(""),
            Some(rest) => rest.strip_prefix(['/', '\\']),
            None => None,
        };
        match (rest, self.home()) {
            (Some(rest), Some(home)) => home.join(rest),
            (Some(_) | None, _) => PathBuf::from(path),
        }
    }
}

impl<K: Into<String>, V: Into<String>> FromIterator<(K, V)> for Environment {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        Self {
            variables: pairs
                .into_iter()
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
            of_file: BTreeMap::new(),
        }
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.variables.keys().chain(self.of_file.keys());
        out.debug_set().entries(names).finish()
    }
}

fn value_of<'v>(variables: &'v BTreeMap<String, String>, name: &str) -> Option<&'v str> {
    let value = variables.get(name).map(String::as_str);
    value.filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_process_goes_before_the_file() {
        let of_file = [("A", "file"), ("B", "file"), ("C", "file"), ("D", "")];
        let owned = of_file.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let environment = Environment::from_iter([("A", "process"), ("B", "")]).over_file(owned);
        let found = ["A", "B", "C", "D", "E"]
            .map(|name| environment.var(name).zip(environment.origin(name)));
        assert_eq!(
            found,
            [
                Some(("process", Origin::Process)),
                Some(("file", Origin::File)),
                Some(("file", Origin::File)),
                None,
                None,
            ]
        );
        assert!(!format!("{environment:?}").contains("file"));
    }

    #[test]
    fn a_tilde_is_the_home() {
        let ada = Environment::from_iter([("HOME", "/home/ada")]);
        let expanded =
            ["~", "~/m.gguf", "~bob/m", "/x/~/m", "m.gguf"].map(|path| ada.expand_home(path));
        assert_eq!(
            expanded,
            [
                "/home/ada",
                "/home/ada/m.gguf",
                "~bob/m",
                "/x/~/m",
                "m.gguf"
            ]
            .map(PathBuf::from)
        );
        assert_eq!(
            Environment::default().expand_home("~/m"),
            PathBuf::from("~/m")
        );
    }
}
