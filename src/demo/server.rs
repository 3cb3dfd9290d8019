//! The server itself: listens on 127.0.0.1, hands each request to the voice of its model. Knows no wire format.

use super::{Voice, dialect::Asked, speech};
use futures_util::StreamExt;
use http_body_util::{BodyExt, Full, Limited, StreamBody, combinators::UnsyncBoxBody};
use hyper::{
    Method, Request, Response, StatusCode,
    body::{Body as _, Bytes, Frame, Incoming},
    header::CONTENT_TYPE,
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use serde_json::json;
use std::{convert::Infallible, io, net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    net::{TcpListener, TcpStream},
    task::{JoinHandle, JoinSet},
    time::timeout,
};

/// Longest body of a request.
const MAX_BODY_BYTES: usize = 1 << 20;
/// How long a body may take.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);
/// Connections at a time; more wait to be accepted.
const CONNECTIONS: usize = 64;

type Body = UnsyncBoxBody<Bytes, Infallible>;

/// A running server. Dropping it closes its port and its connections.
#[derive(Debug)]
pub struct Demo {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl Demo {
    /// Listens on a free port of 127.0.0.1 and answers with these voices.
    pub async fn start(voices: Vec<Voice>) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let task = tokio::spawn(serve(listener, Arc::new(voices)));
        Ok(Self { address, task })
    }

    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(listener: TcpListener, voices: Arc<Vec<Voice>>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept(), if connections.len() < CONNECTIONS => {
                // One that broke before it was accepted is nobody's loss.
                if let Ok((socket, _)) = accepted {
                    connections.spawn(converse(socket, Arc::clone(&voices)));
                }
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn converse(socket: TcpStream, voices: Arc<Vec<Voice>>) {
    // Pieces are small and have their time.
    let _ = socket.set_nodelay(true);
    let service = service_fn(|request| {
        let voices = Arc::clone(&voices);
        async move { Ok::<_, Infallible>(answer(request, &voices).await) }
    });
    // A client that goes away is how a lane is stopped.
    let _ = http1::Builder::new()
        .serve_connection(TokioIo::new(socket), service)
        .await;
}

async fn answer(request: Request<Incoming>, voices: &[Voice]) -> Response<Body> {
    if request.method() != Method::POST {
        return refusal(
            StatusCode::NOT_FOUND,
            "this is tierscope's demo server, it takes POST only",
        );
    }
    let path = request.uri().path().to_owned();
    let body = match body_of(request.into_body()).await {
        Ok(body) => body,
        Err(status) => return refusal(status, "the body is broken, late or over 1 MiB"),
    };
    let asked = match Asked::read(&path, &body) {
        None => return refusal(StatusCode::NOT_FOUND, &format!("no such path: {path}")),
        Some(Err(message)) => return refusal(StatusCode::BAD_REQUEST, &message),
        Some(Ok(asked)) => asked,
    };
    let Some(voice) = voices.iter().find(|voice| voice.model == asked.model) else {
        let message = format!("no such model: {}", asked.model);
        return refusal(StatusCode::NOT_FOUND, &message);
    };
    let frames = speech::frames(voice, asked).map(|frame| Ok(Frame::data(Bytes::from(frame))));
    reply(
        StatusCode::OK,
        "text/event-stream",
        StreamBody::new(frames).boxed_unsync(),
    )
}

/// The whole body. One that is announced as too long is refused before it comes.
async fn body_of(body: Incoming) -> Result<Bytes, StatusCode> {
    if body.size_hint().lower() > MAX_BODY_BYTES as u64 {
        return Err(StatusCode::PAYLOAD_TOO_LARGE);
    }
    match timeout(BODY_TIMEOUT, Limited::new(body, MAX_BODY_BYTES).collect()).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(_)) => Err(StatusCode::PAYLOAD_TOO_LARGE),
        Err(_) => Err(StatusCode::REQUEST_TIMEOUT),
    }
}

fn refusal(status: StatusCode, message: &str) -> Response<Body> {
    let body = json!({ "error": { "message": message, "code": status.as_u16() } }).to_string();
    reply(status, "application/json", Full::from(body).boxed_unsync())
}

fn reply(status: StatusCode, content_type: &'static str, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let content_type = hyper::header::HeaderValue::from_static(content_type);
    response.headers_mut().insert(CONTENT_TYPE, content_type);
    response
}
