//! Hashes from the field, and strings from an enemy.

#![allow(clippy::unwrap_used)]

use super::*;
use data_encoding::BASE64_NOPAD;
use std::fmt::Write;

const PASSWORD: &str = "correct horse battery staple";

/// Stored hash, its scheme, the password. Made by the system that the comment above names.
#[rustfmt::skip]
const FIELD: &[(&str, Scheme, &str)] = &[
    // argon2-cffi 25.1
    ("$argon2id$v=19$m=8192,t=2,p=1$RH6mP9eu07hHjmJUbyH8mA$PU+nGhjesO8cuQvo2ol1L5ZaMAfxsLcrF/w5uFg1j8A", Scheme::Argon2id, PASSWORD),
    ("$argon2i$v=19$m=8192,t=2,p=1$oR2blbbTBrYjkV/MIeW6tw$k4gxTcJhjDkMbEDJNlIPnPqFILuOxY6UMDPgqVMVB/4", Scheme::Argon2i, PASSWORD),
    ("$argon2d$v=19$m=8192,t=2,p=1$DUQlMuZh0l7CkAQtw/olng$4HEo/dULPC3u0Yp+TihGtCOD6/1UM3G1Sa4M8UVJGlA", Scheme::Argon2d, PASSWORD),
    ("$argon2id$v=19$m=4096,t=1,p=4$BkGnZ6fS0xlz8VfEeNhz/w$M4TOVm+dEbAi3cX6PfbLrg", Scheme::Argon2id, PASSWORD),
    ("$argon2i$v=16$m=1024,t=2,p=1$c2l4dGVlbmJ5dGVzYWx0IQ$+uxfkEHsPzfoj9Av4T+IgUE0+4I5WCV1KeMDBP8qmM8", Scheme::Argon2i, PASSWORD),
    ("$argon2i$m=1024,t=2,p=1$c2l4dGVlbmJ5dGVzYWx0IQ$+uxfkEHsPzfoj9Av4T+IgUE0+4I5WCV1KeMDBP8qmM8", Scheme::Argon2i, PASSWORD),
    // Django 5.2
    ("argon2$argon2id$v=19$m=102400,t=2,p=8$cmFyOFhHVDFSV0hmM3dpdFJrVDIzSQ$aJvA1NVBAtRK8zJPZptxUhlFrDXVJzwRdExIH+AufRA", Scheme::Argon2id, PASSWORD),
    ("bcrypt_sha256$$2b$05$PV07n0yWGTnRx/l3Pq9RAubXzIy84LNI/0bz3BTLUI8mfRm20R3Ma", Scheme::BcryptSha256, PASSWORD),
    ("bcrypt$$2b$05$4T4tLC5/ysueiLAnNWzDJueweOAjHdxyHzSslBu4kncOzu9hS9UV.", Scheme::Bcrypt, PASSWORD),
    ("pbkdf2_sha256$2600$seasaltseasa$URv5DJwqnFb48BxnUK12Fcb5fAviNSFrtKLqD7r1PNU=", Scheme::Pbkdf2Sha256, PASSWORD),
    ("pbkdf2_sha256$1000$pepperpepper$1EsTDCmLr+hAWMR8f0eQaxeQN2BLvkT6IpwQFsjMSeA=", Scheme::Pbkdf2Sha256, "pässwörd-日本"),
    ("pbkdf2_sha1$1000$GlFkcYPiDvYW54KoQYP1pG$GOnGE1CLyVfm+F5qIODbT/RO9UA=", Scheme::Pbkdf2Sha1, PASSWORD),
    ("scrypt$16384$d0HoS0SBqVFIjBfaSIjrx7$8$5$P4D5EdW2nP1JLZUuw7LlepxqT4hMejMKVIfxrLtNllEO5YXiSDlHrvWyDQ/c44guL5USdFY9MRG8wDFjtX5PCg==", Scheme::Scrypt, PASSWORD),
    // bcrypt's reference vectors: jBCrypt, crypt_blowfish
    ("$2a$06$m0CrhHm10qJ3lXRY.5zDGO3rS2KdeeWLuGmsfGlMfOxih58VYVfxe", Scheme::Bcrypt, "a"),
    ("$2a$08$aTsUwsyowQuzRrDqFflhgekJ8d9/7Z3GV3UcgvzQW3J5zMyrTvlz.", Scheme::Bcrypt, "abcdefghijklmnopqrstuvwxyz"),
    ("$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", Scheme::Bcrypt, "U*U"),
    ("$2a$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui", Scheme::Bcrypt, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"),
    // bcrypt 5.0 for Python, and the C library
    ("$2a$05$6wvmeBLE6fVFBrkGsZ1gIOFtrLA7Z7K.uTgCkDwPun41sDLUrjhHG", Scheme::Bcrypt, PASSWORD),
    ("$2b$05$jqAgPxmyiDjlNTzlXAV6J.VG9qSETPA684i8cWUOt3vxBAhSr7Q3i", Scheme::Bcrypt, PASSWORD),
    ("$2y$04$abcdefghijklmnopqrstuu7EJV7kdjBBQxyb0HjTh9KS7.Lah/6CG", Scheme::Bcrypt, PASSWORD),
    // passlib 1.7.4, and its documentation
    ("$pbkdf2$2000$D6HU.h8DwDhHqFVKaa0V4g$z8j1z5MeiKQFhVfrbsqDycgjBEw", Scheme::Pbkdf2Sha1, PASSWORD),
    ("$pbkdf2-sha256$2000$POe8t3ZurTVGyDnn/N.b0w$Y6HxO9BfO0RrQmF.lvDdQ/Hylli8gm/vPihQS1o5SpA", Scheme::Pbkdf2Sha256, PASSWORD),
    ("$pbkdf2-sha512$2000$z1kLoRTCeC.FMMbYO2dsTQ$LFwJvJ98GL5e3zgVHNzTvMuo/5YKD0mKNSwhOT4wlO3gpSJeDCqm6bBZkJ./lnKfsFKRJE9Ap1wvh7aFDHwAhQ", Scheme::Pbkdf2Sha512, PASSWORD),
    ("$scrypt$ln=10,r=8,p=1$5FzLmZPyfi/lfA9hzDmHcA$stuFYuC+KQsZg/lqE/cZSE7sPs++2B6+1lnswj9NJiM", Scheme::Scrypt, PASSWORD),
    ("$scrypt$ln=16,r=8,p=1$aM15713r3Xsvxbi31lqr1Q$nFNh2CVHVjNldFVKDHDlm4CbdRSCdEBsjjJxD+iCs5E", Scheme::Scrypt, "password"),
    // RFC 7914, section 12, the third vector
    ("$scrypt$ln=14,r=8,p=1$U29kaXVtQ2hsb3JpZGU$cCO9yzr9c0hGHAbNgf046/2o+7qQT44+qbVD9lRdofLVQylVYT8Pz2LUlwUkKpr55h6F3A1lHkDfzwF7RVdYhw", Scheme::Scrypt, "pleaseletmein"),
    // The PHC form that Rust's pbkdf2 crate writes; values from OpenSSL
    ("$pbkdf2-sha256$i=1000,l=32$c2l4dGVlbmJ5dGVzYWx0IQ$jM2iAoYO6yG8cw4aSh1KsxpVrxbNt1H6EHRux2Kps6I", Scheme::Pbkdf2Sha256, PASSWORD),
    ("$pbkdf2-sha256$i=1000$c2l4dGVlbmJ5dGVzYWx0IQ$jM2iAoYO6yG8cw4aSh1KsxpVrxbNt1H6EHRux2Kps6I", Scheme::Pbkdf2Sha256, PASSWORD),
    ("$pbkdf2-sha512$i=1000,l=32$c2l4dGVlbmJ5dGVzYWx0IQ$DOgyBuYZZy4jkSXWcIKz79XjXLSD2H5TUTmTaNIUB+s", Scheme::Pbkdf2Sha512, PASSWORD),
    // Drepper's specification, and libxcrypt 4.4
    ("$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5", Scheme::Sha256Crypt, "Hello world!"),
    ("$5$rounds=10000$saltstringsaltst$3xv.VbSHBb41AL9AvLeujZkZRBAwqFMz2.opqey6IcA", Scheme::Sha256Crypt, "Hello world!"),
    ("$5$a5jRhrUxM/l6czUy$CsHoKT2hvBfkAJjpyLGnPKOJaH3/ORTKFUG7InzPRY.", Scheme::Sha256Crypt, PASSWORD),
    ("$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1", Scheme::Sha512Crypt, "Hello world!"),
    ("$6$IA8nAulxHqiBk.NG$Ovo76MMblMYkJ6QEz/LkFWNZWal7QHdVXQYga7E6FlTaFWCYyP7RFVA706aU91TJb1KmvTP.GNXH1Krd7IwDA1", Scheme::Sha512Crypt, PASSWORD),
    ("$6$rounds=1234$DJyQDkgYh90VQwi7$X07naTcyV.I8EBYY7zDU495NJsBwuaAzeyEa7AK6z8GNvrWwBcQkiJVpl0SV5nxBDEa0vvCvl10.cbZc4MBLb0", Scheme::Sha512Crypt, PASSWORD),
];

fn small() -> Argon2Params {
    Argon2Params { memory_kib: 1024, iterations: 1, parallelism: 1 }
}

#[test]
fn hashes_from_the_field() {
    for &(stored, scheme, password) in FIELD {
        assert_eq!(scheme_of(stored), Some(scheme), "{stored}");
        let right = verify(stored, password.as_bytes(), &small());
        assert_eq!(right, Ok(Verified { matches: true, outdated: true }), "{stored}");
        let mut wrong = password.to_owned();
        wrong.pop();
        assert!(!verify(stored, wrong.as_bytes(), &small()).unwrap().matches, "{stored}");
    }
}

#[test]
fn our_own_hash() {
    let params = Argon2Params::default();
    // From argon2-cffi 25.1, with the same salt.
    let expected =
        "$argon2id$v=19$m=19456,t=2,p=1$c2l4dGVlbmJ5dGVzYWx0IQ$FY0dSvYcwDYwIPm8ffQcifseQmzjcKXJTa0zhwORJH0";
    assert_eq!(hash(PASSWORD.as_bytes(), b"sixteenbytesalt!", &params).as_deref(), Ok(expected));
    let fresh = Verified { matches: true, outdated: false };
    assert_eq!(verify(expected, PASSWORD.as_bytes(), &params), Ok(fresh));
    assert!(!verify(expected, b"correct horse battery stapl", &params).unwrap().matches);
    assert!(!verify(expected, b"", &params).unwrap().matches);
    assert_eq!(format!("{:?}", Stored::parse(expected).unwrap()), "Stored(argon2id)");
}

#[test]
fn outdated_by_anything_that_differs() {
    let stored = hash(b"password", &[1; 16], &small()).unwrap();
    let outdated = |stored: &str, wanted| verify(stored, b"password", &wanted).unwrap().outdated;
    assert!(!outdated(&stored, small()));
    assert!(outdated(&stored, Argon2Params { memory_kib: 1028, ..small() }));
    assert!(outdated(&stored, Argon2Params { iterations: 2, ..small() }));
    assert!(outdated(&stored, Argon2Params { parallelism: 2, ..small() }));
    assert!(outdated(&stored.replace("$v=19", "$v=16"), small()));
    assert!(outdated(&stored.replace("$v=19", ""), small()));
    assert!(outdated(&stored.replace("argon2id", "argon2i"), small()));
    assert!(outdated(&stored.replace("$AQEBAQEBAQEBAQEBAQEBAQ$", "$AQEBAQEBAQEBAQEBAQEB$"), small()));
    assert!(outdated(&stored[..stored.len() - 3], small()), "a shorter output");
}

#[test]
fn decoy_is_ours_and_nobodys() {
    let decoy = decoy(&small());
    assert_eq!(decoy.len(), hash(b"password", &[1; 16], &small()).unwrap().len());
    let nobody = Verified { matches: false, outdated: false };
    for password in [&b""[..], &[0; 32], b"password"] {
        assert_eq!(verify(&decoy, password, &small()), Ok(nobody));
    }
}

#[test]
fn bcrypt_beyond_72_bytes() {
    // libxcrypt 4.4: 100 times `y`.
    let stored = "$2b$04$abcdefghijklmnopqrstuuwurWIdVVT4m5pTArtqnFNM69nySdHj.";
    let verified = |length: usize| verify(stored, &vec![b'y'; length], &small()).unwrap();
    assert_eq!(verified(72), Verified { matches: true, outdated: true });
    assert_eq!(verified(100), Verified { matches: true, outdated: false });
    assert!(!verified(71).matches);
    // Django's digest has no such limit.
    let stored = FIELD.iter().find(|(_, scheme, _)| *scheme == Scheme::BcryptSha256).unwrap().0;
    assert_eq!(verify(stored, &[b'y'; 100], &small()), Ok(Verified { matches: false, outdated: true }));
}

#[test]
fn too_costly_or_too_weak() {
    let salt = BASE64_NOPAD.encode(&[1; 16]);
    let output = BASE64_NOPAD.encode(&[2; 32]);
    let crypt = "a".repeat(86);
    for params in [
        "$argon2id$v=19$m=1048577,t=1,p=1",
        "$argon2id$v=19$m=4294967295,t=4294967295,p=4294967295",
        "$argon2id$v=19$m=99999999999999999999,t=1,p=1",
        "$argon2id$v=19$m=19456,t=65,p=1",
        "$argon2id$v=19$m=19456,t=0,p=1",
        "$argon2id$v=19$m=19456,t=2,p=0",
        "$argon2id$v=19$m=19456,t=2,p=65",
        "$argon2id$v=19$m=1048576,t=9,p=1",
        "$argon2id$v=19$m=8,t=1,p=1",
        "$pbkdf2-sha256$i=999",
        "$pbkdf2-sha256$10000001",
        "$pbkdf2$5000001",
        "$scrypt$ln=24,r=1,p=1",
        "$scrypt$ln=9,r=8,p=1",
        "$scrypt$ln=20,r=9,p=1",
        "$scrypt$ln=20,r=8,p=2",
        "$scrypt$ln=4294967295,r=4294967295,p=4294967295",
        "$scrypt$ln=14,r=0,p=1",
        "$6$rounds=2000001",
        "$6$rounds=999",
    ] {
        let end =
            if params.starts_with("$6") { format!("abcdefgh${crypt}") } else { format!("{salt}${output}") };
        let fault = Stored::parse(&format!("{params}${end}")).unwrap_err();
        assert!(matches!(fault, HashFault::OutOfBounds { .. }), "{params}: {fault}");
    }
    let bcrypt = Stored::parse("$2b$17$abcdefghijklmnopqrstuuwurWIdVVT4m5pTArtqnFNM69nySdHj.").unwrap_err();
    let text = "bcrypt: the cost is 17, and must be 4 to 16";
    assert_eq!(bcrypt.to_string(), text);
    for (salt, output) in [(7, 32), (65, 32), (16, 15), (16, 65)] {
        let (salt, output) = (BASE64_NOPAD.encode(&vec![1; salt]), BASE64_NOPAD.encode(&vec![2; output]));
        let fault = Stored::parse(&format!("$argon2id$v=19$m=19456,t=2,p=1${salt}${output}")).unwrap_err();
        assert!(matches!(fault, HashFault::OutOfBounds { .. }), "{fault}");
    }
    assert!(Argon2Params { memory_kib: 512, ..small() }.check().is_err());
    assert!(hash(b"password", &[0; 16], &Argon2Params { memory_kib: u32::MAX, ..small() }).is_err());
}

#[test]
fn malformed() {
    let (salt, output) = (BASE64_NOPAD.encode(&[1; 16]), BASE64_NOPAD.encode(&[2; 32]));
    for start in [
        "$argon2id$v=18$m=19456,t=2,p=1",
        "$argon2id$v=19$v=19$m=19456,t=2,p=1",
        "$argon2id$x$v=19$m=19456,t=2,p=1",
        "$argon2id$v=19$t=2,m=19456,p=1",
        "$argon2id$v=19$m=19456,t=2,p=1,keyid=AAAA",
        "$argon2id$v=19$m=019456,t=2,p=1",
        "$argon2id$v=19$m=+19456,t=2,p=1",
        "$argon2id$v=19$m=19456,t=2",
        "$argon2id$v=19",
        "$pbkdf2-sha256$i=1000,l=31",
        "$pbkdf2-sha256$l=32,i=1000",
        "$pbkdf2-sha256$-1000",
        "$scrypt$ln=14,r=8",
        "$scrypt$16,8,1",
    ] {
        let fault = Stored::parse(&format!("{start}${salt}${output}")).err();
        assert!(matches!(fault, Some(HashFault::Malformed { .. })), "{start}: {fault:?}");
    }
    for whole in [
        "$2b$+4$abcdefghijklmnopqrstuuwurWIdVVT4m5pTArtqnFNM69nySdHj.",
        "$2b$$2b$04$",
        "bcrypt$$2x$04$",
        "scrypt$16385$saltsalt$8$1$AAAA",
        "$6$salt$short",
        "$5$$",
    ] {
        let fault = Stored::parse(whole).err();
        assert!(matches!(fault, Some(HashFault::Malformed { .. })), "{whole}: {fault:?}");
    }
}

#[test]
fn unknown_formats() {
    for stored in [
        "",
        "$",
        "$$",
        "password",
        "$2x$05$abc",
        "$1$salt$hash",
        "$7$C6..../....salt$hash",
        "$y$j9T$salt$hash",
        "{SSHA}abc",
        "$argon2x$v=19$",
        "argon2id$v=19",
        "$ARGON2ID$v=19",
        " $2b$05$",
        "5f4dcc3b5aa765d61d8327deb882cf99",
    ] {
        assert_eq!(Stored::parse(stored).err(), Some(HashFault::UnknownFormat), "{stored}");
        assert_eq!(scheme_of(stored), None, "{stored}");
    }
}

/// Every cut and every changed character of every format: a fault or another hash, never a panic.
#[test]
fn cut_and_changed() {
    for &(stored, _, _) in FIELD {
        for at in 0..stored.len() {
            let _ = Stored::parse(&stored[..at]);
            for other in ["\0", "$", "=", ",", "é", "\u{1f600}", "0", "-", ""] {
                let mut changed = stored[..at].to_owned();
                changed.write_str(other).unwrap();
                changed.push_str(&stored[at + 1..]);
                let _ = Stored::parse(&changed);
            }
        }
    }
}

#[test]
fn long_input_is_refused_at_once() {
    let stored = format!("$argon2id${}", "$".repeat(1 << 20));
    assert_eq!(verify(&stored, b"password", &small()), Err(HashFault::StoredTooLong { given: stored.len() }));
    let stored = hash(b"password", &[1; 16], &small()).unwrap();
    assert_eq!(verify(&stored, &[b'x'; 1025], &small()), Err(HashFault::PasswordTooLong));
    assert_eq!(hash(&[b'x'; 1025], &[1; 16], &small()), Err(HashFault::PasswordTooLong));
    assert!(hash(&[b'x'; 1024], &[1; 16], &small()).is_ok());
}
