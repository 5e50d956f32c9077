//! Setting up an address or a number: a code goes there, and comes back.

use crate::{Contact, Delivery, Otp, code::Kept, contact::MAX_BYTES};
use gatewright_contract::{
    Call, Challenge, Effects, Enrol, Enrolment, Fault, Held, Nothing, Purpose, Secret, Violation,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Longest name that a person may give a contact, in characters.
const MAX_LABEL_CHARS: usize = 64;

/// The contact to set up.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(example = json!({"delivery": "email", "value": "ann@example.com", "label": "work"}))]
pub struct Invite {
    /// How it is reached.
    pub delivery: Delivery,
    /// The address, or the number in E.164 form.
    #[schemars(length(max = 254))]
    pub value: String,
    /// A name for it, for the person's own list: at most 64 characters.
    #[serde(default)]
    #[schemars(length(max = 64))]
    pub label: Option<String>,
}

/// What the person is told.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(example = Invitation {
    delivery: Delivery::Email, to: "a***@e***.com".to_owned(), digits: 6, life_seconds: 300,
})]
pub struct Invitation {
    /// How the code was sent.
    pub delivery: Delivery,
    /// Where it was sent, masked.
    pub to: String,
    /// How many digits the code has.
    pub digits: u8,
    /// How long it is good, in seconds.
    pub life_seconds: u32,
}

/// What is kept between the two steps.
#[derive(Serialize, Deserialize)]
pub struct Draft {
    contact: Contact,
    label: Option<String>,
    /// None where an administrator answers for it.
    kept: Option<Kept>,
}

/// What the person sends to finish.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(example = json!({"code": "123 456"}))]
pub struct Proof {
    /// The code that was sent. White space and hyphens in it do not count. An administrator needs none.
    #[serde(default)]
    #[schemars(length(max = 64), with = "String")]
    pub code: Option<Secret<String>>,
}

impl Enrol for Otp {
    type Invite = Invite;
    type Invitation = Invitation;
    type Draft = Draft;
    type Proof = Proof;
    type Reveal = Nothing;

    async fn invite(
        &self,
        call: Call<'_, Invite, Contact>,
    ) -> Result<Challenge<Invitation, Draft, Contact>, Fault> {
        let Invite { delivery, value, label } = call.body;
        if !self.config.deliveries.contains(&delivery) {
            let message = format!("codes are not sent by {} here", delivery.as_str());
            return Err(Fault::bad_request("delivery", message));
        }
        if value.len() > MAX_BYTES {
            return Err(Fault::bad_request("value", "at most 254 bytes"));
        }
        let contact = Contact::read(delivery, &value)
            .ok_or_else(|| Fault::bad_request("value", format!("not {}", delivery.rule())))?;
        let label = read_label(label)?;
        if let Some(broken) = self.broken(&contact, call.credentials) {
            return Err(Fault::bad_request("", broken.message));
        }
        let invitation = Invitation {
            delivery,
            to: contact.masked(),
            digits: self.config.digits,
            life_seconds: self.config.life_seconds,
        };
        if call.scope.purpose == Purpose::Provision {
            return Ok(Challenge::new(invitation, Draft { contact, label, kept: None }));
        }
        if !self.config.allowance().take(&self.host, call.scope, "enrol").await? {
            return Err(Fault::bad_request("", "too many codes have been sent; wait some minutes"));
        }
        let (code, kept) = Kept::fresh(&self.host, self.config.digits)?;
        let message = self.message(delivery, "otp", (contact.value.clone(), code));
        Ok(Challenge {
            expires_in: Some(self.config.life()),
            effects: Effects { credentials: Vec::new(), send: vec![message] },
            ..Challenge::new(invitation, Draft { contact, label, kept: Some(kept) })
        })
    }

    async fn enrol(
        &self,
        call: Call<'_, (Draft, Proof), Contact>,
    ) -> Result<Enrolment<Contact, Nothing>, Fault> {
        let (Draft { contact, label, kept }, Proof { code }) = call.body;
        // Asked again: two invitations may have been open at the same time.
        if let Some(broken) = self.broken(&contact, call.credentials) {
            return Ok(Enrolment::Rejected(vec![broken]));
        }
        let proven = match (&kept, &code) {
            (Some(kept), Some(code)) => kept.is(code.expose()),
            (Some(_), None) => return Err(Fault::bad_request("code", "send the code that came")),
            (None, _) => call.scope.purpose == Purpose::Provision,
        };
        Ok(match proven {
            true => Enrolment::Enrolled { credential: contact, label, lookup: None, reveal: Nothing {} },
            false => Enrolment::Rejected(vec![violation(
                "code_wrong",
                "This is not the code that was sent. Type the newest one, or ask for another.".to_owned(),
            )]),
        })
    }
}

impl Otp {
    /// Why this contact can't be added.
    fn broken(&self, contact: &Contact, held: &[Held<Contact>]) -> Option<Violation> {
        let most = self.config.max_contacts;
        if held.iter().any(|h| h.doc.is_same(contact)) {
            return Some(violation("already_there", "This contact has been set up already.".to_owned()));
        }
        (held.len() >= usize::from(most)).then(|| {
            violation("too_many", format!("At most {most} addresses and numbers. Remove one first."))
        })
    }
}

fn violation(code: &str, message: String) -> Violation {
    Violation { code: code.to_owned(), message }
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
