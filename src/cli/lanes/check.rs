//! `lanes --check`: asks the host of every lane that would run, all at the same time, and says what to do about those
//! that would fail. Asks for no answer.

use super::report::{Key, Known, State};
use crate::{
    domain::{
        failure::{FailureKind, LaneFailure},
        plan::{LanePlan, LaneSource},
    },
    provider::{KeyPlace, check::Verdict},
};
use futures_util::future::join_all;
use serde::Serialize;

/// What a host said about a lane, as `lanes --check --json` prints it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Checked {
    pub(super) result: Outcome,
    /// The kind of failure, where it is wrong.
    pub(super) kind: Option<FailureKind>,
    /// What is wrong, or why it cannot be told.
    pub(super) message: Option<String>,
    /// Models of the host whose names are like the lane's.
    pub(super) nearest: Vec<String>,
    /// What to do about it.
    pub(super) advice: Option<String>,
}

/// Whether a lane would answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Outcome {
    /// Key and model are good.
    Fine,
    /// It cannot be told without asking for an answer.
    Unknown,
    /// It would fail.
    Wrong,
}

/// Asks for all remote lanes that would run.
pub(super) async fn ask(lanes: &mut [Known]) {
    let asking = lanes.iter_mut().map(|known| async {
        let plan = &known.lane.plan;
        let is_asked =
            known.row.state == State::Runs && matches!(plan.source, LaneSource::Remote(_));
        if is_asked {
            let verdict = known.lane.provider.check(plan.model.clone()).await;
            known.row.check = Some(Checked::of(verdict, plan, known.row.key.as_ref()));
        }
    });
    join_all(asking).await;
}

/// Whether a lane that takes part would fail.
pub(super) fn would_fail(known: &Known) -> bool {
    let is_wrong = |checked: &Checked| checked.result == Outcome::Wrong;
    known.is_expected
        && (known.row.state == State::Lacking || known.row.check.as_ref().is_some_and(is_wrong))
}

impl Checked {
    fn of(verdict: Verdict, plan: &LanePlan, key: Option<&Key>) -> Self {
        let bare = |result, message| Self {
            result,
            kind: None,
            message,
            nearest: Vec::new(),
            advice: None,
        };
        match verdict {
            Verdict::Fine => bare(Outcome::Fine, None),
            Verdict::Unknown(reason) => bare(Outcome::Unknown, Some(reason)),
            Verdict::Wrong { failure, nearest } => Self {
                result: Outcome::Wrong,
                kind: Some(failure.kind),
                advice: advice(&failure, &nearest, plan, key),
                message: Some(failure.message),
                nearest,
            },
        }
    }

    /// The same in words, not yet made safe.
    pub(super) fn words(&self) -> String {
        let parts = [self.message.as_deref(), self.advice.as_deref()];
        let words: Vec<&str> = parts.into_iter().flatten().collect();
        match self.result {
            Outcome::Fine => "fine".to_owned(),
            Outcome::Unknown => format!("unknown: {}", words.join("; ")),
            Outcome::Wrong => format!("wrong: {}", words.join("; ")),
        }
    }
}

/// What to do about a lane that would fail; `None` where the message says it, or nothing can be done.
fn advice(
    failure: &LaneFailure,
    nearest: &[String],
    plan: &LanePlan,
    key: Option<&Key>,
) -> Option<String> {
    let has_own_address =
        matches!(&plan.source, LaneSource::Remote(remote) if remote.base_url.is_some());
    Some(match failure.kind {
        FailureKind::Auth if failure.is_no_key() => return None,
        FailureKind::Auth => match key {
            Some(Key {
                name,
                place: KeyPlace::Keyring,
                ..
            }) => format!(
                "the host refuses the key {name} of the keyring: store a good one with `tierscope keys set {name}`"
            ),
            Some(Key { name, place, .. }) => {
                format!("the host refuses the key in {name} ({place}): correct it there")
            }
            None => "the host wants a key: name its variable with api_key_env".to_owned(),
        },
        FailureKind::Permission => {
            "the key is not allowed to do this: allow it at the provider, or take another key"
                .to_owned()
        }
        FailureKind::Quota => "the account has no budget left: see its billing page".to_owned(),
        FailureKind::NotFound if !nearest.is_empty() => {
            format!("did you mean `{}`?", nearest.join("`, `"))
        }
        FailureKind::NotFound => {
            "correct the lane's `model`; `tierscope models` lists the known ones".to_owned()
        }
        FailureKind::Connect | FailureKind::Timeout if has_own_address => {
            "start the server, or correct the lane's `base_url`".to_owned()
        }
        FailureKind::Connect | FailureKind::Timeout => {
            "look at the network, and at HTTPS_PROXY if there is one".to_owned()
        }
        FailureKind::Protocol => "correct the lane's `base_url`".to_owned(),
        FailureKind::Overloaded | FailureKind::Server => "try again later".to_owned(),
        _ => return None,
    })
}
