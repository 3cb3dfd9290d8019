//! Reads the body of an answer: stamps each arrival before it is parsed, and hands the bytes to the wire format.

use super::{endpoint::Endpoint, lane_stream::Ask, redact::Redactor, transport};
use crate::{
    domain::{
        event::{LaneEventKind, StreamEvent},
        failure::{FailureKind, LaneFailure},
    },
    wire::{Dialect, think::LateText},
};
use futures_util::FutureExt;
use reqwest::{Error as HttpError, Response};
use std::time::{Duration, Instant};

/// After a finish reason only counts can follow: they are not waited for longer than this.
const TRAILERS: Duration = Duration::from_secs(5);
/// How long the rest of a finished body may take, so that its connection can be used again.
const REST_TIME: Duration = Duration::from_secs(2);
/// The most of that rest that is read.
const REST_BYTES: usize = 64 * 1024;
/// The most parts, and bytes before the last part, that count as one arrival.
const BURST_PARTS: usize = 64;
const BURST_BYTES: usize = 256 * 1024;

/// Reads until the stream says that it ended, or breaks.
pub(super) async fn read(ask: &Ask<'_>, mut response: Response) -> Result<(), LaneFailure> {
    let endpoint = ask.endpoint;
    let mut reader = endpoint.dialect.reader();
    let mut page = PageGuard::default();
    let mut arrival = Arrival::default();
    let mut patience = Patience::default();
    let mut stamps = Stamps::new(endpoint);
    let mut events: Vec<StreamEvent> = Vec::new();
    loop {
        match patience.left(endpoint.timeouts.idle) {
            Some(limit) => arrival.receive(&mut response, limit).await,
            None => arrival.give_up(),
        }
        let at = ask.watch.at(arrival.at);
        reader.arrive(at);
        let mut read = page.check(&arrival.bytes, &endpoint.place);
        if read.is_ok() && !arrival.bytes.is_empty() {
            read = reader.feed(&arrival.bytes, &mut events);
        }
        if read.is_ok()
            && !reader.is_finished()
            && let Some(end) = &arrival.end
        {
            read = end.settle(reader.as_mut(), endpoint, &mut events);
        }
        stamps.note(ask, at, reader.late(), &mut events);
        if reader.is_settling() {
            patience.settle(arrival.at);
        }
        if read.is_err() || arrival.end.is_some() {
            stamps.note_held(ask, at);
            return read;
        }
        if reader.is_finished() {
            read_rest(response);
            return Ok(());
        }
        ask.out.flush().await;
    }
}

/// How long the next bytes are waited for.
#[derive(Debug, Default)]
struct Patience {
    settling: Option<Instant>,
}

impl Patience {
    /// From this arrival on only trailers can follow.
    fn settle(&mut self, at: Instant) {
        self.settling.get_or_insert(at);
    }

    /// What is left of it; `None` when nothing is. Trailers share one wait, which whatever else comes does not renew.
    fn left(&self, idle: Duration) -> Option<Duration> {
        let Some(since) = self.settling else {
            return Some(idle);
        };
        let rest = idle.min(TRAILERS).checked_sub(since.elapsed());
        rest.filter(|rest| !rest.is_zero())
    }
}

/// The times of events: each that of its arrival, but for a text that was held back. The times of texts never run
/// backwards. Keys in texts are masked on their way.
#[derive(Debug)]
struct Stamps {
    last_text: Duration,
    redactor: Redactor,
}

impl Stamps {
    fn new(endpoint: &Endpoint) -> Self {
        Self {
            last_text: Duration::ZERO,
            redactor: Redactor::new(endpoint.secrets()),
        }
    }

    /// Notes what was held back of a stream that broke.
    fn note_held(&mut self, ask: &Ask<'_>, at: Duration) {
        if let Some(event) = self.redactor.flush() {
            ask.out.note(at, LaneEventKind::Stream(event));
        }
    }

    /// Notes all events of an arrival.
    fn note(
        &mut self,
        ask: &Ask<'_>,
        at: Duration,
        late: Option<LateText>,
        events: &mut Vec<StreamEvent>,
    ) {
        for (index, event) in events.drain(..).enumerate() {
            let late = late.filter(|late| late.index == index);
            let at = late.map_or(at, |late| late.at.max(self.last_text));
            if matches!(
                event,
                StreamEvent::Reasoning { .. } | StreamEvent::Answer { .. }
            ) {
                self.last_text = at;
            }
            for event in self.redactor.pass(event) {
                ask.out.note(at, LaneEventKind::Stream(event));
            }
        }
    }
}

/// What came with one wake-up.
struct Arrival {
    at: Instant,
    bytes: Vec<u8>,
    end: Option<End>,
}

impl Default for Arrival {
    fn default() -> Self {
        Self {
            at: Instant::now(),
            bytes: Vec::new(),
            end: None,
        }
    }
}

impl Arrival {
    /// Takes nothing more.
    fn give_up(&mut self) {
        self.bytes.clear();
        self.at = Instant::now();
        self.end = Some(End::Silence);
    }

    /// Waits for bytes, takes their time, and then all that came with them: one read of the socket may hold several
    /// parts of a chunked body, which the client hands out one after another.
    async fn receive(&mut self, response: &mut Response, limit: Duration) {
        self.bytes.clear();
        let Ok(mut part) = tokio::time::timeout(limit, response.chunk()).await else {
            return self.give_up();
        };
        self.at = Instant::now();
        for taken in 1..=BURST_PARTS {
            match part {
                Ok(Some(bytes)) => self.bytes.extend_from_slice(&bytes),
                Ok(None) => self.end = Some(End::Whole),
                Err(error) => self.end = Some(End::Broken(error)),
            }
            // Another part is only asked for where it will be taken: one that was handed out and left would be lost.
            if self.end.is_some() || self.bytes.len() > BURST_BYTES || taken == BURST_PARTS {
                return;
            }
            // Lets the connection's own task go on to the next part, if it has one already.
            tokio::task::yield_now().await;
            match response.chunk().now_or_never() {
                Some(next) => part = next,
                None => return,
            }
        }
    }
}

/// How a body ended.
enum End {
    Whole,
    Broken(HttpError),
    Silence,
}

impl End {
    /// What this end means: after a finish reason it is as good as any.
    fn settle(
        &self,
        reader: &mut dyn Dialect,
        endpoint: &Endpoint,
        events: &mut Vec<StreamEvent>,
    ) -> Result<(), LaneFailure> {
        match self {
            Self::Whole => reader.end(events),
            Self::Broken(_) | Self::Silence if reader.has_finish() => reader.end(events),
            Self::Broken(error) => Err(transport::in_body(error, endpoint)),
            Self::Silence => Err(transport::silence(endpoint)),
        }
    }
}

/// Looks at the first character of a body: no wire format begins with `<`, web pages do.
#[derive(Debug, Default)]
struct PageGuard {
    has_begun: bool,
}

impl PageGuard {
    fn check(&mut self, bytes: &[u8], place: &str) -> Result<(), LaneFailure> {
        const MARK: &[u8] = b"\xef\xbb\xbf";
        let text = bytes.strip_prefix(MARK).unwrap_or(bytes).trim_ascii_start();
        if self.has_begun || text.is_empty() {
            return Ok(());
        }
        self.has_begun = true;
        if text.starts_with(b"<") {
            let message = format!(
                "{place} sent a web page in place of an answer: a login page of the network, or a wrong base_url"
            );
            return Err(LaneFailure::new(FailureKind::Protocol, message));
        }
        Ok(())
    }
}

/// Reads what follows the end of an answer, which is next to nothing, so that the connection can be used again.
fn read_rest(mut response: Response) {
    tokio::spawn(async move {
        let rest = async {
            let mut bytes = 0;
            while let Ok(Some(part)) = response.chunk().await {
                bytes += part.len();
                if bytes > REST_BYTES {
                    break;
                }
            }
        };
        let _ = tokio::time::timeout(REST_TIME, rest).await;
    });
}
