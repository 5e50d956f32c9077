//! A client that has a number in the place of a picture: what the picture comes to, another test shows.

use crate::{
    Invitation, Prompt,
    vp1::{
        self, Challenge, CipherKey, Commitment, Context, Envelope, Helper, KeyPair, Kind, Proof, PublicKey,
        binding, binding_of_email,
    },
};
use curve25519_dalek::Scalar;
use serde_json::{Value, json};

/// A question of a client, with the key to read the reply.
pub(super) struct Asking {
    pub(super) secret: KeyPair,
    pub(super) key: CipherKey,
}

impl Asking {
    pub(super) fn login(n: u8) -> Self {
        Self::of(Kind::Login, n)
    }

    pub(super) fn enrol(n: u8) -> Self {
        Self::of(Kind::Enrol, n)
    }

    fn of(kind: Kind, n: u8) -> Self {
        let secret = KeyPair::derive(&[n; 32]);
        let blinded = PublicKey::of(&Scalar::from(u64::from(n) + 2)).unwrap().to_bytes();
        let key = CipherKey { kind, epk: *secret.public(), blinded };
        Self { secret, key }
    }

    pub(super) fn text(&self) -> String {
        self.key.text()
    }

    /// What is sealed in `challenge_data`.
    pub(super) fn open(&self, data: &str, prompt: [&str; 3]) -> Option<Challenge> {
        let [tenant, username, auth_req_id] = prompt;
        let aad = Challenge::aad(tenant, username, auth_req_id, &self.key)?;
        let sealed: [u8; 450] = vp1::bytes(data)?;
        Challenge::parse(&vp1::open(&self.secret, Challenge::INFO, &aad, &sealed)?)
    }

    pub(super) fn read(&self, prompt: &Prompt) -> Challenge {
        self.open(&prompt.challenge_data, [&prompt.tenant, &prompt.username, &prompt.auth_req_id]).unwrap()
    }
}

/// Somebody with a secret.
#[derive(Clone)]
pub(super) struct Player {
    pub(super) secret: Scalar,
    pub(super) helper: [u8; Helper::BYTES],
    pub(super) origin: String,
}

impl Player {
    pub(super) fn new(n: u8) -> Self {
        let helper = Helper::usual([n; 16], [n; 255]).to_bytes();
        Self { secret: vp1::wide(&[n; 64]), helper, origin: super::ORIGIN.to_owned() }
    }

    /// The proof for what was told.
    pub(super) fn proof(
        &self,
        asking: &Asking,
        prompt: &Prompt,
        told: &Challenge,
        binding: &[u8],
    ) -> [u8; 64] {
        let context = Context {
            purpose: &prompt.purpose,
            tenant: &prompt.tenant,
            username: &prompt.username,
            client_id: &prompt.client_id,
            auth_req_id: &prompt.auth_req_id,
            origin: &self.origin,
            challenge_id: &told.id,
            nonce: &told.nonce,
            epk: &asking.key.epk,
            issued: told.issued,
            binding,
        };
        let user = vp1::user_id(&prompt.tenant, &prompt.username).unwrap();
        let proof = vp1::prove(&self.secret, &user, &context.bytes().unwrap(), &[9; 32]).unwrap();
        proof.to_bytes()
    }

    /// What is sent for it.
    pub(super) fn answer(&self, asking: &Asking, prompt: &Prompt) -> Value {
        let told = asking.read(prompt);
        answer(&told.id, &self.proof(asking, prompt, &told, b""))
    }

    /// The same, to give the account another address.
    pub(super) fn answer_for_email(&self, asking: &Asking, prompt: &Prompt, email: &str) -> Value {
        let (told, prompt) =
            (asking.read(prompt), Prompt { purpose: "update-email".to_owned(), ..prompt.clone() });
        let proof = self.proof(asking, &prompt, &told, &binding_of_email(email).unwrap());
        let mut answer = answer(&told.id, &proof);
        answer["email"] = json!(email);
        answer
    }

    /// What is sealed to set it up.
    pub(super) fn commitment(
        &self,
        asking: &Asking,
        invitation: &Invitation,
        email: &str,
        code: &str,
    ) -> Commitment {
        let prompt = as_prompt(invitation);
        let told = asking.read(&prompt);
        let code = (invitation.purpose == "reset").then_some(code);
        let binding = binding(email, &self.helper, code).unwrap();
        Commitment {
            challenge_id: told.id,
            public: PublicKey::of(&self.secret).unwrap().to_bytes(),
            proof: self.proof(asking, &prompt, &told, &binding),
            helper: self.helper,
        }
    }

    /// What is sent to set it up.
    pub(super) fn commit(&self, asking: &Asking, invitation: &Invitation, email: &str, code: &str) -> Value {
        let commitment = self.commitment(asking, invitation, email, code);
        sealed(&commitment, invitation, email, code)
    }
}

pub(super) fn as_prompt(invitation: &Invitation) -> Prompt {
    let read = serde_json::to_value(invitation).unwrap();
    let mut prompt = read.as_object().unwrap().clone();
    prompt.remove("hpke_public_key");
    prompt.remove("kid");
    serde_json::from_value(prompt.into()).unwrap()
}

pub(super) fn answer(id: &[u8; 16], proof: &[u8; Proof::BYTES]) -> Value {
    let data = vp1::text(&[&[1][..], proof].concat());
    json!({"challenge_id": vp1::text(id), "challenge_data": data})
}

/// The envelope of what is sealed to the invitation's key.
pub(super) fn envelope(plain: &[u8], invitation: &Invitation, email: &str) -> Envelope {
    let kid = vp1::bytes(&invitation.kid).unwrap();
    let aad = Envelope::aad(
        &invitation.purpose,
        &invitation.tenant,
        &invitation.username,
        email,
        &invitation.auth_req_id,
    );
    let to = vp1::bytes(&invitation.hpke_public_key).unwrap();
    let fill = |buffer: &mut [u8]| -> Result<(), ()> {
        buffer.fill(3);
        Ok(())
    };
    let sealed = vp1::seal(&to, &Envelope::info(&kid), &aad.unwrap(), plain, fill).unwrap();
    Envelope { version: 1, kid, sealed: sealed.try_into().unwrap() }
}

pub(super) fn sealed(commitment: &Commitment, invitation: &Invitation, email: &str, code: &str) -> Value {
    let text = envelope(&commitment.to_bytes(), invitation, email).text();
    json!({"encrypted_commitment": text, "proto_version": "vp1", "email": email, "code": code})
}
