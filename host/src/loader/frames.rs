//! What goes over the socket between the host and a plugin's process.
//!
//! A frame is a head of fixed length, a name and a body. Both lengths are bounded before anything is allocated, by
//! whoever reads: the host takes everything that comes from the process for hostile.

use gatewright_abi::{MAX_BYTES, MAX_METHOD};

/// Length of a head: body `u32`, operation `u8`, name `u8`, status `u16`, id `u64`, time `u64`, all little endian.
pub(super) const HEAD: usize = 24;
/// What a buffer has room for while nothing large is under way.
const SMALL: usize = 32 * 1024;

/// What a frame is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Op {
    // From the host.
    /// The library, as a descriptor beside it, and [`super::sandbox::Limits`].
    Load = 1,
    /// The configuration; status: 1 where the plugin may have randomness.
    Begin = 2,
    /// A call: its ticket, method and request, and the time.
    Call = 3,
    /// The end of a host call: its id and status.
    HostDone = 4,
    /// End, now that nothing is under way.
    Rest = 5,
    // From the process.
    /// What holds it ([`super::sandbox::Confined`]), before any code of the library has run.
    Confined = 16,
    /// The manifest.
    Manifest = 17,
    /// It has begun.
    Begun = 18,
    /// It is not loaded or has not begun: [`super::told::Told`].
    Failed = 19,
    /// The end of a call: its ticket and status.
    Done = 20,
    /// It asks the host for something: its own id, the method, the arguments; in place of the time the ticket of the
    /// call that it is for, as far as that is known. It serves as a hint alone.
    HostCall = 21,
    /// A line for the log; status: the level.
    Log = 22,
    /// It asked for what its manifest does not list, and did not get it; the name says what.
    Refused = 23,
    /// It has used most of its processor time.
    Tired = 24,
}

impl Op {
    fn of(number: u8) -> Option<Self> {
        const ALL: [Op; 14] = [
            Op::Load,
            Op::Begin,
            Op::Call,
            Op::HostDone,
            Op::Rest,
            Op::Confined,
            Op::Manifest,
            Op::Begun,
            Op::Failed,
            Op::Done,
            Op::HostCall,
            Op::Log,
            Op::Refused,
            Op::Tired,
        ];
        ALL.into_iter().find(|op| *op as u8 == number)
    }
}

/// One frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Frame<'a> {
    /// `None`: one that this version does not know.
    pub(super) op: Option<Op>,
    pub(super) status: u16,
    pub(super) id: u64,
    pub(super) now_ms: u64,
    pub(super) name: &'a str,
    pub(super) body: &'a [u8],
}

impl<'a> Frame<'a> {
    /// With nothing but this.
    pub(super) const fn bare(op: Op) -> Self {
        Self { op: Some(op), status: 0, id: 0, now_ms: 0, name: "", body: &[] }
    }

    /// The bytes of its three parts; `None` when it is too large to be sent.
    pub(super) fn parts(&self) -> Option<([u8; HEAD], &'a [u8], &'a [u8])> {
        if self.name.len() > MAX_METHOD || self.body.len() > MAX_BYTES {
            return None;
        }
        let mut head = [0; HEAD];
        head[0..4].copy_from_slice(&u32::try_from(self.body.len()).ok()?.to_le_bytes());
        head[4] = self.op.map_or(0, |op| op as u8);
        head[5] = u8::try_from(self.name.len()).ok()?;
        head[6..8].copy_from_slice(&self.status.to_le_bytes());
        head[8..16].copy_from_slice(&self.id.to_le_bytes());
        head[16..24].copy_from_slice(&self.now_ms.to_le_bytes());
        Some((head, self.name.as_bytes(), self.body))
    }
}

/// Why what comes can't be read any further.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Broken {
    #[error("a message of {0} bytes: {MAX_BYTES} is the most")]
    TooLarge(usize),
    #[error("the name of a method that is none")]
    Name,
}

/// Collects what was read until it is a frame.
pub(super) struct Inbox {
    bytes: Vec<u8>,
    from: usize,
    to: usize,
}

impl Inbox {
    pub(super) fn new() -> Self {
        Self { bytes: vec![0; SMALL], from: 0, to: 0 }
    }

    /// Where the next bytes go; never empty once [`Self::next`] has given all that there is.
    pub(super) fn room(&mut self) -> &mut [u8] {
        let wanted = self.announced().map_or(HEAD, |(name, body)| HEAD + name + body);
        if self.from == self.to {
            (self.from, self.to) = (0, 0);
            if self.bytes.len() > SMALL {
                self.bytes = vec![0; SMALL];
            }
        }
        if self.from > 0 && self.from + wanted > self.bytes.len() {
            self.bytes.copy_within(self.from..self.to, 0);
            (self.from, self.to) = (0, self.to - self.from);
        }
        // `next` has refused what is longer.
        let wanted = wanted.min(HEAD + MAX_METHOD + MAX_BYTES);
        if self.bytes.len() < wanted {
            self.bytes.resize(wanted, 0);
        }
        &mut self.bytes[self.to..]
    }

    /// So many bytes were read into it.
    pub(super) fn filled(&mut self, count: usize) {
        self.to = (self.to + count).min(self.bytes.len());
    }

    /// The next whole frame.
    pub(super) fn next(&mut self) -> Result<Option<Frame<'_>>, Broken> {
        let Some((name, body)) = self.announced() else { return Ok(None) };
        if body > MAX_BYTES {
            return Err(Broken::TooLarge(body));
        }
        if name > MAX_METHOD {
            return Err(Broken::Name);
        }
        let whole = HEAD + name + body;
        if self.to - self.from < whole {
            return Ok(None);
        }
        let frame = &self.bytes[self.from..self.from + whole];
        self.from += whole;
        let (head, rest) = frame.split_at(HEAD);
        let (name, body) = rest.split_at(name);
        let number = |at: usize| head[at..at + 8].iter().rev().fold(0, |sum, b| (sum << 8) | u64::from(*b));
        Ok(Some(Frame {
            op: Op::of(head[4]),
            status: u16::from_le_bytes([head[6], head[7]]),
            id: number(8),
            now_ms: number(16),
            name: std::str::from_utf8(name).map_err(|_| Broken::Name)?,
            body,
        }))
    }

    /// Lengths of name and body of the frame that has begun.
    fn announced(&self) -> Option<(usize, usize)> {
        match self.bytes[self.from..self.to] {
            [a, b, c, d, _, name, ..] if self.to - self.from >= HEAD => {
                let body = usize::try_from(u32::from_le_bytes([a, b, c, d])).unwrap_or(usize::MAX);
                Some((name.into(), body))
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(frame: &Frame<'_>) -> Vec<u8> {
        let (head, name, body) = frame.parts().expect("not too large");
        [&head, name, body].concat()
    }

    fn feed(inbox: &mut Inbox, bytes: &[u8]) {
        let room = inbox.room();
        assert!(room.len() >= bytes.len(), "room for {} of {}", room.len(), bytes.len());
        room[..bytes.len()].copy_from_slice(bytes);
        inbox.filled(bytes.len());
    }

    const CALL: Frame<'static> = Frame {
        op: Some(Op::Call),
        status: 7,
        id: u64::MAX - 1,
        now_ms: 1 << 40,
        name: "verify",
        body: b"{}",
    };

    #[test]
    fn a_frame_comes_back_in_whatever_pieces_it_arrives() {
        let sent = [bytes(&CALL), bytes(&Frame::bare(Op::Rest)), bytes(&CALL)].concat();
        for piece in 1..=sent.len() {
            let (mut inbox, mut got) = (Inbox::new(), Vec::new());
            for part in sent.chunks(piece) {
                feed(&mut inbox, part);
                while let Some(frame) = inbox.next().expect("readable") {
                    got.push(bytes(&frame));
                }
            }
            assert_eq!(got.concat(), sent, "in pieces of {piece}");
        }
    }

    #[test]
    fn the_largest_frame_passes_and_its_room_is_given_back() {
        let body = vec![1; MAX_BYTES];
        let sent = bytes(&Frame { body: &body, ..CALL });
        let mut inbox = Inbox::new();
        for part in sent.chunks(SMALL / 2) {
            assert!(inbox.next().expect("readable").is_none());
            feed(&mut inbox, part);
        }
        assert_eq!(inbox.next().expect("readable").expect("whole").body.len(), MAX_BYTES);
        inbox.room();
        assert_eq!(inbox.bytes.len(), SMALL);
    }

    #[test]
    fn what_is_too_large_is_refused_before_there_is_room_for_it() {
        for length in [MAX_BYTES + 1, u32::MAX as usize] {
            let (mut head, ..) = CALL.parts().expect("not too large");
            head[0..4].copy_from_slice(&(length as u32).to_le_bytes());
            let mut inbox = Inbox::new();
            feed(&mut inbox, &head);
            assert_eq!(inbox.next(), Err(Broken::TooLarge(length)));
            assert!(inbox.room().len() <= HEAD + MAX_METHOD + MAX_BYTES);
        }
        let (mut head, ..) = CALL.parts().expect("not too large");
        head[5] = 65;
        let mut inbox = Inbox::new();
        feed(&mut inbox, &head);
        assert_eq!(inbox.next(), Err(Broken::Name));
        assert!(Frame { body: &vec![0; MAX_BYTES + 1], ..CALL }.parts().is_none());
    }

    #[test]
    fn a_name_that_is_no_text_is_refused_and_an_unknown_operation_is_told() {
        let mut sent = bytes(&CALL);
        sent[HEAD] = 0xff;
        let mut inbox = Inbox::new();
        feed(&mut inbox, &sent);
        assert_eq!(inbox.next(), Err(Broken::Name));
        let mut sent = bytes(&CALL);
        sent[4] = 99;
        let mut inbox = Inbox::new();
        feed(&mut inbox, &sent);
        assert_eq!(inbox.next().expect("readable").expect("whole").op, None);
    }
}
