//! HTTP/2 where the server offers it: many streams on one connection, and a dropped one that takes none with it.

use super::{
    Outcome, ask_of,
    connections::{certified, trusting},
    lane_at, request,
};
use futures_util::{StreamExt, future::join_all};
use h2::{
    RecvStream, SendStream,
    server::{Builder, SendResponse},
};
use hyper::{Request, Response};
use std::{
    future::poll_fn,
    io::Cursor,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};
use tempfile::TempPath;
use tierscope::{
    domain::{event::LaneEventKind, plan::ProviderId},
    provider::{Provider, Stopwatch, build},
};
use tokio::{net::TcpListener, sync::watch};
use tokio_rustls::{TlsAcceptor, rustls::ServerConfig};

type Bytes = Cursor<Vec<u8>>;

const PIECE: &str =
    "data: {\"choices\":[{\"delta\":{\"content\":\"x\"},\"finish_reason\":null}]}\n\n";
const END: &str =
    "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";

/// What the server saw.
#[derive(Default)]
struct Seen {
    connections: AtomicUsize,
    resets: watch::Sender<usize>,
}

/// A server that speaks HTTP/2 only, and two lanes there.
struct Site {
    whole: Arc<dyn Provider>,
    endless: Arc<dyn Provider>,
    seen: Arc<Seen>,
    _authority: TempPath,
}

async fn serve() -> Site {
    let (mut config, pem) = certified();
    config.alpn_protocols = vec![b"h2".to_vec()];
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let base = format!("https://{}/v1", listener.local_addr().unwrap());
    let seen = Arc::new(Seen::default());
    tokio::spawn(accept(listener, config, Arc::clone(&seen)));
    let (services, authority) = trusting(&pem);
    let lane = |address: &str| build(&lane_at(ProviderId::OpenAi, address), &services);
    Site {
        whole: lane(&base),
        endless: lane(&format!("{base}/endless")),
        seen,
        _authority: authority,
    }
}

async fn accept(listener: TcpListener, config: ServerConfig, seen: Arc<Seen>) {
    let tls = TlsAcceptor::from(Arc::new(config));
    while let Ok((socket, _)) = listener.accept().await {
        seen.connections.fetch_add(1, Ordering::SeqCst);
        let (tls, seen) = (tls.clone(), Arc::clone(&seen));
        tokio::spawn(async move {
            let socket = tls.accept(socket).await.unwrap();
            let mut connection = Builder::new().handshake::<_, Bytes>(socket).await.unwrap();
            while let Some(Ok((request, respond))) = connection.accept().await {
                tokio::spawn(answer(request, respond, Arc::clone(&seen)));
            }
        });
    }
}

async fn answer(request: Request<RecvStream>, mut respond: SendResponse<Bytes>, seen: Arc<Seen>) {
    let head = Response::builder()
        .header("content-type", "text/event-stream")
        .body(())
        .unwrap();
    let mut body = respond.send_response(head, false).unwrap();
    let send = |body: &mut SendStream<Bytes>, text: &str, is_last| {
        body.send_data(Cursor::new(text.as_bytes().to_vec()), is_last)
            .unwrap();
    };
    send(&mut body, PIECE, false);
    if request.uri().path().contains("endless") {
        poll_fn(|cx| body.poll_reset(cx)).await.unwrap();
        seen.resets.send_modify(|resets| *resets += 1);
    } else {
        send(&mut body, END, true);
    }
}

#[tokio::test]
async fn streams_share_one_connection_which_is_timed_once() {
    let site = serve().await;
    let first = ask_of(site.whole.as_ref()).await;
    assert_eq!(first.state.answer, "x", "{:?}", first.events);
    assert!(
        first.words().starts_with("sent connected accepted"),
        "{}",
        first.words()
    );
    let others = join_all((0..8).map(|_| ask_of(site.whole.as_ref()))).await;
    for other in others {
        assert_eq!(other.words(), "sent accepted answer finished");
    }
    assert_eq!(site.seen.connections.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_dropped_stream_is_reset_and_leaves_its_neighbours_alone() {
    let site = serve().await;
    let mut stream = site.endless.stream(request(), Stopwatch::start());
    while let Some(event) = stream.next().await {
        if matches!(event.value, LaneEventKind::Stream(_)) {
            break;
        }
    }
    let neighbour = Outcome::of(site.whole.stream(request(), Stopwatch::start())).await;
    assert_eq!(neighbour.state.answer, "x");
    drop(stream);
    let mut resets = site.seen.resets.subscribe();
    tokio::time::timeout(super::PATIENCE, resets.wait_for(|resets| *resets == 1))
        .await
        .expect("a reset")
        .unwrap();
    assert_eq!(ask_of(site.whole.as_ref()).await.state.answer, "x");
    assert_eq!(site.seen.connections.load(Ordering::SeqCst), 1);
}
