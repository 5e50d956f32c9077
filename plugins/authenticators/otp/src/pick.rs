//! Where a code goes: what was asked for, of what the person has.

use crate::{Contact, Delivery, Otp, contact, own};
use gatewright_contract::{CredentialId, Fault, Held, Purpose, Scope};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a client may say when it asks for a code.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(example = Begin { delivery: Some(Delivery::Email), contact: None })]
pub struct Begin {
    /// How to send it. Left out: after a first proof the best way that the person has, before it the best that is offered.
    pub delivery: Option<Delivery>,
    /// Which of several: the id or the label of a contact. Left out: the first that was set up.
    #[schemars(length(max = 254))]
    pub contact: Option<String>,
}

/// A contact that can be asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub struct Choice {
    /// Its id, for `contact`.
    pub contact: CredentialId,
    /// How it is reached.
    pub delivery: Delivery,
    /// The address or number, masked.
    pub to: String,
}

/// What has come out.
pub(crate) struct Picked {
    /// How the code is sent, or would be.
    pub(crate) delivery: Delivery,
    /// Where; nowhere for who does not exist or has nothing of the kind.
    pub(crate) target: Option<Target>,
}

/// An address or number.
pub(crate) struct Target {
    /// The credential; none for the person's own address.
    pub(crate) credential: Option<CredentialId>,
    pub(crate) contact: Contact,
    label: Option<String>,
}

impl Target {
    fn is_called(&self, name: &str) -> bool {
        match self.credential {
            Some(id) => self.label.as_deref() == Some(name) || id.to_string() == name,
            None => name == "email",
        }
    }
}

impl Otp {
    /// What is refused here is refused whoever asks; only who has proven something is told what they have.
    pub(crate) fn pick(&self, scope: &Scope, held: &[Held<Contact>], asked: &Begin) -> Result<Picked, Fault> {
        let offered = self.offered(scope.purpose);
        if asked.contact.as_ref().is_some_and(|name| name.len() > contact::MAX_BYTES) {
            return Err(Fault::bad_request("contact", "at most 254 bytes"));
        }
        if let Some(wish) = asked.delivery.filter(|wish| !offered.contains(wish)) {
            let message = format!("codes are not sent by {} here", wish.as_str());
            return Err(Fault::bad_request("delivery", message));
        }
        let Some(best) = offered.first() else {
            return Err(Fault::bad_request("", "codes are not sent for this here"));
        };
        // Before a proof the way is the one that was asked for, or the same for all: which of them somebody has would
        // tell that there is somebody.
        let wish = if scope.first { asked.delivery.or(Some(*best)) } else { asked.delivery };
        let fits = |target: &Target| {
            wish.is_none_or(|wish| wish == target.contact.delivery)
                && asked.contact.as_ref().is_none_or(|name| target.is_called(name))
        };
        let place = |target: &Target| offered.iter().position(|d| *d == target.contact.delivery);
        let all = self.targets(scope, held);
        let some = !all.is_empty();
        let target = all.into_iter().filter(|t| place(t).is_some() && fits(t)).min_by_key(place);
        if target.is_none() && some && !scope.first {
            return Err(Fault::bad_request("", "no contact of this kind or name has been set up"));
        }
        let delivery = target.as_ref().map(|t| t.contact.delivery).or(wish).unwrap_or(*best);
        Ok(Picked { delivery, target })
    }

    /// What somebody who has proven something may choose from.
    pub(crate) fn choices(&self, held: &[Held<Contact>]) -> Vec<Choice> {
        let offered = held.iter().filter(|h| self.config.deliveries.contains(&h.doc.delivery));
        offered.map(|h| Choice { contact: h.id, delivery: h.doc.delivery, to: h.doc.masked() }).collect()
    }

    fn offered(&self, purpose: Purpose) -> &[Delivery] {
        match purpose {
            Purpose::Reset => &self.config.reset_deliveries,
            _ => &self.config.deliveries,
        }
    }

    /// What was set up, oldest first; to replace something lost also the person's own address.
    fn targets(&self, scope: &Scope, held: &[Held<Contact>]) -> Vec<Target> {
        let of = |h: &Held<Contact>| Target {
            credential: Some(h.id),
            contact: h.doc.clone(),
            label: h.label.clone(),
        };
        let mut all: Vec<Target> = held.iter().map(of).collect();
        if scope.purpose == Purpose::Reset {
            all.extend(own(scope).map(|contact| Target { credential: None, contact, label: None }));
        }
        all
    }
}
