//! Which lanes shared the machine: those that answered several prompts together, and local lanes that computed at the same
//! time. Their times and speeds are those of a share, and whoever compares them says so. Measures nothing.

use super::{evidence::Evidence, quoted, summary::LaneSummary};
use crate::domain::{
    batch::{BatchRun, CellRecord},
    plan::Schedule,
    record::{LaneRecord, LaneStatus},
};
use std::collections::BTreeSet;

/// Local lanes that computed at the same time, by name; fewer than two are none.
pub type Race = BTreeSet<String>;

/// More lanes than this are counted in a sentence about something else, not named.
const MOST_NAMED: usize = 3;

/// Below a table of pairs in which [`UNEQUAL_MARK`] stands.
pub(super) const UNEQUAL: &str = "† Of unequal shares of the machine: one side answered more prompts together, or computed beside more local \
                                  lanes, than the other.";

/// Stands behind a ratio of times where the two sides had unequal shares of the machine.
pub(super) const UNEQUAL_MARK: &str = "†";

/// What of the machine a lane had at the least.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Share {
    /// Prompts that it answered together; 1 where each was alone.
    pub(super) prompts: u32,
    /// Local lanes that computed at the same time, it included; 1 where it was alone.
    pub(super) lanes: u32,
}

impl Share {
    const WHOLE: Self = Self {
        prompts: 1,
        lanes: 1,
    };

    pub(super) fn of(sequences: Option<u32>, raced: u32) -> Self {
        Self {
            prompts: sequences.unwrap_or(1).max(1),
            lanes: raced.max(1),
        }
    }
}

/// The lanes that computed at the same time in one run of which these are the cells.
pub fn race<'a>(run: &BatchRun, cells: impl Iterator<Item = &'a CellRecord>) -> Race {
    if run.head.schedule != Schedule::Race {
        return Race::new();
    }
    let local = cells.filter(|cell| is_computed_here(&cell.lane));
    local.map(|cell| cell.lane.lane.clone()).collect()
}

fn is_computed_here(lane: &LaneRecord) -> bool {
    lane.access == "local" && lane.status == LaneStatus::Done
}

/// The same of the lanes of a replay, all of whose prompts went to all of them; it is noted in their summaries.
pub fn race_of(schedule: Schedule, lanes: &mut [LaneSummary]) -> Race {
    let is_racing = |lane: &LaneSummary| lane.access == "local" && lane.done > 0;
    let racing = lanes.iter().filter(|lane| is_racing(lane));
    let race: Race = racing.map(|lane| lane.lane.clone()).collect();
    if schedule != Schedule::Race || race.len() < 2 {
        return Race::new();
    }
    for lane in lanes.iter_mut().filter(|lane| race.contains(&lane.lane)) {
        lane.raced = counted(&race);
    }
    race
}

impl Evidence {
    /// Local lanes that computed at the same time as this one, it included; 0 where none did.
    pub(super) fn raced(&self, lane: &str) -> u32 {
        let races = self.races.iter().filter(|race| race.contains(lane));
        races.map(counted).max().unwrap_or_default()
    }
}

fn counted(race: &Race) -> u32 {
    u32::try_from(race.len()).unwrap_or(u32::MAX)
}

/// What a reader must know of times and speeds; a sentence each.
pub fn remarks(lanes: &[LaneSummary], races: &[Race]) -> Vec<String> {
    let mut out = Vec::new();
    let mut known = BTreeSet::new();
    for many in lanes.iter().filter_map(|lane| lane.sequences) {
        if !known.insert(many) {
            continue;
        }
        let alike = lanes.iter().filter(|lane| lane.sequences == Some(many));
        let names: Vec<&str> = alike.map(|lane| lane.lane.as_str()).collect();
        let whose = if names.len() == 1 { "its" } else { "their" };
        out.push(format!(
            "{} answered up to {many} prompts together; {whose} times and speeds are those of a share of the machine.",
            listed(&names)
        ));
    }
    for race in races {
        if !lanes.iter().any(|lane| race.contains(&lane.lane)) {
            continue;
        }
        // In the order of the lanes; those that the report leaves out come last.
        let names = lanes.iter().map(|lane| &lane.lane);
        let mut names: Vec<&str> = names
            .filter(|name| race.contains(*name))
            .map(String::as_str)
            .collect();
        let is_left_out = |name: &&str| !lanes.iter().any(|lane| lane.lane == **name);
        names.extend(race.iter().map(String::as_str).filter(is_left_out));
        out.push(format!(
            "{} computed at the same time on one machine (`race`); `--schedule fair` measures each lane alone.",
            listed(&names)
        ));
    }
    out
}

/// What has to be said where the times of these lanes are compared; `None` where all had as much of the machine.
pub(super) fn condition(lanes: &[&LaneSummary]) -> Option<String> {
    let first = lanes.first()?.share();
    if lanes.iter().all(|lane| lane.share() == first) {
        return None;
    }
    let sharing = lanes.iter().filter(|lane| lane.share() != Share::WHOLE);
    let names: Vec<&str> = sharing.map(|lane| lane.lane.as_str()).collect();
    let who = if names.len() > MOST_NAMED {
        format!("{} lanes", names.len())
    } else {
        listed(&names)
    };
    let how = if names.len() == lanes.len() {
        "had unequal shares of the machine"
    } else {
        "shared the machine"
    };
    Some(format!("{who} {how}"))
}

fn listed(names: &[&str]) -> String {
    let names: Vec<String> = names.iter().map(|name| quoted(name)).collect();
    match names.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        Some((last, _)) => last.clone(),
        None => String::new(),
    }
}
