//! What is refused before anybody looks.

use super::frames as shown;
use crate::frames::{MOST_BYTES, MOST_TEXT, read};
use data_encoding::BASE64URL_NOPAD;
use gatewright_contract::Fault;

fn field(frames: &[String], least: u8) -> String {
    match read(frames, least) {
        Err(Fault::BadRequest { field, message }) => {
            assert!(message.len() < 100, "no value is repeated");
            field
        }
        other => panic!("{:?}", other.map(|f| f.len())),
    }
}

fn jpeg(bytes: usize) -> String {
    let mut frame = vec![0; bytes];
    frame[..3].copy_from_slice(&[0xff, 0xd8, 0xff]);
    BASE64URL_NOPAD.encode(&frame)
}

#[test]
fn as_many_as_are_asked_for() {
    assert_eq!(read(&shown("aa"), 2).expect("read").len(), 2);
    assert_eq!(read(&shown("aaaaa"), 2).expect("read").len(), 5);
    for of in ["", "a", "aaaaaa"] {
        assert_eq!(field(&shown(of), 2), "frames");
    }
    let twice = vec![shown("a")[0].clone(); 2];
    assert_eq!(field(&twice, 2), "frames", "the same frame twice");
}

#[test]
fn the_largest_is_read_and_one_byte_more_is_not() {
    assert_eq!(jpeg(MOST_BYTES).len() / 4, MOST_TEXT / 4 - 1, "text and bytes are one bound");
    assert_eq!(read(&[jpeg(MOST_BYTES)], 1).expect("read")[0].len(), MOST_BYTES);
    assert_eq!(field(&[jpeg(MOST_BYTES + 1)], 1), "frames.0");
    assert_eq!(field(&["A".repeat(MOST_TEXT + 1)], 1), "frames.0");
}

#[test]
fn only_jpeg_in_base64url() {
    let good = shown("a")[0].clone();
    let png = BASE64URL_NOPAD.encode(b"\x89PNG\r\n\x1a\n");
    for bad in ["", "====", "a b", "_9j/", &format!("{good}="), &png, &BASE64URL_NOPAD.encode(b"<svg/>")] {
        assert_eq!(field(&[good.clone(), (*bad).to_owned()], 1), "frames.1", "{bad}");
    }
}
