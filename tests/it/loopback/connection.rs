//! One connection of the loopback server: reads requests, plays replies, notices when the client closes.

use super::{
    Sent, Shared,
    reply::{Framing, Head, Reply, Step},
};
use std::{
    future::{Future, pending},
    io,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpStream,
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Request {
    /// Counts from 0 over all connections.
    pub index: usize,
    /// Which connection it came on, from 0.
    pub connection: usize,
    /// When its last byte had come.
    pub at: Instant,
    /// When the client's end of the connection was seen closed.
    pub closed_at: Option<Instant>,
    /// Such as `POST`.
    pub method: String,
    /// With the query.
    pub path: String,
    /// Names in lower case, in order.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Request {
    /// The first header of this name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// The body as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).expect("a request with a JSON body")
    }
}

pub(super) async fn answer(
    socket: TcpStream,
    tls: Option<TlsAcceptor>,
    shared: Arc<Shared>,
    connection: usize,
) {
    match tls {
        None => Connection::new(socket, shared, connection).run().await,
        Some(tls) => {
            if let Ok(socket) = tls.accept(socket).await {
                Connection::new(socket, shared, connection).run().await;
            }
        }
    }
}

/// A byte stream with a TCP socket below it.
trait Socket: AsyncRead + AsyncWrite + Unpin {
    fn tcp(&self) -> &TcpStream;
}

impl Socket for TcpStream {
    fn tcp(&self) -> &TcpStream {
        self
    }
}

impl Socket for TlsStream<TcpStream> {
    fn tcp(&self) -> &TcpStream {
        self.get_ref().0
    }
}

/// What remains of a connection after a reply.
#[derive(PartialEq, Eq)]
enum After {
    Keep,
    Close,
}

struct Connection<S> {
    socket: S,
    unread: Vec<u8>,
    shared: Arc<Shared>,
    number: usize,
}

impl<S: Socket> Connection<S> {
    const fn new(socket: S, shared: Arc<Shared>, number: usize) -> Self {
        Self {
            socket,
            unread: Vec::new(),
            shared,
            number,
        }
    }

    async fn run(mut self) {
        while let Ok(Some(request)) = self.read_request().await {
            let reply = (self.shared.route)(&request);
            match self.play(&reply, request.index).await {
                Ok(After::Keep) => {}
                Ok(After::Close) => break,
                Err(_) => {
                    self.note_closed();
                    return;
                }
            }
        }
        let _ = self.socket.shutdown().await;
        while self.read_more().await.is_ok() {}
        self.note_closed();
    }

    fn note_closed(&self) {
        let now = Instant::now();
        self.shared.note(|log| {
            for request in &mut log.requests {
                if request.connection == self.number {
                    request.closed_at.get_or_insert(now);
                }
            }
        });
    }

    /// Takes what comes into `unread`; the end of the stream is an error.
    async fn read_more(&mut self) -> io::Result<()> {
        match self.socket.read_buf(&mut self.unread).await? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(()),
        }
    }

    /// Waits for `event`, or fails when the client closes before.
    async fn until(&mut self, event: impl Future<Output = ()>) -> io::Result<()> {
        tokio::pin!(event);
        loop {
            tokio::select! {
                () = &mut event => return Ok(()),
                read = self.socket.read_buf(&mut self.unread) => if read? == 0 {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                },
            }
        }
    }

    async fn read_request(&mut self) -> io::Result<Option<Request>> {
        let end = loop {
            if let Some(end) = find(&self.unread, b"\r\n\r\n") {
                break end + 4;
            }
            if self.read_more().await.is_err() {
                return Ok(None);
            }
        };
        let head = String::from_utf8_lossy(&self.unread[..end]).into_owned();
        let mut lines = head.split("\r\n");
        let mut first = lines.next().unwrap_or_default().split(' ');
        let (method, path) = (first.next(), first.next());
        let headers: Vec<(String, String)> = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
            .collect();
        let length: usize = headers
            .iter()
            .find(|(name, _)| name == "content-length")
            .and_then(|(_, value)| value.parse().ok())
            .unwrap_or(0);
        while self.unread.len() < end + length {
            self.read_more().await?;
        }
        let rest = self.unread.split_off(end + length);
        let body = std::mem::replace(&mut self.unread, rest).split_off(end);
        let mut request = Request {
            index: 0,
            connection: self.number,
            at: Instant::now(),
            closed_at: None,
            method: method.unwrap_or_default().to_owned(),
            path: path.unwrap_or_default().to_owned(),
            headers,
            body,
        };
        self.shared.note(|log| {
            request.index = log.requests.len();
            log.requests.push(request.clone());
        });
        Ok(Some(request))
    }

    async fn play(&mut self, reply: &Reply, request: usize) -> io::Result<After> {
        if !reply.delay.is_zero() {
            self.until(tokio::time::sleep(reply.delay)).await?;
        }
        if let Head::Http { status, headers } = &reply.head {
            let head = head_text(*status, headers, reply);
            self.write(head.as_bytes()).await?;
        }
        let begun = tokio::time::Instant::now();
        for step in &reply.steps {
            match step {
                Step::Send(bytes) => self.send(bytes, reply.framing, request).await?,
                Step::Repeat { bytes, times } => {
                    let batch = (65_536 / bytes.len().max(1)).clamp(1, (*times).max(1));
                    let many = bytes.repeat(batch);
                    for _ in 0..times / batch {
                        self.send(&many, reply.framing, request).await?;
                    }
                    let rest = bytes.repeat(times % batch);
                    self.send(&rest, reply.framing, request).await?;
                }
                Step::Endless(bytes, pause) => loop {
                    self.send(bytes, reply.framing, request).await?;
                    self.pause(*pause).await?;
                },
                Step::Wait(time) => self.until(tokio::time::sleep(*time)).await?,
                Step::At(time) => self.until(tokio::time::sleep_until(begun + *time)).await?,
                Step::Gate(gate) => self.until(gate.passed()).await?,
                Step::Stall => self.until(pending()).await?,
                Step::Cut => return Ok(After::Close),
                Step::Reset => {
                    self.socket.tcp().set_zero_linger()?;
                    return Err(io::ErrorKind::ConnectionReset.into());
                }
            }
        }
        match reply.framing {
            Framing::Chunked => {
                self.write(b"0\r\n\r\n").await?;
                Ok(After::Keep)
            }
            Framing::Length => Ok(After::Keep),
            Framing::UntilClose | Framing::ClaimedLength(_) => Ok(After::Close),
        }
    }

    async fn pause(&mut self, time: Duration) -> io::Result<()> {
        if time.is_zero() {
            tokio::task::yield_now().await;
            Ok(())
        } else {
            self.until(tokio::time::sleep(time)).await
        }
    }

    async fn send(&mut self, bytes: &[u8], framing: Framing, request: usize) -> io::Result<()> {
        if bytes.is_empty() {
            return Ok(());
        }
        let at = Instant::now();
        match framing {
            Framing::Chunked => {
                let mut chunk = format!("{:x}\r\n", bytes.len()).into_bytes();
                chunk.extend_from_slice(bytes);
                chunk.extend_from_slice(b"\r\n");
                self.write(&chunk).await?;
            }
            Framing::UntilClose | Framing::Length | Framing::ClaimedLength(_) => {
                self.write(bytes).await?;
            }
        }
        self.shared.note(|log| {
            log.sent.push(Sent {
                request,
                at,
                bytes: bytes.len(),
            });
        });
        Ok(())
    }

    async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.socket.write_all(bytes).await?;
        self.socket.flush().await
    }
}

fn head_text(status: u16, headers: &[(String, String)], reply: &Reply) -> String {
    let framing = match reply.framing {
        Framing::Chunked => ("transfer-encoding", "chunked".to_owned()),
        Framing::UntilClose => ("connection", "close".to_owned()),
        Framing::Length => ("content-length", reply.length().to_string()),
        Framing::ClaimedLength(length) => ("content-length", length.to_string()),
    };
    let lines: Vec<String> = headers
        .iter()
        .map(|(name, value)| format!("{name}: {value}\r\n"))
        .collect();
    let (name, value) = framing;
    format!(
        "HTTP/1.1 {status} Scripted\r\n{}{name}: {value}\r\n\r\n",
        lines.concat()
    )
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}
