//! The server itself: listens on 127.0.0.1, hands each request to the voice of its model. Knows no wire format.

use super::{
    Voice,
    dialect::{Asked, Refused},
    speech,
};
use crate::domain::failure::FailureKind;
use futures_util::StreamExt;
use http_body_util::{
    BodyExt, Full, LengthLimitError, Limited, StreamBody, combinators::UnsyncBoxBody,
};
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
    time::{sleep, timeout},
};

/// Longest body of a request.
const MAX_BODY_BYTES: usize = 1 << 20;
/// How long a body may take.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);
/// The wait after a connection could not be accepted.
const AFTER_ERROR: Duration = Duration::from_millis(50);
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
                match accepted {
                    Ok((socket, _)) => _ = connections.spawn(converse(socket, Arc::clone(&voices))),
                    // Out of descriptors, say: trying again at once would take the processor from the models.
                    Err(_) => sleep(AFTER_ERROR).await,
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
    let path = request.uri().path().to_owned();
    if request.method() != Method::POST {
        return refusal(
            StatusCode::METHOD_NOT_ALLOWED,
            "this server takes POST only",
        );
    }
    let body = match body_of(request.into_body()).await {
        Ok(body) => body,
        Err((status, message)) => return refusal(status, message),
    };
    let asked = match Asked::read(&path, &body) {
        None => return refusal(StatusCode::NOT_FOUND, &format!("no such path: {path}")),
        Some(Err(refused)) => return refused_in_words(refused),
        Some(Ok(asked)) => asked,
    };
    let dialect = asked.dialect;
    let Some(voice) = voices.iter().find(|voice| voice.model == asked.model) else {
        let message = format!("no such model: {}", asked.model);
        return refused_in_words(dialect.refused(404, &message));
    };
    match speech::frames(voice, asked).await {
        Ok(frames) => {
            let frames = frames.map(|frame| Ok(Frame::data(Bytes::from(frame))));
            let body = StreamBody::new(frames).boxed_unsync();
            reply(StatusCode::OK, "text/event-stream", body)
        }
        Err(failure) if failure.kind == FailureKind::ContextLength => {
            // What the engine says of the lane's settings means nothing on the other side of the wire.
            let message = "prompt is too long: it exceeds the context window of this model";
            refused_in_words(dialect.refused(400, message))
        }
        Err(failure) => refused_in_words(dialect.refused(500, &failure.message)),
    }
}

fn refused_in_words(refused: Refused) -> Response<Body> {
    let status = StatusCode::from_u16(refused.status).unwrap_or(StatusCode::BAD_REQUEST);
    reply(
        status,
        "application/json",
        Full::from(refused.body).boxed_unsync(),
    )
}

/// The whole body. One that is announced as too long is refused before it comes.
async fn body_of(body: Incoming) -> Result<Bytes, (StatusCode, &'static str)> {
    let too_long = (StatusCode::PAYLOAD_TOO_LARGE, "the body is over 1 MiB");
    if body.size_hint().lower() > MAX_BODY_BYTES as u64 {
        return Err(too_long);
    }
    match timeout(BODY_TIMEOUT, Limited::new(body, MAX_BODY_BYTES).collect()).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(too_long),
        Ok(Err(_)) => Err((StatusCode::BAD_REQUEST, "the body is broken")),
        Err(_) => Err((StatusCode::REQUEST_TIMEOUT, "the body did not come")),
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
