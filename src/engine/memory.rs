//! Whether a model fits into memory, asked before llama.cpp tries: a machine that swaps or kills tells nobody why.

use std::{fs, path::Path};

/// Computation buffers and the program itself.
const OVERHEAD_BYTES: u64 = 64 << 20;

/// What a model is going to need.
#[derive(Debug, Clone, Copy)]
pub(super) struct Need {
    /// Bytes of the weights.
    pub(super) weights: u64,
    /// Bytes of keys and values of the whole context, all sequences together.
    pub(super) context: u64,
    /// Sequences that it is for.
    pub(super) sequences: u32,
}

impl Need {
    fn total(self) -> u64 {
        self.weights
            .saturating_add(self.context)
            .saturating_add(OVERHEAD_BYTES)
    }

    /// `Err` says what is missing and what helps. Nothing is known where `available` is `None`, and all fits.
    pub(super) fn check(self, available: Option<u64>, place: &str) -> Result<(), String> {
        let Some(available) = available.filter(|available| self.total() > *available) else {
            return Ok(());
        };
        let remedy = match (self.context > self.weights, self.sequences) {
            (true, 0 | 1) => "lower `context_tokens`",
            (true, _) => "lower `context_tokens` or `parallel`",
            (false, _) => "take a smaller model or a smaller quantisation, or free memory",
        };
        Err(format!(
            "not enough memory: the model needs about {} ({} for the weights, {} for the context), and {} of {place} are free; {remedy}",
            words(self.total()),
            words(self.weights),
            words(self.context),
            words(available),
        ))
    }
}

/// Bytes that a process may still take on this machine and in its control group; `None` where the system does not tell.
pub(super) fn available() -> Option<u64> {
    let machine = fs::read_to_string("/proc/meminfo")
        .ok()
        .and_then(|text| meminfo(&text));
    let group = control_group(Path::new("/sys/fs/cgroup"));
    match (machine, group) {
        (Some(machine), Some(group)) => Some(machine.min(group)),
        (machine, group) => machine.or(group),
    }
}

fn meminfo(text: &str) -> Option<u64> {
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kibibytes: u64 = line.split_whitespace().next()?.parse().ok()?;
    kibibytes.checked_mul(1024)
}

/// The limit of a container less what it holds; files that it has cached can be given back.
fn control_group(folder: &Path) -> Option<u64> {
    let read = |name: &str| fs::read_to_string(folder.join(name)).ok();
    let limit: u64 = read("memory.max")?.trim().parse().ok()?;
    let held: u64 = read("memory.current")?.trim().parse().ok()?;
    let cached: u64 = read("memory.stat")?
        .lines()
        .find_map(|line| line.strip_prefix("file "))
        .and_then(|bytes| bytes.parse().ok())
        .unwrap_or(0);
    Some(limit.saturating_sub(held.saturating_sub(cached)))
}

/// Bytes in words: `1.5 GiB`.
fn words(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["KiB", "MiB", "GiB", "TiB", "PiB"];
    let mut amount = bytes as f64 / 1024.0;
    let mut units = UNITS.into_iter();
    let mut unit = units.next().unwrap_or_default();
    for larger in units {
        if amount < 1024.0 {
            break;
        }
        amount /= 1024.0;
        unit = larger;
    }
    format!("{amount:.1} {unit}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_says_both_figures_and_what_helps() {
        let need = Need {
            weights: 1 << 30,
            context: 8 << 30,
            sequences: 1,
        };
        let error = need
            .check(Some(4 << 30), "this machine's memory")
            .unwrap_err();
        assert!(
            error.contains("9.1 GiB") && error.contains("4.0 GiB"),
            "{error}"
        );
        assert!(error.ends_with("lower `context_tokens`"), "{error}");
        let several = Need {
            sequences: 4,
            ..need
        };
        let error = several.check(Some(4 << 30), "x").unwrap_err();
        assert!(error.ends_with("or `parallel`"), "{error}");
        assert!(need.check(Some(10 << 30), "x").is_ok());
        assert!(need.check(None, "x").is_ok());
    }

    #[test]
    fn absurd_needs_do_not_overflow() {
        let need = Need {
            weights: u64::MAX,
            context: u64::MAX,
            sequences: 1,
        };
        assert!(need.check(Some(u64::MAX - 1), "x").is_err());
    }

    #[test]
    fn a_container_may_have_less_than_the_machine() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name, text: &str| fs::write(folder.path().join(name), text).unwrap();
        write("memory.max", "1000\n");
        write("memory.current", "900\n");
        write("memory.stat", "anon 400\nfile 500\n");
        assert_eq!(control_group(folder.path()), Some(600));
        write("memory.max", "max\n");
        assert_eq!(control_group(folder.path()), None);
        assert_eq!(
            meminfo("MemTotal: 9 kB\nMemAvailable:      2 kB\n"),
            Some(2048)
        );
    }
}
