//! Every text and every number has one spelling.

use crate::{
    tests::player::Asking,
    vp1::{
        self, Challenge, CipherKey, Commitment, Context, Envelope, Factors, Helper, KeyPair, Kind, NotSealed,
        Proof, PublicKey,
    },
};
use curve25519_dalek::Scalar;
use gatewright_contract::Fault;

/// Points of X25519 with which every key agrees on zero (RFC 7748, section 6.1), in their one spelling and in the others.
const LOW: [&str; 7] = [
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
];

pub(super) fn low_points() -> impl Iterator<Item = [u8; 32]> {
    LOW.iter().map(|hex| data_encoding::HEXLOWER.decode(hex.as_bytes()).unwrap().try_into().unwrap())
}

/// The order of the group (RFC 9496, section 4.4), least byte first.
const ORDER: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

/// Not below the order of the group.
pub(super) fn too_large() -> [[u8; 32]; 2] {
    [ORDER, [0xff; 32]]
}

#[test]
fn an_item_that_is_too_long_is_refused_and_not_cut() {
    let (fits, too_long) = (vec![7; 65_535], vec![7; 65_536]);
    assert_eq!(vp1::lp([&fits[..]]).unwrap()[..2], [0xff, 0xff]);
    assert!(vp1::lp([&too_long[..]]).is_none());
    let long = "x".repeat(65_536);
    assert!(vp1::user_id("acme", &long).is_none());
    assert!(vp1::binding(&long, &[0; Helper::BYTES], None).is_none());
    assert!(vp1::binding_of_email(&long).is_none());
    assert!(Challenge::aad("acme", &long, "", &Asking::login(1).key).is_none());
    assert!(Envelope::aad("register", "acme", &long, "", "").is_none());
    assert!(Context { username: &long, ..context() }.bytes().is_none());
}

#[test]
fn a_text_has_one_spelling() {
    let text = vp1::text(&[0xfb; 16]);
    assert_eq!(text.len(), 22, "a challenge id");
    assert_eq!(vp1::bytes(&text), Some([0xfb; 16]));
    let refused = |text: &str| assert!(vp1::bytes::<16>(text).is_none(), "{text}");
    refused(&format!("{text}=="));
    refused(&format!(" {text}"));
    refused(&format!("{text}\n"));
    refused(&text[..21]);
    refused(&text.replace('-', "+"));
    // Bits at the end that mean nothing.
    refused(&format!("{}x", &text[..21]));
    assert!(vp1::bytes::<15>(&text).is_none() && vp1::bytes::<17>(&text).is_none());
}

#[test]
fn everything_has_its_size() {
    assert_eq!(Asking::login(1).text().len(), 87, "cipher_key");
    assert_eq!(vp1::text(&[0; 1 + Proof::BYTES]).len(), 87, "a proof");
    assert_eq!(Helper::BYTES, 309);
    assert_eq!(Challenge::BYTES, 402);
    assert_eq!(vp1::text(&[0; 32 + Challenge::BYTES + 16]).len(), 600, "challenge_data");
    assert_eq!(Commitment::BYTES, 422);
    let sealed = Envelope { version: 1, kid: [0; 8], sealed: [0; 32 + Commitment::BYTES + 16] };
    assert_eq!(sealed.text().len(), 639, "encrypted_commitment");
    assert_eq!(32 + 16 + Helper::BYTES, 357, "a record");
}

#[test]
fn a_key_of_a_client_is_one_of_a_known_kind_with_an_element() {
    let good = Asking::login(1).key.to_bytes();
    let read = |change: &dyn Fn(&mut [u8; 65])| {
        let mut bytes = good;
        change(&mut bytes);
        CipherKey::parse(&vp1::text(&bytes)).map(|key| key.kind)
    };
    assert_eq!(read(&|_| ()), Some(Kind::Login));
    assert_eq!(read(&|b| b[0] = 2), Some(Kind::Enrol));
    for kind in [0, 3, 0xff] {
        assert_eq!(read(&|b| b[0] = kind), None);
    }
    assert_eq!(read(&|b| b[33..].fill(0)), None, "the identity");
    assert_eq!(read(&|b| b[33..].fill(0xff)), None, "no element");
    assert_eq!(read(&|b| b[33..].copy_from_slice(&[1; 32])), None, "a negative one");
    let text = vp1::text(&good);
    for other in [format!("{text}A"), text[..86].to_owned(), format!("{text}="), String::new()] {
        assert!(CipherKey::parse(&other).is_none(), "{other}");
    }
}

#[test]
fn nothing_is_sealed_to_a_point_of_low_order() {
    for low in low_points() {
        let sealed = vp1::seal(&low, b"", b"", b"", |b| -> Result<(), ()> {
            b.fill(1);
            Ok(())
        });
        assert_eq!(sealed, Err(NotSealed::Key));
        let asking = Asking::login(1);
        assert!(CipherKey::parse(&asking.text()).is_some());
        assert!(CipherKey::parse(&CipherKey { epk: low, ..asking.key }.text()).is_none());
    }
}

#[test]
fn nothing_is_sealed_without_randomness() {
    let to = KeyPair::derive(&[1; 32]);
    let dry = vp1::seal(to.public(), b"", b"", b"", |_| Err(Fault::unavailable("random bytes")));
    assert!(matches!(dry, Err(NotSealed::Random(Fault::Unavailable { .. }))));
}

#[test]
fn a_helper_is_of_its_shape_and_neither_too_cheap_nor_too_dear() {
    let good = Helper::usual([1; 16], [2; 255]).to_bytes();
    let parses = |at: usize, byte: u8| {
        let mut bytes = good;
        bytes[at] = byte;
        Helper::parse(&bytes).is_some()
    };
    let cost = |memory: u32, passes, lanes| {
        let helper = Helper { memory, passes, lanes, ..Helper::usual([1; 16], [2; 255]) };
        Helper::parse(&helper.to_bytes()).is_some()
    };
    assert!(cost(65_536, 3, 1) && cost(1_048_576, 16, 4));
    let wrong = [(65_535, 3, 1), (0, 3, 1), (65_536, 2, 1), (65_536, 3, 0)];
    let dear = [(1_048_577, 3, 1), (u32::MAX, 3, 1), (65_536, 17, 1), (65_536, 3, 5)];
    for (memory, passes, lanes) in wrong.into_iter().chain(dear) {
        assert!(!cost(memory, passes, lanes), "{memory} {passes} {lanes}");
    }
    // Salt and sketch are anything, what is between them is nothing but what it is.
    for (at, byte) in good.iter().enumerate().take(54).skip(22) {
        assert!(!parses(at, byte ^ 1), "byte {at}");
    }
    assert!(parses(0, 0xff) && parses(54, 0xff) && parses(308, 0xff));
}

#[test]
fn what_was_sealed_is_of_one_version_and_length() {
    let challenge =
        Challenge { id: [1; 16], nonce: [2; 32], issued: 3, ttl: 4, evaluated: [5; 32], helper: [6; 309] };
    let plain = challenge.to_bytes();
    assert_eq!(plain.len(), Challenge::BYTES);
    let read = Challenge::parse(&plain).unwrap();
    assert_eq!((read.issued, read.ttl, read.nonce), (3, 4, [2; 32]));
    assert!(*read.to_bytes() == *plain);
    let commitment =
        Commitment { challenge_id: [1; 16], public: [2; 32], proof: [3; 64], helper: [4; 309] }.to_bytes();
    assert!(Commitment::parse(&commitment).unwrap().to_bytes() == commitment);
    for plain in [plain.to_vec(), commitment] {
        let parses = |bytes: &[u8]| Challenge::parse(bytes).is_some() || Commitment::parse(bytes).is_some();
        assert!(!parses(&[&plain[..], &[0]].concat()), "trailing bytes");
        assert!(!parses(&plain[..plain.len() - 1]) && !parses(&[]));
        assert!(!parses(&[&[2], &plain[1..]].concat()), "version");
    }
}

#[test]
fn a_proof_is_of_numbers_below_the_order() {
    let proof = prove(&context());
    for (at, large) in too_large().into_iter().flat_map(|large| [(0, large), (32, large)]) {
        let mut bytes = proof.to_bytes();
        bytes[at..at + 32].copy_from_slice(&large);
        assert!(Proof::parse(&bytes).is_none(), "at {at}");
    }
    // The same number, written with the order added to it.
    let mut bytes = proof.to_bytes();
    let mut carry = 0;
    for (byte, order) in bytes[32..].iter_mut().zip(ORDER) {
        let sum = u16::from(*byte) + u16::from(order) + carry;
        (*byte, carry) = (sum as u8, sum >> 8);
    }
    assert!(Proof::parse(&bytes).is_none());
    assert!(vp1::prove(&Scalar::ZERO, b"", b"", &[1; 32]).is_none(), "of nothing");
}

#[test]
fn a_proof_holds_for_its_context_and_no_other() {
    let proof = prove(&context());
    assert!(holds(&proof, &context()));
    let base = context();
    let others = [
        Context { purpose: "elevate", ..base },
        Context { tenant: "acme2", ..base },
        Context { username: "Anna", ..base },
        Context { client_id: "other", ..base },
        Context { auth_req_id: "", ..base },
        Context { origin: "https://evil.example", ..base },
        Context { challenge_id: &[8; 16], ..base },
        Context { nonce: &[8; 32], ..base },
        Context { epk: &[8; 32], ..base },
        Context { issued: base.issued + 1, ..base },
        Context { binding: b"x", ..base },
        // What is moved over a border stays two things.
        Context { tenant: "acmea", username: "nna", ..base },
    ];
    for (n, other) in others.iter().enumerate() {
        assert!(!holds(&proof, other), "field {n}");
    }
    let user = vp1::user_id("acme", "berta").unwrap();
    assert!(!bool::from(proof.verify(&key(), &user, &context().bytes().unwrap())), "user id");
}

#[test]
fn two_proofs_share_no_nonce_though_the_generator_stands() {
    let other = Context { nonce: &[8; 32], ..context() };
    let (a, b) = (prove(&context()).to_bytes(), prove(&other).to_bytes());
    // r = v - c*x: of two with one v, x follows. So v must differ.
    let v = |bytes: [u8; 64]| {
        let [c, r]: [Scalar; 2] =
            [0, 32].map(|at| Scalar::from_canonical_bytes(bytes[at..at + 32].try_into().unwrap()).unwrap());
        r + c * vp1::wide(&[5; 64])
    };
    assert_ne!(v(a), v(b));
}

#[test]
fn factors_are_digits_and_cells_of_the_grid() {
    let bytes = |pin, pattern| Factors { pin, pattern }.bytes().map(|b| b.len());
    assert_eq!(bytes(None, None), Some(19), "a picture alone");
    assert_eq!(bytes(Some("012345"), Some((3, &[0, 4, 8]))), Some(28));
    assert_eq!(bytes(Some(""), None), None);
    assert_eq!(bytes(Some("12345a"), None), None);
    assert_eq!(bytes(Some("１２"), None), None, "digits of other scripts");
    for cells in [&[0, 1][..], &[0, 1, 9], &[0, 1, 0], &[]] {
        assert_eq!(bytes(None, Some((3, cells))), None, "{cells:?}");
    }
    assert_eq!(bytes(None, Some((4, &[0, 1, 15]))), Some(22));
}

fn context() -> Context<'static> {
    Context {
        purpose: "login",
        tenant: "acme",
        username: "anna",
        client_id: "spa",
        auth_req_id: "ar",
        origin: "https://id.example.com",
        challenge_id: &[1; 16],
        nonce: &[2; 32],
        epk: &[3; 32],
        issued: 4,
        binding: b"",
    }
}

fn key() -> PublicKey {
    PublicKey::of(&vp1::wide(&[5; 64])).unwrap()
}

fn prove(context: &Context<'_>) -> Proof {
    let user = vp1::user_id("acme", "anna").unwrap();
    vp1::prove(&vp1::wide(&[5; 64]), &user, &context.bytes().unwrap(), &[0; 32]).unwrap()
}

fn holds(proof: &Proof, context: &Context<'_>) -> bool {
    let user = vp1::user_id("acme", "anna").unwrap();
    proof.verify(&key(), &user, &context.bytes().unwrap()).into()
}
