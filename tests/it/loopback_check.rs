//! Holds the loopback server itself to what its users rely on, with bare sockets. Says nothing about our client.

use crate::loopback::{Framing, Gate, Loopback, Reply, Speech, Step};
use std::{
    io::{ErrorKind, Read, Write},
    net::TcpStream,
    time::Duration,
};

const REQUEST: &str =
    "POST /v1/x?y=1 HTTP/1.1\r\nHost: a\r\nX-Test: yes\r\nContent-Length: 2\r\n\r\n{}";

fn ask(server: &Loopback) -> TcpStream {
    let mut socket = TcpStream::connect(server.address()).unwrap();
    socket.write_all(REQUEST.as_bytes()).unwrap();
    socket
}

fn read_all(mut socket: TcpStream) -> std::io::Result<String> {
    let mut bytes = Vec::new();
    socket.read_to_end(&mut bytes)?;
    Ok(String::from_utf8(bytes).unwrap())
}

#[test]
fn records_what_it_received_and_plays_replies_in_turn() {
    let server = Loopback::start([
        Reply::json(429, "{}").header("retry-after", "1"),
        Reply::raw("not http at all"),
    ]);
    let mut first = ask(&server);
    let expected = "HTTP/1.1 429 Scripted\r\ncontent-type: application/json\r\nretry-after: 1\r\ncontent-length: 2\r\n\r\n{}";
    let mut answer = vec![0; expected.len()];
    first.read_exact(&mut answer).unwrap();
    assert_eq!(String::from_utf8(answer).unwrap(), expected);
    assert_eq!(read_all(ask(&server)).unwrap(), "not http at all");
    drop(first);
    server.wait_blocking(|log| log.requests[0].closed_at);

    let requests = server.requests();
    assert_eq!(requests.len(), 2);
    assert_eq!(requests[0].method, "POST");
    assert_eq!(requests[0].path, "/v1/x?y=1");
    assert_eq!(requests[0].header("x-test"), Some("yes"));
    assert_eq!(requests[0].json(), serde_json::json!({}));
    assert_eq!(server.connections(), 2);
}

#[test]
fn keeps_a_connection_after_a_whole_body() {
    let server = Loopback::start([Reply::events().send("data: 1\n\n").send("data: 2\n\n")]);
    let mut socket = ask(&server);
    let end = "0\r\n\r\n";
    let mut text = String::new();
    let mut byte = [0];
    while !text.ends_with(end) {
        socket.read_exact(&mut byte).unwrap();
        text.push(char::from(byte[0]));
    }
    assert!(text.contains("9\r\ndata: 1\n\n\r\n9\r\ndata: 2\n\n\r\n"));
    socket.write_all(REQUEST.as_bytes()).unwrap();
    server.wait_blocking(|log| (log.requests.len() == 2).then_some(()));
    assert_eq!(server.connections(), 1);
}

#[test]
fn breaks_off_as_told() {
    let begun = Reply::events().send("data: 1\n\n");
    let server = Loopback::start([
        begun.clone().step(Step::Cut),
        begun.clone().step(Step::Reset),
        begun.clone().framing(Framing::UntilClose),
        begun.step(Step::Stall),
    ]);
    assert!(!read_all(ask(&server)).unwrap().ends_with("0\r\n\r\n"));
    let reset = read_all(ask(&server)).unwrap_err();
    assert_eq!(reset.kind(), ErrorKind::ConnectionReset);
    assert!(
        read_all(ask(&server))
            .unwrap()
            .ends_with("\r\n\r\ndata: 1\n\n")
    );
    let stalled = ask(&server);
    server.wait_blocking(|log| (log.sent.len() == 4).then_some(()));
    drop(stalled);
    server.wait_blocking(|log| log.requests[3].closed_at);
}

#[test]
fn notices_a_client_that_leaves_an_endless_stream() {
    let server =
        Loopback::start([Reply::events().step(Step::Endless(b"x".to_vec(), Duration::ZERO))]);
    let mut socket = ask(&server);
    socket.read_exact(&mut [0; 4096]).unwrap();
    drop(socket);
    server.wait_blocking(|log| log.requests[0].closed_at);
}

#[test]
fn a_gate_holds_a_stream_until_it_is_opened() {
    let gate = Gate::closed();
    let server = Loopback::start([Reply::events()
        .framing(Framing::UntilClose)
        .send("before")
        .step(Step::Gate(gate.clone()))
        .send("after")]);
    let socket = ask(&server);
    server.wait_blocking(|log| (log.sent.len() == 1).then_some(()));
    gate.open();
    assert!(read_all(socket).unwrap().ends_with("beforeafter"));
}

#[test]
fn speaks_the_four_dialects() {
    let speech = Speech::of(&["Hel", "lo"]).thinking(&["hm"]).prompt(12, 3);
    let server = Loopback::start(
        [
            speech.openai(),
            speech.anthropic(),
            speech.gemini(),
            speech.ollama(),
        ]
        .map(|reply| reply.framing(Framing::UntilClose)),
    );
    let answers: Vec<String> = (0..4).map(|_| read_all(ask(&server)).unwrap()).collect();
    for answer in &answers {
        assert!(
            answer.contains("\"Hel\"") && answer.contains("\"lo\"") && answer.contains("\"hm\""),
            "{answer}"
        );
    }
    assert!(answers[0].ends_with("data: [DONE]\n\n"));
    assert!(
        answers[1].contains("event: message_stop\n")
            && answers[1].contains("\"thinking_tokens\":1")
    );
    assert!(answers[2].contains("\"finishReason\":\"STOP\"") && answers[2].contains("\r\n\r\n"));
    assert!(answers[3].ends_with("}\n") && answers[3].contains("\"done\":true"));
}
