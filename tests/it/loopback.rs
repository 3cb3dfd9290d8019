//! A scripted HTTP/1.1 server on 127.0.0.1, for tests and benchmarks. Knows what it received and what it sent when.
//!
//! It runs on a thread and a runtime of its own, so a paused or busy clock of the test does not touch it. It is no HTTP
//! implementation to learn from: it reads what our client sends and writes exactly what a script says, also what no
//! server should write.
//!
//! ```ignore
//! let server = Loopback::start([Reply::status(429).header("retry-after", "1"), Speech::of(&["Hel", "lo"]).openai()]);
//! let base_url = server.url("/v1");
//! ```

#![allow(dead_code)] // tests and each benchmark use different parts of it
#![allow(clippy::expect_used)] // a test says by panicking what went wrong

#[path = "loopback/connection.rs"]
mod connection;
#[path = "loopback/dialects.rs"]
mod dialects;
#[path = "loopback/frames.rs"]
mod frames;
#[path = "loopback/reply.rs"]
mod reply;

#[allow(unused_imports)] // as above
pub use self::{
    connection::Request,
    dialects::{Piece, Speech},
    frames::frame,
    reply::{Framing, Gate, Head, Reply, Step},
};

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread::JoinHandle,
    time::{Duration, Instant},
};
use tokio::{net::TcpListener, sync::watch};
use tokio_rustls::{TlsAcceptor, rustls::ServerConfig};

/// How long [`Loopback::wait`] waits before it panics: far longer than a loaded machine needs.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running server. Dropping it closes its port and its connections.
#[derive(Debug)]
pub struct Loopback {
    address: SocketAddr,
    scheme: &'static str,
    shared: Arc<Shared>,
    stop: watch::Sender<bool>,
    thread: Option<JoinHandle<()>>,
}

impl Loopback {
    /// Answers the nth request with the nth reply; the last one again and again.
    pub fn start(replies: impl IntoIterator<Item = Reply>) -> Self {
        let replies: Vec<Reply> = replies.into_iter().collect();
        assert!(!replies.is_empty(), "a server needs at least one reply");
        Self::route(move |request| {
            let index = request.index.min(replies.len() - 1);
            replies[index].clone()
        })
    }

    /// Answers each request with what `route` says, which sees its path, headers and body.
    pub fn route(route: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        Self::launch(Box::new(route), None, free_port())
    }

    /// The same as [`Loopback::route`] on `::1`; `None` where this machine has no such address.
    pub fn on_ipv6(route: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Option<Self> {
        let listener = std::net::TcpListener::bind(("::1", 0)).ok()?;
        Some(Self::launch(Box::new(route), None, listener))
    }

    /// The same as [`Loopback::route`], behind TLS.
    pub fn route_tls(
        config: ServerConfig,
        route: impl Fn(&Request) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let tls = TlsAcceptor::from(Arc::new(config));
        Self::launch(Box::new(route), Some(tls), free_port())
    }

    fn launch(
        route: Box<reply::Route>,
        tls: Option<TlsAcceptor>,
        listener: std::net::TcpListener,
    ) -> Self {
        listener
            .set_nonblocking(true)
            .expect("a socket that does not block");
        let address = listener.local_addr().expect("a bound socket");
        let shared = Arc::new(Shared {
            log: Mutex::default(),
            changed: watch::Sender::new(()),
            route,
        });
        let scheme = if tls.is_some() { "https" } else { "http" };
        let (stop, stopped) = watch::channel(false);
        let served = Arc::clone(&shared);
        let thread = std::thread::Builder::new()
            .name("loopback".to_owned())
            .spawn(move || {
                tokio::runtime::Builder::new_current_thread()
                    .enable_all()
                    .build()
                    .expect("a runtime")
                    .block_on(serve(listener, tls, served, stopped));
            })
            .expect("a thread");
        Self {
            address,
            scheme,
            shared,
            stop,
            thread: Some(thread),
        }
    }

    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its address with this path behind it: `url("/v1")` is a `base_url` of the OpenAI shape, `url("")` the origin.
    pub fn url(&self, path: &str) -> String {
        format!("{}://{}{path}", self.scheme, self.address)
    }

    /// The requests so far.
    pub fn requests(&self) -> Vec<Request> {
        self.shared.log().requests.clone()
    }

    /// Connections accepted so far.
    pub fn connections(&self) -> usize {
        self.shared.log().connections
    }

    /// What was written of all bodies so far.
    pub fn sent(&self) -> Vec<Sent> {
        self.shared.log().sent.clone()
    }

    /// Waits until this many requests have come.
    pub async fn wait_requests(&self, count: usize) -> Vec<Request> {
        self.wait(|log| (log.requests.len() >= count).then(|| log.requests.clone()))
            .await
    }

    /// Waits until the client has closed the connection of this request, and says when that was seen.
    pub async fn wait_closed(&self, request: usize) -> Instant {
        self.wait(|log| log.requests.get(request)?.closed_at).await
    }

    /// Waits until `look` finds something in the log. Panics after a minute.
    pub async fn wait<T>(&self, mut look: impl FnMut(&Log) -> Option<T>) -> T {
        let mut changes = self.shared.changed.subscribe();
        let deadline = Instant::now() + PATIENCE;
        loop {
            changes.borrow_and_update();
            if let Some(found) = look(&self.shared.log()) {
                return found;
            }
            self.check(deadline);
            // Also comes once a second, in the server's own time: a paused clock cannot run into the deadline.
            changes.changed().await.expect("the server lives");
        }
    }

    /// Waits like [`Loopback::wait`], from a thread without a runtime.
    pub fn wait_blocking<T>(&self, mut look: impl FnMut(&Log) -> Option<T>) -> T {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(found) = look(&self.shared.log()) {
                return found;
            }
            self.check(deadline);
            std::thread::park_timeout(Duration::from_millis(5));
        }
    }

    fn check(&self, deadline: Instant) {
        assert!(
            Instant::now() < deadline,
            "the loopback server waited in vain; its log: {:?}",
            self.shared
        );
    }
}

fn free_port() -> std::net::TcpListener {
    std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a free port")
}

impl Drop for Loopback {
    fn drop(&mut self) {
        self.stop.send_replace(true);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// What a server saw and did.
#[derive(Debug, Default)]
pub struct Log {
    /// Requests in the order of their arrival.
    pub requests: Vec<Request>,
    /// Connections accepted.
    pub connections: usize,
    /// Writes of bodies, in order.
    pub sent: Vec<Sent>,
}

/// One write of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sent {
    /// Index of the request it answers.
    pub request: usize,
    /// When it was handed to the kernel.
    pub at: Instant,
    /// Bytes of the script, without chunk framing.
    pub bytes: usize,
}

/// What the handle and the connections share.
struct Shared {
    log: Mutex<Log>,
    changed: watch::Sender<()>,
    route: Box<reply::Route>,
}

impl Shared {
    fn log(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note<T>(&self, change: impl FnOnce(&mut Log) -> T) -> T {
        let value = change(&mut self.log());
        self.changed.send_replace(());
        value
    }
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.log().fmt(out)
    }
}

async fn serve(
    listener: std::net::TcpListener,
    tls: Option<TlsAcceptor>,
    shared: Arc<Shared>,
    mut stopped: watch::Receiver<bool>,
) {
    let listener = TcpListener::from_std(listener).expect("a runtime");
    let mut connections = tokio::task::JoinSet::new();
    let mut ticks = tokio::time::interval(Duration::from_secs(1));
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = ticks.tick() => {
                shared.changed.send_replace(());
                continue;
            }
            _ = stopped.changed() => return,
        };
        while connections.try_join_next().is_some() {}
        if let Ok((socket, _)) = accepted {
            let _ = socket.set_nodelay(true);
            let connection = shared.note(|log| {
                log.connections += 1;
                log.connections - 1
            });
            connections.spawn(connection::answer(
                socket,
                tls.clone(),
                Arc::clone(&shared),
                connection,
            ));
        }
    }
}
