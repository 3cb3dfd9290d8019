//! Wire formats as a whole: bodies in, events out, under any split of the bytes.

mod bodies;
mod error_recordings;
mod extract;
mod faults;
mod fixtures;
mod peers;
mod recordings;

use tierscope::{
    domain::{
        event::{FinishReason, ReasoningForm, StreamEvent},
        failure::{FailureKind, LaneFailure},
        usage::{ServerTimings, Usage},
    },
    wire::DialectKind,
};

/// What a reader made of a body.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    pub events: Vec<StreamEvent>,
    pub end: Result<(), LaneFailure>,
}

/// Reads a body that comes in these reads. Stops at the first error, as a provider does.
pub fn read<'a>(kind: DialectKind, reads: impl IntoIterator<Item = &'a [u8]>) -> Outcome {
    let mut reader = kind.reader();
    let mut events = Vec::new();
    let fed = reads
        .into_iter()
        .try_for_each(|bytes| reader.feed(bytes, &mut events));
    let end = fed.and_then(|()| {
        if reader.is_finished() {
            Ok(())
        } else {
            reader.end(&mut events)
        }
    });
    Outcome { events, end }
}

/// Reads a body that comes in one read.
pub fn read_whole(kind: DialectKind, body: &[u8]) -> Outcome {
    read(kind, [body])
}

impl Outcome {
    pub fn answer(&self) -> String {
        let texts = self.events.iter().filter_map(|event| match event {
            StreamEvent::Answer { text } => Some(text.as_str()),
            _ => None,
        });
        texts.collect()
    }

    pub fn reasoning(&self) -> String {
        let texts = self.events.iter().filter_map(|event| match event {
            StreamEvent::Reasoning { text, .. } => Some(text.as_str()),
            _ => None,
        });
        texts.collect()
    }

    /// The form of the thinking; the test fails where it changes.
    pub fn form(&self) -> Option<ReasoningForm> {
        let mut forms = self.events.iter().filter_map(|event| match event {
            StreamEvent::Reasoning { form, .. } => Some(*form),
            _ => None,
        });
        let first = forms.next();
        assert!(forms.all(|form| Some(form) == first), "the form changes");
        first
    }

    pub fn usage(&self) -> Usage {
        let last = self.events.iter().rev().find_map(|event| match event {
            StreamEvent::Usage { usage } => Some(*usage),
            _ => None,
        });
        last.unwrap_or_default()
    }

    pub fn server(&self) -> ServerTimings {
        let last = self.events.iter().rev().find_map(|event| match event {
            StreamEvent::Server { server } => Some(*server),
            _ => None,
        });
        last.unwrap_or_default()
    }

    /// The finish reason, or the kind of the failure.
    pub fn finish(&self) -> Result<FinishReason, FailureKind> {
        match (&self.end, self.events.last()) {
            (Err(failure), _) => Err(failure.kind),
            (Ok(()), Some(StreamEvent::Finished { reason })) => Ok(*reason),
            (Ok(()), last) => panic!("ended well, and the last event is {last:?}"),
        }
    }

    /// What holds for every answer: no empty text, and one finish at most, which comes last.
    #[track_caller]
    pub fn assert_in_order(&self) {
        for (at, event) in self.events.iter().enumerate() {
            match event {
                StreamEvent::Accepted => panic!("a reader accepts nothing"),
                StreamEvent::Answer { text } => assert!(!text.is_empty(), "empty answer"),
                StreamEvent::Reasoning { text, form } => {
                    assert_eq!(text.is_empty(), *form == ReasoningForm::Hidden, "{form:?}");
                }
                StreamEvent::Finished { .. } => {
                    assert_eq!(at + 1, self.events.len(), "finished early");
                    assert!(self.end.is_ok(), "finished and failed");
                }
                StreamEvent::Prefill { .. }
                | StreamEvent::Usage { .. }
                | StreamEvent::Server { .. } => {}
            }
        }
    }
}

/// Numbers that look random and are the same in every run.
pub struct Numbers(u64);

impl Numbers {
    pub fn new(seed: u64) -> Self {
        Self(seed | 1)
    }

    /// From 0 to below `limit`.
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap() % limit
    }
}

/// The body cut at random places: about one cut in `stride` bytes.
pub fn random_reads<'a>(body: &'a [u8], stride: usize, numbers: &mut Numbers) -> Vec<&'a [u8]> {
    let mut reads = Vec::new();
    let mut rest = body;
    while !rest.is_empty() {
        let length = (1 + numbers.below(2 * stride)).min(rest.len());
        let (read, after) = rest.split_at(length);
        reads.push(read);
        rest = after;
    }
    reads
}

/// Holds that a split changes nothing, for every boundary by itself and for all of them at once.
#[track_caller]
pub fn assert_same_under_every_split(kind: DialectKind, body: &[u8], whole: &Outcome) {
    assert_eq!(&read(kind, body.chunks(1)), whole, "byte by byte");
    for at in 0..=body.len() {
        let (head, tail) = body.split_at(at);
        assert_eq!(&read(kind, [head, tail]), whole, "cut at byte {at}");
    }
}
