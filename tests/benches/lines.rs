//! A small HTTP client: so many connections that stay open, each with one request in flight, the next one as soon as
//! the answer is there.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a bench may stop")]

use std::{
    io::{Error, ErrorKind, Result},
    net::SocketAddr,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// Connections of a turn.
pub(crate) const LINES: usize = 32;

/// What the next request of a line is, after this answer.
pub(crate) type Next = fn(&Line, &Reply) -> Vec<u8>;

/// What one connection sends.
#[derive(Clone)]
pub(crate) struct Line {
    /// The request, whole.
    pub(crate) request: Vec<u8>,
    /// How the next one is made where it is not the same again.
    pub(crate) next: Option<Next>,
    /// The head of its requests, for who makes the next one.
    pub(crate) head: String,
}

/// An answer.
pub(crate) struct Reply {
    pub(crate) status: u16,
    /// The status line and the headers.
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    /// The first header of this name, which is written in small letters here.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let named = |line: &&str| line.split(':').next().is_some_and(|word| word.eq_ignore_ascii_case(name));
        Some(self.head.lines().find(named)?.split_once(':')?.1.trim())
    }

    /// The body as JSON, of an answer that is good.
    pub(crate) fn json(&self) -> serde_json::Value {
        let text = String::from_utf8_lossy(&self.body);
        assert_eq!(self.status, 200, "{}{text}", self.head);
        serde_json::from_str(&text).expect("JSON")
    }
}

/// A request to a path of this host; with a form, a POST.
pub(crate) fn request(address: SocketAddr, path: &str, headers: &str, form: Option<&str>) -> Vec<u8> {
    posted(&head(address, path, headers, form.is_some()), form).into_bytes()
}

/// What stands before the length and the body of a request. `headers` end with a line break each.
pub(crate) fn head(address: SocketAddr, path: &str, headers: &str, posts: bool) -> String {
    let method = if posts { "POST" } else { "GET" };
    let typed = match posts && !headers.contains("content-type") {
        true => "content-type: application/x-www-form-urlencoded\r\n",
        false => "",
    };
    format!("{method} {path} HTTP/1.1\r\nhost: {address}\r\n{typed}{headers}")
}

/// A head with its body.
pub(crate) fn posted(head: &str, body: Option<&str>) -> String {
    match body {
        Some(body) => format!("{head}content-length: {}\r\n\r\n{body}", body.len()),
        None => format!("{head}\r\n"),
    }
}

/// One request on a connection of its own.
pub(crate) async fn send(address: SocketAddr, request: &[u8]) -> Reply {
    let mut connection = TcpStream::connect(address).await.expect("it listens");
    exchange(&mut connection, request, &mut Vec::new()).await.expect("it answers")
}

/// All lines for so long; how many answers came. Each must be a good one.
pub(crate) async fn load(address: SocketAddr, lines: &mut [Line], during: Duration) -> usize {
    let until = Instant::now() + during;
    let mut running = Vec::new();
    for line in lines.iter() {
        let mut line = line.clone();
        running.push(tokio::spawn(async move {
            let mut connection = TcpStream::connect(address).await.expect("it listens");
            connection.set_nodelay(true).expect("a socket");
            let (mut count, mut buffer) = (0, Vec::with_capacity(8_192));
            while Instant::now() < until {
                let reply = exchange(&mut connection, &line.request, &mut buffer).await.expect("it answers");
                assert!(reply.status == 200, "{}{}", reply.head, String::from_utf8_lossy(&reply.body));
                if let Some(next) = line.next {
                    line.request = next(&line, &reply);
                }
                count += 1;
            }
            (line, count)
        }));
    }
    let mut sum = 0;
    for (at, line) in running.into_iter().enumerate() {
        let (line, count) = line.await.expect("no request fails");
        lines[at] = line;
        sum += count;
    }
    sum
}

async fn exchange(connection: &mut TcpStream, request: &[u8], buffer: &mut Vec<u8>) -> Result<Reply> {
    connection.write_all(request).await?;
    buffer.clear();
    loop {
        if connection.read_buf(buffer).await? == 0 {
            return Err(Error::new(ErrorKind::UnexpectedEof, String::from_utf8_lossy(buffer).into_owned()));
        }
        let Some(end) = buffer.windows(4).position(|bytes| bytes == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&buffer[..end + 2]).into_owned();
        let status = head.split(' ').nth(1).and_then(|word| word.parse().ok()).expect("a status");
        let reply = Reply { status, head, body: Vec::new() };
        assert!(reply.header("transfer-encoding").is_none(), "{}", reply.head);
        let length = reply.header("content-length").map_or(0, |text| text.parse().expect("a length"));
        while buffer.len() < end + 4 + length {
            if connection.read_buf(buffer).await? == 0 {
                return Err(ErrorKind::UnexpectedEof.into());
            }
        }
        return Ok(Reply { body: buffer[end + 4..].to_vec(), ..reply });
    }
}
