//! The judges of a replay: how many of them are asked at once, how they are waited for, and when that is over. Knows no
//! rating.
//!
//! A judge that turns an answer away or is not there is asked again, as a lane is; what was not judged when a replay is
//! stopped is judged when it goes on.

use super::{
    cell::{self, Asked, Question},
    station::{Blame, GIVEN_UP_AFTER},
};
use crate::{
    domain::{failure::LaneFailure, figures},
    run::Lane,
};
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};
use tokio::{
    sync::{Semaphore, watch},
    time::{Instant, sleep_until},
};

/// How often a judge is asked again where something broke.
const CHANCES: u32 = 3;
/// The first pause; each further one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
const LONGEST_ASKED_PAUSE: Duration = Duration::from_secs(15 * 60);

/// Where judges are asked.
#[derive(Debug)]
pub struct Bench {
    turns: Semaphore,
    is_over: watch::Sender<bool>,
    troubles: Mutex<HashMap<String, Trouble>>,
}

/// A judge of which nothing has got through for a while.
#[derive(Debug, Clone)]
struct Trouble {
    since: Instant,
    until: Instant,
    why: String,
}

/// What came of asking a judge.
pub(super) enum Said {
    /// It was asked; what it said, or why it failed at last, is in the last one. Each may have cost something.
    Asked(Vec<Asked>),
    /// It is too late to ask it.
    Over,
}

impl Bench {
    /// With so many requests at once at all judges together.
    pub fn new(most: usize) -> Self {
        Self {
            turns: Semaphore::new(most.max(1)),
            is_over: watch::Sender::new(false),
            troubles: Mutex::default(),
        }
    }

    /// No judge is asked any more; those who are being asked finish.
    pub fn close(&self) {
        self.is_over.send_replace(true);
    }

    /// Why a judge gets nothing now, and for how long.
    pub(super) fn waiting(&self, now: Instant) -> Option<String> {
        let troubles = self.troubles();
        let paused = troubles.iter().filter(|(_, trouble)| trouble.until > now);
        let (name, trouble) = paused.min_by_key(|(_, trouble)| trouble.until)?;
        Some(format!(
            "judge {name}: {}, again in {}",
            trouble.why,
            figures::clock(trouble.until - now)
        ))
    }

    /// Asks a judge, again and again where its host is to blame.
    pub(super) async fn ask(&self, lane: &Lane, question: impl Fn() -> Question) -> Said {
        let mut over = self.is_over.subscribe();
        let mut all = Vec::new();
        let turn = tokio::select! {
            biased;
            _ = over.wait_for(|is_over| *is_over) => return Said::Over,
            turn = self.turns.acquire() => turn,
        };
        loop {
            let asked = cell::ask(lane.clone(), question()).await;
            let failure = asked.failure().cloned();
            all.push(asked);
            let tries = u32::try_from(all.len()).unwrap_or(u32::MAX);
            let Some(until) = self.again_at(lane, failure.as_ref(), tries) else {
                break;
            };
            tokio::select! {
                biased;
                _ = over.wait_for(|is_over| *is_over) => break,
                () = sleep_until(until) => {}
            }
        }
        drop(turn);
        Said::Asked(all)
    }

    /// When to ask once more; `None` where that is no use.
    fn again_at(&self, lane: &Lane, failure: Option<&LaneFailure>, tries: u32) -> Option<Instant> {
        let (name, now) = (&lane.plan.name, Instant::now());
        let mut troubles = self.troubles();
        let Some(failure) = failure else {
            troubles.remove(name);
            return None;
        };
        let doubled = FIRST_PAUSE.saturating_mul(1 << tries.min(10).saturating_sub(1));
        let asked = failure.retry_after_ms.map(Duration::from_millis);
        let pause = asked.map_or(doubled.min(LONGEST_PAUSE), |asked| {
            asked.min(LONGEST_ASKED_PAUSE)
        });
        let until = now + pause;
        match Blame::of(failure.kind) {
            Blame::Host if lane.plan.max_retries > 0 => {
                let since = troubles.get(name).map_or(now, |trouble| trouble.since);
                let trouble = Trouble {
                    since,
                    until,
                    why: failure.words().to_owned(),
                };
                troubles.insert(name.clone(), trouble);
                (now.duration_since(since) < GIVEN_UP_AFTER).then_some(until)
            }
            Blame::Chance if lane.plan.max_retries > 0 => (tries < CHANCES).then_some(until),
            Blame::Host | Blame::Chance | Blame::Lane | Blame::Prompt => None,
        }
    }

    fn troubles(&self) -> std::sync::MutexGuard<'_, HashMap<String, Trouble>> {
        self.troubles.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
