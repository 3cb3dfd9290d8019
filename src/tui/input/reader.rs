//! The thread that reads the terminal. Blocks in `poll` while nothing comes: no wake-ups. Ends when it is told to, so
//! that an editor has the keys for itself, and when the terminal is gone.

use super::{Read, keys::Decoder};
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    io::Errno,
};
use std::{
    fs::File,
    io::{self, IsTerminal, PipeWriter},
    os::fd::{AsFd, BorrowedFd, OwnedFd},
    thread::{self, JoinHandle},
};
use tokio::sync::mpsc;

/// How long an escape character waits for the rest of its sequence.
const UNFINISHED: Timespec = Timespec {
    tv_sec: 0,
    tv_nsec: 40_000_000,
};
/// What is typed faster than it is read waits in the terminal.
const CAPACITY: usize = 256;

/// Reads the terminal until it is dropped.
#[derive(Debug)]
pub struct Reader {
    receiver: mpsc::Receiver<Read>,
    /// Closed by dropping it: that ends the thread's `poll`.
    stop: Option<PipeWriter>,
    thread: Option<JoinHandle<()>>,
}

impl Reader {
    /// Starts the thread.
    pub fn start() -> io::Result<Self> {
        let terminal = terminal()?;
        let (stopped, stop) = io::pipe()?;
        let (sender, receiver) = mpsc::channel(CAPACITY);
        let thread = thread::Builder::new()
            .name("keys".to_owned())
            .spawn(move || read_all(terminal.as_fd(), stopped.as_fd(), &sender))?;
        Ok(Self {
            receiver,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// Waits for input and takes all that is there, up to `limit`; 0 when the thread has ended. Cancel-safe.
    pub async fn recv_many(&mut self, burst: &mut Vec<Read>, limit: usize) -> usize {
        self.receiver.recv_many(burst, limit).await
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.receiver.close();
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            // It ends at once: it waits in `poll` or for room in the channel, and both have ended.
            let _ = thread.join();
        }
    }
}

/// Standard input, or the terminal behind it when that is something else.
fn terminal() -> io::Result<OwnedFd> {
    if io::stdin().is_terminal() {
        io::stdin().as_fd().try_clone_to_owned()
    } else {
        Ok(File::open("/dev/tty")?.into())
    }
}

fn read_all(terminal: BorrowedFd<'_>, stopped: BorrowedFd<'_>, sender: &mpsc::Sender<Read>) {
    let mut decoder = Decoder::default();
    let mut events = Vec::new();
    let mut bytes = [0; 4096];
    loop {
        match wait(terminal, stopped, &decoder) {
            Woken::Quiet => decoder.settle(&mut events),
            Woken::Input => match rustix::io::read(terminal, &mut bytes) {
                Ok(count @ 1..) => {
                    decoder.feed(bytes.get(..count).unwrap_or_default(), &mut events);
                }
                Err(Errno::INTR | Errno::AGAIN) => {}
                Ok(0) | Err(_) => {
                    let _ = sender.blocking_send(Read::Gone);
                    return;
                }
            },
            Woken::Gone => {
                let _ = sender.blocking_send(Read::Gone);
                return;
            }
            Woken::Stopped => return,
        }
        for event in events.drain(..) {
            if sender.blocking_send(Read::Event(event)).is_err() {
                return;
            }
        }
    }
}

enum Woken {
    Input,
    Quiet,
    Gone,
    Stopped,
}

fn wait(terminal: BorrowedFd<'_>, stopped: BorrowedFd<'_>, decoder: &Decoder) -> Woken {
    let timeout = decoder.is_unfinished().then_some(&UNFINISHED);
    loop {
        let mut fds = [
            PollFd::from_borrowed_fd(terminal, PollFlags::IN),
            PollFd::from_borrowed_fd(stopped, PollFlags::IN),
        ];
        match poll(&mut fds, timeout) {
            Ok(0) => return Woken::Quiet,
            Ok(_) => {}
            Err(Errno::INTR) => continue,
            Err(_) => return Woken::Gone,
        }
        let [terminal, stopped] = fds.map(|fd| fd.revents());
        if !stopped.is_empty() {
            return Woken::Stopped;
        }
        // First of all: what is left to read of a vanished terminal is nobody's input any more.
        if terminal.intersects(PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL) {
            return Woken::Gone;
        }
        if terminal.contains(PollFlags::IN) {
            return Woken::Input;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Read, read_all};
    use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
    use std::{
        io::{self, Write},
        os::fd::AsFd,
        thread,
    };
    use tokio::sync::mpsc;

    #[test]
    fn keys_come_through_and_the_end_is_told_once() {
        let (terminal, mut person) = io::pipe().unwrap();
        let (stopped, _stop) = io::pipe().unwrap();
        let (sender, mut receiver) = mpsc::channel(4);
        let thread = thread::spawn(move || read_all(terminal.as_fd(), stopped.as_fd(), &sender));
        person.write_all(b"q").unwrap();
        assert_eq!(
            receiver.blocking_recv(),
            Some(Read::Event(Event::Key(KeyEvent::new(
                KeyCode::Char('q'),
                KeyModifiers::NONE
            ))))
        );
        drop(person);
        assert_eq!(receiver.blocking_recv(), Some(Read::Gone));
        assert_eq!(receiver.blocking_recv(), None);
        thread.join().unwrap();
    }

    #[test]
    fn it_ends_when_it_is_told_to_even_with_a_full_channel() {
        let (terminal, mut person) = io::pipe().unwrap();
        let (stopped, stop) = io::pipe().unwrap();
        let (sender, mut receiver) = mpsc::channel(1);
        let thread = thread::spawn(move || read_all(terminal.as_fd(), stopped.as_fd(), &sender));
        person.write_all(b"many keys").unwrap();
        assert!(receiver.blocking_recv().is_some());
        receiver.close();
        drop(stop);
        thread.join().unwrap();
    }
}
