//! Setting it up, and how a person would: with the second, the host's own tests log in through it too.

use crate::{HmacKey, Invitation, Key, Mac, Nonce, messages::mac};
use gatewright_contract::{
    Call, Challenge, Enrol, Enrolment, Fault, HostExt as _, Nothing, Rehearse, Timestamp, Violation,
    serde_json::{Value, json},
};

impl Enrol for HmacKey {
    type Invite = Nothing;
    type Invitation = Invitation;
    type Draft = (Key, Nonce);
    type Proof = Mac;
    type Reveal = Nothing;

    async fn invite(
        &self,
        _: Call<'_, Nothing, Key>,
    ) -> Result<Challenge<Invitation, (Key, Nonce), Key>, Fault> {
        let (key, nonce) = (Key::of(self.host.random_array()?), Nonce::of(self.host.random_array()?));
        Ok(Challenge::new(Invitation::of(&key, &nonce), (key, nonce)))
    }

    async fn enrol(
        &self,
        call: Call<'_, ((Key, Nonce), Mac), Key>,
    ) -> Result<Enrolment<Key, Nothing>, Fault> {
        let ((key, nonce), mac) = call.body;
        if key.fits(&nonce, &mac) {
            return Ok(Enrolment::Enrolled {
                credential: key,
                label: None,
                lookup: None,
                reveal: Nothing {},
            });
        }
        let message =
            "This is not the HMAC-SHA-256 of the nonce under the key, in 64 small hex digits.".to_owned();
        Ok(Enrolment::Rejected(vec![Violation { code: "mac_wrong".to_owned(), message }]))
    }
}

impl Rehearse for HmacKey {
    fn prove(invitation: &Invitation, _: Timestamp) -> Value {
        json!({"mac": mac(&invitation.key, &invitation.nonce)})
    }

    fn answer(invitation: &Invitation, _: &Nothing, prompt: &Value, _: Timestamp, _: usize) -> Option<Value> {
        Some(json!({"mac": mac(&invitation.key, prompt["nonce"].as_str()?)}))
    }
}
