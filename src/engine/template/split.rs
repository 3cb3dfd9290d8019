//! Finds out which parts of a rendered prompt are what somebody said: the template is rendered once more with marks in
//! place of the contents, and both results are laid side by side. Renders nothing.

use super::{Piece, Rendered};
use std::hash::{BuildHasher, RandomState};

/// Marks that nobody can guess.
pub(super) struct Marks {
    nonce: String,
}

/// A prompt with marks in it.
pub(super) enum Part {
    Literal(String),
    Content(usize),
}

impl Marks {
    pub(super) fn new() -> Self {
        let random = || RandomState::new().hash_one(0);
        Self {
            nonce: format!("q{:016x}{:016x}", random(), random()),
        }
    }

    /// The mark of one content. It ends with a letter, and a template that trims it leaves it as it is.
    pub(super) fn mark(&self, index: usize) -> String {
        format!("{}i{index}z", self.nonce)
    }

    pub(super) fn split(&self, marked: &str) -> Vec<Part> {
        let mut parts = Vec::new();
        let mut pieces = marked.split(self.nonce.as_str());
        parts.extend(pieces.next().map(|text| Part::Literal(text.to_owned())));
        for piece in pieces {
            let content = piece
                .strip_prefix('i')
                .and_then(|rest| rest.split_once('z'))
                .and_then(|(index, rest)| Some((index.parse().ok()?, rest)));
            match content {
                Some((index, rest)) => {
                    parts.push(Part::Content(index));
                    parts.push(Part::Literal(rest.to_owned()));
                }
                // A template that takes a mark apart: what is left of it is text like any other.
                None => parts.push(Part::Literal(piece.to_owned())),
            }
        }
        parts
    }
}

/// The pieces of a prompt. Contents that the template trimmed are trimmed; where the two do not fit together, because
/// the template looks into the contents, the pieces are those of the marked prompt with the contents put in.
pub(super) fn pieces(text: String, parts: &[Part], contents: &[&str]) -> Rendered {
    if let Some(pieces) = aligned(&text, parts, contents) {
        return Rendered {
            text,
            pieces,
            is_exact: true,
        };
    }
    let pieces = parts
        .iter()
        .map(|part| match part {
            Part::Literal(text) => Piece::Template(text.clone()),
            Part::Content(index) => {
                Piece::Content(contents.get(*index).copied().unwrap_or_default().to_owned())
            }
        })
        .collect();
    Rendered {
        text,
        pieces,
        is_exact: false,
    }
}

fn aligned(text: &str, parts: &[Part], contents: &[&str]) -> Option<Vec<Piece>> {
    let mut rest = text;
    let mut pieces = Vec::new();
    for (position, part) in parts.iter().enumerate() {
        match part {
            Part::Literal(literal) => {
                rest = rest.strip_prefix(literal.as_str())?;
                pieces.push(Piece::Template(literal.clone()));
            }
            Part::Content(index) => {
                let content = *contents.get(*index)?;
                let next = match parts.get(position + 1) {
                    Some(Part::Literal(literal)) => literal.as_str(),
                    Some(Part::Content(_)) | None => "",
                };
                let is_last = position + 2 >= parts.len();
                let found = [
                    content,
                    content.trim(),
                    content.trim_end(),
                    content.trim_start(),
                ]
                .into_iter()
                .find(|variant| {
                    rest.strip_prefix(variant).is_some_and(|behind| {
                        if is_last {
                            behind == next
                        } else {
                            behind.starts_with(next)
                        }
                    })
                })?;
                rest = rest.strip_prefix(found)?;
                pieces.push(Piece::Content(found.to_owned()));
            }
        }
    }
    rest.is_empty().then_some(pieces)
}
