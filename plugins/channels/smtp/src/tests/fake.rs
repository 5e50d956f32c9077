//! As much of a mail server as these tests need, and as badly behaved.

#![allow(clippy::disallowed_methods, reason = "a server for tests needs its own task")]

use std::sync::{Arc, Mutex};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

/// How it behaves, changed while it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mood {
    Good,
    /// Answers this to a command that begins so.
    Says(&'static str, &'static str),
    /// Takes a command that begins so and never answers.
    SilentAt(&'static str),
    /// Hangs up at a command that begins so.
    HangsUpAt(&'static str),
}

/// A server that ends with the test's runtime.
pub(super) struct Fake {
    pub(super) port: u16,
    mood: Arc<Mutex<Mood>>,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Fake {
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let (mood, heard) = (Arc::new(Mutex::new(Mood::Good)), Arc::new(Mutex::new(Vec::new())));
        let fake = Self { port, mood: mood.clone(), heard: heard.clone() };
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                heard.lock().unwrap().push("(connection)".to_owned());
                tokio::spawn(talk(socket, mood.clone(), heard.clone()));
            }
        });
        fake
    }

    pub(super) fn mood(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }

    /// The lines that it has heard since the last call; a mail is one of them.
    pub(super) fn heard(&self) -> Vec<String> {
        std::mem::take(&mut self.heard.lock().unwrap())
    }

    /// The mails among them.
    pub(super) fn mails(&self) -> Vec<String> {
        self.heard().into_iter().filter(|line| line.contains("\r\n")).collect()
    }
}

async fn talk(socket: TcpStream, mood: Arc<Mutex<Mood>>, heard: Arc<Mutex<Vec<String>>>) {
    let mut socket = BufReader::new(socket);
    let (mut line, mut mail, mut in_mail) = (String::new(), String::new(), false);
    if socket.write_all(b"220 mail.example.org\r\n").await.is_err() {
        return;
    }
    while socket.read_line(&mut line).await.is_ok_and(|read| read > 0) {
        if in_mail && line != ".\r\n" {
            mail.push_str(&std::mem::take(&mut line));
            continue;
        }
        let said = std::mem::take(&mut line).trim_end().to_owned();
        if std::mem::take(&mut in_mail) {
            heard.lock().unwrap().push(std::mem::take(&mut mail));
        } else {
            heard.lock().unwrap().push(said.clone());
        }
        let mood = *mood.lock().unwrap();
        let answer = match mood {
            Mood::SilentAt(start) if said.starts_with(start) => return std::future::pending().await,
            Mood::HangsUpAt(start) if said.starts_with(start) => return,
            Mood::Says(start, words) if said.starts_with(start) => words,
            _ => usual(&said),
        };
        in_mail = said == "DATA" && answer.starts_with('3');
        if socket.write_all(format!("{answer}\r\n").as_bytes()).await.is_err() {
            return;
        }
    }
}

fn usual(said: &str) -> &'static str {
    match said {
        "DATA" => "354 go on",
        "QUIT" => "221 bye",
        _ if said.starts_with("EHLO") => "250-mail.example.org\r\n250-AUTH PLAIN LOGIN\r\n250 8BITMIME",
        _ if said.starts_with("AUTH") => "235 known",
        _ => "250 for ann@example.org: yes",
    }
}
