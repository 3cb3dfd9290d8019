//! Who may start when: under `fair`, local lanes run one after another in their order, because they share the same cores;
//! all others start at once. Starts nothing itself.

use crate::domain::plan::Schedule;
use tokio::sync::oneshot;

/// The place of one lane in the order. Dropping it lets the next lane begin.
#[derive(Debug, Default)]
pub(super) struct Turn {
    before: Option<oneshot::Receiver<()>>,
    _next: Option<oneshot::Sender<()>>,
}

impl Turn {
    /// Waits until all lanes before this one have dropped their turns. Safe to cancel and to call again.
    pub(super) async fn come(&mut self) {
        if let Some(before) = &mut self.before {
            // Nothing is ever sent: the news is that the other side is gone, even by a panic.
            let _ = before.await;
            self.before = None;
        }
    }
}

/// One turn per lane, in the order of the lanes; `local` says which of them share this machine.
pub(super) fn turns(schedule: Schedule, local: impl Iterator<Item = bool>) -> Vec<Turn> {
    let mut before = None;
    local
        .map(|is_local| match schedule {
            Schedule::Fair if is_local => {
                let (next, after) = oneshot::channel();
                Turn {
                    before: before.replace(after),
                    _next: Some(next),
                }
            }
            Schedule::Fair | Schedule::Race => Turn::default(),
        })
        .collect()
}
