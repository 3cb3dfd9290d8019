//! Connections: kept warm, timed only when they are new, safe or not made at all.

use super::{ask, ask_of, lane, lane_at, services};
use crate::loopback::{Loopback, Request, Speech};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use std::{
    io::{Read, Write},
    net::TcpListener,
    sync::Arc,
    time::Duration,
};
use tempfile::{NamedTempFile, TempPath};
use tierscope::{
    domain::{environment::Environment, failure::FailureKind, plan::ProviderId},
    provider::{Services, build, http::Network},
};
use tokio_rustls::rustls::{ServerConfig, crypto::ring, pki_types::PrivateKeyDer};

const OPENAI: ProviderId = ProviderId::OpenAi;

fn safe_server() -> (Loopback, String) {
    let (config, pem) = certified();
    let server = Loopback::route_tls(config, |_: &Request| Speech::of(&["safe"]).openai());
    (server, pem)
}

/// What a server with a certificate of its own for 127.0.0.1 needs, and that certificate in PEM form.
pub fn certified() -> (ServerConfig, String) {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).expect("a certificate");
    let key = PrivateKeyDer::Pkcs8(signing_key.serialize_der().into());
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("TLS versions")
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .expect("a certificate that fits its key");
    (config, cert.pem())
}

/// Services that trust this certificate too, as long as its file is there.
pub fn trusting(pem: &str) -> (Services, TempPath) {
    let file = NamedTempFile::new().unwrap().into_temp_path();
    std::fs::write(&file, pem).unwrap();
    let network = Network {
        ca_file: Some(file.to_path_buf()),
        ..Network::default()
    };
    (services(&[]).with_network(network), file)
}

#[tokio::test]
async fn a_connection_is_used_again_and_then_not_timed() {
    let replies = [
        Speech::openai,
        Speech::anthropic,
        Speech::gemini,
        Speech::ollama,
    ];
    let providers = [
        OPENAI,
        ProviderId::Anthropic,
        ProviderId::Gemini,
        ProviderId::Ollama,
    ];
    for (provider, reply) in providers.into_iter().zip(replies) {
        // The body ends a while after the answer: a connection that is given up meanwhile is never used again.
        let whole = reply(&Speech::of(&["x"])).wait(Duration::from_millis(20));
        let server = Loopback::start([whole]);
        let services = services(&[]);
        let provider = build(&lane(provider, &server), &services);
        let first = ask_of(provider.as_ref()).await;
        assert!(
            first.state.timing().connect_ms.is_some(),
            "{}",
            first.words()
        );
        let again = async {
            loop {
                let next = ask_of(provider.as_ref()).await;
                if next.state.timing().connect_ms.is_none() {
                    return next;
                }
            }
        };
        let reused = tokio::time::timeout(super::PATIENCE, again)
            .await
            .expect("a kept connection");
        assert!(
            reused.words().starts_with("sent accepted"),
            "{}",
            reused.words()
        );
        assert!(server.connections() < server.requests().len());
    }
}

#[tokio::test]
async fn lanes_at_once_have_connections_of_their_own() {
    let server = Loopback::start([Speech::of(&["x"]).openai()]);
    let services = services(&[]);
    let lanes: Vec<_> = (0..4)
        .map(|_| build(&lane(OPENAI, &server), &services))
        .collect();
    let outcomes =
        futures_util::future::join_all(lanes.iter().map(|lane| ask_of(lane.as_ref()))).await;
    assert!(outcomes.iter().all(|outcome| outcome.state.answer == "x"));
}

#[tokio::test]
async fn an_unknown_certificate_is_refused_without_a_second_try() {
    let (server, _) = safe_server();
    let mut plan = lane(OPENAI, &server);
    plan.max_retries = 3;
    let outcome = ask(&plan, &services(&[("OPENAI_API_KEY", "sk-abcdef")])).await;
    assert_eq!(outcome.words(), "sent failed");
    let message = outcome.failed(FailureKind::Connect, None);
    assert!(
        message.contains("certificate") && message.contains("ca_file"),
        "{message}"
    );
    assert!(server.requests().is_empty(), "nothing may be sent");
}

#[tokio::test]
async fn a_certificate_authority_of_ones_own_can_be_trusted() {
    let (server, pem) = safe_server();
    let (services, _file) = trusting(&pem);
    let outcome = ask(&lane(OPENAI, &server), &services).await;
    assert_eq!(outcome.state.answer, "safe", "{:?}", outcome.events);
    assert!(outcome.state.timing().connect_ms.is_some());
}

#[tokio::test]
async fn a_ca_file_that_cannot_be_used_names_itself() {
    let (server, _) = safe_server();
    let network = Network {
        ca_file: Some("/nowhere/ca.pem".into()),
        ..Network::default()
    };
    let outcome = ask(&lane(OPENAI, &server), &services(&[]).with_network(network)).await;
    assert!(
        outcome
            .failed(FailureKind::Connect, None)
            .contains("/nowhere/ca.pem")
    );
}

#[tokio::test]
async fn plain_http_behind_https_is_a_connect_failure() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = format!("https://{}/v1", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        let (mut socket, _) = listener.accept().unwrap();
        let mut hello = [0; 5];
        socket.read_exact(&mut hello).unwrap();
        let _ = socket.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
    });
    let outcome = ask(&lane_at(OPENAI, &address), &services(&[])).await;
    server.join().unwrap();
    outcome.failed(FailureKind::Connect, None);
}

#[tokio::test]
async fn a_proxy_gets_what_is_not_on_this_machine_and_only_that() {
    let proxy = Loopback::start([Speech::of(&["by proxy"]).openai()]);
    let direct = Loopback::start([Speech::of(&["direct"]).openai()]);
    let environment: Environment = [("HTTP_PROXY", proxy.url(""))].into_iter().collect();
    let services = Services::new(Arc::new(environment), "tierscope".into());
    let outcome = ask(&lane_at(OPENAI, "http://llm.invalid/v1"), &services).await;
    assert_eq!(outcome.state.answer, "by proxy", "{:?}", outcome.events);
    assert_eq!(
        proxy.requests()[0].path,
        "http://llm.invalid/v1/chat/completions"
    );
    let outcome = ask(&lane(OPENAI, &direct), &services).await;
    assert_eq!(outcome.state.answer, "direct", "{:?}", outcome.events);
    assert_eq!(proxy.requests().len(), 1);
}
