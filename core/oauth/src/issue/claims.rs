//! What is told of a person: standard claims (OpenID Connect Core, section 5.1) from what is stored in SCIM's vocabulary
//! (RFC 7643, section 4.1). What is not known is left out.

use crate::{Provider, Result};
use gatewright_core::{
    Person, Tenant,
    groups::{GROUP, Group, MEMBER},
};
use serde_json::{Map, Value, json};

/// Groups of a person that are told at most.
const MOST_GROUPS: u32 = 200;

/// Each claim with the scope that covers it (section 5.4; `groups` is ours).
const CLAIMS: &[(&str, &str)] = &[
    ("name", "profile"),
    ("given_name", "profile"),
    ("family_name", "profile"),
    ("middle_name", "profile"),
    ("nickname", "profile"),
    ("preferred_username", "profile"),
    ("profile", "profile"),
    ("picture", "profile"),
    ("zoneinfo", "profile"),
    ("locale", "profile"),
    ("updated_at", "profile"),
    ("email", "email"),
    ("email_verified", "email"),
    ("phone_number", "phone"),
    ("address", "address"),
    ("groups", "groups"),
];

/// The claims about people that there are, for the discovery document.
pub fn supported() -> impl Iterator<Item = &'static str> {
    CLAIMS.iter().map(|(name, _)| *name)
}

/// The claims that are to be told: what a granted scope covers, where `all` is set, and of that what was asked for by name
/// (section 5.5) where it is not. A name that no granted scope covers is not told: people have agreed to scopes.
pub(crate) fn names(scopes: &[String], asked: Option<&Map<String, Value>>, all: bool) -> Vec<&'static str> {
    let granted = |scope: &str| scopes.iter().any(|one| one == scope);
    let wanted = |name: &str| all || asked.is_some_and(|asked| asked.contains_key(name));
    let found = CLAIMS.iter().filter(|(name, scope)| wanted(name) && granted(scope));
    found.map(|(name, _)| *name).collect()
}

/// A member of the parameter `claims`: `id_token` or `userinfo`.
pub(crate) fn member<'a>(claims: Option<&'a Value>, name: &str) -> Option<&'a Map<String, Value>> {
    claims?.get(name)?.as_object()
}

impl Provider {
    /// What the userinfo endpoint tells besides `sub`: all that the scopes cover.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn claims_of(
        &self,
        tenant: &Tenant,
        person: &Person,
        scopes: &[String],
    ) -> Result<Map<String, Value>> {
        self.person_claims(tenant, person, &names(scopes, None, true)).await
    }

    /// The claims of these names, as far as they are known.
    pub(crate) async fn person_claims(
        &self,
        tenant: &Tenant,
        person: &Person,
        names: &[&'static str],
    ) -> Result<Map<String, Value>> {
        let mut claims = Map::new();
        for name in names {
            let value = match *name {
                "groups" => Some(json!(self.group_names(tenant, person).await?)),
                name => known(person, name),
            };
            if let Some(value) = value {
                claims.insert((*name).to_owned(), value);
            }
        }
        Ok(claims)
    }

    async fn group_names(&self, tenant: &Tenant, person: &Person) -> Result<Vec<String>> {
        let store = self.engine.store();
        let mut found = Vec::new();
        for id in store.links_to(&tenant.id, MEMBER, person.id.0, None, MOST_GROUPS).await? {
            if let Some(record) = store.record(&tenant.id, GROUP, id).await? {
                found.push(Group::of(&record)?.name);
            }
        }
        found.sort_unstable();
        Ok(found)
    }
}

/// A claim that the person's own record knows.
fn known(person: &Person, name: &str) -> Option<Value> {
    let scim = &person.attributes;
    let text = |value: &Value| value.as_str().filter(|text| !text.is_empty()).map(|text| json!(text));
    match name {
        "name" => match &person.display_name {
            Some(name) => Some(json!(name)),
            None => text(&scim["name"]["formatted"]),
        },
        "given_name" => text(&scim["name"]["givenName"]),
        "family_name" => text(&scim["name"]["familyName"]),
        "middle_name" => text(&scim["name"]["middleName"]),
        "nickname" => text(&scim["nickName"]),
        "preferred_username" => Some(json!(person.username)),
        "profile" => text(&scim["profileUrl"]),
        "picture" => first(&scim["photos"]).and_then(|photo| text(&photo["value"])),
        "zoneinfo" => text(&scim["timezone"]),
        "locale" => text(&scim["locale"]),
        "updated_at" => Some(json!(person.changed.as_secs())),
        "email" => person.email.as_ref().map(|email| json!(email)),
        "email_verified" => person.email.as_ref().map(|_| json!(person.email_verified)),
        "phone_number" => first(&scim["phoneNumbers"]).and_then(|phone| text(&phone["value"])),
        "address" => first(&scim["addresses"]).and_then(address),
        _ => None,
    }
}

/// The primary one of several, or the first.
fn first(several: &Value) -> Option<&Value> {
    let all = several.as_array()?;
    all.iter().find(|one| one["primary"] == json!(true)).or_else(|| all.first())
}

/// Section 5.1.1.
fn address(scim: &Value) -> Option<Value> {
    const MEMBERS: [(&str, &str); 6] = [
        ("formatted", "formatted"),
        ("street_address", "streetAddress"),
        ("locality", "locality"),
        ("region", "region"),
        ("postal_code", "postalCode"),
        ("country", "country"),
    ];
    let known =
        MEMBERS.iter().filter_map(|(name, of)| Some(((*name).to_owned(), json!(scim[*of].as_str()?))));
    let known: Map<String, Value> = known.collect();
    (!known.is_empty()).then_some(Value::Object(known))
}

#[cfg(test)]
mod tests {
    use super::*;
    use gatewright_contract::{PersonId, TenantId, Timestamp};
    use uuid::Uuid;

    fn ada() -> Person {
        Person {
            id: PersonId(Uuid::from_u128(1)),
            tenant: TenantId::default_tenant(),
            username: "ada".into(),
            display_name: None,
            email: Some("ada@example.org".into()),
            administrator: false,
            disabled: false,
            service: false,
            email_verified: false,
            attributes: json!({
                "name": {"formatted": "Ada Lovelace", "givenName": "Ada", "familyName": 7},
                "phoneNumbers": [{"value": "+1"}, {"value": "+2", "primary": true}],
                "addresses": [{"locality": "London", "postalCode": ""}],
                "photos": {},
                "gender": "f",
            }),
            created: Timestamp::from_secs(1),
            changed: Timestamp::from_secs(2),
            rev: 1,
        }
    }

    fn words(all: &[&str]) -> Vec<String> {
        all.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn what_is_known_is_told_in_its_shape() {
        let ada = ada();
        assert_eq!(known(&ada, "name"), Some(json!("Ada Lovelace")));
        assert_eq!(known(&ada, "family_name"), None, "no text");
        assert_eq!(known(&ada, "phone_number"), Some(json!("+2")), "the primary one");
        assert_eq!(known(&ada, "address"), Some(json!({"locality": "London", "postal_code": ""})));
        assert_eq!(known(&ada, "email_verified"), Some(json!(false)));
        assert_eq!((known(&ada, "picture"), known(&ada, "gender")), (None, None));
    }

    #[test]
    fn only_what_a_scope_covers_is_told() {
        assert_eq!(names(&words(&["openid", "email"]), None, true), ["email", "email_verified"]);
        let asked = json!({"id_token": {"email": null, "name": {"essential": true}, "sub": null}});
        let asked = member(Some(&asked), "id_token");
        assert_eq!(names(&words(&["openid", "email"]), asked, false), ["email"]);
        assert!(names(&words(&["openid"]), asked, false).is_empty());
        assert_eq!(member(None, "id_token"), None);
    }
}
