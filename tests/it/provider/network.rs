//! Ways to a host: proxies of the environment, IPv6.

use super::{ask, host_lane, lane_at, services};
use crate::loopback::{Loopback, Reply, Request, Speech};
use tierscope::{
    domain::{failure::FailureKind, plan::ProviderId},
    provider::http::Network,
};

const OPENAI: ProviderId = ProviderId::OpenAi;

/// A proxy that answers plain requests itself and refuses tunnels.
fn proxy() -> Loopback {
    Loopback::route(|request: &Request| match request.method.as_str() {
        "CONNECT" => Reply::status(403),
        _ => Speech::of(&["by proxy"]).openai(),
    })
}

#[tokio::test]
async fn https_goes_through_a_tunnel_of_the_proxy() {
    for variable in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"] {
        let proxy = proxy();
        let services = services(&[
            (variable, &proxy.url("")),
            ("OPENAI_API_KEY", "sk-abcdef0123456789"),
        ]);
        let outcome = ask(&host_lane(OPENAI), &services).await;
        outcome.failed(FailureKind::Connect, None);
        let asked = proxy.requests();
        assert_eq!(
            (asked[0].method.as_str(), asked[0].path.as_str()),
            ("CONNECT", "api.openai.com:443"),
            "{variable}"
        );
        assert_eq!(
            asked[0].header("authorization"),
            None,
            "no key for the proxy"
        );
    }
}

/// A SOCKS5 proxy (RFC 1928) for one connection, which answers the request itself; ends with the host it was asked for.
fn socks() -> (String, std::thread::JoinHandle<String>) {
    use std::io::{Read, Write};
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let thread = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut greeting = [0; 2];
        stream.read_exact(&mut greeting).unwrap();
        let mut methods = vec![0; greeting[1].into()];
        stream.read_exact(&mut methods).unwrap();
        stream.write_all(&[5, 0]).unwrap();
        let mut request = [0; 5];
        stream.read_exact(&mut request).unwrap();
        assert_eq!(request[3], 3, "a name, which the proxy looks up");
        let mut host = vec![0; usize::from(request[4]) + 2];
        stream.read_exact(&mut host).unwrap();
        stream.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte).unwrap();
            head.extend(byte);
        }
        // Unread, the rest would make the end of the connection a reset.
        let head = String::from_utf8(head).unwrap().to_lowercase();
        let (_, length) = head.split_once("content-length: ").unwrap();
        let length = length.lines().next().unwrap().parse().unwrap();
        stream.read_exact(&mut vec![0; length]).unwrap();
        let event =
            r#"{"choices":[{"index":0,"delta":{"content":"by socks"},"finish_reason":"stop"}]}"#;
        let body = format!("data: {event}\n\ndata: [DONE]\n\n");
        write!(
            stream,
            "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        String::from_utf8(host[..host.len() - 2].to_vec()).unwrap()
    });
    (address, thread)
}

#[tokio::test]
async fn a_socks_proxy_is_used_wherever_it_is_named() {
    for (variable, scheme) in [
        ("ALL_PROXY", "socks5h"),
        ("all_proxy", "socks"),
        ("HTTP_PROXY", "socks5h"),
        ("", "socks5h"),
        ("", "socks"),
    ] {
        let (address, proxy) = socks();
        let address = format!("{scheme}://{address}");
        let services = match variable {
            "" => services(&[]).with_network(Network {
                proxy: Some(address),
                ca_file: None,
            }),
            _ => services(&[(variable, &address)]),
        };
        let outcome = ask(&lane_at(OPENAI, "http://llm.invalid/v1"), &services).await;
        assert_eq!(outcome.state.answer, "by socks", "{:?}", outcome.events);
        assert_eq!(proxy.join().unwrap(), "llm.invalid", "{variable} {scheme}");
    }
}

#[tokio::test]
async fn nothing_goes_past_a_proxy_that_cannot_be_used() {
    let server = Loopback::start([Speech::of(&["past the proxy"]).openai()]);
    for variable in ["ALL_PROXY", "HTTP_PROXY", "HTTPS_PROXY"] {
        let services = services(&[(variable, "ftp://127.0.0.1:1")]);
        let outcome = ask(&lane_at(OPENAI, &server.url("/v1")), &services).await;
        let said = outcome.failed(FailureKind::Connect, None);
        assert!(said.contains(variable), "{said}");
    }
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn what_is_exempt_goes_past_the_proxy() {
    let proxy = proxy();
    let exempt = services(&[("HTTP_PROXY", &proxy.url("")), ("NO_PROXY", ".invalid")]);
    let outcome = ask(&lane_at(OPENAI, "http://llm.invalid/v1"), &exempt).await;
    outcome.failed(FailureKind::Connect, None);
    assert_eq!(proxy.connections(), 0);
}

#[tokio::test]
async fn the_configured_proxy_goes_before_that_of_the_environment() {
    let (first, second) = (proxy(), proxy());
    let network = Network {
        proxy: Some(first.url("")),
        ca_file: None,
    };
    let services = services(&[("HTTP_PROXY", &second.url(""))]).with_network(network);
    let outcome = ask(&lane_at(OPENAI, "http://llm.invalid/v1"), &services).await;
    assert_eq!(outcome.state.answer, "by proxy", "{:?}", outcome.events);
    assert_eq!((first.requests().len(), second.connections()), (1, 0));
}

#[tokio::test]
async fn the_password_of_a_proxy_is_sent_to_it_and_shown_nowhere() {
    let proxy = proxy();
    let address = proxy.url("").replace("://", "://ada:hunter2-secret@");
    let services = services(&[("HTTP_PROXY", &address)]);
    let outcome = ask(&lane_at(OPENAI, "http://llm.invalid/v1"), &services).await;
    assert_eq!(outcome.state.answer, "by proxy", "{:?}", outcome.events);
    let sent = proxy.requests();
    assert!(sent[0].header("proxy-authorization").is_some());
    let services = super::services(&[("HTTP_PROXY", "ada:hunter2-secret@:-1")]);
    let outcome = ask(&lane_at(OPENAI, "http://llm.invalid/v1"), &services).await;
    let message = outcome.failed(FailureKind::Connect, None);
    assert!(!message.contains("hunter2"), "{message}");
}

#[tokio::test]
async fn an_address_of_ipv6_is_reached_and_named() {
    let Some(server) = Loopback::on_ipv6(|_| Speech::of(&["six"]).openai()) else {
        println!("skipped: this machine has no IPv6 loopback");
        return;
    };
    let base_url = server.url("/v1");
    assert!(base_url.starts_with("http://[::1]:"), "{base_url}");
    let proxy = proxy();
    let services = services(&[("HTTP_PROXY", &proxy.url(""))]);
    let plan = lane_at(OPENAI, &base_url);
    let outcome = ask(&plan, &services).await;
    assert_eq!(outcome.state.answer, "six", "{:?}", outcome.events);
    assert_eq!(
        proxy.connections(),
        0,
        "loopback is never asked through a proxy"
    );
    let host = server.address().to_string();
    assert_eq!(server.requests()[0].header("host"), Some(host.as_str()));
    drop(server);
    let outcome = ask(&plan, &services).await;
    let message = outcome.failed(FailureKind::Connect, None);
    assert!(message.contains(&host), "{message}");
}
