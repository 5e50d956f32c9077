//! Which questions are asked.
//!
//! They are drawn when answers are set up and after each right answer, and kept with them until then. Because a
//! challenge changes nothing, it can't tell either, by taking longer or by getting in its own way, whether somebody of
//! that name exists.

use crate::{Config, rhythm::since_login};
use aws_lc_rs::{
    digest::{SHA256, digest},
    hmac::{HMAC_SHA256, Key, sign},
};
use data_encoding::HEXLOWER;
use gatewright_contract::{Fault, Host, Pseudonym, Timestamp};

/// What names a question: the beginning of a hash of its text, so that it is the same for everybody who is asked it.
pub(crate) fn id(question: &str) -> String {
    HEXLOWER.encode(&digest(&SHA256, question.as_bytes()).as_ref()[..8])
}

/// Draws `count` of `many`, each order as likely as any other.
pub(crate) fn draw(host: &Host, many: usize, count: u8) -> Result<Vec<usize>, Fault> {
    let mut left: Vec<usize> = (0..many).collect();
    let mut drawn = Vec::with_capacity(usize::from(count));
    while drawn.len() < usize::from(count) && !left.is_empty() {
        drawn.push(left.swap_remove(below(host, left.len())?));
    }
    Ok(drawn)
}

/// A number below a small `limit`, each as likely as any other.
fn below(host: &Host, limit: usize) -> Result<usize, Fault> {
    let limit = limit.clamp(1, 256);
    // What is left over at the end of the range is thrown away.
    let fair = (256 / limit) * limit;
    loop {
        let mut byte = [0];
        host.random(&mut byte)?;
        let drawn = usize::from(byte[0]);
        if drawn < fair {
            return Ok(drawn % limit);
        }
    }
}

/// The questions for somebody who has no answers, or does not exist: the same at each try, until a login could have
/// changed them, and always some of the same few.
pub(crate) fn decoy(config: &Config, pseudonym: &Pseudonym, now: Timestamp) -> Vec<String> {
    let key = Key::new(HMAC_SHA256, &pseudonym.0);
    let mut text = b"asked".to_vec();
    text.extend(since_login(&key, now).to_be_bytes());
    let chosen = some_of(config.questions.len(), config.enrol_questions, sign(&key, b"chosen").as_ref());
    let asked = some_of(chosen.len(), config.challenge_questions, sign(&key, &text).as_ref());
    asked.into_iter().filter_map(|at| config.questions.get(chosen[at]).cloned()).collect()
}

/// `count` of `many`, by two bytes of a stream for each.
fn some_of(many: usize, count: u8, stream: &[u8]) -> Vec<usize> {
    let mut left: Vec<usize> = (0..many).collect();
    let numbers = stream.chunks_exact(2).map(|pair| usize::from(pair[0]) * 256 + usize::from(pair[1]));
    let take = numbers.take(usize::from(count).min(many));
    take.map(|number| left.swap_remove(number % left.len().max(1))).collect()
}
