//! What a client may learn about a person (OpenID Connect Core, section 5).

use crate::{Client, Provider, Result, client::Consent};
use gatewright_core::{Origin, Person};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// Which claims a scope asks for (OpenID Connect Core, section 5.4); `groups` is ours.
pub const SCOPES: &[(&str, &[&str])] = &[
    (
        "profile",
        &[
            "name",
            "given_name",
            "family_name",
            "middle_name",
            "nickname",
            "preferred_username",
            "profile",
            "picture",
            "zoneinfo",
            "locale",
            "updated_at",
        ],
    ),
    ("email", &["email", "email_verified"]),
    ("address", &["address"]),
    ("phone", &["phone_number"]),
    ("groups", &["groups"]),
];

/// The claims that these scopes ask for.
pub fn of_scopes<S: AsRef<str>>(scopes: &[S]) -> BTreeSet<&'static str> {
    let granted = |scope: &&(&str, &[&str])| scopes.iter().any(|given| given.as_ref() == scope.0);
    SCOPES.iter().filter(granted).flat_map(|(_, claims)| claims.iter().copied()).collect()
}

/// The claims that the parameter `claims` asks for at this place, `userinfo` or `id_token` (section 5.5). It asks for
/// nothing that its client could not have by a scope: one that it is registered for, and that the person has agreed to where
/// people are asked.
pub fn of_parameter(
    client: &Client,
    scopes: &[String],
    claims: Option<&Value>,
    place: &str,
) -> BTreeSet<&'static str> {
    let Some(asked) = claims.and_then(|claims| claims.get(place)).and_then(Value::as_object) else {
        return BTreeSet::new();
    };
    let may = |scope: &str| match client.consent {
        Consent::Skip => client.scopes.iter().any(|known| known == scope),
        Consent::Ask => scopes.iter().any(|granted| granted == scope),
    };
    let open = SCOPES.iter().filter(|(scope, _)| may(scope)).flat_map(|(_, claims)| claims.iter().copied());
    open.filter(|claim| asked.contains_key(*claim)).collect()
}

impl Provider {
    /// The claims of a person that are among the wanted. What is not known is left out.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn person_claims(
        &self,
        person: &Person,
        wanted: &BTreeSet<&'static str>,
    ) -> Result<Map<String, Value>> {
        let mut claims = known(person);
        claims.retain(|name, _| wanted.contains(name.as_str()));
        if wanted.contains("groups") {
            let origin = Origin::local("oidc");
            let groups = self.engine.at_the_machine(&origin).groups_of(&person.tenant, person.id).await?;
            let names: Vec<String> = groups.into_iter().map(|group| group.name).collect();
            claims.insert("groups".to_owned(), json!(names));
        }
        Ok(claims)
    }
}

/// Everything about a person but their groups.
fn known(person: &Person) -> Map<String, Value> {
    let scim = &person.attributes;
    let text = |value: &Value| value.as_str().filter(|text| !text.is_empty()).map(|text| json!(text));
    let shown = person.display_name.as_ref().map(|name| json!(name));
    let mut all = vec![
        ("name", shown.or_else(|| text(&scim["name"]["formatted"]))),
        ("given_name", text(&scim["name"]["givenName"])),
        ("family_name", text(&scim["name"]["familyName"])),
        ("middle_name", text(&scim["name"]["middleName"])),
        ("nickname", text(&scim["nickName"])),
        ("preferred_username", Some(json!(person.username))),
        ("profile", text(&scim["profileUrl"])),
        ("picture", first(&scim["photos"]).and_then(|photo| text(&photo["value"]))),
        ("zoneinfo", text(&scim["timezone"])),
        ("locale", text(&scim["locale"])),
        ("updated_at", Some(json!(person.changed.as_secs()))),
        ("phone_number", first(&scim["phoneNumbers"]).and_then(|phone| text(&phone["value"]))),
        ("address", first(&scim["addresses"]).and_then(address)),
    ];
    if let Some(email) = &person.email {
        all.push(("email", Some(json!(email))));
        all.push(("email_verified", Some(json!(person.email_verified))));
    }
    all.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}

/// The primary one of several values (RFC 7643, section 2.4), else the first.
fn first(values: &Value) -> Option<&Value> {
    let all = values.as_array()?;
    all.iter().find(|one| one["primary"] == true).or_else(|| all.first())
}

/// OpenID Connect Core, section 5.1.1.
fn address(scim: &Value) -> Option<Value> {
    const NAMES: [(&str, &str); 6] = [
        ("formatted", "formatted"),
        ("streetAddress", "street_address"),
        ("locality", "locality"),
        ("region", "region"),
        ("postalCode", "postal_code"),
        ("country", "country"),
    ];
    let read = |(from, to): &(&str, &str)| Some(((*to).to_owned(), json!(scim[*from].as_str()?)));
    let address: Map<String, Value> = NAMES.iter().filter_map(read).collect();
    (!address.is_empty()).then_some(Value::Object(address))
}

#[cfg(test)]
mod tests {
    use super::*;
    use gatewright_contract::{PersonId, TenantId, Timestamp};

    fn person(attributes: Value) -> Person {
        Person {
            id: PersonId(uuid::Uuid::from_u128(1)),
            tenant: TenantId::default_tenant(),
            username: "alice".into(),
            display_name: None,
            email: Some("alice@example.org".into()),
            administrator: false,
            disabled: false,
            service: false,
            email_verified: true,
            attributes,
            created: Timestamp::from_secs(0),
            changed: Timestamp::from_secs(5),
            rev: 1,
        }
    }

    #[test]
    fn what_scim_knows_is_said_in_the_words_of_openid() {
        let claims = known(&person(json!({
            "name": {"formatted": "Alice B. Example", "givenName": "Alice", "familyName": "Example"},
            "phoneNumbers": [{"value": "+1"}, {"value": "+2", "primary": true}],
            "addresses": [{"locality": "Berlin", "postalCode": "10115"}],
            "nickName": "", "locale": 7,
        })));
        assert_eq!(
            (&claims["name"], &claims["family_name"]),
            (&json!("Alice B. Example"), &json!("Example"))
        );
        assert_eq!(claims["phone_number"], "+2");
        assert_eq!(claims["address"], json!({"locality": "Berlin", "postal_code": "10115"}));
        assert_eq!((&claims["email_verified"], &claims["updated_at"]), (&json!(true), &json!(5)));
        assert!(!claims.contains_key("nickname") && !claims.contains_key("locale"), "{claims:?}");
        let none = known(&person(Value::Null));
        assert!(!none.contains_key("name") && !none.contains_key("address"));
        assert_eq!(none["preferred_username"], "alice");
    }

    #[test]
    fn a_scope_gives_its_claims_and_openid_none() {
        assert!(of_scopes(&["openid", "offline_access", "admin"]).is_empty());
        assert_eq!(of_scopes(&["email"]), BTreeSet::from(["email", "email_verified"]));
        for (name, claims) in SCOPES.iter().filter(|(name, _)| *name != "groups") {
            let all = known(&person(json!({
                "name": {"formatted": "a", "givenName": "a", "familyName": "a", "middleName": "a"},
                "nickName": "a", "profileUrl": "a", "timezone": "a", "locale": "a",
                "photos": [{"value": "a"}], "phoneNumbers": [{"value": "a"}], "addresses": [{"country": "a"}],
            })));
            assert!(claims.iter().all(|claim| all.contains_key(*claim)), "{name}");
        }
    }

    #[test]
    fn the_parameter_asks_for_nothing_beyond_the_scopes() {
        let asked = json!({"userinfo": {"email": null, "phone_number": {"essential": true}, "sub": null}, "id_token": {}});
        let mut client = Client { scopes: vec!["openid".into(), "email".into()], ..Client::default() };
        let of = |client: &Client, granted: &[&str]| {
            let granted: Vec<String> = granted.iter().map(|&scope| scope.to_owned()).collect();
            of_parameter(client, &granted, Some(&asked), "userinfo")
        };
        assert!(of(&client, &["openid"]).is_empty(), "the person has not agreed to it");
        assert_eq!(of(&client, &["openid", "email"]), BTreeSet::from(["email"]));
        client.consent = Consent::Skip;
        assert_eq!(of(&client, &["openid"]), BTreeSet::from(["email"]));
        assert!(of_parameter(&client, &[], Some(&json!({"userinfo": 7})), "userinfo").is_empty());
        assert!(of_parameter(&client, &[], None, "userinfo").is_empty());
    }
}
