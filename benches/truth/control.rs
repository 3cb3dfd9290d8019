//! The control: a blocking bare socket on a thread of its own that stamps every read. Knows HTTP only as far as it must.

use crate::scene::Cell;
use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    thread::JoinHandle,
    time::Instant,
};

/// What a bare socket received.
#[derive(Debug)]
pub struct Receipt {
    /// Just before the connection was begun.
    pub t0: Instant,
    /// Each read: when it returned, and how many bytes had come by then.
    pub reads: Vec<(Instant, usize)>,
    /// Bytes of the head.
    pub head: usize,
}

impl Receipt {
    /// When the byte before this offset had come.
    pub fn at(&self, end: usize) -> Instant {
        let read = self.reads.partition_point(|(_, total)| *total < end);
        self.reads[read].0
    }
}

/// Asks for a cell.
pub fn spawn(server: SocketAddr, cell: Cell) -> JoinHandle<Receipt> {
    std::thread::spawn(move || receive(server, &cell))
}

fn receive(server: SocketAddr, cell: &Cell) -> Receipt {
    let body = format!(r#"{{"model":"{}"}}"#, cell.model());
    let request = format!(
        "POST /control HTTP/1.1\r\nhost: {server}\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut bytes = Vec::with_capacity(256 * 1024);
    let mut reads = Vec::with_capacity(1024);
    let mut buffer = vec![0; 64 * 1024];
    let t0 = Instant::now();
    let mut socket = TcpStream::connect(server).expect("a connection");
    socket.set_nodelay(true).expect("TCP_NODELAY");
    socket
        .write_all(request.as_bytes())
        .expect("a request that goes out");
    loop {
        let count = socket.read(&mut buffer).expect("bytes");
        let at = Instant::now();
        bytes.extend_from_slice(&buffer[..count]);
        reads.push((at, bytes.len()));
        if count == 0 || bytes.ends_with(b"\r\n0\r\n\r\n") {
            break;
        }
    }
    let head = bytes
        .windows(4)
        .position(|window| window == b"\r\n\r\n")
        .expect("a head");
    Receipt {
        t0,
        reads,
        head: head + 4,
    }
}
