//! People on the wire.

use gatewright_core::{Person, admin::PersonChange};
use gatewright_plugin::{Text, outcome::moment};
use poem_openapi::{
    Object,
    types::{Example, MaybeUndefined},
};
use serde_json::{Value, json};
use time::{OffsetDateTime, macros::datetime};
use uuid::Uuid;

/// The id of the examples.
pub(crate) const SOMEBODY: Uuid = Uuid::from_u128(0x018b_cfe5_6800_7000_8000_0000_0000_0001);

/// Somebody with an account.
#[derive(Object)]
#[oai(rename = "AdminPerson", example)]
pub(crate) struct AdminPerson {
    /// Id, never used again.
    id: Uuid,
    /// The tenant.
    tenant: String,
    /// Login name, as the person writes it.
    username: String,
    /// The name to show.
    #[oai(skip_serializing_if_is_none)]
    display_name: Option<String>,
    /// The e-mail address.
    #[oai(skip_serializing_if_is_none)]
    email: Option<String>,
    /// Whether the address was proven.
    email_verified: bool,
    /// May administer the tenant, by the account itself.
    administrator: bool,
    /// May not log in.
    disabled: bool,
    /// A program, not somebody.
    service: bool,
    /// What else is known, in the core vocabulary of SCIM (RFC 7643).
    #[oai(skip_serializing_if_is_none)]
    attributes: Option<Value>,
    /// When the account was made.
    created_at: OffsetDateTime,
    /// When it was last changed.
    changed_at: OffsetDateTime,
}

impl From<Person> for AdminPerson {
    fn from(person: Person) -> Self {
        Self {
            id: person.id.0,
            tenant: person.tenant.to_string(),
            username: person.username,
            display_name: person.display_name,
            email: person.email,
            email_verified: person.email_verified,
            administrator: person.administrator,
            disabled: person.disabled,
            service: person.service,
            attributes: (!person.attributes.is_null()).then_some(person.attributes),
            created_at: moment(person.created),
            changed_at: moment(person.changed),
        }
    }
}

impl Example for AdminPerson {
    fn example() -> Self {
        Self {
            id: SOMEBODY,
            tenant: "default".to_owned(),
            username: "ann".to_owned(),
            display_name: Some("Ann Archer".to_owned()),
            email: Some("ann@example.org".to_owned()),
            email_verified: true,
            administrator: false,
            disabled: false,
            service: false,
            attributes: Some(json!({"title": "Head of sales"})),
            created_at: datetime!(2026-01-01 09:00 UTC),
            changed_at: datetime!(2026-01-02 10:00 UTC),
        }
    }
}

/// Somebody who is to have an account.
#[derive(Object)]
#[oai(rename = "AdminNewPerson", deny_unknown_fields, example)]
pub(crate) struct AdminNewPerson {
    /// Login name.
    #[oai(validator(min_length = 1, max_length = 256))]
    pub(crate) username: Text,
    /// The name to show.
    #[oai(validator(max_length = 256), skip_serializing_if_is_none)]
    pub(crate) display_name: Option<Text>,
    /// The e-mail address.
    #[oai(validator(max_length = 254), skip_serializing_if_is_none)]
    pub(crate) email: Option<Text>,
    /// May administer the tenant; only who may do all of that can say so.
    #[oai(default)]
    pub(crate) administrator: bool,
}

impl Example for AdminNewPerson {
    fn example() -> Self {
        Self {
            username: "bob".into(),
            display_name: Some("Bob Baker".into()),
            email: Some("bob@example.org".into()),
            administrator: false,
        }
    }
}

/// What is to be different; what is left out stays, and `null` takes away.
#[derive(Object)]
#[oai(rename = "AdminPersonChange", deny_unknown_fields, example)]
pub(crate) struct AdminPersonChange {
    /// Login name.
    #[oai(validator(min_length = 1, max_length = 256), skip_serializing_if_is_none)]
    username: Option<Text>,
    /// The name to show.
    #[oai(validator(max_length = 256), skip_serializing_if = "MaybeUndefined::is_undefined")]
    display_name: MaybeUndefined<Text>,
    /// The e-mail address. A new one is not verified.
    #[oai(validator(max_length = 254), skip_serializing_if = "MaybeUndefined::is_undefined")]
    email: MaybeUndefined<Text>,
    /// Whether the address is known to be the person's: a lost password may then be replaced by what is sent there.
    /// `true` takes `credentials.write` as well.
    #[oai(skip_serializing_if_is_none)]
    email_verified: Option<bool>,
    /// What else is known: a JSON object of at most 16384 bytes.
    #[oai(skip_serializing_if_is_none)]
    attributes: Option<Value>,
    /// May administer the tenant; only who may do all of that can say so.
    #[oai(skip_serializing_if_is_none)]
    administrator: Option<bool>,
}

impl Example for AdminPersonChange {
    fn example() -> Self {
        Self {
            username: None,
            display_name: MaybeUndefined::Value("Ann Baker".into()),
            email: MaybeUndefined::Undefined,
            email_verified: None,
            attributes: None,
            administrator: None,
        }
    }
}

impl From<AdminPersonChange> for PersonChange {
    fn from(change: AdminPersonChange) -> Self {
        Self {
            username: change.username.map(String::from),
            display_name: maybe(change.display_name),
            email: maybe(change.email),
            email_verified: change.email_verified,
            attributes: change.attributes,
            administrator: change.administrator,
        }
    }
}

/// Left out, taken away, or another.
fn maybe(value: MaybeUndefined<Text>) -> Option<Option<String>> {
    match value {
        MaybeUndefined::Undefined => None,
        MaybeUndefined::Null => Some(None),
        MaybeUndefined::Value(text) => Some(Some(text.into())),
    }
}
