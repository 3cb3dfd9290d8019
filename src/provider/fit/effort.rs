//! How much to think, in the terms of a model. Knows no model by name.

use super::Fitting;
use crate::{
    catalog::{self, Reasoning, Tells},
    domain::request::Effort,
    wire::Told,
};

/// All words for efforts in use, from the least to the most. `default` is what Groq calls the usual amount.
const WORDS: [&str; 8] = [
    "none", "minimal", "low", "default", "medium", "high", "xhigh", "max",
];

/// Tokens to think with, for models that are told a number: a little, the usual amount, much.
const BUDGETS: [u32; 3] = [1024, 8192, 24_576];

impl Fitting<'_> {
    /// What the model is told for the effort that the person asked for.
    pub(super) fn effort(&mut self) -> Told {
        let Some(effort) = self.request.effort else {
            return Told::Nothing;
        };
        match self.tells() {
            Tells::Nothing => {
                self.not_told(effort);
                Told::Nothing
            }
            Tells::Word => match self.word(effort) {
                // Formats that have a switch use it.
                word if word == Effort::None.name() => Told::Off,
                word => Told::Word(word),
            },
            Tells::Adaptive => match self.word(effort) {
                word if word == Effort::None.name() => Told::Off,
                word => Told::Adaptive(word),
            },
            Tells::Switch if effort == Effort::None => Told::Off,
            Tells::Switch => Told::On,
            Tells::Budget => self.budget(effort),
        }
    }

    fn tells(&self) -> Tells {
        let thinks = catalog::find(&self.request.model).and_then(|model| model.reasoning);
        match self.habits.tells {
            // What never thinks cannot be told to, by whatever host.
            _ if thinks == Some(Reasoning::None) => Tells::Nothing,
            Some(tells) => tells,
            None => Tells::Word,
        }
    }

    /// Nothing can be said, and what was asked for may not come about.
    fn not_told(&mut self, effort: Effort) {
        let name = self.name();
        let thinks = catalog::find(&name).and_then(|model| model.reasoning);
        let reason = match (thinks, effort) {
            (Some(Reasoning::None), Effort::None) => return,
            (Some(Reasoning::None), _) => "does not think",
            (Some(Reasoning::Always), Effort::None) => "always thinks",
            _ => "cannot be told how much to think",
        };
        let host = self.host.provider;
        self.note(format!(
            "left out: `effort` {}: {name} at {host} {reason}",
            effort.name()
        ));
    }

    /// The model's word that is nearest to what was asked for; the stronger one of two.
    fn word(&mut self, effort: Effort) -> String {
        let wanted = effort.name();
        let Some(known) = self.habits.efforts.clone() else {
            return wanted.to_owned();
        };
        if known.iter().any(|word| word == wanted) {
            return wanted.to_owned();
        }
        let place = |word: &str| WORDS.iter().position(|known| *known == word);
        // Not to think at all is another thing than to think little.
        let is_fit = |word: &&String| effort == Effort::None || *word != Effort::None.name();
        let above = known
            .iter()
            .filter(is_fit)
            .find(|word| place(word) >= place(wanted));
        let Some(word) = above.or_else(|| known.iter().rfind(is_fit)) else {
            return wanted.to_owned();
        };
        let name = self.name();
        self.note(match effort {
            Effort::None => format!("{name} cannot go without thinking: its least is `{word}`"),
            Effort::Low | Effort::Medium | Effort::High => {
                format!("{name} knows no effort `{wanted}`: it was asked for `{word}`")
            }
        });
        word.clone()
    }

    /// Tokens to think with. They come out of the limit, and leave a quarter of it to the answer where they can.
    fn budget(&mut self, effort: Effort) -> Told {
        let [low, medium, high] = BUDGETS;
        let least = self.habits.least_budget.unwrap_or(1);
        let can_rest = self.habits.efforts.as_ref().is_none_or(|known| {
            let none = Effort::None.name();
            known.iter().any(|word| word == none)
        });
        let wanted = match effort {
            Effort::None if can_rest && self.habits.default_effort.as_deref() == Some("none") => {
                return Told::Nothing;
            }
            Effort::None if can_rest => return Told::Off,
            Effort::None => {
                let name = self.name();
                self.note(format!(
                    "{name} cannot go without thinking: its least is {least} tokens"
                ));
                least
            }
            Effort::Low => low,
            Effort::Medium => medium,
            Effort::High => high,
        };
        let wanted = wanted
            .max(least)
            .min(self.habits.most_budget.unwrap_or(u32::MAX));
        let limit = self.request.sampling.max_tokens.unwrap_or(u32::MAX);
        let room = (limit - limit / 4).min(limit.saturating_sub(1));
        let (name, word) = (self.name(), effort.name());
        if wanted <= room {
            return Told::Budget(wanted);
        }
        if limit <= least {
            self.note(format!(
                "left out: `effort` {word}: {name} thinks with {least} tokens or more, which do not fit under \
                 `max_tokens` {limit}: raise it"
            ));
            return Told::Nothing;
        }
        let given = room.max(least);
        self.note(format!(
            "{name} thinks with {given} tokens, not the {wanted} of `effort` {word}: `max_tokens` is {limit}"
        ));
        Told::Budget(given)
    }
}
