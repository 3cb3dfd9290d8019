//! How asking ends when somebody stops it, or when nobody reads.

use super::stage::{Memory, PLAIN, asking, named, printed};
use crate::{
    domain::record::{LaneStatus, RunRecord},
    headless::{
        ask::{Format, Outcome, Signal, ask},
        sink::Outputs,
    },
    run::tests::script::{Act, Scripted, answer, lane, remote_plan, sent, stop, wait},
};
use futures_util::stream::{self, BoxStream, StreamExt};
use std::{
    io::{self, Write},
    sync::{
        Arc, Condvar, Mutex,
        atomic::Ordering,
        mpsc::{SyncSender, sync_channel},
    },
    time::Duration,
};
use tokio::time::{Instant, sleep, timeout};

fn after(times_ms: &'static [u64], signal: Signal) -> BoxStream<'static, Signal> {
    stream::iter(times_ms)
        .then(move |ms| async move {
            sleep(Duration::from_millis(*ms)).await;
            signal
        })
        .chain(stream::pending())
        .boxed()
}

/// The same signals; from the first one until what is returned too is dropped, the clock stands still. Else it would run
/// on while nothing but the thread that writes is waited for.
fn holding_the_clock(
    signals: BoxStream<'static, Signal>,
) -> (BoxStream<'static, Signal>, SyncSender<()>) {
    let (end, ended) = sync_channel(1);
    let ended = Arc::new(Mutex::new(ended));
    let holding = signals.inspect(move |_| {
        let ended = ended.clone();
        tokio::task::spawn_blocking(move || ended.lock().map(|ended| ended.recv()).is_ok());
    });
    (holding.boxed(), end)
}

#[tokio::test(start_paused = true)]
async fn a_signal_stops_the_lanes_and_prints_what_there_is() {
    for signal in [Signal::Interrupt, Signal::Terminate] {
        let source = Scripted::new([sent(), answer("half"), Act::Hang]);
        let lanes = vec![
            lane(remote_plan("a"), &source),
            named("b", [sent(), answer("whole"), stop()]),
        ];
        let out = Memory::default();
        let outputs = Outputs {
            out: Box::new(out.clone()),
            err: Box::new(io::sink()),
        };
        let asking = asking(lanes, Format::Json, PLAIN);
        let (signals, end) = holding_the_clock(after(&[1_000], signal));
        let outcome = ask(asking, outputs, signals).await;
        drop(end);
        assert_eq!(outcome.expect("written"), Outcome::Stopped(signal));
        assert_eq!(source.dropped.load(Ordering::SeqCst), 1);
        let record: RunRecord = serde_json::from_str(&out.text()).expect("a document");
        assert_eq!(record.lanes[0].status, LaneStatus::Cancelled);
        assert_eq!(record.lanes[0].answer, "half");
        assert_eq!(record.lanes[1].status, LaneStatus::Done);
    }
}

/// Blocks every write until it is opened.
#[derive(Clone, Default)]
struct Stuck {
    open: Arc<(Mutex<bool>, Condvar)>,
    memory: Memory,
}

impl Stuck {
    fn open(&self) {
        *self.open.0.lock().expect("unlocked") = true;
        self.open.1.notify_all();
    }
}

impl Write for Stuck {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let open = self.open.0.lock().expect("unlocked");
        drop(self.open.1.wait_while(open, |open| !*open));
        self.memory.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn a_second_signal_ends_even_when_the_output_is_stuck() {
    let stuck = Stuck::default();
    let outputs = Outputs {
        out: Box::new(stuck.clone()),
        err: Box::new(io::sink()),
    };
    let lanes = vec![named("a", [sent(), answer("half"), Act::Hang])];
    let asking = asking(lanes, Format::Text, PLAIN);
    let begun = Instant::now();
    let outcome = ask(asking, outputs, after(&[1_000, 500], Signal::Interrupt)).await;
    assert_eq!(outcome.expect("ended"), Outcome::Stopped(Signal::Interrupt));
    let waited = begun.elapsed();
    assert!(waited < Duration::from_millis(1_600), "{waited:?}");
    stuck.open();
}

#[tokio::test(start_paused = true)]
async fn one_signal_ends_even_when_the_output_is_stuck_and_much_waits() {
    let block = "x".repeat(1 << 12);
    let talk = |pieces| {
        let pieces = (0..pieces).map(|_| answer(&block));
        [sent()].into_iter().chain(pieces).chain([Act::Hang])
    };
    for pieces in [1, 1_500] {
        for signal in [Signal::Interrupt, Signal::Terminate] {
            let stuck = Stuck::default();
            let outputs = Outputs {
                out: Box::new(stuck.clone()),
                err: Box::new(io::sink()),
            };
            let asking = asking(vec![named("a", talk(pieces))], Format::Events, PLAIN);
            let ended = timeout(
                Duration::from_secs(60),
                ask(asking, outputs, after(&[1_000], signal)),
            );
            let outcome = ended.await.expect("in time").expect("no error");
            assert_eq!(outcome, Outcome::Stopped(signal));
            stuck.open();
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_slow_reader_neither_disturbs_a_lane_nor_loses_a_word() {
    let stuck = Stuck::default();
    let mut script = vec![sent()];
    script.extend((0..5_000).flat_map(|_| [answer("word "), wait(1)]));
    script.push(stop());
    let source = Scripted::new(script);
    let outputs = Outputs {
        out: Box::new(stuck.clone()),
        err: Box::new(io::sink()),
    };
    let lanes = vec![lane(remote_plan("a"), &source)];
    let asking = asking(lanes, Format::Events, PLAIN);
    let reader = async {
        while source.dropped.load(Ordering::SeqCst) == 0 {
            sleep(Duration::from_millis(1)).await;
        }
        stuck.open();
    };
    let (outcome, ()) = tokio::join!(ask(asking, outputs, super::stage::never()), reader);
    assert_eq!(outcome.expect("written"), Outcome::Done);
    let out = stuck.memory.text();
    assert_eq!(out.matches("\"answer\"").count(), 5_000);
    assert!(out.contains("\"disturbed\":false"), "not by the reader");
}

#[tokio::test(start_paused = true)]
async fn a_reader_that_stopped_does_not_fill_the_memory() {
    let stuck = Stuck::default();
    let block = "x".repeat(1 << 12);
    let talk = || {
        let pieces = (0..1_000).map(|_| answer(&block));
        [sent()].into_iter().chain(pieces).chain([stop()])
    };
    let sources = [(); 2].map(|()| Scripted::new(talk()));
    let outputs = Outputs {
        out: Box::new(stuck.clone()),
        err: Box::new(io::sink()),
    };
    let lanes = sources.iter().map(|source| lane(remote_plan("a"), source));
    let asking = asking(lanes.collect(), Format::Events, PLAIN);
    let (end, ended) = std::sync::mpsc::sync_channel::<()>(1);
    let reader = async {
        sleep(Duration::from_secs(60)).await;
        let said = |source: &Arc<Scripted>| source.said.load(Ordering::SeqCst);
        let waiting = sources.iter().map(said).sum::<usize>() << 12;
        stuck.open();
        // The clock stands still while something blocks; else it would run to the lanes' deadline now that all that is
        // waited for is a thread.
        tokio::task::spawn_blocking(move || ended.recv());
        waiting
    };
    let (outcome, waiting) = tokio::join!(ask(asking, outputs, super::stage::never()), reader);
    drop(end);
    assert_eq!(outcome.expect("written"), Outcome::Done);
    // 4 MiB here and 2 MiB in the channel of the run, of 8 MiB that were to come.
    assert!(
        (4 << 20..7 << 20).contains(&waiting),
        "{waiting} bytes were taken"
    );
    assert_eq!(stuck.memory.text().matches("\"answer\"").count(), 2_000);
}

/// Fails every write.
struct Broken(io::ErrorKind);

impl Write for Broken {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(self.0.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn a_closed_pipe_stops_the_lanes_and_is_no_error() {
    for format in [Format::Text, Format::Events] {
        let source = Scripted::new([sent(), answer("x"), wait(1_000), Act::Forever]);
        let asking = || asking(vec![lane(remote_plan("a"), &source)], format, PLAIN);
        let outputs = |kind| Outputs {
            out: Box::new(Broken(kind)),
            err: Box::new(io::sink()),
        };
        let gone = outputs(io::ErrorKind::BrokenPipe);
        let outcome = ask(asking(), gone, super::stage::never()).await;
        assert_eq!(outcome.expect("no error"), Outcome::ReaderGone);
        let full = outputs(io::ErrorKind::StorageFull);
        let outcome = ask(asking(), full, super::stage::never()).await;
        let error = outcome.expect_err("the disk is full");
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
        sleep(Duration::from_millis(1)).await;
        assert_eq!(source.dropped.load(Ordering::SeqCst), 2);
    }
}

#[tokio::test(start_paused = true)]
async fn no_words_at_all_still_make_a_table() {
    let (out, _, outcome) = printed(asking(vec![named("a", [sent()])], Format::Text, PLAIN)).await;
    assert_eq!(outcome, Outcome::LaneFailed);
    assert!(out.starts_with("lane "), "{out}");
    assert!(out.contains("✗ cut off"), "{out}");
}
