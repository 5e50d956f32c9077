//! Portable Symmetric Key Container (RFC 6030), with keys in clear. Encrypted ones are refused: what decrypts them is to be
//! done where the key for it is, before.

use super::{Mistake, Moves, Read, Token, algorithm};
use data_encoding::BASE64;
use gatewright_contract::Secret;
use roxmltree::{Document, Node, ParsingOptions};
use std::str::FromStr;

const NAMESPACE: &str = "urn:ietf:params:xml:ns:keyprov:pskc";
const SIGNATURE: &str = "http://www.w3.org/2000/09/xmldsig#";
/// A key takes some thirty nodes with its white space; many more than there may be keys need not be looked at.
const MAX_NODES: u32 = 1_000_000;

pub(super) fn read(text: &str) -> Read {
    // Without a document type there are no entities.
    let options = ParsingOptions { allow_dtd: false, nodes_limit: MAX_NODES, ..ParsingOptions::default() };
    let document = match Document::parse_with_options(text, options) {
        Ok(document) => document,
        Err(error) => {
            let line = u64::from(error.pos().row);
            let what = match error {
                roxmltree::Error::DtdDetected => "a document type is not allowed here",
                roxmltree::Error::NodesLimitReached => "there is too much in it",
                // The others may repeat what stands there.
                _ => "this can't be read as XML",
            };
            return Read::only(Mistake::new(line, what));
        }
    };
    let root = document.root_element();
    if !is(root, "KeyContainer") {
        return Read::only(at(root, "the root is not the KeyContainer of RFC 6030"));
    }
    if let Some(key) = child(root, "EncryptionKey").or_else(|| child(root, "MACMethod")) {
        return Read::only(at(
            key,
            "the keys are encrypted: decrypt the file where its key is, and import the result",
        ));
    }
    let mut found =
        Read { signed: root.children().any(|n| n.has_tag_name((SIGNATURE, "Signature"))), ..Read::default() };
    for package in root.children().filter(|n| is(*n, "KeyPackage")) {
        for key in package.children().filter(|n| is(*n, "Key")) {
            if !found.add(of(package, key)) {
                return found;
            }
        }
    }
    if found.tokens.is_empty() && found.mistakes.is_empty() {
        found.mistakes.push(at(root, "there is no key in it"));
    }
    found
}

fn is(node: Node<'_, '_>, name: &str) -> bool {
    node.has_tag_name((NAMESPACE, name))
}

fn child<'a, 'input>(node: Node<'a, 'input>, name: &str) -> Option<Node<'a, 'input>> {
    node.children().find(|n| is(*n, name))
}

fn text<'a>(node: Option<Node<'a, '_>>) -> Option<&'a str> {
    node.and_then(|n| n.text()).map(str::trim).filter(|text| !text.is_empty())
}

fn at(node: Node<'_, '_>, what: impl Into<String>) -> Mistake {
    Mistake::new(u64::from(node.document().text_pos_at(node.range().start).row), what)
}

/// One key of a package.
fn of(package: Node<'_, '_>, key: Node<'_, '_>) -> Result<Token, Vec<Mistake>> {
    let mut wrong = Vec::new();
    let mut complain = |node, what: String| wrong.push(at(node, what));
    let device = child(package, "DeviceInfo");
    let user = child(key, "UserId").or_else(|| device.and_then(|d| child(d, "UserId")));
    let username = text(user).map(name_of);
    if username.is_none() {
        complain(
            key,
            "whose token this is does not stand in a UserId, of the key or of the device".to_owned(),
        );
    }
    if let Some(policy) = child(key, "Policy") {
        // Section 5: what is not understood must not be used.
        complain(policy, "keys with a Policy are not supported".to_owned());
    }
    let data = child(key, "Data");
    let secret = secret(key, data, &mut complain);
    let counter = number(data, "Counter", 0_u64, &mut complain);
    let period = number(data, "TimeInterval", 30_u32, &mut complain);
    if number(data, "Time", 0_u64, &mut complain) != 0 {
        complain(key, "a Time other than 0 is not supported".to_owned());
    }
    let moves = match key.attribute("Algorithm").and_then(|a| a.rsplit(':').next()) {
        Some("totp") => Some(Moves::Time(period)),
        Some("hotp") => Some(Moves::Counter(counter)),
        _ => {
            complain(key, "its Algorithm is neither …:pskc:hotp nor …:pskc:totp".to_owned());
            None
        }
    };
    let (digits, algorithm) = form(key, &mut complain);
    let serial = text(device.and_then(|d| child(d, "SerialNo")));
    let serial = serial.or_else(|| key.attribute("Id")).map(str::to_owned);
    match (username, secret, moves) {
        (Some(username), Some(secret), Some(moves)) if wrong.is_empty() => {
            Ok(Token { line: at(key, "").line, username, moves, serial, secret, digits, algorithm })
        }
        _ => Err(wrong),
    }
}

/// The name in a distinguished name (section 4.1 asks for one), or the text as it is.
fn name_of(text: &str) -> String {
    let parts = text.split(',').filter_map(|part| part.trim().split_once('='));
    let named = |wanted: &str| parts.clone().find(|(kind, _)| kind.eq_ignore_ascii_case(wanted));
    named("UID").or_else(|| named("CN")).map_or(text, |(_, name)| name.trim()).to_owned()
}

fn secret<'a, 'input>(
    key: Node<'a, 'input>,
    data: Option<Node<'a, 'input>>,
    complain: &mut impl FnMut(Node<'a, 'input>, String),
) -> Option<Secret<Vec<u8>>> {
    let place = data.and_then(|d| child(d, "Secret"));
    if let Some(encrypted) = place.and_then(|s| child(s, "EncryptedValue")) {
        complain(encrypted, "the secret is encrypted: decrypt the file where its key is".to_owned());
        return None;
    }
    let value = text(place.and_then(|s| child(s, "PlainValue")));
    // Long ones are broken into lines.
    let joined = value.map(|v| Secret::new(v.split_ascii_whitespace().collect::<String>()));
    let bytes = joined.and_then(|v| BASE64.decode(v.expose().as_bytes()).ok()).map(Secret::new);
    if bytes.is_none() {
        complain(place.unwrap_or(key), "there is no Secret with a PlainValue in base 64".to_owned());
    }
    bytes
}

fn number<'a, 'input, T: FromStr>(
    data: Option<Node<'a, 'input>>,
    name: &str,
    default: T,
    complain: &mut impl FnMut(Node<'a, 'input>, String),
) -> T {
    let Some(place) = data.and_then(|d| child(d, name)) else { return default };
    match text(child(place, "PlainValue")).and_then(|v| v.parse().ok()) {
        Some(number) => number,
        None => {
            complain(place, format!("{name} needs a PlainValue that is a whole number"));
            default
        }
    }
}

/// Digits and hash function.
fn form<'a, 'input>(
    key: Node<'a, 'input>,
    complain: &mut impl FnMut(Node<'a, 'input>, String),
) -> (u8, &'static str) {
    let Some(parameters) = child(key, "AlgorithmParameters") else { return (6, "sha1") };
    let mut digits = 6;
    if let Some(format) = child(parameters, "ResponseFormat") {
        match format.attribute("Length").and_then(|length| length.parse().ok()) {
            Some(length) => digits = length,
            None => complain(format, "its Length is not a whole number".to_owned()),
        }
        if format.attribute("Encoding").is_some_and(|encoding| encoding != "DECIMAL") {
            complain(format, "codes of another Encoding than DECIMAL are not supported".to_owned());
        }
        if matches!(format.attribute("CheckDigits"), Some("true" | "1")) {
            complain(format, "CheckDigits are not supported".to_owned());
        }
    }
    let suite = child(parameters, "Suite");
    let known = text(suite).map_or(Some("sha1"), algorithm);
    if let (None, Some(suite)) = (known, suite) {
        complain(suite, "its Suite is none of HMAC-SHA1, HMAC-SHA256, HMAC-SHA512".to_owned());
    }
    (digits, known.unwrap_or("sha1"))
}
