use super::{
    player::{as_prompt, envelope, sealed},
    strict::too_large,
    *,
};
use crate::vp1::{self, Commitment, Helper};
use gatewright_contract::{Asker, Purpose, TenantId};
use std::thread;

struct Table {
    zkp: Zkp,
    player: Player,
    asking: Asking,
}

fn table() -> Table {
    Table { zkp: zkp(&House::new()), player: Player::new(5), asking: Asking::enrol(1) }
}

impl Table {
    /// Asks, and finishes with what is made of the invitation.
    fn done(
        &self,
        scope: &Scope,
        held: &[Held<Credential>],
        proof: impl FnOnce(&Invitation) -> Value,
    ) -> Result<Credential, String> {
        let invitation = invited(&self.zkp, scope, held, &self.asking).unwrap();
        enrols(&self.zkp, scope, held, proof(&invitation)).unwrap()
    }

    fn commit(&self, invitation: &Invitation) -> Value {
        self.player.commit(&self.asking, invitation, "", "")
    }

    /// With another commitment than the right one, sealed all the same.
    fn with(&self, change: impl FnOnce(&mut Commitment)) -> Result<Credential, String> {
        self.done(&anna(), &[], |invitation| {
            let mut commitment = self.player.commitment(&self.asking, invitation, "", "");
            change(&mut commitment);
            sealed(&commitment, invitation, "", "")
        })
    }
}

#[track_caller]
fn refused(done: Result<Credential, String>) {
    assert_eq!(done.err().as_deref(), Some("commitment_refused"));
}

#[test]
fn what_is_kept_is_what_was_proven() {
    let t = table();
    let invitation = invited(&t.zkp, &anna(), &[], &t.asking).unwrap();
    assert_eq!((invitation.challenge_data.len(), invitation.purpose.as_str()), (600, "register"));
    assert_eq!((invitation.hpke_public_key.len(), invitation.kid.len()), (43, 11));
    let proof = t.commit(&invitation);
    assert_eq!(proof["encrypted_commitment"].as_str().unwrap().len(), 639);
    let kept = enrols(&t.zkp, &anna(), &[], proof).unwrap().unwrap();
    assert!(kept.public.0 == vp1::PublicKey::of(&t.player.secret).unwrap().to_bytes());
    assert!(kept.helper.0 == t.player.helper);
    assert_eq!((kept.flags, kept.proto_version.as_str(), kept.created), (3, "vp1", NOON));
    assert_eq!(kept.seed_id.0, [1; 8]);
}

#[test]
fn each_enrolment_has_a_key_of_its_own() {
    let t = table();
    let [a, b] = [(); 2].map(|()| t.done(&anna(), &[], |i| t.commit(i)).unwrap());
    assert!(a.oprf_id != b.oprf_id);
}

#[test]
fn the_factors_are_those_that_the_tenant_asks_for() {
    let t = table();
    let asks = |pin, pattern| Scope { keypad: Keypad { pin, pattern, ..Keypad::default() }, ..anna() };
    for (scope, flags) in [(asks(Some(6), None), 1), (asks(None, Some(4)), 2), (asks(Some(3), Some(3)), 3)] {
        assert_eq!(t.done(&scope, &[], |i| t.commit(i)).unwrap().flags, flags);
    }
    // Asked under the old settings, answered under the new: what was asked counts.
    let invitation = invited(&t.zkp, &anna(), &[], &t.asking).unwrap();
    let kept = enrols(&t.zkp, &asks(Some(6), None), &[], t.commit(&invitation)).unwrap().unwrap();
    assert_eq!(kept.flags, 3);
}

#[test]
fn each_occasion_has_its_word() {
    let t = table();
    let held = [kept(&t.zkp, &t.player)];
    let reset = Scope { purpose: Purpose::Reset, ..anna() };
    let change = Scope { purpose: Purpose::Enrol, ..anna() };
    let register = Scope { purpose: Purpose::Enrol, ..anna() };
    let occasions = [("register", register, &[][..]), ("change", change, &held), ("reset", reset, &held)];
    for (word, scope, held) in &occasions {
        let code = if *word == "reset" { "a-mailed-code" } else { "" };
        for other in ["register", "change", "reset"] {
            let done = t.done(scope, held, |invitation| {
                assert_eq!(invitation.purpose, *word);
                let invitation = Invitation { purpose: other.to_owned(), ..invitation.clone() };
                t.player.commit(&t.asking, &invitation, "", code)
            });
            assert_eq!(done.is_ok(), other == *word, "{other} for {word}");
        }
    }
}

#[test]
fn address_and_code_are_those_of_the_proof() {
    let t = table();
    let reset = Scope { purpose: Purpose::Reset, ..anna() };
    for (scope, code) in [(anna(), ""), (reset, "a-mailed-code")] {
        let done = |change: &dyn Fn(&mut Value)| {
            t.done(&scope, &[], |invitation| {
                let mut proof = t.player.commit(&t.asking, invitation, "anna@example.com", code);
                change(&mut proof);
                proof
            })
        };
        assert!(done(&|_| ()).is_ok());
        refused(done(&|proof| proof["email"] = json!("eve@example.com")));
        refused(done(&|proof| proof["email"] = json!("")));
        let other_code = done(&|proof| proof["code"] = json!("another-code"));
        assert_eq!(other_code.is_err(), !code.is_empty(), "where there is one");
    }
    // Sealed for one address, proven for another.
    refused(t.done(&anna(), &[], |invitation| {
        let commitment = t.player.commitment(&t.asking, invitation, "anna@example.com", "");
        sealed(&commitment, invitation, "eve@example.com", "")
    }));
}

#[test]
fn an_invitation_is_good_once_right_or_wrong() {
    let t = table();
    let invitation = invited(&t.zkp, &anna(), &[], &t.asking).unwrap();
    let proof = t.commit(&invitation);
    assert!(enrols(&t.zkp, &anna(), &[], proof.clone()).unwrap().is_ok());
    refused(enrols(&t.zkp, &anna(), &[], proof).unwrap());

    let invitation = invited(&t.zkp, &anna(), &[], &t.asking).unwrap();
    let mut wrong = t.player.commitment(&t.asking, &invitation, "", "");
    wrong.proof = [0; 64];
    refused(enrols(&t.zkp, &anna(), &[], sealed(&wrong, &invitation, "", "")).unwrap());
    refused(enrols(&t.zkp, &anna(), &[], t.commit(&invitation)).unwrap());
}

#[test]
fn of_two_at_once_one_gets_it() {
    let t = table();
    for _ in 0..32 {
        let invitation = invited(&t.zkp, &anna(), &[], &t.asking).unwrap();
        let proof = t.commit(&invitation);
        let send = || enrols(&t.zkp, &anna(), &[], proof.clone()).unwrap().is_ok();
        let won = thread::scope(|s| {
            let all: Vec<_> = (0..4).map(|_| s.spawn(send)).collect();
            all.into_iter().map(|one| one.join().unwrap()).filter(|won| *won).count()
        });
        assert_eq!(won, 1);
    }
}

/// What is other when it is answered, and whether it is accepted all the same.
type Change = (&'static str, fn(&mut Scope), bool);

#[test]
fn an_invitation_is_good_for_two_minutes_and_for_whom_it_was() {
    let t = table();
    let asker = Asker { client: Some("spa".into()), request: Some("ar-1".into()), origin: None };
    let anna = Scope { asker, ..anna() };
    let player = Player { origin: String::new(), ..t.player.clone() };
    let changes: [Change; 7] = [
        ("nothing", |_| (), true),
        ("120 seconds", |scope| *scope = later(scope, 120), true),
        ("another program may finish it", |scope| scope.asker.client = None, true),
        ("121 seconds", |scope| *scope = later(scope, 121), false),
        ("name", |scope| scope.claimed = Some("berta".into()), false),
        ("request", |scope| scope.asker.request = None, false),
        ("tenant", |scope| scope.tenant = TenantId::parse("other").unwrap(), false),
    ];
    for (what, change, fine) in changes {
        let mut then = anna.clone();
        change(&mut then);
        let invitation = invited(&t.zkp, &anna, &[], &t.asking).unwrap();
        let proof = player.commit(&t.asking, &invitation, "", "");
        assert_eq!(enrols(&t.zkp, &then, &[], proof).unwrap().is_ok(), fine, "{what}");
        // Sealed as if it had been asked then.
        let mut as_then = t.player.commitment(&t.asking, &invitation, "", "");
        as_then.proof = [1; 64];
        let asked_then = invited(&t.zkp, &then, &[], &t.asking).unwrap();
        refused(enrols(&t.zkp, &then, &[], sealed(&as_then, &asked_then, "", "")).unwrap());
    }
}

#[test]
fn what_somebody_else_was_asked_is_refused_though_it_is_sealed_right() {
    let t = table();
    let berta = Scope { claimed: Some("berta".into()), ..anna() };
    let of_anna = invited(&t.zkp, &anna(), &[], &t.asking).unwrap();
    let of_berta = invited(&t.zkp, &berta, &[], &t.asking).unwrap();
    let commitment = t.player.commitment(&t.asking, &of_anna, "", "");
    refused(enrols(&t.zkp, &berta, &[], sealed(&commitment, &of_berta, "", "")).unwrap());
}

#[test]
fn keys_change_by_themselves_and_the_last_one_is_still_good() {
    let t = table();
    let day = 86_400;
    let kid = |scope: &Scope| invited(&t.zkp, scope, &[], &t.asking).unwrap().kid;
    // The first second of an epoch of thirty days.
    let begin = NOON.as_secs().div_euclid(30 * day) * 30 * day;
    let at = |seconds| Scope { now: Timestamp::from_secs(begin + seconds), ..anna() };
    assert_eq!(kid(&at(0)), kid(&at(30 * day - 1)));
    assert_ne!(kid(&at(-1)), kid(&at(0)));
    let invitation = invited(&t.zkp, &at(-1), &[], &t.asking).unwrap();
    assert!(enrols(&t.zkp, &at(60), &[], t.commit(&invitation)).unwrap().is_ok());
    // Asked anew, and sealed to a key that is two epochs old.
    let old = invited(&t.zkp, &at(-1), &[], &t.asking).unwrap();
    let late = at(30 * day);
    let new = invited(&t.zkp, &late, &[], &t.asking).unwrap();
    let commitment = t.player.commitment(&t.asking, &new, "", "");
    let told = Invitation { hpke_public_key: old.hpke_public_key, kid: old.kid, ..new };
    refused(enrols(&t.zkp, &late, &[], sealed(&commitment, &told, "", "")).unwrap());
}

#[test]
fn what_does_not_hold_is_refused_in_one_way() {
    let t = table();
    assert!(t.with(|_| ()).is_ok());
    refused(t.with(|c| c.challenge_id = [9; 16]));
    refused(t.with(|c| c.public = [0; 32]));
    refused(t.with(|c| c.public = [0xff; 32]));
    refused(t.with(|c| c.public = vp1::PublicKey::of(&curve25519_dalek::Scalar::ONE).unwrap().to_bytes()));
    for large in too_large() {
        refused(t.with(|c| c.proof[..32].copy_from_slice(&large)));
        refused(t.with(|c| c.proof[32..].copy_from_slice(&large)));
    }
    refused(t.with(|c| c.proof[0] ^= 1));
    // A byte of each part of the helper: salt, cost, lengths, names, sketch.
    for at in [0, 15, 16, 19, 20, 21, 22, 23, 24, 38, 39, 40, 52, 53, 54, 308] {
        refused(t.with(|c| c.helper[at] ^= 1));
    }
}

#[test]
fn a_cost_that_is_too_low_is_refused_though_it_is_proven() {
    let t = table();
    for (memory, passes, lanes) in [(65_535, 3, 1), (65_536, 2, 1), (1_048_577, 3, 1), (65_536, 3, 5)] {
        let helper = Helper { memory, passes, lanes, ..Helper::usual([1; 16], [2; 255]) }.to_bytes();
        let player = Player { helper, ..t.player.clone() };
        refused(t.done(&anna(), &[], |invitation| player.commit(&t.asking, invitation, "", "")));
    }
}

#[test]
fn an_envelope_of_another_version_or_to_another_key_is_refused() {
    let t = table();
    let changed = |change: &dyn Fn(&mut vp1::Envelope)| {
        t.done(&anna(), &[], |invitation| {
            let plain = t.player.commitment(&t.asking, invitation, "", "").to_bytes();
            let mut envelope = envelope(&plain, invitation, "");
            change(&mut envelope);
            json!({"encrypted_commitment": envelope.text(), "proto_version": "vp1"})
        })
    };
    assert!(changed(&|_| ()).is_ok());
    refused(changed(&|e| e.version = 2));
    refused(changed(&|e| e.version = 0));
    refused(changed(&|e| e.kid[0] ^= 1));
    refused(changed(&|e| e.sealed[0] ^= 1));
    refused(changed(&|e| e.sealed[469] ^= 1));
    // The point zero, with which everybody agrees on the same key.
    refused(changed(&|e| e.sealed[..32].fill(0)));
    refused(t.done(&anna(), &[], |invitation| {
        let mut plain = t.player.commitment(&t.asking, invitation, "", "").to_bytes();
        plain[0] = 2;
        json!({"encrypted_commitment": envelope(&plain, invitation, "").text(), "proto_version": "vp1"})
    }));
}

#[test]
fn other_spellings_are_no_commitments() {
    let t = table();
    let good = t.commit(&invited(&t.zkp, &anna(), &[], &t.asking).unwrap());
    let text = good["encrypted_commitment"].as_str().unwrap().to_owned();
    let wrong = [
        ("encrypted_commitment", json!("")),
        ("encrypted_commitment", json!(format!("{text}="))),
        ("encrypted_commitment", json!(format!("{text}A"))),
        ("encrypted_commitment", json!(text[..638])),
        ("proto_version", json!("vp2")),
        ("proto_version", json!("VP1")),
        ("proto_version", json!("")),
        ("log_data", json!({"status": "x".repeat(16 * 1024)})),
    ];
    for (name, value) in wrong {
        let mut proof = good.clone();
        proof[name] = value;
        assert_eq!(field(enrols(&t.zkp, &anna(), &[], proof).err().unwrap()), name);
    }
}

#[test]
fn a_challenge_of_a_login_sets_nothing_up() {
    let t = table();
    let held = [kept(&t.zkp, &t.player)];
    let login = Asking::login(1);
    assert_eq!(field(invited(&t.zkp, &anna(), &[], &login).err().unwrap()), "cipher_key");
    let asked = asks(&t.zkp, &anna(), &held, &login).unwrap();
    let invitation = invited(&t.zkp, &anna(), &held, &t.asking).unwrap();
    assert!(as_prompt(&invitation).challenge_data.len() == asked.prompt.challenge_data.len());
    let told = Invitation { challenge_data: asked.prompt.challenge_data, ..invitation };
    let commitment = t.player.commitment(&login, &told, "", "");
    refused(enrols(&t.zkp, &anna(), &held, sealed(&commitment, &told, "", "")).unwrap());
}

#[test]
fn where_the_tenant_asks_for_too_little_nothing_is_set_up() {
    let t = table();
    let weak = Scope { keypad: Keypad::default(), ..anna() };
    let said = invited(&t.zkp, &weak, &[], &t.asking).err().unwrap().to_string();
    assert!(said.contains("use_pattern") && said.contains("allow_weak_tenants"), "{said}");
}
