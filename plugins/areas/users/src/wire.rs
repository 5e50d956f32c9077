//! People on the wire.

use gatewright_contract::Violation;
use gatewright_core::{
    Problem,
    admin::{PersonForm, User},
};
use gatewright_plugin::{Text, outcome::moment};
use poem_openapi::{ApiResponse, Object, payload::Json, types::Example};
use time::{OffsetDateTime, macros::datetime};

/// Somebody with an account.
#[derive(Object)]
#[oai(rename = "User", deny_unknown_fields, example)]
pub(crate) struct VaultUser {
    /// Its id, which the server gives: when an account is made, what is sent is not looked at.
    #[oai(validator(max_length = 64))]
    pub(crate) user_id: Text,
    /// Login name.
    #[oai(validator(min_length = 1, max_length = 128))]
    pub(crate) username: Text,
    /// The e-mail address; empty for none.
    #[oai(validator(max_length = 254))]
    pub(crate) email: Text,
    /// The tenant: that of the path.
    #[oai(validator(max_length = 64))]
    pub(crate) tenant_id: Text,
    /// May not log in. To set or end it takes `people.disable`.
    #[oai(default)]
    pub(crate) is_disabled: bool,
    /// Whether the address is known to be the person's: a lost password may then be replaced by what is sent there. To say
    /// so takes `credentials.write`.
    #[oai(default)]
    pub(crate) is_verified: bool,
    /// When the account was made. Not looked at.
    #[oai(skip_serializing_if_is_none)]
    pub(crate) created_at: Option<OffsetDateTime>,
    /// When it was last changed. Not looked at.
    #[oai(skip_serializing_if_is_none)]
    pub(crate) updated_at: Option<OffsetDateTime>,
    /// Language of the person, as a tag of BCP 47.
    #[oai(validator(max_length = 35), skip_serializing_if_is_none)]
    pub(crate) locale: Option<Text>,
    /// Names of the roles that the person has for all of the tenant. Left out: they stay, or the caller may not know them.
    #[oai(validator(max_items = 100), skip_serializing_if_is_none)]
    pub(crate) roles: Option<Vec<Text>>,
    /// What somebody else calls the person.
    #[oai(validator(max_length = 256), skip_serializing_if_is_none)]
    pub(crate) external_id: Option<Text>,
}

impl VaultUser {
    /// What the account is to be. `path`: the tenant, and the user where the path names one.
    pub(crate) fn form(self, tenant: &str, user: Option<&str>) -> Result<PersonForm, Problem> {
        if *self.tenant_id != *tenant {
            return Err(mismatch("tenant_id"));
        }
        if user.is_some_and(|user| !user.eq_ignore_ascii_case(&self.user_id)) {
            return Err(mismatch("user_id"));
        }
        let some = |text: String| (!text.is_empty()).then_some(text);
        Ok(PersonForm {
            username: self.username.into(),
            email: some(self.email.into()),
            email_verified: self.is_verified,
            disabled: self.is_disabled,
            locale: self.locale.map(String::from),
            external_id: self.external_id.map(String::from),
            roles: self.roles.map(|roles| roles.into_iter().map(String::from).collect()),
        })
    }
}

/// The path wins, and another one in the body is a mistake.
fn mismatch(field: &str) -> Problem {
    let message = format!("`{field}` is not that of the path.");
    Problem::violations(vec![Violation { code: field.to_owned(), message }])
}

impl From<User> for VaultUser {
    fn from(user: User) -> Self {
        let (locale, external_id) = (user.locale().map(Text::from), user.external_id().map(Text::from));
        let person = user.person;
        Self {
            user_id: person.id.to_string().into(),
            username: person.username.into(),
            email: person.email.unwrap_or_default().into(),
            tenant_id: person.tenant.as_str().into(),
            is_disabled: person.disabled,
            is_verified: person.email_verified,
            created_at: Some(moment(person.created)),
            updated_at: (person.rev > 1).then(|| moment(person.changed)),
            locale,
            roles: user.roles.map(|roles| roles.into_iter().map(Text::from).collect()),
            external_id,
        }
    }
}

impl Example for VaultUser {
    fn example() -> Self {
        Self {
            user_id: "018bcfe5-6800-7000-8000-000000000001".into(),
            username: "ann".into(),
            email: "ann@example.org".into(),
            tenant_id: "default".into(),
            is_disabled: false,
            is_verified: false,
            created_at: Some(datetime!(2026-01-01 09:00 UTC)),
            updated_at: None,
            locale: Some("en-GB".into()),
            roles: None,
            external_id: Some("4711".into()),
        }
    }
}

/// A page of people.
#[derive(Object)]
#[oai(rename = "UserPage", example)]
pub(crate) struct UserPage {
    /// These.
    pub(crate) data: Vec<VaultUser>,
    /// Whether there are more after them.
    pub(crate) has_next: bool,
    /// How many there are in all.
    pub(crate) total_count: u64,
}

impl Example for UserPage {
    fn example() -> Self {
        Self { data: vec![VaultUser::example()], has_next: false, total_count: 1 }
    }
}

#[derive(ApiResponse)]
pub(crate) enum UserReply {
    /// The person, as they are now.
    #[oai(status = 200)]
    User(Json<VaultUser>),
}

/// 200 with this.
pub(crate) fn shown(user: User) -> UserReply {
    UserReply::User(Json(user.into()))
}
