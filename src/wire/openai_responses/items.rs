//! What has been shown of each item of an output, so that what is sent a second time as a whole is not shown a second
//! time. Knows items by their place and by their id, as far as a server gives them; shows nothing itself.

use crate::{domain::event::ReasoningForm, wire::json};
use serde_json::Value;
use std::collections::VecDeque;

/// Items are over long before so many others have begun.
const MOST_ITEMS: usize = 32;

/// What a text of an item is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Channel {
    /// The answer, or a refusal.
    Answer,
    /// Thinking in full.
    Raw,
    /// A summary of thinking.
    Summary,
}

impl Channel {
    /// The form of thinking.
    pub(super) const fn form(self) -> ReasoningForm {
        match self {
            Self::Raw | Self::Answer => ReasoningForm::Raw,
            Self::Summary => ReasoningForm::Summary,
        }
    }
}

/// The latest items.
#[derive(Debug, Default)]
pub(super) struct Items(VecDeque<Item>);

#[derive(Debug)]
struct Item {
    name: Name,
    /// The last part of the answer that was shown.
    said: Option<u64>,
    /// The form in which the thinking is shown, and the last part of it.
    thought: Option<(Channel, u64)>,
}

/// What an event says about the item that it belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Name {
    place: Option<u64>,
    id: Option<String>,
}

impl Name {
    fn of(event: &Value) -> Self {
        let id = json::text(event, "item_id");
        let whole = event.get("item").and_then(|item| json::text(item, "id"));
        Self {
            place: json::count(event, "output_index"),
            id: id.or(whole).map(str::to_owned),
        }
    }

    /// Whether two events belong to one item; `None` where they do not tell.
    fn is(&self, other: &Self) -> Option<bool> {
        match (self.place, other.place, &self.id, &other.id) {
            (Some(one), Some(other), _, _) => Some(one == other),
            (_, _, Some(one), Some(other)) => Some(one == other),
            _ => None,
        }
    }
}

impl Items {
    /// Notes that this part is shown. Parts of an item come in order.
    pub(super) fn note(&mut self, event: &Value, channel: Channel, part: u64) {
        let name = Name::of(event);
        let known = self
            .0
            .iter()
            .rposition(|item| item.name.is(&name) == Some(true));
        let unnamed = || {
            let last = self.0.back()?;
            last.name.is(&name).is_none().then(|| self.0.len() - 1)
        };
        let place = known.or_else(unnamed).unwrap_or_else(|| {
            if self.0.len() == MOST_ITEMS {
                self.0.pop_front();
            }
            self.0.push_back(Item {
                name,
                said: None,
                thought: None,
            });
            self.0.len() - 1
        });
        if let Some(item) = self.0.get_mut(place) {
            match channel {
                Channel::Answer => item.said = item.said.max(Some(part)),
                Channel::Raw | Channel::Summary => {
                    let last = item.thought.map_or(part, |(_, last)| last.max(part));
                    item.thought = Some((channel, last));
                }
            }
        }
    }

    /// Whether this part, or one after it, was shown of what may be the item of this event.
    pub(super) fn has(&self, event: &Value, channel: Channel, part: u64) -> bool {
        self.candidates(event).any(|item| match channel {
            Channel::Answer => item.said >= Some(part),
            Channel::Raw | Channel::Summary => item
                .thought
                .is_some_and(|(form, last)| form == channel && last >= part),
        })
    }

    /// Whether the thinking of what may be the item of this event is shown in the other form.
    pub(super) fn has_other_form(&self, event: &Value, channel: Channel) -> bool {
        let latest = self.candidates(event).find_map(|item| item.thought);
        latest.is_some_and(|(form, _)| form != channel)
    }

    /// The items that an event may belong to, the latest first.
    fn candidates(&self, event: &Value) -> impl Iterator<Item = &Item> {
        let name = Name::of(event);
        let items = self.0.iter().rev();
        items.filter(move |item| item.name.is(&name) != Some(false))
    }
}

/// The place of a part in its item.
pub(super) fn part_of(event: &Value) -> u64 {
    let place = json::count(event, "summary_index").or_else(|| json::count(event, "content_index"));
    place.unwrap_or(0)
}
