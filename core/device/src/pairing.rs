//! A device becomes one of a person's: the person's window shows a QR code, the device answers it with its key, and
//! the person types in the window what the device shows.

use crate::{Jwk, Picture, PublicKey, Statement, base64url, clean, link, statement::from_base64url, wake};
use aws_lc_rs::digest::{SHA256, digest};
use gatewright_contract::{
    Fault, Host, HostExt as _, LookupKey, Scope, Secret, Violation, in_sealed_document,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;
use subtle::ConstantTimeEq as _;

/// Longest name of a device, in characters.
const NAME_CHARS: usize = 64;
/// Longest address of a push service, in bytes.
const ENDPOINT_BYTES: usize = 1024;
/// Most certificates, and how long each of them may be in base64.
const CERTIFICATES: usize = 4;
const CERTIFICATE_CHARS: usize = 6 * 1024;

/// What the person is shown. Whoever sees it may answer it; the digits that the person types say whose answer counts.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline, example = Invitation::example())]
pub struct Invitation {
    /// For the app on another device or on this one: server, tenant, authenticator, `wake` and `nonce`; and `vapid`, the
    /// key to subscribe for where this server wakes devices.
    pub link: String,
    /// `link` as a QR code, an SVG document.
    pub qr_svg: String,
    /// `link` as a QR code, a PNG file in base64: put `data:image/png;base64,` before it.
    pub qr_png_base64: String,
}

impl Invitation {
    /// For the document; the pictures are cut short.
    fn example() -> Self {
        Self {
            link: "gatewright:pair?server=https%3A%2F%2Fid.example.com&tenant=default&for=push&wake=AAECAwQFBgcICQoLDA0ODw&nonce=EBESExQVFhcYGRobHB0eHyAhIiMkJSYnKCkqKywtLi8"
                .to_owned(),
            qr_svg: "<svg viewBox=\"0 0 65 65\" xmlns=\"http://www.w3.org/2000/svg\">…</svg>".to_owned(),
            qr_png_base64: "iVBORw0KGgo…".to_owned(),
        }
    }
}

/// What a device answers to an invitation.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub struct Pair {
    /// Its public key, made for this pairing and for no other.
    pub key: Jwk,
    /// What it is called, at most 64 characters: the person sees it in the list.
    #[schemars(length(max = 64))]
    pub name: String,
    /// Where it can be woken (Web Push); without it, the device asks by itself.
    #[serde(default)]
    pub push: Option<Subscription>,
    /// Where the authenticator wants them: the certificate of the key and those above it, DER in base64.
    #[serde(default)]
    #[schemars(length(max = 4))]
    pub certificates: Vec<String>,
    /// Of `key`, over the statement `pair`: 64 bytes in base64url.
    #[schemars(length(max = 128))]
    pub signature: String,
}

/// A Web Push subscription, as the browser's `PushSubscription` has it (W3C Push API).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub struct Subscription {
    /// Address at the push service.
    #[schemars(length(max = 1024))]
    pub endpoint: String,
    /// The device's public key for messages: a point on P-256, 65 bytes in base64url (RFC 8291).
    #[schemars(length(max = 100))]
    pub p256dh: String,
    /// The secret that goes with it: 16 bytes in base64url.
    #[schemars(length(max = 32))]
    pub auth: String,
}

/// Holds a secret.
impl fmt::Debug for Subscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscription").field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}

/// What is kept of a device that is paired.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Device {
    /// Its key.
    pub key: PublicKey,
    /// Where it can be woken.
    #[serde(default)]
    pub push: Option<Subscription>,
    /// The certificate of its key and those above it, DER in base64; empty where none is asked for.
    #[serde(default)]
    pub certificates: Vec<String>,
}

/// What the person sends to finish.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(inline, example = serde_json::json!({"check": "0417"}))]
pub struct Proof {
    /// The four digits that the device shows. Left out: only asks whether a device has answered yet.
    #[schemars(length(max = 16))]
    pub check: Option<String>,
}

/// An invitation that waits for its device.
#[derive(Debug, Serialize, Deserialize)]
pub struct Pairing {
    /// The name under which the device's answer finds it.
    wake: String,
    #[serde(with = "in_sealed_document")]
    nonce: Secret<String>,
    label: Option<String>,
    answered: Option<Answered>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Answered {
    device: Device,
    name: String,
}

/// How a pairing stands.
#[derive(Debug)]
pub enum Finish {
    /// No device has answered.
    Waiting,
    /// One has, and nobody has said that it is the right one.
    Unconfirmed(Violation),
    /// It is the person's.
    Paired {
        /// The document.
        device: Device,
        /// What to call it.
        label: String,
        /// What finds it.
        lookup: LookupKey,
    },
}

impl Pairing {
    /// Invites a device of the scope's person.
    ///
    /// # Errors
    /// 400 for a name that is too long, and those of the random numbers.
    pub fn invite(
        host: &Host,
        scope: &Scope,
        authenticator: &str,
        label: Option<&str>,
        web_push_key: Option<&str>,
    ) -> Result<(Invitation, Self, LookupKey), Fault> {
        let label = label.map(|l| clean(l, usize::MAX)).filter(|l| !l.is_empty());
        if label.as_ref().is_some_and(|l| l.chars().count() > NAME_CHARS) {
            return Err(Fault::bad_request("label", format!("at most {NAME_CHARS} characters")));
        }
        let (wake, nonce) = (wake(host)?, base64url(&host.random_array::<32>()?));
        let mut more = vec![("wake", wake.as_str()), ("nonce", &nonce)];
        more.extend(web_push_key.map(|key| ("vapid", key)));
        let link = link("pair", scope, authenticator, &more);
        let picture = Picture::of(&link)?;
        let invitation = Invitation { qr_svg: picture.svg(), qr_png_base64: picture.png_base64()?, link };
        let key = LookupKey(wake.clone());
        Ok((invitation, Self { wake, nonce: Secret::new(nonce), label, answered: None }, key))
    }

    /// The bytes that a device signs: the nonce is in them, so that only who has seen the invitation can.
    pub fn statement(
        scope: &Scope,
        authenticator: &str,
        (wake, nonce): (&str, &str),
        key: &PublicKey,
        pair: &Pair,
    ) -> Statement {
        let push = pair.push.as_ref();
        Statement::new("pair", scope.tenant.as_str(), authenticator)
            .with("wake", wake)
            .with("nonce", nonce)
            .with("key", &key.thumbprint())
            .with("name", &pair.name)
            .with("endpoint", push.map_or("", |p| &p.endpoint))
            .with("p256dh", push.map_or("", |p| &p.p256dh))
            .with("auth", push.map_or("", |p| &p.auth))
            .with("certificates", &pair.certificates.join(","))
    }

    /// Takes a device's answer, the first that is right; `None`: refused.
    pub fn answered(mut self, scope: &Scope, authenticator: &str, pair: Pair) -> Option<Self> {
        let key = PublicKey::read(&pair.key)?;
        let name = clean(&pair.name, NAME_CHARS);
        let fits = self.answered.is_none()
            && !name.is_empty()
            && pair.name.len() <= 4 * NAME_CHARS
            && pair.push.as_ref().is_none_or(Subscription::has_form)
            && pair.certificates.len() <= CERTIFICATES
            && pair.certificates.iter().all(|c| c.len() <= CERTIFICATE_CHARS);
        if !fits {
            return None;
        }
        let place = (self.wake.as_str(), self.nonce.expose().as_str());
        let statement = Self::statement(scope, authenticator, place, &key, &pair);
        if !key.has_signed(&statement, &pair.signature) {
            return None;
        }
        let device = Device { key, push: pair.push, certificates: pair.certificates };
        self.answered = Some(Answered { device, name });
        Some(self)
    }

    /// The device that has answered.
    pub fn device(&self) -> Option<&Device> {
        self.answered.as_ref().map(|a| &a.device)
    }

    /// What the person typed against what the device that has answered must show.
    pub fn finish(self, scope: &Scope, authenticator: &str, proof: &Proof) -> Finish {
        let Some(Answered { device, name }) = self.answered else { return Finish::Waiting };
        let check = Self::check(scope, authenticator, self.nonce.expose(), &device.key);
        let typed: String =
            proof.check.iter().flat_map(|t| t.chars().take(16)).filter(|c| !c.is_whitespace()).collect();
        if typed.is_empty() {
            return Finish::Unconfirmed(Violation {
                code: "check_needed".to_owned(),
                message: "A device has answered. Type the four digits that yours shows.".to_owned(),
            });
        }
        if !bool::from(typed.as_bytes().ct_eq(check.as_bytes())) {
            return Finish::Unconfirmed(Violation {
                code: "check_wrong".to_owned(),
                message:
                    "These are not the digits of the device that has answered. If yours shows them, somebody \
                          else's was faster: begin again, where nobody sees the picture."
                        .to_owned(),
            });
        }
        let lookup = LookupKey(device.key.thumbprint());
        Finish::Paired { device, label: self.label.unwrap_or(name), lookup }
    }

    /// The four digits that a device shows once its answer has been taken. Another key has others.
    pub fn check(scope: &Scope, authenticator: &str, nonce: &str, key: &PublicKey) -> String {
        let statement = Statement::new("check", scope.tenant.as_str(), authenticator)
            .with("nonce", nonce)
            .with("key", &key.thumbprint());
        let hash = digest(&SHA256, statement.as_bytes());
        let number = hash.as_ref().iter().take(4).fold(0_u32, |n, b| (n << 8) | u32::from(*b));
        format!("{:04}", number % 10_000)
    }
}

impl Subscription {
    /// Whether it may be one. Where it leads is looked at each time something goes there.
    fn has_form(&self) -> bool {
        let bytes = |text: &str, long: usize| from_base64url(text, long).is_some_and(|b| b.len() == long);
        let url = url::Url::parse(&self.endpoint);
        self.endpoint.len() <= ENDPOINT_BYTES
            && url.is_ok_and(|u| matches!(u.scheme(), "https" | "http") && u.username().is_empty())
            && bytes(&self.p256dh, 65)
            && bytes(&self.auth, 16)
    }
}
