//! CSV with a header.

use super::{Mistake, Moves, Read, Token, algorithm};
use csv::{ReaderBuilder, StringRecord, Trim};
use data_encoding::{BASE32_NOPAD, HEXLOWER_PERMISSIVE};
use gatewright_contract::Secret;
use std::str::FromStr;

const COLUMNS: [&str; 8] =
    ["username", "type", "serial", "secret", "digits", "period", "counter", "algorithm"];
const NEEDED: [&str; 3] = ["username", "type", "secret"];
/// Longest field, in bytes.
const MAX_FIELD: usize = 512;

/// Where each column stands.
struct Header([Option<usize>; COLUMNS.len()]);

impl Header {
    fn read(header: &StringRecord) -> Result<Self, Mistake> {
        let mut places = [None; COLUMNS.len()];
        for (place, name) in header.iter().enumerate() {
            let known = COLUMNS.iter().position(|known| name.eq_ignore_ascii_case(known));
            let Some(known) = known else {
                let what = format!("column {} is none of {}", place + 1, COLUMNS.join(", "));
                return Err(Mistake::new(1, format!("{what}; the first line must be a header")));
            };
            if places[known].replace(place).is_some() {
                return Err(Mistake::new(1, format!("the column {} is there twice", COLUMNS[known])));
            }
        }
        let missing =
            |name: &&&str| COLUMNS.iter().position(|c| c == *name).is_none_or(|at| places[at].is_none());
        match NEEDED.iter().find(missing) {
            Some(name) => Err(Mistake::new(1, format!("the column {name} is missing in the header"))),
            None => Ok(Self(places)),
        }
    }
}

/// A line, by the names of the columns; what is wrong with it gathers.
struct Line<'a> {
    header: &'a Header,
    record: &'a StringRecord,
    number: u64,
    wrong: Vec<Mistake>,
}

impl<'a> Line<'a> {
    /// A field; none where it is empty or its column is missing.
    fn field(&self, name: &str) -> Option<&'a str> {
        let place = COLUMNS.iter().position(|column| *column == name).and_then(|at| self.header.0[at])?;
        self.record.get(place).filter(|text| !text.is_empty())
    }

    fn complain(&mut self, what: impl Into<String>) {
        self.wrong.push(Mistake::new(self.number, what));
    }

    fn number<T: FromStr>(&mut self, name: &str, default: T) -> T {
        match self.field(name).map(str::parse) {
            None => default,
            Some(Ok(number)) => number,
            Some(Err(_)) => {
                self.complain(format!("{name} must be a whole number"));
                default
            }
        }
    }

    fn read(mut self) -> Result<Token, Vec<Mistake>> {
        if self.record.iter().any(|field| field.len() > MAX_FIELD) {
            return Err(vec![Mistake::new(self.number, format!("a field is longer than {MAX_FIELD} bytes"))]);
        }
        let username = self.field("username").map(str::to_owned);
        if username.is_none() {
            self.complain("username is empty");
        }
        let secret = match self.field("secret").map(secret) {
            Some(Ok(secret)) => Some(secret),
            Some(Err(what)) => {
                self.complain(what);
                None
            }
            None => {
                self.complain("secret is empty");
                None
            }
        };
        let moves = self.moves();
        let algorithm = match self.field("algorithm").map(algorithm) {
            None => "sha1",
            Some(Some(known)) => known,
            Some(None) => {
                self.complain("algorithm must be sha1, sha256 or sha512");
                "sha1"
            }
        };
        let digits = self.number("digits", 6);
        let serial = self.field("serial").map(str::to_owned);
        match (username, secret, moves) {
            (Some(username), Some(secret), Some(moves)) if self.wrong.is_empty() => {
                Ok(Token { line: self.number, username, moves, serial, secret, digits, algorithm })
            }
            _ => Err(self.wrong),
        }
    }

    fn moves(&mut self) -> Option<Moves> {
        let kind = self.field("type").unwrap_or_default().to_ascii_lowercase();
        let (of, other) = match kind.as_str() {
            "totp" => (Moves::Time(self.number("period", 30)), "counter"),
            "hotp" => (Moves::Counter(self.number("counter", 0)), "period"),
            _ => {
                self.complain("type must be totp or hotp");
                return None;
            }
        };
        if self.field(other).is_some() {
            self.complain(format!("a token of type {kind} has no {other}"));
        }
        Some(of)
    }
}

/// Counts lines. The crate's own count stands before the end of the line where that is `\r\n`, and before empty lines.
struct Lines<'a> {
    text: &'a [u8],
    byte: usize,
    line: u64,
}

impl Lines<'_> {
    /// The line of what is read next after this byte; never goes back.
    fn at(&mut self, position: Option<&csv::Position>) -> u64 {
        let begin = position.and_then(|p| usize::try_from(p.byte()).ok()).unwrap_or(self.byte);
        while let Some(byte) = self.text.get(self.byte)
            && (self.byte < begin || matches!(byte, b'\r' | b'\n'))
        {
            self.line += u64::from(*byte == b'\n');
            self.byte += 1;
        }
        self.line
    }
}

pub(super) fn read(text: &str) -> Read {
    let mut lines = Lines { text: text.as_bytes(), byte: 0, line: 1 };
    let mut reader = ReaderBuilder::new().trim(Trim::All).has_headers(true).from_reader(text.as_bytes());
    let header = match reader.headers().map_err(|e| broken(&e, 1)).and_then(Header::read) {
        Ok(header) => header,
        Err(mistake) => return Read::only(mistake),
    };
    let mut found = Read::default();
    for record in reader.records() {
        let read = match record {
            Ok(record) => {
                let number = lines.at(record.position());
                Line { header: &header, record: &record, number, wrong: Vec::new() }.read()
            }
            Err(error) => Err(vec![broken(&error, lines.at(error.position()))]),
        };
        if !found.add(read) {
            break;
        }
    }
    found
}

/// The crate's own message may repeat what stands there.
fn broken(error: &csv::Error, line: u64) -> Mistake {
    match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            Mistake::new(line, format!("{len} fields in the place of {expected_len}"))
        }
        _ => Mistake::new(line, "this can't be read as CSV"),
    }
}

/// `hex:…`, `base32:…`, or whichever of the two it can only be.
fn secret(text: &str) -> Result<Secret<Vec<u8>>, &'static str> {
    let plain = |text: &str| -> Secret<String> {
        Secret::new(text.chars().filter(|c| !matches!(c, ' ' | '-')).collect())
    };
    let hex = |text: &str| HEXLOWER_PERMISSIVE.decode(plain(text).expose().as_bytes()).ok();
    let base32 = |text: &str| {
        let text = Secret::new(plain(text).expose().trim_end_matches('=').to_ascii_uppercase());
        BASE32_NOPAD.decode(text.expose().as_bytes()).ok()
    };
    let read = match text.split_once(':') {
        Some((form, rest)) if form.eq_ignore_ascii_case("hex") => {
            hex(rest).ok_or("secret is not in hexadecimal")
        }
        Some((form, rest)) if form.eq_ignore_ascii_case("base32") => {
            base32(rest).ok_or("secret is not in base 32")
        }
        Some(_) => Err("secret may begin with `hex:` or `base32:` only"),
        None => match (hex(text), base32(text)) {
            (Some(bytes), None) | (None, Some(bytes)) => Ok(bytes),
            (Some(_), Some(_)) => {
                Err("secret could be hexadecimal or base 32: write `hex:` or `base32:` before it")
            }
            (None, None) => Err("secret is neither hexadecimal nor base 32"),
        },
    };
    read.map(Secret::new)
}
