//! Which chains are good.

use super::kit::*;
use crate::{Config, Revocation};
use rcgen::{BasicConstraints, ExtendedKeyUsagePurpose, IsCa, KeyUsagePurpose};

#[test]
fn a_good_certificate_lets_in_who_has_set_it_up() {
    let root = root("people");
    let card = Card::new(&root, params("ada"));
    assert!(is_in(config(), &Trusting::one(&root), &[&card.der]));
}

#[test]
fn one_that_is_not_for_this_does_not() {
    let root = root("people");
    let host = Trusting::one(&root);
    let other = super::kit::root("people");
    let with = |change: fn(&mut rcgen::CertificateParams)| {
        let mut params = params("ada");
        change(&mut params);
        Card::new(&root, params)
    };
    for (card, what) in [
        (Card::new(&root, valid(params("ada"), -30, -1)), "expired"),
        (Card::new(&root, valid(params("ada"), 1, 30)), "not yet valid"),
        (Card::new(&other, params("ada")), "of another authority of the same name"),
        (with(|p| p.is_ca = IsCa::Ca(BasicConstraints::Unconstrained)), "an authority"),
        (with(|p| p.extended_key_usages = Vec::new()), "without a purpose"),
        (with(|p| p.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth]), "of a server"),
        (with(|p| p.extended_key_usages = vec![ExtendedKeyUsagePurpose::Any]), "for anything"),
        (with(|p| p.key_usages = Vec::new()), "without a key usage"),
        (with(|p| p.key_usages = vec![KeyUsagePurpose::KeyEncipherment]), "for encryption"),
    ] {
        assert!(!is_in(config(), &host, &[&card.der]), "{what}");
    }
    // The root itself, and somebody's own root.
    assert!(!is_in(config(), &host, &[root.der()]));
    assert!(!is_in(config(), &host, &[other.der()]));
}

#[test]
fn a_revoked_one_does_not_and_neither_does_one_of_which_nobody_knows() {
    let root = root("people");
    let card = Card::new(&root, params("ada"));
    let with = |crls: &[Vec<u8>], revocation| {
        let host = Trusting::new(&[root.der()], crls);
        is_in(Config { revocation, ..config() }, &host, &[&card.der])
    };
    let serial = card.serial.as_slice();
    let (revoked, stale) = (crl(&root, -1, 1, &[serial]), crl(&root, -9, -1, &[]));
    let other = super::kit::root("people");
    for revocation in [Revocation::Chain, Revocation::Leaf] {
        assert!(with(&[crl(&root, -1, 1, &[b"\x01"])], revocation));
        assert!(!with(std::slice::from_ref(&revoked), revocation), "revoked");
        assert!(!with(&[], revocation), "no list");
        assert!(!with(std::slice::from_ref(&stale), revocation), "a list that is too old");
        assert!(!with(&[crl(&other, -1, 1, &[])], revocation), "a list of somebody else");
        // The old list said nothing of it, and is still in a file.
        let old = crl(&root, -5, 5, &[]);
        assert!(
            !with(&[old.clone(), revoked.clone()], revocation) && !with(&[revoked.clone(), old], revocation)
        );
    }
    assert!(with(&[revoked], Revocation::Off));
}

#[test]
fn an_authority_between_must_be_one_and_not_revoked() {
    let root = root("people");
    let between = |change: fn(&mut rcgen::CertificateParams)| {
        let mut params = authority("between");
        params.serial_number = Some(rcgen::SerialNumber::from(77));
        change(&mut params);
        let issuer = below(&root, params);
        let card = Card::new(&issuer, params_of_ada());
        (issuer, card)
    };
    let lists = |issuer: &Issuer| vec![crl(&root, -1, 1, &[]), crl(issuer, -1, 1, &[])];
    let check = |issuer: &Issuer, card: &Card, crls: &[Vec<u8>], revocation| {
        let host = Trusting::new(&[root.der()], crls);
        is_in(Config { revocation, ..config() }, &host, &[&card.der, issuer.der()])
    };
    let (issuer, card) = between(|_| {});
    assert!(check(&issuer, &card, &lists(&issuer), Revocation::Chain));
    assert!(!is_in(config(), &Trusting::new(&[root.der()], &lists(&issuer)), &[&card.der]), "it is missing");
    // Its own list is there, that of the root is not.
    let half = [crl(&issuer, -1, 1, &[])];
    assert!(
        !check(&issuer, &card, &half, Revocation::Chain) && check(&issuer, &card, &half, Revocation::Leaf)
    );
    let gone = [crl(&root, -1, 1, &[&[77]]), crl(&issuer, -1, 1, &[])];
    assert!(!check(&issuer, &card, &gone, Revocation::Chain));

    for (change, what) in [
        ((|p: &mut rcgen::CertificateParams| p.is_ca = IsCa::ExplicitNoCa) as fn(&mut _), "no authority"),
        (
            |p| p.key_usages = vec![KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::CrlSign],
            "no key for it",
        ),
        (|p| *p = valid(p.clone(), -30, -1), "expired"),
        (|p| p.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth], "for servers only"),
    ] {
        let (issuer, card) = between(change);
        assert!(!check(&issuer, &card, &[], Revocation::Off), "{what}");
    }
}

fn params_of_ada() -> rcgen::CertificateParams {
    params("ada")
}

#[test]
fn a_path_is_no_longer_than_its_authority_allows() {
    let root = root("people");
    let host = Trusting::one(&root);
    let off = || Config { revocation: Revocation::Off, ..config() };
    for (length, good) in [(1, true), (0, false)] {
        let mut first = authority("first");
        first.is_ca = IsCa::Ca(BasicConstraints::Constrained(length));
        let first = below(&root, first);
        let second = below(&first, authority("second"));
        let card = Card::new(&second, params("ada"));
        assert_eq!(is_in(off(), &host, &[&card.der, second.der(), first.der()]), good, "{length}");
    }
}

#[test]
fn a_root_ends_some_day() {
    let key = rcgen::KeyPair::generate().unwrap();
    let root = rcgen::CertifiedIssuer::self_signed(valid(authority("old"), -30, -1), key).unwrap();
    let card = Card::new(&root, params("ada"));
    let off = Config { revocation: Revocation::Off, ..config() };
    assert!(!is_in(off, &Trusting::one(&root), &[&card.der]));
}

#[test]
fn what_is_no_certificate_is_refused_and_nothing_worse() {
    let root = root("people");
    let host = Trusting::one(&root);
    let card = Card::new(&root, params("ada"));
    let longer = [card.der.as_slice(), b"\0"].concat();
    let many: Vec<&[u8]> = std::iter::repeat_n(card.der.as_slice(), 9).collect();
    let large = vec![0x30; 17 * 1024];
    assert!(!is_in(config(), &host, &[&longer]), "something after it");
    assert!(!is_in(config(), &host, &many), "nine");
    assert!(!is_in(config(), &host, &[&card.der, &large]), "a large one");
    for length in (0..card.der.len()).step_by(7) {
        assert!(!is_in(config(), &host, &[&card.der[..length]]), "{length} bytes");
        let mut bent = card.der.clone();
        bent[length] ^= 0x55;
        assert!(!is_in(config(), &host, &[&bent]), "byte {length}");
    }
}
