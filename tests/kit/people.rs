//! People with what they know and have.

use crate::{Kit, Reply};
use gatewright_contract::testing::ready;
use gatewright_contract::{TenantId, Timestamp};
use gatewright_core::{Origin, Person, people::NewPerson};
use serde_json::{Value, json};

/// A password that every rule accepts.
pub const PASSWORD: &str = "plum-Orbit 42 lantern";

/// An authenticator app: what the person saw when enrolling.
#[derive(Clone, Debug)]
pub struct Totp(pub Value);

/// A login that is done.
#[derive(Clone, Debug)]
pub struct Login {
    pub access_token: String,
    pub session_token: String,
    pub body: Value,
}

impl Login {
    #[track_caller]
    pub fn of(reply: &Reply) -> Self {
        assert_eq!(reply.status.as_u16(), 200, "{}", reply.text());
        let body = reply.json();
        assert_eq!(body["status"], "done", "{body}");
        let text = |key: &str| body[key].as_str().unwrap_or_default().to_owned();
        Self { access_token: text("access_token"), session_token: text("session_token"), body }
    }
}

impl Kit {
    /// Somebody with [`PASSWORD`].
    pub async fn person(&self, username: &str) -> Person {
        let person = self.person_without_password(username).await;
        self.set_password(&person, PASSWORD).await;
        person
    }

    pub async fn person_without_password(&self, username: &str) -> Person {
        let new = NewPerson {
            tenant: TenantId::default_tenant(),
            username: username.to_owned(),
            display_name: Some(format!("{username} Example")),
            email: None,
            administrator: false,
        };
        self.app.engine.create_person(new, &Origin::local("kit")).await.expect("a person")
    }

    /// The access token of somebody who administers the default tenant, fresh from a login.
    pub async fn administrator(&self) -> String {
        let new = NewPerson {
            tenant: TenantId::default_tenant(),
            username: "root".to_owned(),
            display_name: None,
            email: None,
            administrator: true,
        };
        let person = self.app.engine.create_person(new, &Origin::local("kit")).await.expect("a person");
        self.set_password(&person, PASSWORD).await;
        self.login("root").await.access_token
    }

    pub async fn set_password(&self, person: &Person, password: &str) {
        let person = self.reread(person).await;
        let proof = json!({"password": password});
        let done =
            self.app.engine.enrol_for(&person, "password", (json!({}), proof), &Origin::local("kit")).await;
        done.expect("a password");
    }

    /// The person as it is now (enrolments raise its revision).
    pub async fn reread(&self, person: &Person) -> Person {
        let found = self.app.engine.find_person(&person.tenant, &person.username).await;
        found.expect("the store answers").expect("the person is there")
    }

    pub async fn disable(&self, person: &Person) {
        let person = self.reread(person).await;
        self.app.engine.set_disabled(&person, true, &Origin::local("kit")).await.expect("disabled");
    }

    /// Begins a login and returns its transaction.
    pub async fn begin(&self, username: &str) -> String {
        self.post("/auth/v1/login", &json!({"username": username})).await.expect(200).str("transaction")
    }

    /// Answers a step.
    pub async fn answer(&self, transaction: &str, authenticator: &str, answer: Value) -> Reply {
        let body = json!({"transaction": transaction, "answer": answer});
        self.post(&format!("/auth/v1/login/{authenticator}"), &body).await
    }

    /// Logs in with a password alone.
    pub async fn login(&self, username: &str) -> Login {
        let transaction = self.begin(username).await;
        Login::of(&self.answer(&transaction, "password", json!({"password": PASSWORD})).await)
    }

    /// Sets up an authenticator app over HTTP, in a fresh session.
    pub async fn enrol_totp(&self, token: &str) -> Totp {
        let reply = self.post_as(token, "/auth/v1/enrol/totp", &json!({})).await.expect(200);
        let app = Totp(reply.json()["invitation"].clone());
        let body = json!({"transaction": reply.str("transaction"), "proof": {"code": app.code(self)}});
        self.post_as(token, "/auth/v1/enrol/totp/complete", &body).await.expect(200);
        app
    }

    /// Sets up recovery codes over HTTP, in a fresh session.
    pub async fn enrol_recovery_codes(&self, token: &str) -> Vec<String> {
        let reply = self.post_as(token, "/auth/v1/enrol/recovery-code", &json!({})).await.expect(200);
        let body = json!({"transaction": reply.str("transaction"), "proof": {}});
        let done =
            self.post_as(token, "/auth/v1/enrol/recovery-code/complete", &body).await.expect(200).json();
        let codes = done["reveal"]["codes"].as_array().expect("codes").clone();
        codes.iter().map(|c| c.as_str().expect("a code").to_owned()).collect()
    }

    pub fn now(&self) -> Timestamp {
        self.app.engine.now()
    }
}

impl Totp {
    /// The code that the app shows now.
    pub fn code(&self, kit: &Kit) -> String {
        let totp = kit.app.engine.catalogue().get("totp").expect("totp is linked");
        let answer = ready(totp.answer([&self.0, &json!({}), &json!({})], kit.now(), 0)).expect("a code");
        answer["code"].as_str().expect("a code").to_owned()
    }
}
