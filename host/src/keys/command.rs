//! The key-encryption key from a command: so a key management service keeps it.

use super::{
    error::KeyringError,
    kek::{Keks, MAX_TEXT},
    seed::Seed,
};
use std::{process::Stdio, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncReadExt},
    process::Command,
};
use zeroize::Zeroizing;

/// How much of standard error is told.
const MAX_SAID: u64 = 2_000;

/// Whatever looks like a key is not repeated: a run of so many letters and digits, as base64 and hexadecimal
/// have them.
const KEY_LIKE: usize = 32;

/// A command whose standard output is the key.
pub(super) struct KeyCommand {
    pub(super) argv: Vec<String>,
    pub(super) within: Duration,
    /// The seed of the configuration, beside what it prints.
    pub(super) seed: Option<Seed>,
}

impl KeyCommand {
    /// Runs it, without a shell and without anything on its standard input.
    pub(super) async fn run(&self) -> Result<Keks, KeyringError> {
        let (program, arguments) = self.argv.split_first().ok_or_else(|| self.failed("names no program"))?;
        let mut child = Command::new(program)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(|e| self.failed(format!("can't be started: {e}")))?;
        let mut printed = Zeroizing::new(Vec::with_capacity(MAX_TEXT + 1));
        let mut said = Vec::new();
        let (out, err) = (child.stdout.take(), child.stderr.take());
        let all = async {
            let (read, _) =
                tokio::join!(read(out, MAX_TEXT as u64 + 1, &mut printed), read(err, MAX_SAID, &mut said));
            read?;
            child.wait().await
        };
        let ended = tokio::time::timeout(self.within, all).await;
        let said = told(&said);
        let status = match ended {
            Err(_) => {
                let seconds = self.within.as_secs();
                return Err(
                    self.failed(format!("has not ended after {seconds} seconds and was stopped{said}"))
                );
            }
            Ok(ended) => ended.map_err(|e| self.failed(format!("can't be read: {e}{said}")))?,
        };
        if !status.success() {
            return Err(self.failed(format!("failed ({status}){said}")));
        }
        let text = std::str::from_utf8(&printed).unwrap_or_default();
        let keks = Keks::parse(text).and_then(|keks| keks.with_seed(self.seed.clone()));
        keks.map_err(|wrong| self.failed(format!("printed no key: {wrong}{said}")))
    }

    /// For a message: the program alone.
    pub(super) fn place(&self) -> String {
        format!("`keys.kek_command` ({})", self.program())
    }

    fn program(&self) -> &str {
        self.argv.first().map_or("nothing", String::as_str)
    }

    fn failed(&self, what: impl Into<String>) -> KeyringError {
        KeyringError::Command { program: self.program().to_owned(), what: what.into() }
    }
}

/// At most so much; the rest is read and thrown away, so that the command does not wait for a reader.
async fn read(from: Option<impl AsyncRead + Unpin>, most: u64, into: &mut Vec<u8>) -> std::io::Result<()> {
    let Some(mut from) = from else { return Ok(()) };
    (&mut from).take(most).read_to_end(into).await?;
    tokio::io::copy(&mut from, &mut tokio::io::sink()).await.map(|_| ())
}

/// What was written to standard error, in one line and without what could be a key.
fn told(said: &[u8]) -> String {
    let text = String::from_utf8_lossy(said);
    // A word that was cut could be the first half of a key.
    let text = match said.len() as u64 >= MAX_SAID {
        true => text.rsplit_once(char::is_whitespace).map_or("", |(whole, _)| whole),
        false => &text,
    };
    let words = text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
    let shown: Vec<&str> = words.map(|word| if is_key_like(word) { "***" } else { word }).collect();
    if shown.is_empty() { String::new() } else { format!("; it said: {}", shown.join(" ")) }
}

fn is_key_like(word: &str) -> bool {
    let of_a_key = |c: char| c.is_ascii_alphanumeric() || "+/_-=".contains(c);
    word.split(|c| !of_a_key(c)).any(|run| run.len() >= KEY_LIKE)
}

#[cfg(test)]
mod tests {
    use super::told;

    #[test]
    fn what_looks_like_a_key_is_not_repeated() {
        let key = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
        assert_eq!(told(format!("no\taccess: key={key}\n\n").as_bytes()), "; it said: no access: ***");
        assert_eq!(told(b"\xff\x1b[31mdenied"), "; it said: \u{fffd} [31mdenied");
        assert_eq!(told(b" \n"), "");
    }
}
