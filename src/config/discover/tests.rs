//! Tests of finding lanes on this machine, against servers that the test itself runs on loopback.

use super::*;
use crate::domain::tier::Tier;
use tokio::{io::AsyncReadExt, net::TcpListener};

/// A server that answers one request with these bytes and gives back what it was asked.
async fn server(reply: &'static str) -> (u16, tokio::task::JoinHandle<String>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let served = tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        let mut request = vec![0; 4096];
        let size = socket.read(&mut request).await.unwrap();
        socket.write_all(reply.as_bytes()).await.unwrap();
        String::from_utf8_lossy(&request[..size]).into_owned()
    });
    (port, served)
}

#[tokio::test]
async fn ollama_is_asked_for_its_tags() {
    let (port, served) = server(
        "HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n\
         {\"models\":[{\"name\":\"qwen3:4b\"},{\"name\":\"nomic-embed-text\"},{\"name\":\"llama3\"}]}",
    )
    .await;
    let reply = ask(Haunt {
        provider: ProviderId::Ollama,
        port,
    })
    .await;
    assert_eq!(models(&reply.unwrap()), ["qwen3:4b", "llama3"]);
    let request = served.await.unwrap();
    assert!(
        request.starts_with("GET /api/tags HTTP/1.0\r\n"),
        "{request}"
    );
}

#[tokio::test]
async fn other_servers_are_asked_for_their_models() {
    let (port, served) =
        server("HTTP/1.1 200 OK\r\n\r\n{\"object\":\"list\",\"data\":[{\"id\":\"qwen3-1.7b\"}]}")
            .await;
    let reply = ask(Haunt {
        provider: ProviderId::Vllm,
        port,
    })
    .await;
    assert_eq!(models(&reply.unwrap()), ["qwen3-1.7b"]);
    let request = served.await.unwrap();
    assert!(
        request.starts_with("GET /v1/models HTTP/1.0\r\n"),
        "{request}"
    );
}

#[tokio::test]
async fn whoever_answers_something_else_is_nobody() {
    for reply in [
        "HTTP/1.1 404 Not Found\r\n\r\n{}",
        "HTTP/1.1 200 OK\r\n\r\n<html>",
        "HTTP/1.1 200 OK\r\n",
        "SSH-2.0-OpenSSH\r\n\r\n",
        "",
    ] {
        let (port, _served) = server(reply).await;
        let provider = ProviderId::LlamaServer;
        assert_eq!(ask(Haunt { provider, port }).await, None, "{reply}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_is_silent_is_not_waited_for() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let haunt = Haunt {
        provider: ProviderId::Ollama,
        port: listener.local_addr().unwrap().port(),
    };
    let before = tokio::time::Instant::now();
    assert_eq!(of_servers(&[haunt]).await, Vec::new());
    assert_eq!(before.elapsed(), PATIENCE);
}

#[test]
fn only_the_first_models_of_a_server_are_on() {
    let names: Vec<String> = (1..=6).map(|number| format!("m{number}")).collect();
    let haunt = Haunt {
        provider: ProviderId::LmStudio,
        port: 1234,
    };
    let found = lanes(haunt, &names);
    let on: Vec<_> = found.iter().map(|lane| lane.enabled).collect();
    assert_eq!(
        on,
        [true, true, true, true, false, false].map(Some).to_vec()
    );
    assert_eq!(
        found.first(),
        Some(&LaneSpec {
            model: Some("m1".to_owned()),
            enabled: Some(true),
            remote: RemoteSpec {
                base_url: Some("http://127.0.0.1:1234/v1".to_owned()),
                ..RemoteSpec::default()
            },
            ..LaneSpec::new("m1", ProviderId::LmStudio)
        })
    );
}

#[test]
fn the_same_model_at_two_servers_makes_two_lanes() {
    let found = with_unique_names(
        [
            LaneSpec::new("llama3", ProviderId::Ollama),
            LaneSpec::new("llama3", ProviderId::Vllm),
            LaneSpec::new("llama3", ProviderId::Vllm),
        ]
        .into_iter(),
    );
    let names: Vec<_> = found.iter().map(|lane| lane.name.as_str()).collect();
    assert_eq!(names, ["llama3", "llama3 (vllm)"]);
}

#[test]
fn each_key_brings_a_lane_per_tier() {
    let found = of_keys(|provider| provider == ProviderId::Anthropic);
    let lanes: Vec<_> = found
        .iter()
        .map(|lane| (lane.name.as_str(), lane.tier))
        .collect();
    assert_eq!(
        lanes,
        [
            ("claude-haiku-4-5", Some(Tier::Small)),
            ("claude-sonnet-4-6", Some(Tier::Mid)),
            ("claude-opus-4-5", Some(Tier::Flagship)),
        ]
    );
    assert_eq!(of_keys(|_| false), Vec::new());
}
