//! The zero-knowledge factor on the wire of the contract: how its values are written, and the one refusal.

use data_encoding::BASE64URL_NOPAD;
use gatewright_contract::{LookupKey, Violation};
use gatewright_core::{Grant, Problem, engine::Progress};

/// The authenticator behind it.
pub const ZKP: &str = "zkp";

/// The version of the protocol.
pub const VERSION: &str = "vp1";

/// Bytes of a key that a challenge is sealed to, and of a proof.
pub const KEY_BYTES: usize = 65;
/// Characters of the same.
pub const KEY_TEXT: usize = 87;
/// Bytes of the id of a challenge.
const ID_BYTES: usize = 16;

/// The bytes of a value of fixed length.
///
/// # Errors
/// A mistake of form in `field`.
pub fn bytes<const N: usize>(field: &str, text: &str) -> Result<[u8; N], Problem> {
    let decoded = BASE64URL_NOPAD.decode(text.as_bytes()).ok();
    decoded.and_then(|bytes| bytes.try_into().ok()).ok_or_else(|| {
        Problem::invalid(format!(
            "{field}: must be {N} bytes in base64url without padding (RFC 4648, section 5)."
        ))
    })
}

/// What finds the challenge of this id.
///
/// # Errors
/// A mistake of form.
pub fn challenge_key(id: &str) -> Result<LookupKey, Problem> {
    bytes::<ID_BYTES>("challenge_id", id)?;
    Ok(LookupKey(id.to_owned()))
}

/// A proof of a challenge is written as it should be.
///
/// # Errors
/// A mistake of form.
pub fn is_proof(text: &str) -> Result<(), Problem> {
    bytes::<KEY_BYTES>("challenge_data", text).map(drop)
}

/// The version is the one that is spoken here.
///
/// # Errors
/// A mistake of form.
pub fn is_spoken(version: &str) -> Result<(), Problem> {
    match version == VERSION {
        true => Ok(()),
        false => Err(Problem::invalid(format!("proto_version: must be `{VERSION}`."))),
    }
}

/// 422, the same for every proof that is not accepted, whatever the reason.
pub fn not_accepted(field: &str) -> Problem {
    let message = "The proof was not accepted. Ask for a new challenge and try again.".to_owned();
    Problem::violations(vec![Violation { code: field.to_owned(), message }])
}

/// What came of a proof, without a difference between wrong, unknown, used, too late and somebody else's. What says nothing about
/// the proof stays: too many tries, a login that is not recent, a server that can't.
pub fn alike(field: &str, problem: Problem) -> Problem {
    match problem.status {
        400 | 401 | 404 | 409 => not_accepted(field),
        _ => problem,
    }
}

/// The same, where other things can go wrong as well: what is said of them stays.
pub fn refusal(field: &str, problem: Problem) -> Problem {
    let refused = |v: &Violation| v.code == "commitment_refused";
    match problem.code {
        "authentication_failed" | "unknown_transaction" | "step_out_of_order" => not_accepted(field),
        "rejected" if problem.violations.iter().any(refused) => not_accepted(field),
        _ => problem,
    }
}

/// A login in one step, which is all that the contract has.
///
/// # Errors
/// 403 for who owes another step, [`not_accepted`] for everything else that is no grant.
pub fn in_one_step(progress: Progress) -> Result<Grant, Problem> {
    match progress {
        Progress::Done(grant) => Ok(*grant),
        Progress::More(_) => {
            Err(Problem::forbidden("Something else is to be proven or set up. Log in at the login page."))
        }
        _ => Err(not_accepted("challenge_data")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn values_have_one_spelling() {
        let key = BASE64URL_NOPAD.encode(&[7; KEY_BYTES]);
        assert_eq!(key.len(), KEY_TEXT);
        assert!(is_proof(&key).is_ok());
        let id = BASE64URL_NOPAD.encode(&[255; ID_BYTES]);
        assert_eq!(challenge_key(&id).ok(), Some(LookupKey(id.clone())));
        // The last character has bits that belong to nothing.
        let other = format!("{}x", &id[..id.len() - 1]);
        let bad = [String::new(), format!("{id}="), format!("{id}A"), other, id.replace('_', "/")];
        for bad in bad {
            let refused = challenge_key(&bad).expect_err(&bad);
            assert_eq!((refused.status, refused.code), (400, "invalid_request"));
            assert!(refused.detail.starts_with("challenge_id: "), "{}", refused.detail);
        }
    }

    #[test]
    fn one_version_is_spoken() {
        assert!(is_spoken("vp1").is_ok());
        for other in ["", "VP1", "vp1-pq", "vp1 "] {
            assert!(is_spoken(other).is_err(), "{other}");
        }
    }

    #[test]
    fn where_more_can_go_wrong_only_refusals_are_alike() {
        let refused = Violation { code: "commitment_refused".to_owned(), message: "no".to_owned() };
        let one = not_accepted("encrypted_commitment");
        for problem in [Problem::refused(), Problem::violations(vec![refused])] {
            let said = refusal("encrypted_commitment", problem);
            assert_eq!((said.status, &said.detail, &said.violations), (422, &one.detail, &one.violations));
        }
        let name = Violation { code: "username".to_owned(), message: "no".to_owned() };
        for problem in
            [Problem::unauthenticated(), Problem::conflict("taken"), Problem::violations(vec![name])]
        {
            let (status, detail) = (problem.status, problem.detail.clone());
            let said = refusal("encrypted_commitment", problem);
            assert_eq!((said.status, said.detail), (status, detail));
        }
    }

    #[test]
    fn refusals_are_alike_and_what_is_none_stays() {
        let refusals = [
            Problem::refused(),
            Problem::unknown_transaction(),
            Problem::out_of_order("later"),
            Problem::conflict("first"),
            Problem::invalid("challenge_data: not a scalar"),
        ];
        let one = not_accepted("challenge_data");
        for refusal in refusals {
            let said = alike("challenge_data", refusal);
            assert_eq!(
                (said.status, said.code, &said.detail, &said.violations),
                (422, one.code, &one.detail, &one.violations)
            );
        }
        let wait = Duration::from_secs(3);
        for other in [Problem::too_many(wait), Problem::forbidden("no"), Problem::unavailable(None)] {
            let (status, detail) = (other.status, other.detail.clone());
            let said = alike("challenge_data", other);
            assert_eq!((said.status, said.detail), (status, detail));
        }
    }
}
