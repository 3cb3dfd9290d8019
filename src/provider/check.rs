//! Asks a host whether it knows a key and a model, by its list of models or the like. Never asks for an answer.

use super::{
    endpoint::Endpoint,
    hosts::{Listing, ModelCheck},
    lane_stream, transport,
};
use crate::{
    domain::failure::{FailureKind, LaneFailure},
    wire::error_body,
};
use reqwest::{Client, Response};
use serde_json::Value;
use std::{fmt::Write as _, time::Duration};

/// How long a whole check may take.
pub const LIMIT: Duration = Duration::from_secs(10);
/// More than the longest list of models.
const MOST_BYTES: usize = 8 << 20;
/// So many names near a wrong one are told.
const MOST_NEAREST: usize = 3;
/// Names less alike than this are not near.
const LEAST_ALIKE: f64 = 0.75;

/// What a host says about a lane.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// It knows the key and the model.
    Fine,
    /// It cannot be told without asking for an answer, and why.
    Unknown(String),
    /// The lane would fail.
    Wrong {
        /// As it would fail.
        failure: LaneFailure,
        /// Models of the host with a name like the lane's, the likest first. Untrusted text.
        nearest: Vec<String>,
    },
}

impl Verdict {
    /// The lane would fail so.
    pub const fn wrong(failure: LaneFailure) -> Self {
        Self::Wrong {
            failure,
            nearest: Vec::new(),
        }
    }

    /// The host knows no such key.
    pub(super) fn is_refused_key(&self) -> bool {
        matches!(self, Self::Wrong { failure, .. } if failure.kind == FailureKind::Auth)
    }

    fn unknown(reason: &str) -> Self {
        Self::Unknown(format!(
            "{reason}: cannot be checked without asking for an answer"
        ))
    }
}

/// Asks one host about one model.
pub(super) async fn ask(endpoint: &Endpoint, model: &str) -> Verdict {
    let place = &endpoint.place;
    let asking = async {
        let client = endpoint.http.client().await?;
        let inquiry = Inquiry {
            endpoint,
            client,
            model: model.strip_prefix("models/").unwrap_or(model),
        };
        inquiry.run().await
    };
    let answer = tokio::time::timeout(LIMIT, asking)
        .await
        .unwrap_or_else(|_| {
            let message = format!("{place} did not answer within {LIMIT:?}");
            Err(LaneFailure::new(FailureKind::Timeout, message))
        });
    match answer {
        Ok(verdict) => verdict,
        Err(failure) if failure.kind == FailureKind::RateLimited => {
            Verdict::unknown(&format!("{place} takes no more requests just now"))
        }
        Err(failure) => Verdict::wrong(endpoint.mask(failure)),
    }
}

struct Inquiry<'a> {
    endpoint: &'a Endpoint,
    client: Client,
    model: &'a str,
}

impl Inquiry<'_> {
    async fn run(&self) -> Result<Verdict, LaneFailure> {
        match self.endpoint.check {
            ModelCheck::Unknown => {
                let place = &self.endpoint.place;
                Ok(Verdict::unknown(&format!("{place} has no list of models")))
            }
            ModelCheck::List { path, listing } => self.look_up(path, listing).await,
            ModelCheck::Model { path, list } => {
                let path = format!("{path}{}", encoded(self.model));
                match self.fetch(&path).await {
                    Ok(_) => Ok(Verdict::Fine),
                    Err(failure) if is_absent(&failure) => self.look_up(list, Listing::Whole).await,
                    Err(failure) => Err(failure),
                }
            }
            ModelCheck::Public { list, key } => {
                self.fetch(key).await?;
                self.look_up(list, Listing::Whole).await
            }
        }
    }

    async fn look_up(&self, path: &str, listing: Listing) -> Result<Verdict, LaneFailure> {
        let place = &self.endpoint.place;
        let list = match self.fetch(path).await {
            Ok(list) => list,
            Err(failure) if is_absent(&failure) => {
                return Ok(Verdict::unknown(&format!("{place} has no list of models")));
            }
            Err(failure) => return Err(failure),
        };
        // A key may have come in an escape that only showed when the JSON was read.
        let unmasked = names(&list).into_iter();
        let names: Vec<String> = unmasked.map(|name| self.endpoint.mask_text(name)).collect();
        let model = self.model;
        if listing == Listing::AnyName || names.iter().any(|name| is_same(name, model)) {
            return Ok(Verdict::Fine);
        }
        if listing == Listing::Part || names.is_empty() {
            let reason = format!("{place} does not list `{model}`, and may have it all the same");
            return Ok(Verdict::unknown(&reason));
        }
        let message = format!("{place} has no model `{model}`");
        Ok(Verdict::Wrong {
            failure: LaneFailure::new(FailureKind::NotFound, message),
            nearest: nearest(model, names),
        })
    }

    /// The JSON at a path, or why there is none.
    async fn fetch(&self, path: &str) -> Result<Value, LaneFailure> {
        let endpoint = self.endpoint;
        let request = endpoint.inquiry(&self.client, path)?;
        let url = request.url().clone();
        let mut response = self
            .client
            .execute(request)
            .await
            .map_err(|error| transport::before_headers(&error, endpoint).failure)?;
        let status = response.status();
        if status.is_redirection() {
            return Err(lane_stream::redirected(&response, &url));
        }
        let body = endpoint.mask_bytes(body(&mut response, endpoint).await?);
        if !status.is_success() {
            let header = |name: &str| response.headers().get(name)?.to_str().ok();
            return Err(error_body::classify(status.as_u16(), header, &body));
        }
        serde_json::from_slice(&body).map_err(|_| {
            let place = &endpoint.place;
            let message = format!(
                "{place} answers with something else than JSON: {}",
                said(&body)
            );
            LaneFailure::new(FailureKind::Protocol, message)
        })
    }
}

async fn body(response: &mut Response, endpoint: &Endpoint) -> Result<Vec<u8>, LaneFailure> {
    let mut body = Vec::new();
    while let Some(part) = response
        .chunk()
        .await
        .map_err(|error| transport::in_body(&error, endpoint))?
    {
        if body.len() + part.len() > MOST_BYTES {
            let place = &endpoint.place;
            let message = format!("{place} sends more than any list of models holds");
            return Err(LaneFailure::new(FailureKind::Protocol, message));
        }
        body.extend_from_slice(&part);
    }
    Ok(body)
}

fn said(body: &[u8]) -> String {
    error_body::excerpt(&String::from_utf8_lossy(body))
}

/// Whether there is nothing at an address, as opposed to a host that refuses.
fn is_absent(failure: &LaneFailure) -> bool {
    matches!(failure.status, Some(404 | 405 | 501)) || failure.kind == FailureKind::NotFound
}

/// The names in a list of models, of OpenAI's, Google's or Ollama's shape, or a bare list; with their aliases.
fn names(list: &Value) -> Vec<String> {
    let lists = [list.get("data"), list.get("models"), Some(list)];
    let entries = lists.into_iter().flatten().find_map(Value::as_array);
    let mut names = Vec::new();
    for entry in entries.into_iter().flatten() {
        let name = ["id", "name", "model"]
            .iter()
            .find_map(|key| entry.get(key));
        let aliases = entry.get("aliases").and_then(Value::as_array);
        let all = name
            .or(Some(entry))
            .into_iter()
            .chain(aliases.into_iter().flatten());
        names.extend(
            all.filter_map(Value::as_str)
                .map(|name| name.strip_prefix("models/").unwrap_or(name).to_owned()),
        );
    }
    names
}

/// Whether a host that has `name` answers for `model`: a tag may be left out (Ollama), and a variant added (OpenRouter).
fn is_same(name: &str, model: &str) -> bool {
    let is_latest = name.strip_suffix(":latest") == Some(model);
    // Aggregators write `lab/model:variant`; elsewhere what stands behind a colon is part of the name.
    let is_variant = model
        .split_once(':')
        .is_some_and(|(base, _)| base == name && base.contains('/'));
    name == model || is_latest || is_variant
}

fn nearest(model: &str, names: Vec<String>) -> Vec<String> {
    let mut near: Vec<(f64, String)> = names
        .into_iter()
        .map(|name| (strsim::jaro_winkler(model, &name), name))
        .filter(|(alike, _)| *alike >= LEAST_ALIKE)
        .collect();
    near.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    near.dedup_by(|a, b| a.1 == b.1);
    near.into_iter()
        .take(MOST_NEAREST)
        .map(|(_, name)| name)
        .collect()
}

/// A model's name as one segment of a path.
fn encoded(name: &str) -> String {
    let mut text = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            text.push(char::from(byte));
        } else {
            let _ = write!(text, "%{byte:02X}"); // a string takes all
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_shape_of_a_list_is_read() {
        for (list, expected) in [
            (
                json!({"data": [{"id": "a"}, {"id": "b", "aliases": ["c"]}]}),
                &["a", "b", "c"][..],
            ),
            (
                json!({"models": [{"name": "models/a", "displayName": "A"}]}),
                &["a"],
            ),
            (
                json!({"models": [{"name": "a:latest", "model": "a:latest"}]}),
                &["a:latest"],
            ),
            (json!([{"id": "a"}, {"id": 7}, "b"]), &["a", "b"]),
            (json!({"object": "list"}), &[]),
        ] {
            assert_eq!(names(&list), expected, "{list}");
        }
    }

    #[test]
    fn a_tag_may_be_left_out_and_a_variant_added() {
        assert!(is_same("llama3:latest", "llama3"));
        assert!(is_same("openai/gpt-5", "openai/gpt-5:online"));
        assert!(!is_same("llama3:8b", "llama3"));
        assert!(!is_same("gpt-5", "gpt-5-mini"));
    }

    #[test]
    fn the_likest_names_come_first() {
        let names = [
            "gpt-4o",
            "whisper-1",
            "gpt-4o-mini",
            "gpt-4.1-mini",
            "gpt-4o-mini-tts",
        ];
        let found = nearest("gpt-4o-mni", names.map(str::to_owned).to_vec());
        assert_eq!(found, ["gpt-4o-mini", "gpt-4o", "gpt-4o-mini-tts"]);
        assert_eq!(nearest("zebra", names.map(str::to_owned).to_vec()), [""; 0]);
    }

    #[test]
    fn a_name_is_one_segment() {
        assert_eq!(encoded("openai/gpt 5:x?"), "openai%2Fgpt%205%3Ax%3F");
    }
}
