//! How many threads llama.cpp computes with.

use std::{collections::BTreeSet, fs, path::Path, thread};

/// Weights below this are faster on one thread: two spend more time waiting for each other than computing.
const TINY_WEIGHT_BYTES: u64 = 8 << 20;

/// What a lane asks for, but no more than this process may run at once: threads beyond that wait for each other in
/// turn and take many times as long. 0 asks for the default.
pub(super) fn count(wanted: u32, weight_bytes: u64, sharing: u32) -> u32 {
    if wanted == 0 {
        return default_count(weight_bytes, sharing);
    }
    let available = thread::available_parallelism().map_or(1, usize::from);
    wanted.min(u32::try_from(available).unwrap_or(u32::MAX))
}

/// Physical cores that this process may use, divided among the engines that compute at the same time; one for a tiny
/// model.
fn default_count(weight_bytes: u64, sharing: u32) -> u32 {
    if weight_bytes < TINY_WEIGHT_BYTES {
        return 1;
    }
    let available = thread::available_parallelism().map_or(1, usize::from);
    let physical = physical_cores(Path::new("/sys/devices/system/cpu")).unwrap_or(available);
    let cores = u32::try_from(physical.min(available)).unwrap_or(1);
    (cores / sharing.max(1)).max(1)
}

/// Cores of all sockets, counted once whatever their hyperthreads; `None` where the system does not tell.
fn physical_cores(folder: &Path) -> Option<usize> {
    let mut cores = BTreeSet::new();
    for entry in fs::read_dir(folder).ok()?.flatten() {
        let topology = entry.path().join("topology");
        let read = |name| fs::read_to_string(topology.join(name)).ok();
        if let (Some(package), Some(core)) = (read("physical_package_id"), read("core_id")) {
            cores.insert((package, core));
        }
    }
    (!cores.is_empty()).then_some(cores.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hyperthreads_of_one_core_count_once() {
        let folder = tempfile::tempdir().unwrap();
        for (cpu, core) in [(0, 0), (1, 1), (2, 0), (3, 1)] {
            let topology = folder.path().join(format!("cpu{cpu}/topology"));
            fs::create_dir_all(&topology).unwrap();
            fs::write(topology.join("physical_package_id"), "0\n").unwrap();
            fs::write(topology.join("core_id"), format!("{core}\n")).unwrap();
        }
        assert_eq!(physical_cores(folder.path()), Some(2));
        assert_eq!(physical_cores(&folder.path().join("none")), None);
    }

    #[test]
    fn no_more_threads_than_can_run_at_once() {
        let available = u32::try_from(thread::available_parallelism().unwrap().get()).unwrap();
        assert_eq!(count(u32::MAX, u64::MAX, 1), available);
        assert_eq!(count(1, u64::MAX, 1), 1);
        assert_eq!(count(0, 1, 1), 1);
    }

    #[test]
    fn there_is_always_a_thread() {
        assert_eq!(default_count(1, 1), 1);
        assert!(default_count(u64::MAX, 1) >= 1);
        assert_eq!(default_count(u64::MAX, u32::MAX), 1);
    }
}
