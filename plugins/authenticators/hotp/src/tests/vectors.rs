//! The published test vectors.

use super::credential;
use crate::{
    Algorithm,
    code::{Found, Typed},
};

const SECRET: &[u8] = b"1234567890123456789012345678901234567890123456789012345678901234";

/// RFC 4226, appendix D.
#[test]
fn rfc_4226_appendix_d() {
    let codes =
        ["755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"];
    for (counter, code) in (0..).zip(codes) {
        let c = credential(&SECRET[..20], Algorithm::Sha1, 6).moved_to(counter);
        assert_eq!(c.code_at(counter).unwrap(), code);
        assert_eq!(c.find(&Typed::read(code), 0).unwrap(), Found::Fresh(counter + 1));
    }
}

/// RFC 6238, appendix B: its codes are those of RFC 4226 with the step as the counter, and there is no other source for
/// SHA-256 and SHA-512. (The secrets are 20, 32 and 64 bytes long: erratum 2866.)
#[test]
fn rfc_6238_appendix_b_by_counter() {
    let table = [
        (0x1, "94287082", "46119246", "90693936"),
        (0x0235_23ec, "07081804", "68084774", "25091201"),
        (0x0235_23ed, "14050471", "67062674", "99943326"),
        (0x0273_ef07, "89005924", "91819424", "93441116"),
        (0x03f9_40aa, "69279037", "90698825", "38618901"),
        (0x27bc_86aa, "65353130", "77737706", "47863826"),
    ];
    for (counter, sha1, sha256, sha512) in table {
        for (algorithm, length, code) in
            [(Algorithm::Sha1, 20, sha1), (Algorithm::Sha256, 32, sha256), (Algorithm::Sha512, 64, sha512)]
        {
            let c = credential(&SECRET[..length], algorithm, 8);
            assert_eq!(c.code_at(counter).unwrap(), code, "{algorithm:?} at {counter}");
        }
    }
}
