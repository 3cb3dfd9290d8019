//! The lanes that judge. Asks none of them.

use super::{ReplayArgs, Stage, aside};
use crate::{
    cli::{context::Context, options::RunOptions},
    domain::{case::Case, plan::LanePlan},
    failure::CliError,
    run::Lane,
    suite::Suite,
    wiring::{self, Assembly, Search},
};
use std::collections::{BTreeSet, HashMap};

impl Stage {
    /// The lanes that judge the answers to a prompt, one for each of its checks that wants one.
    pub(super) fn judges_of(&self, case: &Case, args: &ReplayArgs) -> Vec<&LanePlan> {
        let judges = case.check.as_ref().map(|check| check.judges());
        let names = judges.unwrap_or_default().into_iter();
        let names = names.filter_map(|judge| judge.lane.as_ref().or(args.judge.as_ref()));
        let lanes = names.filter_map(|name| self.judges.get(name));
        lanes.map(|lane| &*lane.plan).collect()
    }
}

/// The lanes that judge: those that checks name, and the one of the command line.
pub(super) async fn found(
    context: &Context,
    args: &ReplayArgs,
    suite: &Suite,
    assembly: &Assembly,
) -> Result<HashMap<String, Lane>, CliError> {
    let mut names: BTreeSet<String> = BTreeSet::new();
    let mut wants_one = false;
    for case in suite.cases.iter() {
        let check = case.map_err(aside)?.check;
        for judge in check.iter().flat_map(|check| check.judges()) {
            match &judge.lane {
                Some(name) if names.contains(name) => {}
                Some(name) => drop(names.insert(name.clone())),
                None => wants_one = true,
            }
        }
    }
    if let Some(name) = args.judge.as_ref().filter(|_| wants_one || args.pairs) {
        names.insert(name.clone());
    }
    if wants_one && args.judge.is_none() {
        context.warn(&[
            "checks that say `judge` are not judged: --judge LANE names the lane that does"
                .to_owned(),
        ]);
    }
    let mut found = HashMap::new();
    let mut missing = Vec::new();
    for name in names {
        match assembly.lanes.iter().find(|lane| lane.plan.name == name) {
            Some(lane) => drop(found.insert(name, lane.clone())),
            None => missing.push(name),
        }
    }
    if !missing.is_empty() {
        let options = RunOptions {
            lanes: missing,
            ..RunOptions::default()
        };
        let more = wiring::assemble(context, &options, Search::Awaited).await?;
        found.extend(
            more.lanes
                .into_iter()
                .map(|lane| (lane.plan.name.clone(), lane)),
        );
    }
    Ok(found)
}
