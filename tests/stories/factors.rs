//! What people have set up: what is shown of it, and the names that they give it.

use gatewright::Plugins;
use gatewright_contract::{
    Authenticator, Call, Challenge, Enrol, Enrolment, Fault, Host, Kind, Nothing, Refusal, Registration,
    Steps, Traits, Verdict,
};
use kit::{Call as Request, Kit, Reply, Store};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::time::Duration;

/// A number on a badge, which an administrator hands out. It lets nobody in.
pub(super) struct Badge;

#[derive(Serialize, Deserialize, JsonSchema)]
pub(super) struct Number {
    number: String,
}

#[derive(Serialize, Deserialize, JsonSchema)]
pub(super) struct Printed {
    printed: String,
}

impl Badge {
    /// An app that has it.
    pub(super) async fn kit(store: Store) -> Kit {
        let registration: Registration = gatewright_contract::registration!(Badge: enrol);
        Kit::with(store).plugins(Plugins::linked().with_authenticator(registration)).start().await
    }
}

impl Authenticator for Badge {
    const ID: &'static str = "badge";
    const ABOUT: &'static str = "# badge\n\nA number on a badge. For tests.";
    type Config = Nothing;
    type Credential = Number;
    type Begin = Nothing;
    type Prompt = Nothing;
    type State = Nothing;
    type Answer = Nothing;

    fn new(_: Nothing, _: Host) -> Result<Self, Fault> {
        Ok(Self)
    }

    fn traits(&self) -> Traits {
        Traits {
            amr: Vec::new(),
            kind: Kind::Possession,
            phishing_resistant: false,
            many: true,
            single_use: false,
            steps: Steps { first: false, second: false, fallback: true },
            self_service: false,
        }
    }

    async fn challenge(
        &self,
        _: Call<'_, Nothing, Number>,
    ) -> Result<Challenge<Nothing, Nothing, Number>, Fault> {
        Ok(Challenge::new(Nothing {}, Nothing {}))
    }

    async fn verify(
        &self,
        _: Call<'_, (Nothing, Nothing), Number>,
    ) -> Result<Verdict<Nothing, Nothing, Number>, Fault> {
        Ok(Verdict::refused(Refusal::Wrong))
    }

    fn describe(number: &Number) -> Value {
        json!({"ends_in": number.number[number.number.len() - 2..]})
    }
}

impl Enrol for Badge {
    type Invite = Number;
    type Invitation = Nothing;
    type Draft = Number;
    type Proof = Nothing;
    type Reveal = Printed;

    async fn invite(
        &self,
        call: Call<'_, Number, Number>,
    ) -> Result<Challenge<Nothing, Number, Number>, Fault> {
        Ok(Challenge::new(Nothing {}, call.body))
    }

    async fn enrol(
        &self,
        call: Call<'_, (Number, Nothing), Number>,
    ) -> Result<Enrolment<Number, Printed>, Fault> {
        let credential = call.body.0;
        let reveal = Printed { printed: credential.number.clone() };
        Ok(Enrolment::Enrolled { credential, label: None, lookup: None, reveal })
    }
}

async fn rename(kit: &Kit, token: &str, id: &str, label: &str) -> Reply {
    let path = format!("/auth/v1/me/credentials/{id}");
    kit.send(Request::new("PATCH", &path).bearer(token).json(&json!({"label": label}))).await
}

async fn password(kit: &Kit, token: &str) -> Value {
    let list = kit.get_as(token, "/auth/v1/me/credentials").await.expect(200).json();
    list.as_array().unwrap().iter().find(|c| c["authenticator"] == "password").unwrap().clone()
}

#[tokio::test]
async fn i_give_a_credential_another_name_and_take_it_away() {
    for store in [Store::Memory, Store::Sqlite, Store::Postgres] {
        let kit = Kit::with(store).start().await;
        kit.person("ann").await;
        let token = kit.login("ann").await.access_token;
        let id = password(&kit, &token).await["id"].as_str().unwrap().to_owned();
        // A name weakens nothing: the login need not be recent.
        kit.advance(Duration::from_secs(600));
        let named = rename(&kit, &token, &id, " Schlüssel \u{1f511} ").await.expect(200).json();
        assert_eq!((&named["label"], &named["id"]), (&json!("Schlüssel \u{1f511}"), &json!(id)));
        assert_eq!(password(&kit, &token).await, named);
        assert_eq!(rename(&kit, &token, &id, "").await.expect(200).json().get("label"), None);
        // The document is still good.
        kit.login("ann").await;
        let log = kit.app.engine.store().audit(&super::admin::id("default"), &Default::default(), 50).await;
        let lines: Vec<_> =
            log.unwrap().into_iter().filter(|l| l.event.kind == "credential.renamed").collect();
        assert_eq!(lines.len(), 2);
        assert!(
            lines[0].event.session.is_some() && lines[0].event.authenticator.as_deref() == Some("password")
        );
    }
}

#[tokio::test]
async fn a_name_is_short_and_can_be_seen() {
    let kit = Kit::memory().await;
    kit.person("ann").await;
    let token = kit.login("ann").await.access_token;
    let id = password(&kit, &token).await["id"].as_str().unwrap().to_owned();
    for label in ["a\nb", "a\u{202e}b", "a\u{200b}b", "\u{feff}"] {
        assert_eq!(
            rename(&kit, &token, &id, label).await.expect(422).json()["violations"][0]["code"],
            "label"
        );
    }
    rename(&kit, &token, &id, &"ü".repeat(64)).await.expect(200);
    rename(&kit, &token, &id, &"ü".repeat(65)).await.expect(400);
    for body in [json!({}), json!({"label": 7}), json!({"label": "a", "id": "b"})] {
        let call = Request::new("PATCH", &format!("/auth/v1/me/credentials/{id}")).bearer(&token).json(&body);
        kit.send(call).await.expect(400);
    }
    assert_eq!(password(&kit, &token).await["label"], "ü".repeat(64));
}

#[tokio::test]
async fn nobody_renames_what_is_somebody_elses_or_after_the_session() {
    let kit = Kit::memory().await;
    kit.person("ann").await;
    kit.person("bob").await;
    let (ann, bob) = (kit.login("ann").await.access_token, kit.login("bob").await.access_token);
    let id = password(&kit, &ann).await["id"].as_str().unwrap().to_owned();
    rename(&kit, &bob, &id, "mine").await.expect(404);
    kit.delete_as(&ann, "/auth/v1/me/sessions").await.expect(204);
    rename(&kit, &ann, &id, "mine").await.expect(401);
}

#[tokio::test]
async fn what_can_not_be_read_any_more_is_listed_and_can_be_removed() {
    let badge: Registration = gatewright_contract::registration!(Badge: enrol);
    let kit = Kit::with(Store::Sqlite).plugins(Plugins::linked().with_authenticator(badge)).start().await;
    let boss = kit.administrator().await;
    let ann = kit.person("ann").await;
    let path = format!("/auth/v1/people/{}/credentials", ann.id);
    kit.post_as(&boss, &format!("{path}/badge"), &json!({"invite": {"number": "one"}})).await.expect(201);
    let kit = kit.restarted(Plugins::linked(), "").await;
    let boss = kit.login("root").await.access_token;
    let list = kit.get_as(&boss, &path).await.expect(200).json();
    let badge = list.as_array().unwrap().iter().find(|c| c["authenticator"] == "badge").unwrap();
    assert_eq!(badge.get("details"), None);
    kit.delete_as(&boss, &format!("{path}/{}", badge["id"].as_str().unwrap())).await.expect(204);
}
