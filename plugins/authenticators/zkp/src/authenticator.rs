//! Login: the question, and what its answer is held against.

use crate::{
    Answer, Begin, Config, Credential, Oprf, Prompt,
    bounded::Report,
    challenged::{Asked, TTL, read_key, too_long},
    fakes::Fake,
    module::MODULE,
    oprf::{BEGIN, ByService, METHOD},
    vp1::{self, Kind as Asking, Proof, PublicKey, VERSION, VERSION_BYTE},
};
use gatewright_contract::{
    Authenticator, Call, Challenge, CredentialId, Fault, Held, Host, Keypad, Kind, LogLevel, LookupKey,
    Module, Purpose, Refusal, Steps, Traits, Verdict, Violation,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use subtle::{Choice, ConstantTimeEq as _};

/// A picture, a PIN and a pattern, proven without being shown.
pub struct Zkp {
    pub(crate) config: Config,
    pub(crate) host: Host,
    pub(crate) oprf: Box<dyn Oprf>,
}

/// What is kept between challenge and answer.
#[derive(Serialize, Deserialize)]
pub struct State {
    pub(crate) asked: Asked,
    /// Whose helper was told; none: nobody's.
    pub(crate) credential: Option<CredentialId>,
}

impl Authenticator for Zkp {
    const ID: &'static str = "zkp";
    const ABOUT: &'static str = include_str!("../README.md");
    const NEEDS: &'static [&'static str] = &[METHOD, BEGIN];
    const ASKING_COUNTS: bool = true;
    const MODULE: Option<&'static Module> = Some(&MODULE);

    type Config = Config;
    type Credential = Credential;
    type Begin = Begin;
    type Prompt = Prompt;
    type State = State;
    type Answer = Answer;

    fn new(config: Config, host: Host) -> Result<Self, Fault> {
        let oprf = Box::new(ByService(host.clone()));
        Ok(Self { config, host, oprf })
    }

    fn traits(&self) -> Traits {
        Traits {
            // "PIN or pattern" (RFC 8176). Not `face`: whatever the camera saw, only the client says so.
            amr: vec!["pin".to_owned()],
            kind: Kind::Knowledge,
            phishing_resistant: false,
            many: false,
            single_use: true,
            self_service: true,
            steps: Steps { first: true, second: false, fallback: false },
        }
    }

    async fn challenge(
        &self,
        call: Call<'_, Begin, Credential>,
    ) -> Result<Challenge<Prompt, State, Credential>, Fault> {
        let scope = call.scope;
        let purpose = purpose(scope.purpose)?;
        let key = read_key(&call.body.cipher_key, Asking::Login)?;
        // The same work for everybody: a fake is made, and an evaluation asked for, whoever it is.
        let fake = Fake::of(&self.host, scope).await?;
        let held = call.credentials.iter().find(|held| held.doc.proto_version == VERSION);
        let oprf_id = held.map_or(fake.oprf_id, |held| held.doc.oprf_id.0);
        let evaluated = self.oprf.evaluate(&scope.tenant, &oprf_id, &key.blinded).await?;
        let held = held.filter(|held| self.is_of_seed(held, &evaluated.seed_id));
        let asked = Asked::new(&self.host, scope, &key, oprf_id, evaluated.seed_id)?;
        let helper = held.map_or(&fake.helper, |held| &held.doc.helper.0);
        let prompt = Prompt {
            challenge_data: asked.seal(&self.host, &evaluated, helper)?,
            proto_version: VERSION.to_owned(),
            purpose: purpose.word().to_owned(),
            tenant: asked.tenant.clone(),
            username: asked.username.clone(),
            client_id: asked.client_id.clone(),
            auth_req_id: asked.auth_req_id.clone(),
            keypad: scope.keypad.clone(),
        };
        let wake = Some(LookupKey(asked.id()));
        let state = State { asked, credential: held.map(|held| held.id) };
        Ok(Challenge { expires_in: Some(TTL), wake, ..Challenge::new(prompt, state) })
    }

    async fn verify(
        &self,
        call: Call<'_, (State, Answer), Credential>,
    ) -> Result<Verdict<Prompt, State, Credential>, Fault> {
        let (scope, (State { asked, credential }, answer)) = (call.scope, &call.body);
        let purpose = purpose(scope.purpose)?;
        let (id, proof) = read(answer)?;
        let binding = binding(purpose, answer)?;
        let fits = asked.fits(
            scope,
            answer.username.as_deref(),
            answer.auth_req_id.as_deref(),
            answer.cipher_key.as_deref(),
        );
        let fake = Fake::of(&self.host, scope).await?;
        let held = call
            .credentials
            .iter()
            .find(|held| Some(held.id) == *credential && held.doc.oprf_id == asked.oprf_id);
        let public = match held {
            Some(held) => PublicKey::parse(&held.doc.public.0)
                .ok_or_else(|| Fault::internal("the public key of a credential is damaged"))?,
            None => fake.public,
        };
        let context = asked.context(purpose, &binding)?;
        // Verified whether there is somebody or not; against a key of nobody it is always wrong.
        let proven = holds(&proof, &public, &asked.user_id()?, &context);
        let right = fits & proven & id.ct_eq(&asked.id.0);
        Ok(match held {
            _ if asked.is_over(scope) => Verdict::refused(Refusal::Expired),
            None => Verdict::refused(Refusal::NotEnrolled),
            Some(held) if right.into() => Verdict::accepted(held.id),
            Some(_) => Verdict::refused(Refusal::Wrong),
        })
    }

    fn misfits(&self, keypad: &Keypad) -> Vec<Violation> {
        self.config.misfits(keypad)
    }

    fn describe(credential: &Credential) -> Value {
        json!({"proto_version": credential.proto_version, "factors": credential.factors()})
    }
}

impl Zkp {
    /// Of another seed, the same PIN comes to another value: the person must set it up anew.
    fn is_of_seed(&self, held: &Held<Credential>, seed_id: &[u8; 8]) -> bool {
        let same = held.doc.seed_id.0 == *seed_id;
        if !same {
            let message = format!(
                "credential {} was set up under another OPRF seed and can't be used: it must be reset",
                held.id
            );
            self.host.log(LogLevel::Warn, &message);
        }
        same
    }
}

fn purpose(purpose: Purpose) -> Result<vp1::Purpose, Fault> {
    match purpose {
        Purpose::Login => Ok(vp1::Purpose::Login),
        Purpose::Elevate => Ok(vp1::Purpose::Elevate),
        Purpose::UpdateEmail => Ok(vp1::Purpose::UpdateEmail),
        _ => Err(Fault::bad_request("", "this proves who somebody is at a login, and nothing else")),
    }
}

/// Id and proof, version byte first: texts of the right shape. What they say is judged later.
fn read(answer: &Answer) -> Result<([u8; 16], [u8; 65]), Fault> {
    let bad = |field: &str| Fault::bad_request(field, "not what is described: answer the challenge anew");
    let id = vp1::bytes(&answer.challenge_id).ok_or_else(|| bad("challenge_id"))?;
    let proof = vp1::bytes(&answer.challenge_data).ok_or_else(|| bad("challenge_data"))?;
    Report::check(answer.ber.as_ref(), "ber")?;
    Report::check(answer.log_data.as_ref(), "log_data")?;
    Ok((id, proof))
}

/// The new address, where one is set, and nothing otherwise.
fn binding(purpose: vp1::Purpose, answer: &Answer) -> Result<Vec<u8>, Fault> {
    match (purpose, &answer.email) {
        (vp1::Purpose::UpdateEmail, Some(email)) => vp1::binding_of_email(email).ok_or_else(too_long),
        (vp1::Purpose::UpdateEmail, None) => Err(Fault::bad_request("email", "is missing")),
        (_, None) => Ok(Vec::new()),
        (_, Some(_)) => Err(Fault::bad_request("email", "only where the proof changes the address")),
    }
}

fn holds(proof: &[u8; 65], public: &PublicKey, user_id: &[u8], context: &[u8]) -> Choice {
    let [version, proof @ ..] = proof;
    let version = version.ct_eq(&VERSION_BYTE);
    Proof::parse(proof).map_or(Choice::from(0), |proof| proof.verify(public, user_id, context) & version)
}
