//! What an edge takes of the machine while its viewers take nothing.

use std::{
    fs::{self, File},
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    thread,
    time::Instant,
};

use super::command::{OBJECTS, Running, address, edge, open_edge};
use crate::patience::PATIENCE;

const OBJECT: usize = 8 << 20;
const VIEWERS: usize = 60;
const MIB: usize = 1 << 20;

/// What sixty connections, their buffers and the allocator's reserve take at the most.
const CONNECTIONS: usize = 64 * MIB;

#[test]
fn viewers_that_do_not_read_do_not_fill_the_memory() {
    let server = origin();
    let server = format!("type = \"http\"\nurl = \"http://{server}\"");
    for (lines, origin, distinct, most) in [
        ("cache-size = 0", OBJECTS, false, 0),
        ("cache-size = 0", &server, false, 0),
        ("cache-size = \"20MiB\"", OBJECTS, true, 40 * MIB),
        ("cache-size = \"20MiB\"", &server, true, 40 * MIB),
        ("cache-size = \"20MiB\"", OBJECTS, false, 40 * MIB),
        ("cache-size = \"20MiB\"", &server, false, 40 * MIB),
    ] {
        let folder = open_edge(lines, origin);
        for number in 0..VIEWERS {
            let path = folder.path().join(format!("objects/{number}"));
            File::create(path).unwrap().set_len(OBJECT as u64).unwrap();
        }
        let mut running = Running::start(&mut edge(folder.path()));
        let mut log = running.log();
        let address = address(&mut log);
        let before = forget_peak(&running);
        let viewers: Vec<_> = (0..VIEWERS)
            .map(|number| begin(address, "GET", if distinct { number } else { 0 }, ""))
            .collect();
        viewers.iter().for_each(begun);
        let taken = peak(&running) - before;
        assert!(taken <= most + CONNECTIONS, "{lines}, {origin}, {distinct}: {} MiB", taken / MIB);
    }
}

#[test]
fn who_asks_for_no_whole_object_does_not_have_it_read() {
    let folder = open_edge("cache-size = \"1GiB\"\ncache-object-limit = \"512MiB\"", OBJECTS);
    let file = File::create(folder.path().join("objects/0")).unwrap();
    file.set_len(400 << 20).unwrap();
    let mut running = Running::start(&mut edge(folder.path()));
    let mut log = running.log();
    let address = address(&mut log);
    let before = forget_peak(&running);
    for (method, header, status) in [
        ("HEAD", "", 200),
        ("GET", "Range: bytes=0-0\r\n", 206),
        ("GET", "Range: bytes=999999999-\r\n", 416),
        ("GET", "If-None-Match: *\r\n", 304),
    ] {
        let mut answer = String::new();
        begin(address, method, 0, header).read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
    }
    let taken = peak(&running) - before;
    assert!(taken < CONNECTIONS, "{} MiB", taken / MIB);
}

/// Asks and reads nothing.
fn begin(edge: SocketAddr, method: &str, number: usize, header: &str) -> TcpStream {
    let mut stream = TcpStream::connect(edge).unwrap();
    let head =
        format!("{method} /{number} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{header}\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    stream
}

/// Waits until the answer has begun, and the edge with it has all in memory that it wants there.
fn begun(stream: &TcpStream) {
    let mut start = [0; 15];
    let deadline = Instant::now() + PATIENCE;
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    loop {
        let length = stream.peek(&mut start).expect("the answer does not begin");
        assert_ne!(length, 0, "the edge hung up and answered nothing");
        if length == start.len() {
            break;
        }
        assert!(Instant::now() < deadline, "the answer stops after {length} bytes");
        thread::yield_now();
    }
    assert_eq!(&start, b"HTTP/1.1 200 OK");
}

/// Lets the peak count from here on, without what compiling took. Gives what the process has now.
fn forget_peak(running: &Running) -> usize {
    // See proc_pid_clear_refs(5).
    fs::write(format!("/proc/{}/clear_refs", running.id()), "5").unwrap();
    peak(running)
}

/// The most memory a process has had since then.
fn peak(running: &Running) -> usize {
    let status = fs::read_to_string(format!("/proc/{}/status", running.id())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().strip_suffix(" kB").unwrap().parse::<usize>().unwrap() << 10
}

/// A server whose every object has the same size, and which holds none of them itself.
fn origin() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            thread::spawn(move || {
                let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
                while lines.next().is_some_and(|line| line.is_ok_and(|line| !line.is_empty())) {}
                let head = format!(
                    "HTTP/1.1 200 OK\r\nContent-Length: {OBJECT}\r\nConnection: close\r\n\r\n"
                );
                let mut going = stream.write_all(head.as_bytes()).is_ok();
                for _ in 0..OBJECT / 65_536 {
                    // The edge may hang up when the test is over.
                    going = going && stream.write_all(&[0; 65_536]).is_ok();
                }
            });
        }
    });
    address
}
