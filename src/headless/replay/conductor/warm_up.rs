//! What goes before the first cell. Keeps nothing of it.

use super::Conductor;
use crate::{
    domain::plan::LaneSource,
    headless::replay::cell::{self, Question},
};
use tokio::time::Instant;

impl Conductor {
    /// One cell of each local lane that has something to do, which is not kept: its model is loaded, and its first
    /// tokens, which are slower than all others, are behind it.
    pub(super) async fn warm_up(&mut self) {
        let local: Vec<usize> = (0..self.replay.lanes.len())
            .filter(|lane| {
                let lane = self.replay.lanes.get(*lane);
                lane.is_some_and(|lane| matches!(lane.plan.source, LaneSource::Local(_)))
            })
            .collect();
        for lane in local {
            let Some(place) = self.queue.peek(lane) else {
                continue;
            };
            // A prompt that cannot be read back is told when it is sent.
            if let Ok(Some((lane, question))) = self.question(place) {
                let question = Question {
                    max_tokens: Some(1),
                    keeps_tape: false,
                    ..question
                };
                cell::ask(lane, question).await;
            }
        }
        self.tally.begin(Instant::now());
    }
}
