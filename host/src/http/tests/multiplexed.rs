//! HTTP/2, written by hand (RFC 9113, RFC 7541): enough to see that it is served, bounded and ended.

use std::time::{Duration, Instant};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    time::timeout,
};

use super::kit::{config, start};

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const SETTINGS: &[u8] = &[0, 0, 0, 4, 0, 0, 0, 0, 0];
const HEADERS: u8 = 1;
const GOAWAY: u8 = 7;
/// END_STREAM and END_HEADERS.
const WHOLE: u8 = 5;

/// `GET path` with an authority, as literals where the static table has no entry.
pub(super) fn get(stream: u8, path: &str, authority: &str) -> Vec<u8> {
    // :method GET and :scheme http stand in the static table.
    let mut block = vec![0x82, 0x86];
    // Literals without indexing, whose names are entry 4 (:path) and 1 (:authority).
    for (name, value) in [(4, path), (1, authority)] {
        block.extend([name, value.len() as u8]);
        block.extend(value.as_bytes());
    }
    let mut frame = vec![0, 0, block.len() as u8, HEADERS, WHOLE, 0, 0, 0, stream];
    frame.extend(block);
    frame
}

/// The next frame: type, stream, payload; `None` when the connection is closed.
pub(super) async fn frame(io: &mut (impl AsyncRead + Unpin)) -> Option<(u8, u32, Vec<u8>)> {
    let mut head = [0; 9];
    io.read_exact(&mut head).await.ok()?;
    let length = u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize;
    let mut payload = vec![0; length];
    io.read_exact(&mut payload).await.ok()?;
    Some((head[3], u32::from_be_bytes([head[5], head[6], head[7], head[8]]), payload))
}

/// Sends the preface and one request, and reads up to the header of its answer.
pub(super) async fn ask(io: &mut (impl AsyncRead + AsyncWrite + Unpin), request: &[u8]) -> Vec<u8> {
    io.write_all(&[PREFACE, SETTINGS, request].concat()).await.unwrap();
    io.flush().await.unwrap();
    loop {
        let (kind, _, payload) = timeout(Duration::from_secs(5), frame(io)).await.unwrap().unwrap();
        if kind == HEADERS {
            return payload;
        }
    }
}

/// `:status` 200, 400 and 404 stand in the static table (RFC 7541 appendix A).
const STATUS_200: u8 = 0x88;
const STATUS_400: u8 = 0x8c;

#[tokio::test]
async fn http2_is_served_without_tls_too() {
    let server = start(config()).await;
    let mut client = server.connect().await;
    assert_eq!(ask(&mut client.stream, &get(1, "/hello", "id.example")).await[0], STATUS_200);
}

#[tokio::test]
async fn the_authority_is_checked_like_host() {
    let server = start(config()).await;
    let mut client = server.connect().await;
    assert_eq!(ask(&mut client.stream, &get(1, "/hello", "a@id.example")).await[0], STATUS_400);
}

#[tokio::test]
async fn an_idle_connection_is_told_goodbye_and_closed() {
    let mut config = config();
    config.limits.header_timeout_ms = 40;
    config.limits.idle_timeout_ms = 200;
    let server = start(config).await;
    let mut client = server.connect().await;
    let began = Instant::now();
    ask(&mut client.stream, &get(1, "/hello", "id.example")).await;
    // A PING is no request: neither the beginning of one, nor a reason to stay.
    client.stream.write_all(&[0, 0, 8, 6, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8]).await.unwrap();
    let mut goodbye = false;
    while let Some((kind, ..)) = timeout(Duration::from_secs(1), frame(&mut client.stream)).await.unwrap() {
        goodbye |= kind == GOAWAY;
    }
    assert!(goodbye);
    assert!(began.elapsed() >= Duration::from_millis(150), "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_connection_without_any_request_is_closed() {
    let mut config = config();
    config.limits.header_timeout_ms = 60;
    let server = start(config).await;
    let mut client = server.connect().await;
    client.stream.write_all(&[PREFACE, SETTINGS].concat()).await.unwrap();
    let ended = async { while frame(&mut client.stream).await.is_some() {} };
    timeout(Duration::from_secs(1), ended).await.unwrap();
}
