//! Keeps keys out of answers: a server may repeat the key that it was sent, and an answer goes to the screen, to tapes and
//! to reports. Looks at texts only; failures are masked where they are made.

use super::secret::{MASK, Secret};
use crate::domain::event::{ReasoningForm, StreamEvent};

/// Shorter values are not looked for: they might be words of an ordinary answer.
const LEAST_BYTES: usize = 16;
/// A beginning of a key shorter than this is handed on at once: it is the same in all keys of a provider, and ordinary
/// words must not wait.
const LEAST_HELD_BYTES: usize = 6;

/// Masks the keys in one stream. An end of a piece that may be the beginning of a key waits for the next piece.
#[derive(Debug)]
pub(super) struct Redactor {
    keys: Vec<Secret>,
    tail: Tail,
}

/// The end of the texts so far, where it may be the beginning of a key.
#[derive(Debug, Default)]
struct Tail {
    /// What kind of text; `None` for the answer.
    form: Option<ReasoningForm>,
    /// The part that was handed on.
    shown: String,
    /// The part that waits.
    held: String,
}

impl Redactor {
    pub(super) fn new(secrets: &[Secret]) -> Self {
        let keys = secrets
            .iter()
            .filter(|key| key.expose().len() >= LEAST_BYTES);
        Self {
            keys: keys.cloned().collect(),
            tail: Tail::default(),
        }
    }

    /// The events to hand on in place of this one, in their order.
    pub(super) fn pass(&mut self, event: StreamEvent) -> Vec<StreamEvent> {
        if self.keys.is_empty() {
            return vec![event];
        }
        match event {
            StreamEvent::Answer { text } => self.pass_text(&text, None),
            StreamEvent::Reasoning { text, form } if !text.is_empty() => {
                self.pass_text(&text, Some(form))
            }
            StreamEvent::Finished { .. } => self.flush().into_iter().chain([event]).collect(),
            other => vec![other],
        }
    }

    /// What still waits, at the end of a text: masked where it is most of a key.
    pub(super) fn flush(&mut self) -> Option<StreamEvent> {
        let tail = std::mem::take(&mut self.tail);
        let whole = tail.shown + &tail.held;
        let is_telling =
            |key: &Secret| key.expose().starts_with(&whole) && whole.len() * 2 > key.expose().len();
        let is_masked = !tail.held.is_empty() && self.keys.iter().any(is_telling);
        piece(
            if is_masked {
                MASK.to_owned()
            } else {
                tail.held
            },
            tail.form,
        )
    }

    fn pass_text(&mut self, text: &str, form: Option<ReasoningForm>) -> Vec<StreamEvent> {
        let mut out = Vec::new();
        if self.tail.form != form {
            out.extend(self.flush());
        }
        let tail = std::mem::take(&mut self.tail);
        let shown = tail.shown.len();
        let whole = format!("{}{}{text}", tail.shown, tail.held);
        let (passed, rest) = self.masked(&whole, shown);
        let (handed_on, held) = match rest.len() {
            0..LEAST_HELD_BYTES => (rest, ""),
            _ => rest.split_at(shown.saturating_sub(whole.len() - rest.len())),
        };
        // What was handed on of the rest before is not in `passed`; a short rest goes with it now.
        let mut passed = passed;
        if held.is_empty() {
            let begin = whole.len() - rest.len();
            passed.push_str(whole.split_at(begin.max(shown)).1);
        }
        self.tail = Tail {
            form,
            shown: handed_on.to_owned(),
            held: held.to_owned(),
        };
        out.extend(piece(passed, form));
        out
    }

    /// The text from the byte `shown` on without keys, and the end of all of it that may be the beginning of one.
    fn masked<'t>(&self, whole: &'t str, shown: usize) -> (String, &'t str) {
        let mut passed = String::new();
        let mut at = 0;
        loop {
            let rest = whole.split_at(at).1;
            let Some(next) = rest.chars().next() else {
                return (passed, "");
            };
            let mut keys = self.keys.iter().map(Secret::expose);
            if let Some(key) = keys.clone().find(|key| rest.starts_with(key)) {
                passed.push_str(MASK);
                at += key.len();
            } else if keys.any(|key| key.starts_with(rest)) {
                return (passed, rest);
            } else {
                if at >= shown {
                    passed.push(next);
                }
                at += next.len_utf8();
            }
        }
    }
}

fn piece(text: String, form: Option<ReasoningForm>) -> Option<StreamEvent> {
    if text.is_empty() {
        return None;
    }
    Some(match form {
        None => StreamEvent::Answer { text },
        Some(form) => StreamEvent::Reasoning { text, form },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::event::FinishReason;

    const KEY: &str = "sk-very-secret-0123456789";

    fn passed(events: Vec<StreamEvent>) -> Vec<StreamEvent> {
        let mut redactor = Redactor::new(&[Secret::new(KEY), Secret::new("short")]);
        let mut out: Vec<_> = events
            .into_iter()
            .flat_map(|event| redactor.pass(event))
            .collect();
        out.extend(redactor.flush());
        out
    }

    fn answer(pieces: &[&str]) -> String {
        let events = passed(
            pieces
                .iter()
                .map(|text| StreamEvent::answer(*text))
                .collect(),
        );
        let text = |event: &StreamEvent| match event {
            StreamEvent::Answer { text } => {
                assert!(!text.is_empty());
                text.clone()
            }
            other => panic!("{other:?}"),
        };
        events.iter().map(text).collect()
    }

    #[test]
    fn a_key_is_masked_however_it_is_split() {
        let text = format!("é{KEY}{KEY} and sk-{KEY}, short sk-very");
        assert_eq!(answer(&[&text]), "é****** and sk-***, short sk-very");
        for size in 1..KEY.len() + 2 {
            let chars: Vec<char> = text.chars().collect();
            let pieces: Vec<String> = chars
                .chunks(size)
                .map(|part| part.iter().collect())
                .collect();
            let pieces: Vec<&str> = pieces.iter().map(String::as_str).collect();
            let shown = answer(&pieces);
            assert_eq!(shown.matches(MASK).count(), 3, "{size}: {shown}");
            assert!(shown.starts_with('é') && shown.ends_with(", short sk-very"));
            assert!(!shown.contains("secret"), "{size}: {shown}");
        }
    }

    #[test]
    fn ordinary_text_passes_at_once_and_unchanged() {
        let mut redactor = Redactor::new(&[Secret::new(KEY)]);
        for text in ["s", "sk-", "keys begin with sk-", "ve", "", "is", "s"] {
            let event = StreamEvent::answer(text);
            let expected = if text.is_empty() {
                vec![]
            } else {
                vec![event.clone()]
            };
            assert_eq!(redactor.pass(event), expected, "{text}");
        }
    }

    #[test]
    fn what_is_held_comes_before_what_follows_it() {
        let finished = StreamEvent::Finished {
            reason: FinishReason::Stop,
        };
        let events = passed(vec![
            StreamEvent::reasoning("no sk-very"),
            StreamEvent::answer("x sk-very-secret-012"),
            finished.clone(),
        ]);
        assert_eq!(
            events,
            [
                StreamEvent::reasoning("no "),
                StreamEvent::reasoning("sk-very"),
                StreamEvent::answer("x "),
                StreamEvent::answer("***"),
                finished,
            ]
        );
    }
}
