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

/// A server that answers any request with a head and then with these bytes, again and again as long as anybody reads;
/// gives back how much was read.
async fn flood(
    head: &'static str,
    piece: Vec<u8>,
    most: usize,
) -> (u16, tokio::task::JoinHandle<usize>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let served = tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        let mut request = vec![0; 4096];
        let _ = socket.read(&mut request).await.unwrap();
        socket.write_all(head.as_bytes()).await.unwrap();
        let mut sent = 0;
        while sent < most && socket.write_all(&piece).await.is_ok() {
            sent += piece.len();
        }
        sent
    });
    (port, served)
}

#[tokio::test]
async fn a_server_without_an_end_is_nobody_and_not_read_to_it() {
    const ENOUGH: usize = 100 << 20;
    let (port, served) = flood("HTTP/1.1 200 OK\r\n\r\n[", vec![b'1'; 1 << 16], ENOUGH).await;
    let haunt = Haunt {
        provider: ProviderId::LlamaServer,
        port,
    };
    let before = std::time::Instant::now();
    assert_eq!(of_servers(&[haunt]).await, Vec::new());
    // The limit and a generous while for a machine with much else to do; reading all of it would take longer still.
    assert!(before.elapsed() < PATIENCE + Duration::from_secs(2));
    // What the kernel holds for a reader that has gone comes on top.
    let sent = served.await.unwrap();
    assert!(sent < ENOUGH / 2, "{sent} bytes were taken");
}

#[tokio::test]
async fn a_server_that_keeps_the_connection_open_is_found_too() {
    let (port, served) = server_kept_open(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 28\r\n\r\n\
         {\"data\":[{\"id\":\"qwen3-8b\"}]}",
    )
    .await;
    let provider = ProviderId::LmStudio;
    let reply = ask(Haunt { provider, port }).await;
    assert_eq!(models(&reply.unwrap()), ["qwen3-8b"]);
    served.abort();
}

async fn server_kept_open(reply: &'static str) -> (u16, tokio::task::JoinHandle<()>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let served = tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        socket.write_all(reply.as_bytes()).await.unwrap();
        std::future::pending::<()>().await;
    });
    (port, served)
}

#[tokio::test]
async fn pages_and_redirects_are_nobody() {
    for reply in [
        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<!DOCTYPE html><html><body>{\"data\":[]}</body></html>",
        "HTTP/1.1 302 Found\r\nLocation: http://example.com/v1/models\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\n\r\n{\"data\":[{\"id\":\"\u{1b}[31mred\"},{\"id\":\"\"},{\"id\":7}]}",
    ] {
        let (port, _served) = server(reply).await;
        let provider = ProviderId::Vllm;
        assert_eq!(
            of_servers(&[Haunt { provider, port }]).await,
            Vec::new(),
            "{reply}"
        );
    }
}

#[test]
fn only_loopback_is_asked() {
    for haunt in HAUNTS {
        for lane in lanes(haunt, &["m".to_owned()]) {
            let base_url = lane.remote.base_url.unwrap();
            assert!(base_url.starts_with("http://127.0.0.1:"), "{base_url}");
        }
    }
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
