//! Fits a request to the model that gets it: what the model would refuse is left out or translated, and said. Sends
//! nothing, and knows no model by name: what models accept is data (`assets/habits.toml` and the catalogue).

mod effort;

use super::hosts::{self, Host};
use crate::{
    catalog::{self, Habits, Reasoning, SamplingHabit},
    domain::{
        plan::{LanePlan, LaneSource, ProviderId},
        request::{ChatRequest, Effort, Sampling},
    },
    wire::{BodyOptions, Told},
};

/// A request as its model accepts it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Fitted {
    /// What is asked.
    pub(super) request: ChatRequest,
    /// What its host and its model do differently.
    pub(super) options: BodyOptions,
    /// What was changed and why, one sentence each.
    pub(super) notes: Vec<String>,
    /// The model is known to think, or to be able to.
    pub(super) is_thinker: bool,
}

/// The plan with what a person should know before the lane is asked, which of its settings its model does not take, and
/// with the limit of tokens that will be sent. Lanes that are no API stay as they are.
pub fn fitted(mut plan: LanePlan) -> LanePlan {
    let host = match &plan.source {
        LaneSource::Remote(_) => hosts::find(plan.provider),
        LaneSource::Local(_) | LaneSource::Tape(_) | LaneSource::Played(_) => None,
    };
    let Some(host) = host else { return plan };
    let request = ChatRequest {
        model: plan.model.clone(),
        system: plan.system.clone(),
        messages: Vec::new(),
        sampling: plan.sampling.clone(),
        effort: plan.effort,
        extra: plan.extra.clone(),
    };
    let fitted = fit(host, &request);
    plan.notes = fitted.notes;
    plan.sampling.max_tokens = fitted.request.sampling.max_tokens;
    plan
}

/// Fits a request to its host and its model.
pub(super) fn fit(host: &Host, request: &ChatRequest) -> Fitted {
    let model = request.model.as_str();
    let mut fitting = Fitting {
        host,
        habits: catalog::habits(host.provider.name(), model),
        request: request.clone(),
        notes: Vec::new(),
    };
    fitting.limit();
    let told = fitting.effort();
    fitting.sampling(&told);
    fitting.format();
    fitting.stops();
    fitting.system();
    Fitted {
        is_thinker: fitting.is_thinker(),
        options: BodyOptions {
            told,
            ..host.body_options()
        },
        request: fitting.request,
        notes: fitting.notes,
    }
}

struct Fitting<'a> {
    host: &'a Host,
    habits: Habits,
    request: ChatRequest,
    notes: Vec<String>,
}

impl Fitting<'_> {
    fn note(&mut self, note: String) {
        self.notes.push(note);
    }

    fn name(&self) -> String {
        self.request.model.clone()
    }

    /// The limit of tokens stays within what the model takes.
    fn limit(&mut self) {
        let Some(wanted) = self.request.sampling.max_tokens else {
            return;
        };
        let model = catalog::find(&self.request.model)
            .filter(|model| sells(self.host.provider, &model.hosts))
            .and_then(|model| u32::try_from(model.output_tokens?).ok());
        let least = self.habits.least_max_tokens.unwrap_or(1);
        let sent = wanted.min(model.unwrap_or(u32::MAX)).max(least);
        if sent == wanted {
            return;
        }
        self.request.sampling.max_tokens = Some(sent);
        let (word, name) = (if sent < wanted { "most" } else { "least" }, self.name());
        self.note(format!(
            "`max_tokens` {wanted} became {sent}, the {word} that {name} takes"
        ));
    }

    /// Temperature and `top_p`, where the model has its own way.
    fn sampling(&mut self, told: &Told) {
        let thinks = self.thinks(told);
        let reason = match self.habits.sampling.unwrap_or_default() {
            SamplingHabit::Refused => Some("does not take"),
            SamplingHabit::Quiet if thinks => Some("does not take while it thinks"),
            SamplingHabit::Idle if thinks => Some("ignores while it thinks"),
            SamplingHabit::Taken | SamplingHabit::Quiet | SamplingHabit::Idle => None,
        };
        if let Some(reason) = reason {
            let sampling = &mut self.request.sampling;
            let dropped = [
                sampling.temperature.take().map(|_| "`temperature`"),
                sampling.top_p.take().map(|_| "`top_p`"),
                sampling.top_k.take().map(|_| "`top_k`"),
            ];
            self.left_out(&dropped, reason);
        }
        if self.habits.is_either == Some(true)
            && self.request.sampling.temperature.is_some()
            && self.request.sampling.top_p.take().is_some()
        {
            self.left_out(&[Some("`top_p`")], "does not take beside `temperature`");
        }
        let most = self.habits.most_temperature.unwrap_or(f64::INFINITY);
        if let Some(wanted) = self.request.sampling.temperature
            && wanted > most
        {
            self.request.sampling.temperature = Some(most);
            let name = self.name();
            self.note(format!(
                "`temperature` {wanted} became {most}, the most that {name} takes"
            ));
        }
    }

    /// Settings for which the host's format has no field.
    fn format(&mut self) {
        let takes = self.host.dialect.takes(&self.host.body_options());
        let Sampling {
            top_k,
            min_p,
            seed,
            stop,
            ..
        } = &mut self.request.sampling;
        let mut dropped = [None; 4];
        let [of_top_k, of_min_p, of_seed, of_stop] = &mut dropped;
        if !takes.top_k {
            *of_top_k = top_k.take().map(|_| "`top_k`");
        }
        if !takes.min_p {
            *of_min_p = min_p.take().map(|_| "`min_p`");
        }
        if !takes.seed {
            *of_seed = seed.take().map(|_| "`seed`");
        }
        if !takes.stop && !stop.is_empty() {
            stop.clear();
            *of_stop = Some("`stop`");
        }
        let names: Vec<&str> = dropped.into_iter().flatten().collect();
        if !names.is_empty() {
            let (names, host) = (listed(&names), self.host.provider);
            self.note(format!("left out: {names}, which {host} does not take"));
        }
    }

    fn stops(&mut self) {
        let most = self.habits.most_stops.unwrap_or(usize::MAX);
        let given = self.request.sampling.stop.len();
        if given <= most {
            return;
        }
        self.request.sampling.stop.truncate(most);
        if most == 0 {
            self.left_out(&[Some("`stop`")], "does not take");
        } else {
            let name = self.name();
            self.note(format!(
                "left out: {} of {given} texts of `stop`: {name} takes {most}",
                given - most
            ));
        }
    }

    /// Instructions go before the prompt where the model takes no message of the system's.
    fn system(&mut self) {
        if self.habits.has_system != Some(false) {
            return;
        }
        let Some(system) = self.request.system.take() else {
            return;
        };
        if let Some(first) = self.request.messages.first_mut() {
            first.content = format!("{system}\n\n{}", first.content);
        }
        let name = self.name();
        self.note(format!(
            "the system text went before the prompt: {name} takes no system message"
        ));
    }

    fn left_out(&mut self, names: &[Option<&str>], reason: &str) {
        let names: Vec<&str> = names.iter().copied().flatten().collect();
        if !names.is_empty() {
            let (names, name) = (listed(&names), self.name());
            self.note(format!("left out: {names}, which {name} {reason}"));
        }
    }

    /// Whether the model is known to think, or to be able to: by the catalogue, else by how it is told to.
    fn is_thinker(&self) -> bool {
        match catalog::find(&self.request.model).and_then(|model| model.reasoning) {
            Some(reasoning) => reasoning != Reasoning::None,
            None => self.habits.default_effort.is_some() && self.habits.efforts.is_some(),
        }
    }

    /// Whether the model thinks before this answer, as far as is known.
    fn thinks(&self, told: &Told) -> bool {
        // What the person merges in goes last.
        if let Some(word) = self.request.extra.get("reasoning_effort") {
            return word != Effort::None.name();
        }
        match told {
            Told::Off => false,
            Told::Word(word) | Told::Adaptive(word) => word != Effort::None.name(),
            Told::On | Told::Budget(_) => true,
            Told::Nothing => self
                .habits
                .default_effort
                .as_deref()
                .is_some_and(|word| word != Effort::None.name()),
        }
    }
}

fn sells(provider: ProviderId, hosts: &[String]) -> bool {
    hosts.iter().any(|host| host == provider.name())
}

fn listed(names: &[&str]) -> String {
    match names {
        [rest @ .., last] if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => names.concat(),
    }
}

#[cfg(test)]
mod tests;
