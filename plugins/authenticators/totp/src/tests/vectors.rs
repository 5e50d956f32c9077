//! The published test vectors.

use super::credential;
use crate::{Algorithm, code::Typed};
use gatewright_contract::Timestamp;

const SECRET: &[u8] = b"1234567890123456789012345678901234567890123456789012345678901234";

/// RFC 6238, appendix B. The secrets are 20, 32 and 64 bytes long (the appendix names only the first; its
/// program and erratum 2866 the others).
#[test]
fn rfc_6238_appendix_b() {
    let table = [
        (59, "94287082", "46119246", "90693936"),
        (1_111_111_109, "07081804", "68084774", "25091201"),
        (1_111_111_111, "14050471", "67062674", "99943326"),
        (1_234_567_890, "89005924", "91819424", "93441116"),
        (2_000_000_000, "69279037", "90698825", "38618901"),
        (20_000_000_000, "65353130", "77737706", "47863826"),
    ];
    for (seconds, sha1, sha256, sha512) in table {
        let now = Timestamp::from_secs(seconds);
        for (algorithm, length, code) in
            [(Algorithm::Sha1, 20, sha1), (Algorithm::Sha256, 32, sha256), (Algorithm::Sha512, 64, sha512)]
        {
            let c = credential(&SECRET[..length], algorithm, 8);
            assert_eq!(c.code_at(now).unwrap(), code, "{algorithm:?} at {seconds}");
            let step = u64::try_from(seconds).unwrap() / 30;
            assert_eq!(c.step_of(&Typed::read(code), now, 0).unwrap(), Some(step));
        }
    }
}

/// RFC 4226, appendix D: the counter is the step.
#[test]
fn rfc_4226_appendix_d() {
    let codes =
        ["755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"];
    for (counter, code) in codes.iter().enumerate() {
        let c = credential(&SECRET[..20], Algorithm::Sha1, 6);
        let now = Timestamp::from_secs(30 * i64::try_from(counter).unwrap());
        assert_eq!(&c.code_at(now).unwrap(), code);
        assert_eq!(c.step_of(&Typed::read(code), now, 1).unwrap(), Some(counter as u64));
    }
}
