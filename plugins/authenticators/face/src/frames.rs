//! Frames as they come in: bounded before anything is made of them.

use data_encoding::BASE64URL_NOPAD;
use gatewright_contract::Fault;

/// Most frames of one answer.
pub(crate) const MOST: usize = 5;
/// Largest frame, in bytes.
pub(crate) const MOST_BYTES: usize = 256 * 1024;
/// Its text.
pub(crate) const MOST_TEXT: usize = MOST_BYTES.div_ceil(3) * 4;

/// The bytes of each frame.
///
/// # Errors
/// [`Fault::BadRequest`] for too few, too many, too large ones, and for what is no JPEG; no value is repeated.
pub(crate) fn read(frames: &[String], least: u8) -> Result<Vec<Vec<u8>>, Fault> {
    if !(usize::from(least)..=MOST).contains(&frames.len()) {
        return Err(Fault::bad_request("frames", format!("{least} to {MOST} frames")));
    }
    if (1..frames.len()).any(|place| frames[..place].contains(&frames[place])) {
        return Err(Fault::bad_request("frames", "no two may be the same"));
    }
    frames.iter().enumerate().map(|(place, frame)| one(frame).map_err(|why| wrong(place, why))).collect()
}

fn one(text: &str) -> Result<Vec<u8>, &'static str> {
    if text.len() > MOST_TEXT {
        return Err("larger than 256 KiB");
    }
    let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).map_err(|_| "base64url without padding")?;
    match bytes {
        _ if bytes.len() > MOST_BYTES => Err("larger than 256 KiB"),
        // Start of image (ITU-T T.81, B.1.1.3), and the next marker.
        _ if bytes.starts_with(&[0xff, 0xd8, 0xff]) => Ok(bytes),
        _ => Err("is no JPEG"),
    }
}

/// A frame that can't be used.
pub(crate) fn wrong(place: usize, why: &str) -> Fault {
    Fault::bad_request(format!("frames.{place}"), why)
}
