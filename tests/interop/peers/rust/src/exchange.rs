//! What goes over a stream: the protocols that the program serves, and requests of its own.

use std::io;

use futures::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, StreamExt};
use libp2p::swarm::{Stream, StreamProtocol};
use libp2p::PeerId;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::write;

const BLOCK: usize = 1024;

pub const SERVED: [&str; 6] =
    ["/test/echo/1", "/test/hash/1", "/test/chunks/1", "/test/early/1", "/test/reset/1", "/test/silent/1"];

/// The data that all programs make by one rule: see ../README.md.
pub struct Generated {
    seed: u32,
    number: u32,
    left: u64,
}

impl Generated {
    pub fn new(seed: u32, size: u64) -> Self {
        Self { seed, number: 0, left: size }
    }
}

impl Iterator for Generated {
    type Item = Vec<u8>;

    /// At most 64 blocks.
    fn next(&mut self) -> Option<Vec<u8>> {
        let mut piece = Vec::with_capacity(64 * BLOCK);
        while (piece.len() as u64) < self.left && piece.len() < 64 * BLOCK {
            piece.extend(self.seed.to_be_bytes());
            piece.extend(self.number.to_be_bytes());
            piece.extend((8..BLOCK).map(|i| (i % 251) as u8));
            self.number += 1;
        }
        piece.truncate(self.left.min(64 * BLOCK as u64) as usize);
        self.left -= piece.len() as u64;
        (!piece.is_empty()).then_some(piece)
    }
}

/// What is read: its hash and size, and the bytes themselves where they are wanted.
#[derive(Default)]
pub struct Read {
    hash: Sha256,
    size: u64,
    bytes: Option<Vec<u8>>,
}

impl Read {
    pub fn whole() -> Self {
        Self { bytes: Some(Vec::new()), ..Self::default() }
    }

    fn take(&mut self, data: &[u8]) {
        self.size += data.len() as u64;
        self.hash.update(data);
        if let Some(bytes) = &mut self.bytes {
            bytes.extend(data);
        }
    }

    pub fn digest(&self) -> String {
        hex::encode(self.hash.clone().finalize())
    }

    pub fn described(&self) -> Value {
        match &self.bytes {
            Some(bytes) => json!({"data_hex": hex::encode(bytes), "size": self.size}),
            None => json!({"sha256": self.digest(), "size": self.size}),
        }
    }
}

async fn read_all(stream: &mut (impl AsyncRead + Unpin), mut read: Read) -> io::Result<Read> {
    let mut buffer = vec![0; 65536];
    loop {
        match stream.read(&mut buffer).await? {
            0 => return Ok(read),
            n => read.take(&buffer[..n]),
        }
    }
}

async fn write_all(stream: &mut (impl AsyncWrite + Unpin), pieces: impl Iterator<Item = Vec<u8>>) -> io::Result<()> {
    for piece in pieces {
        stream.write_all(&piece).await?;
    }
    stream.close().await
}

/// Writes all, closes the writing side, and meanwhile reads to the end.
pub async fn exchange(stream: Stream, pieces: impl Iterator<Item = Vec<u8>>, read: Read) -> io::Result<Read> {
    let (mut reading, mut writing) = stream.split();
    let (read, ()) = futures::try_join!(read_all(&mut reading, read), write_all(&mut writing, pieces))?;
    Ok(read)
}

pub fn serve(peer: PeerId, protocol: StreamProtocol, stream: Stream) {
    tokio::spawn(async move {
        if let Err(error) = handle(peer, protocol.as_ref(), stream).await {
            write(json!({"event": "handler_failed", "protocol": protocol.as_ref(), "error": error.to_string()}));
        }
    });
}

async fn handle(peer: PeerId, protocol: &str, mut stream: Stream) -> io::Result<()> {
    match protocol {
        "/test/echo/1" => {
            let (reading, mut writing) = stream.split();
            futures::io::copy(reading, &mut writing).await?;
            writing.close().await
        }
        "/test/hash/1" => {
            let found = read_all(&mut stream, Read::default()).await?.described();
            write_all(&mut stream, [format!("{found}\n").into_bytes()].into_iter()).await
        }
        "/test/chunks/1" => {
            let mut request = Vec::new();
            (&mut stream).take(4096).read_to_end(&mut request).await?;
            let asked: Value = serde_json::from_slice(&request)?;
            let number = |name: &str| asked[name].as_u64().unwrap_or(0);
            for i in 0..number("count") {
                let mut chunk = (number("size") as u32).to_be_bytes().to_vec();
                chunk.extend(Generated::new(i as u32, number("size")).flatten());
                stream.write_all(&chunk).await?;
                stream.flush().await?;
                if number("pause_ms") > 0 {
                    tokio::time::sleep(std::time::Duration::from_millis(number("pause_ms"))).await;
                }
            }
            stream.close().await
        }
        "/test/early/1" => {
            write_all(&mut stream, [b"early".to_vec()].into_iter()).await?;
            let read = read_all(&mut stream, Read::default()).await?;
            let mut event = read.described();
            event["event"] = "read_all".into();
            event["peer"] = peer.to_string().into();
            write(event);
            Ok(())
        }
        "/test/silent/1" => {
            futures::stream::pending::<()>().next().await; // until the connection ends with the program
            Ok(())
        }
        _ => Ok(()), // /test/reset/1: a stream that is dropped is reset
    }
}
