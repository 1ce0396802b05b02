//! A server that takes its time to say that an object is there.

use std::{
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use anyhow::{Context as _, Result};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    runtime::{Builder, Runtime},
};

/// Answers every `HEAD` with 200, and ends when it is dropped.
pub(crate) struct SlowOrigin {
    pub(crate) address: SocketAddr,
    _runtime: Runtime,
}

impl SlowOrigin {
    /// How long each answer takes.
    pub(crate) const DELAY: Duration = Duration::from_millis(20);

    /// Listens on a port of its own.
    pub(crate) fn start() -> Result<Self> {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.context("no runtime")?;
        let listener = runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)));
        let listener = listener.context("no port is free")?;
        let address = listener.local_addr().context("a socket has no address")?;
        runtime.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream));
            }
        });
        Ok(Self { address, _runtime: runtime })
    }
}

/// One connection: a request is complete once its head is, because none has a body.
async fn serve(mut stream: TcpStream) {
    let mut head = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => return,
            Ok(read) => head.extend_from_slice(buffer.get(..read).unwrap_or_default()),
        }
        if !head.ends_with(b"\r\n\r\n") {
            continue;
        }
        head.clear();
        tokio::time::sleep(SlowOrigin::DELAY).await;
        if stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n").await.is_err() {
            return;
        }
    }
}
