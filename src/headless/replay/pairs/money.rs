//! What choosing may cost: reserved before a pair is asked, and noted in the history before that. Prices nothing.

use super::Pairs;
use crate::{
    domain::cost::CostSum,
    history::{HistoryError, Spend, SpendKind},
    run,
};

/// What was spent, and what is set aside for the pairs that are being asked.
pub(super) struct Purse {
    spent_usd: f64,
    reserved_usd: f64,
    /// The entry for what is in flight, and what it says.
    id: String,
    noted_usd: f64,
}

impl Purse {
    pub(super) fn of(pairs: &Pairs) -> Self {
        Self {
            spent_usd: pairs.spent_usd,
            reserved_usd: 0.0,
            id: new_id(),
            noted_usd: 0.0,
        }
    }

    /// Sets so much aside. Whether it surely stays within the limit.
    pub(super) fn reserve(&mut self, pairs: &Pairs, most_usd: f64) -> Result<bool, HistoryError> {
        let Some(limit) = pairs.max_cost_usd else {
            return Ok(true);
        };
        let needed = self.reserved_usd + most_usd;
        if most_usd > 0.0 && self.spent_usd + needed > limit {
            return Ok(false);
        }
        if needed > self.noted_usd {
            self.note(pairs, needed)?;
        }
        self.reserved_usd = needed;
        Ok(true)
    }

    /// A pair for which so much was set aside has cost this; what nobody told counts with its most.
    pub(super) fn spent(&mut self, cost: CostSum, most_usd: f64) {
        self.spent_usd += cost.known_usd.unwrap_or_default() + cost.untold_at_most_usd;
        self.reserved_usd = (self.reserved_usd - most_usd).max(0.0);
    }

    /// Nothing is asked any more: what did not come back may have cost what was set aside.
    pub(super) fn close(&mut self, pairs: &Pairs) -> Result<(), HistoryError> {
        if self.noted_usd > 0.0 {
            self.note(pairs, self.reserved_usd)?;
        }
        Ok(())
    }

    fn note(&mut self, pairs: &Pairs, usd_at_most: f64) -> Result<(), HistoryError> {
        pairs.history.store_spend(&Spend {
            id: self.id.clone(),
            batch: pairs.batch.clone(),
            at: run::now(),
            kind: SpendKind::Choosing,
            usd: None,
            usd_at_most,
        })?;
        self.noted_usd = usd_at_most;
        Ok(())
    }
}

/// Notes what no vote shows.
pub(super) fn note(pairs: &Pairs, kind: SpendKind, cost: CostSum) -> Result<(), HistoryError> {
    let usd_at_most = cost.known_usd.unwrap_or_default() + cost.untold_at_most_usd;
    if usd_at_most <= 0.0 {
        return Ok(());
    }
    pairs.history.store_spend(&Spend {
        id: new_id(),
        batch: pairs.batch.clone(),
        at: run::now(),
        kind,
        usd: cost.known_usd,
        usd_at_most,
    })
}

fn new_id() -> String {
    uuid::Uuid::now_v7().to_string()
}
