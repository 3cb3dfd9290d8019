//! The prompts of a suite, put aside: only where each of them lies is in memory, so that a suite may be larger than that.
//! Renders nothing.

use super::{error::Place, hash::mixed};
use crate::{
    domain::case::Case,
    spool::{Span, Spool, SpoolError},
};
use std::{io, rc::Rc};

/// Bytes before a case: the number of its file and its line there.
const PLACE_BYTES: u32 = 8;

/// Prompts that belong together, out of one file or several.
#[derive(Debug, Default)]
pub struct Suite {
    /// What it is called.
    pub title: String,
    /// Its prompts in their order; their ids are unique.
    pub cases: Cases,
    /// What of its files is not supported and changes what is asked or judged; one sentence each.
    pub warnings: Vec<String>,
    /// How many more of these there are, which the last of them counts.
    pub more_warnings: usize,
    /// What of its files is not used here and changes nothing of that; one sentence each.
    pub notes: Vec<String>,
}

/// Prompts in their order.
#[derive(Debug, Default)]
pub struct Cases {
    spool: Spool,
    spans: Vec<Span>,
    /// How often each is asked, instead of what it says itself.
    repeat: Option<u32>,
}

impl Cases {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.spans.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// One of them, counted from 0; `None` behind the last one.
    ///
    /// # Errors
    /// It cannot be read back.
    pub fn case(&self, at: usize) -> Result<Option<Case>, SpoolError> {
        self.spans.get(at).map(|span| self.read(*span)).transpose()
    }

    /// All of them, read back one at a time.
    pub fn iter(&self) -> impl Iterator<Item = Result<Case, SpoolError>> + '_ {
        self.spans.iter().map(|span| self.read(*span))
    }

    /// Why they are in memory although they are many: what the temporary folder said.
    pub const fn refused(&self) -> Option<&io::Error> {
        self.spool.refused()
    }

    /// Leaves those for which this says so.
    pub(super) fn retain(
        &mut self,
        mut keep: impl FnMut(usize, &Case) -> bool,
    ) -> Result<(), SpoolError> {
        let mut kept = Vec::new();
        for (at, span) in self.spans.iter().enumerate() {
            if keep(at, &self.read(*span)?) {
                kept.push(*span);
            }
        }
        self.spans = kept;
        Ok(())
    }

    /// Has each asked so often.
    pub(super) const fn repeat_all(&mut self, times: u32) {
        self.repeat = Some(times);
    }

    fn read(&self, span: Span) -> Result<Case, SpoolError> {
        let bytes = self.spool.read(span)?;
        let mut case = decoded(&bytes)?;
        if let Some(times) = self.repeat {
            case.repeat = times;
        }
        Ok(case)
    }
}

impl FromIterator<Case> for Cases {
    fn from_iter<T: IntoIterator<Item = Case>>(cases: T) -> Self {
        let mut heap = Heap::default();
        let place = Place {
            file: Rc::from(""),
            line: 0,
        };
        for case in cases {
            heap.push(&case, &place);
        }
        heap.into_cases()
    }
}

/// Cases that are still being gathered, each with its place in its file.
#[derive(Debug, Default)]
pub(super) struct Heap {
    spool: Spool,
    spans: Vec<Span>,
    /// Of the ids: what differs there differs.
    hashes: Vec<u64>,
    files: Vec<Rc<str>>,
}

/// Two cases with one id, by their numbers: a later one, and the last one before it.
pub(super) type Twins = (usize, usize);

impl Heap {
    /// Adds a case.
    pub(super) fn push(&mut self, case: &Case, place: &Place) {
        let (span, hash) = self.put(case, place);
        self.spans.push(span);
        self.hashes.push(hash);
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.spans.len()
    }

    /// A case and its place.
    pub(super) fn case(&self, at: usize) -> Result<(Case, Place), SpoolError> {
        let span = self.spans.get(at).copied();
        let span = span.ok_or_else(|| io::Error::other("there is no such prompt"))?;
        let bytes = self.spool.read(span)?;
        let number = |from: usize| {
            let four = bytes
                .get(from..from + 4)
                .and_then(|four| four.try_into().ok());
            four.map_or(0, u32::from_le_bytes) as usize
        };
        let place = Place {
            file: self
                .files
                .get(number(0))
                .map_or_else(|| Rc::from(""), Rc::clone),
            line: number(4),
        };
        Ok((decoded(&bytes)?, place))
    }

    /// Gives a case another id.
    pub(super) fn rename(&mut self, at: usize, id: String) -> Result<(), SpoolError> {
        let (case, place) = self.case(at)?;
        let (new, hash) = self.put(&Case { id, ..case }, &place);
        if let (Some(span), Some(own)) = (self.spans.get_mut(at), self.hashes.get_mut(at)) {
            (*span, *own) = (new, hash);
        }
        Ok(())
    }

    /// Those from a number on whose id one before them has, from there on; in their order.
    pub(super) fn twins(&self, from: usize) -> Result<Vec<Twins>, SpoolError> {
        let hash = |at: &u32| self.hashes.get(*at as usize).copied().unwrap_or_default();
        let end = u32::try_from(self.spans.len()).unwrap_or(u32::MAX);
        let mut order: Vec<u32> = (u32::try_from(from).unwrap_or(u32::MAX)..end).collect();
        order.sort_unstable_by_key(|at| (hash(at), *at));
        let mut twins = Vec::new();
        for alike in order.chunk_by(|one, other| hash(one) == hash(other)) {
            if alike.len() < 2 {
                continue;
            }
            // Nearly always the same id; but different ones may have one hash.
            let mut last = std::collections::HashMap::new();
            for at in alike {
                let (case, _) = self.case(*at as usize)?;
                if let Some(before) = last.insert(case.id, *at) {
                    twins.push((*at as usize, before as usize));
                }
            }
        }
        twins.sort_unstable();
        Ok(twins)
    }

    /// All of them, without their places.
    pub(super) fn into_cases(self) -> Cases {
        Cases {
            spool: self.spool,
            spans: self.spans,
            repeat: None,
        }
    }

    fn put(&mut self, case: &Case, place: &Place) -> (Span, u64) {
        let file = match self.files.last() {
            Some(last) if *last == place.file => self.files.len() - 1,
            _ => self.number_of(&place.file),
        };
        let mut bytes = Vec::with_capacity(256);
        for number in [file, place.line] {
            bytes.extend(u32::try_from(number).unwrap_or(u32::MAX).to_le_bytes());
        }
        // Into memory nothing of a case fails to be written.
        let _ = serde_json::to_writer(&mut bytes, case);
        (self.spool.push(&bytes), mixed(&[case.id.as_bytes()]))
    }

    fn number_of(&mut self, file: &Rc<str>) -> usize {
        let known = self.files.iter().position(|known| known == file);
        known.unwrap_or_else(|| {
            self.files.push(Rc::clone(file));
            self.files.len() - 1
        })
    }
}

fn decoded(bytes: &[u8]) -> Result<Case, SpoolError> {
    let bytes = bytes.get(PLACE_BYTES as usize..).unwrap_or_default();
    let case = serde_json::from_slice(bytes);
    Ok(case.map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        check::{CheckSpec, JudgeSpec},
        request::{Message, Role},
    };
    use serde_json::json;

    fn case(id: &str) -> Case {
        Case {
            id: id.to_owned(),
            repeat: 1,
            ..Case::default()
        }
    }

    #[test]
    fn all_of_a_case_comes_back_to_the_last_digit() {
        let whole = Case {
            id: "ä/1".to_owned(),
            system: Some("s\u{0}\n".to_owned()),
            messages: vec![Message {
                role: Role::User,
                content: "“hi” \u{1f600}".to_owned(),
            }],
            tags: vec!["t".to_owned()],
            check: Some(CheckSpec::All(vec![
                CheckSpec::Number {
                    value: 0.1 + 0.2,
                    tolerance: 5e-324,
                },
                CheckSpec::MaxSeconds(1.797_693_134_862_315_7e308),
                CheckSpec::JsonSchema(json!({ "z": 1.000_000_000_000_000_2, "a": [null, -0.0] })),
                CheckSpec::Judge(JudgeSpec {
                    rubric: "r".to_owned(),
                    lane: None,
                    threshold: 0.7,
                    is_self_allowed: true,
                }),
                CheckSpec::Json,
            ])),
            max_tokens: Some(u32::MAX),
            repeat: 3,
        };
        let cases: Cases = [whole.clone(), case("b")].into_iter().collect();
        assert_eq!(cases.case(0).unwrap(), Some(whole));
        assert_eq!(cases.case(1).unwrap(), Some(case("b")));
        assert_eq!(cases.case(2).unwrap(), None);
    }

    #[test]
    fn twins_are_found_and_a_renamed_one_is_none() {
        let mut heap = Heap::default();
        let file: Rc<str> = Rc::from("a.toml");
        for (at, id) in ["x", "a", "b", "a", "x", "a"].into_iter().enumerate() {
            let place = Place {
                file: Rc::clone(&file),
                line: at + 1,
            };
            heap.push(&case(id), &place);
        }
        assert_eq!(heap.twins(0).unwrap(), [(3, 1), (4, 0), (5, 3)]);
        assert_eq!(heap.twins(1).unwrap(), [(3, 1), (5, 3)]);
        heap.rename(3, "c".to_owned()).unwrap();
        assert_eq!(heap.twins(1).unwrap(), [(5, 1)]);
        let (renamed, place) = heap.case(3).unwrap();
        assert_eq!((renamed.id.as_str(), place.line), ("c", 4));
        let ids: Vec<String> = heap
            .into_cases()
            .iter()
            .map(|case| case.unwrap().id)
            .collect();
        assert_eq!(ids, ["x", "a", "b", "c", "x", "a"]);
    }
}
