//! Where a code is sent: an address or a number, checked, compared and masked.

use gatewright_contract::{Secret, in_sealed_document};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Longest address (RFC 5321, section 4.5.3.1.3, without its angle brackets).
pub(crate) const MAX_BYTES: usize = 254;
/// Longest part before the `@` (RFC 5321, section 4.5.3.1.1).
const MAX_LOCAL_BYTES: usize = 64;

/// How a code travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Delivery {
    /// Mail.
    Email,
    /// Text message.
    Sms,
    /// A call that reads it out.
    Voice,
}

/// Three words. (Derived, the documented variants would become three schemas of one word.)
impl JsonSchema for Delivery {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "OtpDelivery".into()
    }
    fn inline_schema() -> bool {
        true
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "string", "enum": ["email", "sms", "voice"]})
    }
}

impl Delivery {
    /// The word on the wire.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Sms => "sms",
            Self::Voice => "voice",
        }
    }

    /// Authentication method reference (RFC 8176, section 2); for mail there is only the general one.
    pub(crate) fn amr(self) -> &'static str {
        match self {
            Self::Email => "otp",
            Self::Sms => "sms",
            Self::Voice => "tel",
        }
    }

    /// What an address or number must be.
    pub(crate) fn rule(self) -> &'static str {
        match self {
            Self::Email => "an e-mail address such as ann@example.com",
            Self::Sms | Self::Voice => "a number with its country code, such as +4366012345678 (E.164)",
        }
    }
}

/// The document of one contact, sealed at rest.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contact {
    /// How it is reached.
    pub delivery: Delivery,
    /// The address or number.
    #[serde(with = "in_sealed_document")]
    pub value: Secret<String>,
}

impl Contact {
    /// Checks what somebody has typed; `None` when nothing can be sent there.
    pub(crate) fn read(delivery: Delivery, typed: &str) -> Option<Self> {
        let value = match delivery {
            _ if typed.len() > MAX_BYTES => None,
            Delivery::Email => address(typed.trim()),
            Delivery::Sms | Delivery::Voice => number(typed),
        };
        Some(Self { delivery, value: Secret::new(value?) })
    }

    /// Whether it is the same place, however it is written: most servers take capital letters for small ones.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.delivery == other.delivery
            && self.value.expose().to_lowercase() == other.value.expose().to_lowercase()
    }

    /// For who knows it already, and for nobody else.
    pub(crate) fn masked(&self) -> String {
        match (self.delivery, self.value.expose().rsplit_once('@')) {
            (Delivery::Email, Some((local, domain))) => {
                let top = domain.rsplit_once('.').map_or("", |(_, top)| top);
                masked_address(first(local), first(domain), top)
            }
            _ => {
                let digits: Vec<char> = self.value.expose().chars().filter(char::is_ascii_digit).collect();
                masked_number(digits.iter().skip(digits.len().saturating_sub(2)).collect::<String>().as_str())
            }
        }
    }
}

/// The mask of somebody who does not exist: the same for the same name at each try.
pub(crate) fn decoy(delivery: Delivery, pseudonym: &[u8; 32]) -> String {
    let letter = |byte: u8| char::from(b'a' + byte % 26);
    match delivery {
        Delivery::Email => masked_address(letter(pseudonym[1]), letter(pseudonym[2]), "com"),
        Delivery::Sms | Delivery::Voice => masked_number(&format!("{:02}", pseudonym[3] % 100)),
    }
}

fn masked_address(local: char, domain: char, top: &str) -> String {
    format!("{local}***@{domain}***.{top}")
}

fn masked_number(last: &str) -> String {
    format!("***{last}")
}

fn first(text: &str) -> char {
    text.chars().next().unwrap_or('*')
}

/// As much of RFC 5321, section 4.1.2 as people have: no quoting, no literals, nothing that ends a header line.
fn address(typed: &str) -> Option<String> {
    let (local, domain) = typed.rsplit_once('@')?;
    let plain = |c: char| !c.is_control() && !c.is_whitespace() && !"<>()[]\\,;:\"@".contains(c);
    let local_ok = (1..=MAX_LOCAL_BYTES).contains(&local.len())
        && local.chars().all(plain)
        && !local.split('.').any(str::is_empty);
    let label_ok = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_alphanumeric() || c == '-')
    };
    let domain_ok = domain.contains('.') && domain.split('.').all(label_ok);
    (local_ok && domain_ok).then(|| format!("{local}@{}", domain.to_lowercase()))
}

/// E.164: a plus sign, a country code, at most 15 digits in all.
fn number(typed: &str) -> Option<String> {
    let bare: String = typed.chars().filter(|c| !matches!(c, ' ' | '-' | '.' | '(' | ')' | '/')).collect();
    let digits = bare.strip_prefix('+')?;
    let ok = (7..=15).contains(&digits.len())
        && !digits.starts_with('0')
        && digits.bytes().all(|b| b.is_ascii_digit());
    ok.then_some(bare)
}
