//! The variables of the process, read once at the start and handed on as data, so that nothing below reads or changes
//! the process environment.

use std::{collections::BTreeMap, fmt, path::PathBuf};

/// Names and values. `Debug` shows the names only: values may be keys.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Environment {
    variables: BTreeMap<String, String>,
}

impl Environment {
    /// The value of a variable; an empty one counts as unset.
    pub fn var(&self, name: &str) -> Option<&str> {
        self.variables
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
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
        }
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_set().entries(self.variables.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
