//! Where files live: configuration, history, log, cache. Creates nothing and looks at nothing but the environment.

use crate::domain::environment::Environment;
use std::path::{Path, PathBuf};

/// The four places of this person on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    /// `config.toml`.
    pub config_file: PathBuf,
    /// `history.db`.
    pub history_file: PathBuf,
    /// `tierscope.log`.
    pub log_file: PathBuf,
    /// The folder of downloads and of unpacked pocket models.
    pub cache_dir: PathBuf,
}

/// Whose customs about places hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Platform {
    /// The XDG base directories.
    Xdg,
    /// `~/Library`.
    MacOs,
    /// `%APPDATA%` and `%LOCALAPPDATA%`.
    Windows,
}

impl Platform {
    /// The platform this program was built for.
    pub const fn current() -> Self {
        if cfg!(target_os = "macos") {
            Self::MacOs
        } else if cfg!(windows) {
            Self::Windows
        } else {
            Self::Xdg
        }
    }
}

/// The environment does not say where the person's files are.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoHome {
    /// A variable is missing.
    #[error("no home directory: {0} is not set")]
    Unset(&'static str),
    /// A shell that was kept from replacing `~`: nobody else does.
    #[error(
        "TIERSCOPE_HOME is `{0}`, and its `~` was not replaced by the shell; write the whole path, or leave out the quotes"
    )]
    Tilde(String),
}

impl Places {
    /// The places of this platform.
    pub fn of(environment: &Environment) -> Result<Self, NoHome> {
        Self::on(Platform::current(), environment)
    }

    /// The places of a platform; `TIERSCOPE_HOME` puts all of them under one folder.
    pub fn on(platform: Platform, environment: &Environment) -> Result<Self, NoHome> {
        if let Some(home) = environment.var("TIERSCOPE_HOME") {
            if home.starts_with('~') {
                return Err(NoHome::Tilde(home.to_owned()));
            }
            let home = Path::new(home);
            return Ok(Self {
                config_file: home.join("config.toml"),
                history_file: home.join("history.db"),
                log_file: home.join("tierscope.log"),
                cache_dir: home.join("cache"),
            });
        }
        match platform {
            Platform::Xdg => Self::xdg(environment),
            Platform::MacOs => Self::macos(environment),
            Platform::Windows => Self::windows(environment),
        }
    }

    fn xdg(environment: &Environment) -> Result<Self, NoHome> {
        let place = |variable: &str, fallback: &str| {
            // The specification says that a relative path is to be ignored.
            environment
                .var(variable)
                .map(PathBuf::from)
                .filter(|path| path.is_absolute())
                .map_or_else(|| Ok(home(environment)?.join(fallback)), Ok)
                .map(|dir| dir.join("tierscope"))
        };
        Ok(Self {
            config_file: place("XDG_CONFIG_HOME", ".config")?.join("config.toml"),
            history_file: place("XDG_DATA_HOME", ".local/share")?.join("history.db"),
            log_file: place("XDG_STATE_HOME", ".local/state")?.join("tierscope.log"),
            cache_dir: place("XDG_CACHE_HOME", ".cache")?,
        })
    }

    fn macos(environment: &Environment) -> Result<Self, NoHome> {
        let library = home(environment)?.join("Library");
        let support = library.join("Application Support").join("tierscope");
        Ok(Self {
            config_file: support.join("config.toml"),
            history_file: support.join("history.db"),
            log_file: library.join("Logs").join("tierscope").join("tierscope.log"),
            cache_dir: library.join("Caches").join("tierscope"),
        })
    }

    fn windows(environment: &Environment) -> Result<Self, NoHome> {
        let place = |variable: &'static str| {
            environment
                .var(variable)
                .map(|dir| Path::new(dir).join("tierscope"))
                .ok_or(NoHome::Unset(variable))
        };
        let local = place("LOCALAPPDATA")?;
        Ok(Self {
            config_file: place("APPDATA")?.join("config.toml"),
            history_file: local.join("history.db"),
            log_file: local.join("tierscope.log"),
            cache_dir: local.join("cache"),
        })
    }
}

fn home(environment: &Environment) -> Result<PathBuf, NoHome> {
    environment.home().ok_or(NoHome::Unset("HOME"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(pairs: &[(&str, &str)]) -> Environment {
        pairs.iter().copied().collect()
    }

    #[test]
    fn xdg_variables_are_followed_and_relative_ones_ignored() {
        let places = Places::on(
            Platform::Xdg,
            &environment(&[
                ("HOME", "/home/ada"),
                ("XDG_CONFIG_HOME", "/etc/ada"),
                ("XDG_DATA_HOME", "relative"),
                ("XDG_STATE_HOME", ""),
            ]),
        );
        assert_eq!(
            places,
            Ok(Places {
                config_file: "/etc/ada/tierscope/config.toml".into(),
                history_file: "/home/ada/.local/share/tierscope/history.db".into(),
                log_file: "/home/ada/.local/state/tierscope/tierscope.log".into(),
                cache_dir: "/home/ada/.cache/tierscope".into(),
            })
        );
    }

    #[test]
    fn xdg_needs_no_home_where_all_four_are_given() {
        let all = environment(&[
            ("XDG_CONFIG_HOME", "/c"),
            ("XDG_DATA_HOME", "/d"),
            ("XDG_STATE_HOME", "/s"),
            ("XDG_CACHE_HOME", "/k"),
        ]);
        assert_eq!(
            Places::on(Platform::Xdg, &all).map(|places| places.log_file),
            Ok("/s/tierscope/tierscope.log".into())
        );
    }

    #[test]
    fn one_folder_can_hold_all_four() {
        for platform in [Platform::Xdg, Platform::MacOs, Platform::Windows] {
            assert_eq!(
                Places::on(platform, &environment(&[("TIERSCOPE_HOME", "/t")])),
                Ok(Places {
                    config_file: "/t/config.toml".into(),
                    history_file: "/t/history.db".into(),
                    log_file: "/t/tierscope.log".into(),
                    cache_dir: "/t/cache".into(),
                })
            );
        }
    }

    #[test]
    fn a_tilde_that_no_shell_replaced_is_refused() {
        let message = Places::on(Platform::Xdg, &environment(&[("TIERSCOPE_HOME", "~/zz")]))
            .map_err(|error| error.to_string())
            .unwrap_err();
        assert!(
            message.contains("`~/zz`") && message.contains("whole path"),
            "{message}"
        );
    }

    #[test]
    fn macos_and_windows_have_their_own_places() {
        let mac = Places::on(Platform::MacOs, &environment(&[("HOME", "/Users/ada")]));
        assert_eq!(
            mac,
            Ok(Places {
                config_file: "/Users/ada/Library/Application Support/tierscope/config.toml".into(),
                history_file: "/Users/ada/Library/Application Support/tierscope/history.db".into(),
                log_file: "/Users/ada/Library/Logs/tierscope/tierscope.log".into(),
                cache_dir: "/Users/ada/Library/Caches/tierscope".into(),
            })
        );
        let windows = Places::on(
            Platform::Windows,
            &environment(&[("APPDATA", "/roaming"), ("LOCALAPPDATA", "/local")]),
        );
        assert_eq!(
            windows,
            Ok(Places {
                config_file: "/roaming/tierscope/config.toml".into(),
                history_file: "/local/tierscope/history.db".into(),
                log_file: "/local/tierscope/tierscope.log".into(),
                cache_dir: "/local/tierscope/cache".into(),
            })
        );
    }

    #[test]
    fn an_environment_without_a_home_is_an_error() {
        let message =
            Places::on(Platform::Xdg, &Environment::default()).map_err(|error| error.to_string());
        assert_eq!(
            message,
            Err("no home directory: HOME is not set".to_owned())
        );
    }
}
