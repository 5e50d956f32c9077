//! Setting up a secret, for somebody new, in the place of one's own, or in the place of a lost one.

use crate::{
    Credential, Invitation, Invite, Proof, Zkp,
    bounded::Report,
    challenged::{Asked, TTL, read_key, too_long},
    keys,
    record::Fixed,
    vp1::{
        self, Commitment, Envelope, Helper, Kind, PublicKey, Purpose as Word, VERSION, VERSION_BYTE, binding,
    },
};
use gatewright_contract::{
    Call, Challenge, Enrol, Enrolment, Fault, Held, LogLevel, Nothing, Purpose, Scope, Violation,
};

/// What is left of a question that has been answered.
const SPENT: &[u8] = b"";

type Done = Enrolment<Credential, Nothing>;

impl Enrol for Zkp {
    type Invite = Invite;
    type Invitation = Invitation;
    /// Nothing: what was asked is found by what is sealed in the answer, so that somebody can be invited who has no login and no
    /// account yet.
    type Draft = Nothing;
    type Proof = Proof;
    type Reveal = Nothing;

    async fn invite(
        &self,
        call: Call<'_, Invite, Credential>,
    ) -> Result<Challenge<Invitation, Nothing, Credential>, Fault> {
        let scope = call.scope;
        if let Some(misfit) = self.config.misfits(&scope.keypad).into_iter().next() {
            return Err(Fault::bad_request("", misfit.message));
        }
        let key = read_key(&call.body.cipher_key, Kind::Enrol)?;
        // A key of its own for each enrolment: this one tells nothing about any that is there.
        let (oprf_id, evaluated) = self.oprf.begin(&scope.tenant, &key.blinded).await?;
        let asked = Asked::new(&self.host, scope, &key, oprf_id, evaluated.seed_id)?;
        let nothing = Helper::usual([0; 16], [0; 255]).to_bytes();
        let server = keys::current(&self.host, scope).await?;
        let prompt = Invitation {
            challenge_data: asked.seal(&self.host, &evaluated, &nothing)?,
            proto_version: VERSION.to_owned(),
            purpose: word(scope, call.credentials).word().to_owned(),
            tenant: asked.tenant.clone(),
            username: asked.username.clone(),
            client_id: asked.client_id.clone(),
            auth_req_id: asked.auth_req_id.clone(),
            keypad: scope.keypad.clone(),
            hpke_public_key: vp1::text(server.public()),
            kid: vp1::text(&server.kid()),
        };
        let kept = serde_json::to_vec(&asked).map_err(|e| Fault::caused("what is asked can't be kept", e))?;
        self.host.kv_cas(&scope.tenant, &place(&asked.id.0), None, &kept, Some(TTL)).await?;
        Ok(Challenge { expires_in: Some(TTL), ..Challenge::new(prompt, Nothing {}) })
    }

    async fn enrol(&self, call: Call<'_, (Nothing, Proof), Credential>) -> Result<Done, Fault> {
        let (scope, (_, proof)) = (call.scope, &call.body);
        let envelope = read(proof)?;
        let purpose = word(scope, call.credentials);
        let Some(commitment) = self.open(scope, purpose, proof, &envelope).await? else {
            return Ok(self.refuse("it was sealed to another key or for something else"));
        };
        let Some(asked) = self.spend(scope, &commitment.challenge_id).await? else {
            return Ok(self.refuse("what it answers was not asked, is too old or has been answered"));
        };
        let name = scope.claimed.as_deref().unwrap_or_default();
        let request = scope.asker.request.as_deref().unwrap_or_default();
        if asked.is_over(scope) || !bool::from(asked.fits(scope, Some(name), Some(request), None)) {
            return Ok(self.refuse("it answers what somebody else was asked"));
        }
        let Some(public) = proven(purpose, proof, &commitment, &asked)? else {
            return Ok(self.refuse("key, helper or proof don't hold"));
        };
        Ok(Enrolment::Enrolled {
            credential: Credential {
                public: Fixed(public.to_bytes()),
                oprf_id: asked.oprf_id,
                seed_id: asked.seed_id,
                helper: Fixed(commitment.helper),
                flags: asked.flags,
                proto_version: VERSION.to_owned(),
                created: scope.now,
            },
            label: None,
            lookup: None,
            reveal: Nothing {},
        })
    }
}

impl Zkp {
    async fn open(
        &self,
        scope: &Scope,
        purpose: Word,
        proof: &Proof,
        envelope: &Envelope,
    ) -> Result<Option<Commitment>, Fault> {
        let Some(key) = keys::named(&self.host, scope, &envelope.kid).await? else { return Ok(None) };
        let name = scope.claimed.as_deref().unwrap_or_default();
        let request = scope.asker.request.as_deref().unwrap_or_default();
        let aad = Envelope::aad(purpose.word(), scope.tenant.as_str(), name, &proof.email, request)
            .ok_or_else(too_long)?;
        let plain = vp1::open(&key, &Envelope::info(&envelope.kid), &aad, &envelope.sealed);
        let plain = plain.filter(|_| envelope.version == VERSION_BYTE);
        Ok(plain.and_then(|plain| Commitment::parse(&plain)))
    }

    /// Takes what was asked, once: of two that come at the same moment one gets it.
    async fn spend(&self, scope: &Scope, id: &[u8; 16]) -> Result<Option<Asked>, Fault> {
        let place = place(id);
        let Some(found) = self.host.kv_get(&scope.tenant, &place).await? else { return Ok(None) };
        if found.value == SPENT {
            return Ok(None);
        }
        match self.host.kv_cas(&scope.tenant, &place, Some(found.rev), SPENT, Some(TTL)).await {
            Ok(_) => {}
            Err(Fault::Conflict) => return Ok(None),
            Err(other) => return Err(other),
        }
        serde_json::from_slice(&found.value)
            .map(Some)
            .map_err(|e| Fault::caused("what was asked is damaged", e))
    }

    /// One refusal, whatever it is; why is for the operator.
    fn refuse(&self, why: &str) -> Done {
        self.host.log(LogLevel::Info, &format!("a new secret is refused: {why}"));
        let message = "This is not accepted. Ask again, and send a new commitment.".to_owned();
        Enrolment::Rejected(vec![Violation { code: "commitment_refused".to_owned(), message }])
    }
}

/// What the enrolment is for, as client and server both know it.
fn word(scope: &Scope, held: &[Held<Credential>]) -> Word {
    match scope.purpose {
        Purpose::Reset => Word::Reset,
        _ if held.is_empty() => Word::Register,
        _ => Word::Change,
    }
}

fn place(id: &[u8; 16]) -> String {
    format!("enrol|{}", vp1::text(id))
}

fn read(proof: &Proof) -> Result<Envelope, Fault> {
    if proof.proto_version != VERSION {
        return Err(Fault::bad_request("proto_version", "must be vp1: no other is known here"));
    }
    Report::check(proof.log_data.as_ref(), "log_data")?;
    Envelope::parse(&proof.encrypted_commitment)
        .ok_or_else(|| Fault::bad_request("encrypted_commitment", "not what is described: make a new one"))
}

/// The key of the commitment, where everything in it holds.
fn proven(
    purpose: Word,
    proof: &Proof,
    commitment: &Commitment,
    asked: &Asked,
) -> Result<Option<PublicKey>, Fault> {
    let read = || {
        let public = PublicKey::parse(&commitment.public)?;
        Helper::parse(&commitment.helper)?;
        Some((public, vp1::Proof::parse(&commitment.proof)?))
    };
    let Some((public, sent)) = read() else { return Ok(None) };
    let code = (purpose == Word::Reset).then_some(proof.code.as_str());
    let binding = binding(&proof.email, &commitment.helper, code).ok_or_else(too_long)?;
    let context = asked.context(purpose, &binding)?;
    let holds = sent.verify(&public, &asked.user_id()?, &context);
    Ok(bool::from(holds).then_some(public))
}
