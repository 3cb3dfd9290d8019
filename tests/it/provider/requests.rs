//! Every host's request held against what its vendor documents, field by field: method, path, headers, the whole body.
//! What is expected is written from the documents and not from the code; a field more is as wrong as a field less.

mod rows;

use super::{lane_at, remote, services};
use crate::loopback::{Loopback, Reply};
use rows::{Auth, Row, rows};
use std::collections::BTreeSet;
use tierscope::{
    domain::{
        plan::{LanePlan, ProviderId},
        request::{ChatRequest, Effort, Message, Role, Sampling},
    },
    provider::{Stopwatch, build, hosts},
};

const KEY: &str = "key-0123456789";

/// A request that sets everything that can be set.
fn demanding(row: &Row) -> ChatRequest {
    ChatRequest {
        model: row.model.to_owned(),
        system: Some("Be terse".to_owned()),
        messages: vec![Message {
            role: Role::User,
            content: "Hi".to_owned(),
        }],
        sampling: Sampling {
            max_tokens: Some(2000),
            temperature: Some(0.5),
            top_p: Some(0.25),
            top_k: Some(40),
            min_p: Some(0.125),
            seed: Some(7),
            stop: vec!["END".to_owned()],
        },
        effort: Some(Effort::Low),
        extra: serde_json::Map::new(),
    }
}

/// The lane of a row at the loopback server, which stands in the place of the vendor's origin.
fn plan(row: &Row, server: &Loopback) -> LanePlan {
    let mut plan = lane_at(row.provider, &server.url(row.base_path()));
    let remote = remote(&mut plan);
    for (key, value) in row.keys {
        let part = match *key {
            "project" => &mut remote.project,
            "location" => &mut remote.location,
            "region" => &mut remote.region,
            "deployment" => &mut remote.deployment,
            "api_version" => &mut remote.api_version,
            other => panic!("no key of a lane is called {other}"),
        };
        *part = Some((*value).to_owned());
    }
    plan
}

#[tokio::test]
async fn every_request_is_the_one_that_the_vendor_documents() {
    for row in rows() {
        let server = Loopback::start([Reply::status(500)]);
        let variables: Vec<_> = row.auth.variable().map(|name| (name, KEY)).collect();
        let provider = build(&plan(&row, &server), &services(&variables));
        super::Outcome::of(provider.stream(demanding(&row), Stopwatch::start())).await;
        let sent = server.requests().pop().unwrap();
        let case = format!("{} {} (section {})", row.provider, row.model, row.section);

        assert_eq!(sent.method, "POST", "{case}");
        assert_eq!(
            sent.path,
            format!("{}{}", row.base_path(), row.path),
            "{case}"
        );
        assert_eq!(sent.json(), row.body, "{case}");

        let authority = server.address().to_string();
        let length = sent.body.len().to_string();
        let agent = concat!("tierscope/", env!("CARGO_PKG_VERSION"));
        let mut expected = vec![
            ("accept", row.accept.to_owned()),
            ("accept-encoding", "identity".to_owned()),
            ("content-length", length),
            ("content-type", "application/json".to_owned()),
            ("host", authority),
            ("user-agent", agent.to_owned()),
        ];
        expected.extend(
            row.headers
                .iter()
                .map(|(name, value)| (*name, (*value).to_owned())),
        );
        expected.extend(match row.auth {
            Auth::Bearer(_) => Some(("authorization", format!("Bearer {KEY}"))),
            Auth::Header(name, _) => Some((name, KEY.to_owned())),
            Auth::None => None,
        });
        expected.sort();
        let mut headers: Vec<_> = sent
            .headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.clone()))
            .collect();
        headers.sort();
        assert_eq!(headers, expected, "{case}");
    }
}

#[test]
fn every_host_has_its_row_and_the_address_that_is_documented() {
    let rows = rows();
    let found: BTreeSet<&str> = rows.iter().map(|row| row.provider.name()).collect();
    let own = [ProviderId::Local, ProviderId::Tape];
    let all = ProviderId::ALL.iter().filter(|id| !own.contains(id));
    assert_eq!(found, all.map(|id| id.name()).collect());
    for row in &rows {
        let host = hosts::find(row.provider).unwrap();
        if let Some(base_url) = host.base_url {
            assert_eq!(base_url, row.base, "{}", row.provider);
        }
        if let Some(name) = row.auth.variable().next() {
            assert!(host.key.variables.contains(&name), "{name}");
        } else {
            assert!(host.key.variables.is_empty(), "{}", row.provider);
        }
    }
}
