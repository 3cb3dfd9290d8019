//! Lanes where nobody configured any: models of the providers whose key is set, and of local servers that answer on
//! their usual ports. Asks loopback only; sends nothing to a remote API.

use super::spec::{LaneSpec, RemoteSpec};
use crate::{catalog, domain::plan::ProviderId};
use futures_util::future::join_all;
use serde_json::Value as Json;
use std::{collections::BTreeSet, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

/// How long a local server may take to name its models.
const PATIENCE: Duration = Duration::from_millis(200);
/// More than the longest list of models.
const MAX_REPLY_BYTES: u64 = 4 << 20;
/// More than the longest head of such a reply.
const MAX_HEAD_BYTES: usize = 16 << 10;
/// So many models of one server are on at the start; the others can be switched on.
const MOST_AT_ONCE: usize = 4;

/// Where a local server usually listens, and what to ask it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Haunt {
    /// The kind of server.
    pub provider: ProviderId,
    /// On loopback.
    pub port: u16,
}

/// The usual ports.
pub const HAUNTS: [Haunt; 4] = [
    Haunt {
        provider: ProviderId::Ollama,
        port: 11434,
    },
    Haunt {
        provider: ProviderId::LlamaServer,
        port: 8080,
    },
    Haunt {
        provider: ProviderId::LmStudio,
        port: 1234,
    },
    Haunt {
        provider: ProviderId::Vllm,
        port: 8000,
    },
];

/// One lane per tier of each provider whose key is set.
pub fn of_keys(has_key: impl Fn(ProviderId) -> bool) -> Vec<LaneSpec> {
    ProviderId::ALL
        .iter()
        .copied()
        .filter(|provider| has_key(*provider))
        .flat_map(|provider| {
            catalog::usual_models(provider).map(move |(tier, model)| LaneSpec {
                model: Some(model.to_owned()),
                tier: Some(tier),
                ..LaneSpec::new(model, provider)
            })
        })
        .collect()
}

/// The models of the local servers that answer in time; one that does not costs nothing but the wait.
pub async fn of_servers(haunts: &[Haunt]) -> Vec<LaneSpec> {
    let found = join_all(haunts.iter().map(|haunt| async move {
        let reply = timeout(PATIENCE, ask(*haunt)).await.ok().flatten();
        lanes(*haunt, &reply.map_or_else(Vec::new, |json| models(&json)))
    }))
    .await;
    with_unique_names(found.into_iter().flatten())
}

fn lanes(haunt: Haunt, models: &[String]) -> Vec<LaneSpec> {
    let base_url = match haunt.provider {
        ProviderId::Ollama => format!("http://127.0.0.1:{}", haunt.port),
        _ => format!("http://127.0.0.1:{}/v1", haunt.port),
    };
    let lane = |(index, model): (usize, &String)| LaneSpec {
        model: Some(model.clone()),
        enabled: Some(index < MOST_AT_ONCE),
        remote: RemoteSpec {
            base_url: Some(base_url.clone()),
            ..RemoteSpec::default()
        },
        ..LaneSpec::new(model, haunt.provider)
    };
    models.iter().enumerate().map(lane).collect()
}

/// Two servers may serve a model of the same name.
fn with_unique_names(lanes: impl Iterator<Item = LaneSpec>) -> Vec<LaneSpec> {
    let mut taken = BTreeSet::new();
    lanes
        .filter_map(|mut lane| {
            if taken.contains(&lane.name) {
                lane.name = format!("{} ({})", lane.name, lane.provider);
            }
            taken.insert(lane.name.clone()).then_some(lane)
        })
        .collect()
}

/// The names of the models in a reply, of Ollama's shape or of OpenAI's. Those that only embed are left out.
fn models(reply: &Json) -> Vec<String> {
    let list = reply.get("models").or_else(|| reply.get("data"));
    let name_of = |entry: &Json| {
        let name = entry.get("name").or_else(|| entry.get("id"))?.as_str()?;
        let is_shown = !name.is_empty() && !name.chars().any(char::is_control);
        (is_shown && !name.contains("embed")).then(|| name.to_owned())
    };
    list.and_then(Json::as_array)
        .map_or_else(Vec::new, |entries| {
            entries.iter().filter_map(name_of).collect()
        })
}

/// One request in HTTP/1.0, which no server answers in chunks; what is no list of models is nobody.
async fn ask(haunt: Haunt) -> Option<Json> {
    let path = match haunt.provider {
        ProviderId::Ollama => "/api/tags",
        _ => "/v1/models",
    };
    let mut socket = TcpStream::connect(("127.0.0.1", haunt.port)).await.ok()?;
    let request = format!(
        "GET {path} HTTP/1.0\r\nHost: 127.0.0.1:{}\r\nAccept: application/json\r\n\r\n",
        haunt.port
    );
    socket.write_all(request.as_bytes()).await.ok()?;
    let mut reply = Vec::new();
    let mut socket = socket.take(MAX_REPLY_BYTES);
    // One that keeps the connection open all the same says how long its answer is.
    while !is_whole(&reply) && socket.read_buf(&mut reply).await.ok()? > 0 {}
    let (head, body) = parts(&reply)?;
    let is_ok = head.starts_with(b"HTTP/1.") && head.get(8..12) == Some(b" 200");
    is_ok.then(|| serde_json::from_slice(body).ok()).flatten()
}

/// Head and body of a reply, once the head is whole.
fn parts(reply: &[u8]) -> Option<(&[u8], &[u8])> {
    const BLANK: &[u8] = b"\r\n\r\n";
    let beginning = reply.get(..MAX_HEAD_BYTES).unwrap_or(reply);
    let end = beginning
        .windows(BLANK.len())
        .position(|bytes| bytes == BLANK)?;
    let (head, rest) = reply.split_at(end);
    Some((head, rest.get(BLANK.len()..)?))
}

/// Whether a reply is as long as it says that it is.
fn is_whole(reply: &[u8]) -> bool {
    let Some((head, body)) = parts(reply) else {
        return false;
    };
    let length = head.split(|byte| *byte == b'\n').find_map(|line| {
        let (name, value) = std::str::from_utf8(line).ok()?.split_once(':')?;
        let is_length = name.eq_ignore_ascii_case("content-length");
        is_length
            .then(|| value.trim().parse::<usize>().ok())
            .flatten()
    });
    length.is_some_and(|length| body.len() >= length)
}

#[cfg(test)]
mod tests;
