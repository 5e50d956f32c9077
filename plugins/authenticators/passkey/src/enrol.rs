//! Setting up a passkey.

use crate::{
    Attestation, Credential, Invitation, Passkey, Wanted,
    ceremony::{self, Party},
    credential::lookup,
    options::{Algorithm, CreationOptions, Descriptor, Extensions, Party as RelyingParty, Selection, User},
};
use data_encoding::BASE64URL_NOPAD;
use gatewright_contract::{Call, Challenge, Enrol, Enrolment, Fault, Held, LogLevel, Nothing, Violation};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;
use webauthn_rs_core::proto::Credential as Registered;

/// Longest name that a person may give a passkey, in characters.
const MAX_LABEL_CHARS: usize = 64;

/// What a client may say when it asks to enrol.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(example = Invite { label: Some("Laptop".to_owned()) })]
pub struct Invite {
    /// A name for this passkey, for the person's own list: at most 64 characters.
    #[schemars(length(max = 64))]
    pub label: Option<String>,
}

/// What is kept between the two steps.
#[derive(Debug, Serialize, Deserialize)]
pub struct Draft {
    pub(crate) challenge: String,
    pub(crate) user_verification: Wanted,
    pub(crate) label: Option<String>,
}

/// What the browser sends to finish.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(example = json!({"credential": {
    "id": "-R85HbTJsv3g6nAYnLo_tj9Xm6YSKzOtlP8-wzAIS-Q",
    "type": "public-key",
    "response": {
        "clientDataJSON": "eyJ0eXBlIjoid2ViYXV0aG4uY3JlYXRlIiwi…",
        "attestationObject": "o2NmbXRkbm9uZWdhdHRTdG10oGhhdXRoRGF0YVik…",
        "transports": ["internal", "hybrid"],
    },
    "clientExtensionResults": {"credProps": {"rk": true}},
}}))]
pub struct Proof {
    /// The credential that `navigator.credentials.create` gave, as its `toJSON()` writes it.
    pub credential: Attestation,
}

impl Enrol for Passkey {
    type Invite = Invite;
    type Invitation = Invitation;
    type Draft = Draft;
    type Proof = Proof;
    type Reveal = Nothing;

    async fn invite(
        &self,
        call: Call<'_, Invite, Credential>,
    ) -> Result<Challenge<Invitation, Draft, Credential>, Fault> {
        if let Some(full) = self.full(call.credentials.len()) {
            return Err(Fault::bad_request("", full.message));
        }
        let label = read_label(call.body.label)?;
        let person = call.scope.person.as_ref();
        let person = person.ok_or_else(|| Fault::internal("nobody is to set up a passkey"))?;
        let site = &call.scope.site;
        let challenge = ceremony::challenge(&self.host)?;
        let descriptor = |held: &Held<Credential>| Descriptor::of(&held.doc.id, &held.doc.transports);
        let public_key = CreationOptions {
            rp: RelyingParty { id: site.rp_id.clone(), name: site.name.clone() },
            user: User {
                id: BASE64URL_NOPAD.encode(person.id.0.as_bytes()),
                name: person.username.clone(),
                display_name: person.display_name.clone().unwrap_or_else(|| person.username.clone()),
            },
            challenge: challenge.clone(),
            pub_key_cred_params: Algorithm::all(),
            timeout: u32::from(self.config.timeout_seconds) * 1000,
            exclude_credentials: call.credentials.iter().map(descriptor).collect(),
            authenticator_selection: Selection {
                resident_key: self.config.discoverable,
                require_resident_key: self.config.discoverable == Wanted::Required,
                user_verification: self.config.user_verification,
            },
            attestation: if self.trusted.asks() { "direct" } else { "none" }.to_owned(),
            extensions: Extensions { cred_props: true },
        };
        let draft = Draft { challenge, user_verification: self.config.user_verification, label };
        let expires_in = Some(self.timeout());
        Ok(Challenge { expires_in, ..Challenge::new(Invitation { public_key }, draft) })
    }

    async fn enrol(
        &self,
        call: Call<'_, (Draft, Proof), Credential>,
    ) -> Result<Enrolment<Credential, Nothing>, Fault> {
        // Asked again: two invitations may have been open at the same time.
        if let Some(full) = self.full(call.credentials.len()) {
            return Ok(Enrolment::Rejected(vec![full]));
        }
        let (draft, Proof { credential: answer }) = &call.body;
        let mut sent = answer.read()?;
        if !self.trusted.asks() {
            let object = std::mem::take(&mut sent.response.attestation_object);
            sent.response.attestation_object = ceremony::unattested(object);
        }
        let exclude: Vec<String> = call.credentials.iter().map(|held| held.doc.id.clone()).collect();
        if exclude.contains(&BASE64URL_NOPAD.encode(&sent.raw_id)) {
            return Ok(rejected("already_there", "This passkey is set up already."));
        }
        let asked = (draft.challenge.as_str(), draft.user_verification);
        let made = Party::of(&call.scope.site).register(&sent, asked, &exclude, self.config.allow_synced);
        let made = match made {
            Ok(made) => made,
            Err(no) => {
                // A wrong `site` shows here first.
                self.host.log(LogLevel::Info, &format!("a new passkey is refused: {}", no.why()));
                return Ok(rejected("passkey_refused", no.why()));
            }
        };
        let data = ceremony::authenticator_data(&sent.response.attestation_object).and_then(|data| data.acd);
        let aaguid = data.map_or_else(Uuid::nil, |acd| Uuid::from_bytes(acd.aaguid));
        if self.trusted.asks() && !self.trusted.vouches_for(&made, aaguid, call.scope.now) {
            let message =
                "Passkeys of this model may not be used here. Use one that your administrator has named.";
            return Ok(rejected("model_refused", message));
        }
        let discoverable = answer.client_extension_results.cred_props.as_ref().and_then(|p| p.rk);
        if self.config.discoverable == Wanted::Required && discoverable == Some(false) {
            let message =
                "This device did not keep the passkey for a login without a username. Use another one.";
            return Ok(rejected("not_discoverable", message));
        }
        Ok(Enrolment::Enrolled {
            lookup: Some(lookup(&made.cred_id)),
            credential: self.document(made, aaguid, answer.transports(), discoverable),
            label: draft.label.clone(),
            reveal: Nothing {},
        })
    }
}

impl Passkey {
    fn document(
        &self,
        made: Registered,
        aaguid: Uuid,
        transports: Vec<String>,
        discoverable: Option<bool>,
    ) -> Credential {
        let model = self.trusted.asks().then(|| self.trusted.name_of(aaguid)).flatten();
        Credential {
            id: BASE64URL_NOPAD.encode(&made.cred_id),
            key: made.cred,
            counter: made.counter,
            user_verified: made.user_verified,
            backup_eligible: made.backup_eligible,
            backed_up: made.backup_state,
            transports,
            aaguid: aaguid.to_string(),
            model: model.map(str::to_owned),
            discoverable,
        }
    }

    fn full(&self, held: usize) -> Option<Violation> {
        let most = self.config.max_credentials;
        (held >= usize::from(most)).then(|| Violation {
            code: "too_many".to_owned(),
            message: format!("At most {most} passkeys. Remove one first."),
        })
    }
}

fn rejected(code: &str, message: impl Into<String>) -> Enrolment<Credential, Nothing> {
    Enrolment::Rejected(vec![Violation { code: code.to_owned(), message: message.into() }])
}

fn read_label(label: Option<String>) -> Result<Option<String>, Fault> {
    let label = label.map(|l| l.trim().to_owned()).filter(|l| !l.is_empty());
    match &label {
        Some(l) if l.chars().count() > MAX_LABEL_CHARS || l.chars().any(char::is_control) => {
            Err(Fault::bad_request("label", "at most 64 characters, none of them a control character"))
        }
        _ => Ok(label),
    }
}
