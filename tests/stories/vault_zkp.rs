//! A picture, a PIN and a pattern over the wire of the vault contract: who registers, logs in, loses them, changes them; and
//! everybody who tries it otherwise.

mod alike;
mod changes;
mod claims;
mod enrol;
mod login;
mod misuse;
mod reset;
mod tenants;
mod within;

use kit::{
    Browser, Call, Kit, KitBuilder, Mail, Reply, Store,
    vp1::{Asking, Context, Secret, Told},
};
use serde_json::{Value, json};
use std::time::Duration;

/// The page of these stories, which is the site's own.
const ORIGIN: &str = "https://id.example";

/// Everybody may register, and a lost secret is replaced by mail.
const OPEN: &str = "[login.site]\nurl = \"https://id.example\"\n\
                    [login.policy]\nfirst = [\"password\", \"zkp\"]\nreset = [\"otp\"]\n\
                    [login.vault]\nregister_enable = true\n";

/// Limits that nobody reaches by what these stories do.
const UNLIMITED: &str = "[login.block_config]\nuser_attempts_limit = 1000\nip_attempts_limit = 100000\n";

fn open() -> KitBuilder {
    Kit::with(Store::Memory).mailbox().config(OPEN)
}

async fn world() -> Kit {
    open().config(UNLIMITED).start().await
}

/// A login page in a browser, which knows for whom it was opened.
struct Page<'a> {
    browser: Browser<'a>,
    /// What the browser says where the page is from; empty: it is no browser.
    origin: &'a str,
    /// The authorization request, and its client.
    within: Option<(String, &'a str)>,
    /// Outside any: the tenant, where it is not `default`.
    tenant: Option<&'a str>,
}

impl<'a> Page<'a> {
    fn of(kit: &'a Kit) -> Self {
        Self { browser: Browser::new(kit), origin: ORIGIN, within: None, tenant: None }
    }

    fn within(kit: &'a Kit, auth_req_id: &str, client: &'a str) -> Self {
        Self { within: Some((auth_req_id.to_owned(), client)), ..Self::of(kit) }
    }

    /// In another tenant, outside any request.
    fn at(kit: &'a Kit, tenant: &'a str) -> Self {
        Self { tenant: Some(tenant), ..Self::of(kit) }
    }

    /// Posts as the page's script does.
    async fn post(&self, path: &str, body: &Value) -> Reply {
        let within = self.within.as_ref().map(|(request, _)| format!("?auth_req_id={request}"));
        let asks = matches!(path, "/challenge" | "/register");
        let tenant = self.tenant.filter(|_| asks).map(|tenant| format!("?tenant_id={tenant}"));
        let query = within.or(tenant);
        let call = Call::post(&format!("/api/oidc{path}{}", query.unwrap_or_default()));
        let call = call.json(body).secure();
        self.browser
            .send(if self.origin.is_empty() { call } else { call.header("origin", self.origin) })
            .await
    }

    async fn ask(&self, username: &str, asking: &Asking) -> Reply {
        let body = json!({"username": username, "cipherKey": asking.cipher_key()});
        self.post("/challenge", &body).await
    }

    /// What the page knows besides what is sealed.
    fn context(&self, username: &str, purpose: &str) -> Context {
        let (request, client) = self.within.clone().unwrap_or_default();
        Context {
            purpose: purpose.to_owned(),
            tenant: self.tenant.unwrap_or("default").to_owned(),
            username: username.to_owned(),
            client_id: client.to_owned(),
            auth_req_id: request,
            origin: self.origin.to_owned(),
        }
    }

    /// A challenge, opened.
    async fn asked(&self, username: &str, asking: &Asking, purpose: &str) -> Told {
        let said = self.ask(username, asking).await.expect(200);
        asking.told_in(&said.json(), self.context(username, purpose))
    }

    async fn to_login(&self, username: &str, secret: &Secret) -> Told {
        self.asked(username, &Asking::login(secret), "login").await
    }

    async fn to_enrol(&self, username: &str, secret: &Secret, purpose: &str) -> Told {
        self.asked(username, &Asking::enrol(secret), purpose).await
    }

    async fn authenticate(&self, form: &Value) -> Reply {
        self.post("/authenticate", form).await
    }

    /// From the name to the reply.
    async fn login(&self, username: &str, secret: &Secret) -> Reply {
        let told = self.to_login(username, secret).await;
        self.authenticate(&form(&told)).await
    }

    async fn register(&self, username: &str, email: &str, secret: &Secret) -> Reply {
        let told = self.to_enrol(username, secret, "register").await;
        self.post("/register", &registration(&told, username, email)).await
    }
}

/// The body of `/authenticate` with what the page makes of the challenge.
fn form(told: &Told) -> Value {
    let mut form = told.answer();
    form["username"] = json!(told.context.username);
    form["cipherKey"] = json!(told.asking.cipher_key());
    form
}

/// The body of `/register`.
fn registration(told: &Told, username: &str, email: &str) -> Value {
    let mut form = told.proof(email, "");
    form["username"] = json!(username);
    form["email"] = json!(email);
    form
}

/// With other members.
fn with(mut form: Value, more: Value) -> Value {
    for (name, value) in more.as_object().expect("an object") {
        form[name] = value.clone();
    }
    form
}

/// Ann, with the first secret.
async fn ann(kit: &Kit) -> Secret {
    let secret = Secret::of(1);
    Page::of(kit).register("ann", "ann@example.org", &secret).await.expect(201);
    kit.mail().await;
    secret
}

/// The one refusal of a proof.
#[track_caller]
fn refused(reply: Reply) {
    assert_eq!(reply.status.as_u16(), 422, "{}", reply.text());
    let (said, field) = (reply.json(), "challenge_data");
    let message = "The proof was not accepted. Ask for a new challenge and try again.";
    assert_eq!(said, json!({"detail": [{"loc": ["body", field], "msg": message, "type": "value_error"}]}));
}

/// The one refusal of a commitment.
#[track_caller]
fn not_taken(reply: Reply) {
    assert_eq!(reply.status.as_u16(), 422, "{}", reply.text());
    let said = reply.json();
    assert_eq!(said["detail"][0]["loc"], json!(["body", "encrypted_commitment"]), "{said}");
    assert_eq!(
        said["detail"][0]["msg"],
        "The proof was not accepted. Ask for a new challenge and try again."
    );
}

/// A mistake of form, in this field.
#[track_caller]
fn misshapen(reply: Reply, place: &str, field: &str) {
    assert_eq!(reply.status.as_u16(), 422, "{}", reply.text());
    let said = reply.json();
    assert_eq!(said["detail"][0]["loc"], json!([place, field]), "{said}");
}

/// The browser logs in with a nonce outside any request, and is on its account's page then.
async fn signed_in(page: &Page<'_>, nonce: &str) -> Reply {
    page.browser.send(Call::get(&format!("/api/oidc/sign-in?oid_nonce={nonce}")).secure()).await
}

/// An access token of a login that has just been made with this secret.
async fn token(kit: &Kit, username: &str, secret: &Secret) -> String {
    token_at(kit, "default", username, secret).await
}

async fn token_at(kit: &Kit, tenant: &str, username: &str, secret: &Secret) -> String {
    let body = json!({"tenant": tenant, "username": username});
    let begun = kit.post("/auth/v1/login", &body).await.expect(200);
    let asking = Asking::login(secret);
    let body = json!({"transaction": begun.str("transaction"), "begin": {"cipher_key": asking.cipher_key()}});
    let said = kit.post("/auth/v1/login/zkp/challenge", &body).await.expect(200);
    let told = asking.told(&said.json()["prompt"], "");
    let body = json!({"transaction": said.str("transaction"), "answer": told.answer()});
    kit.post("/auth/v1/login/zkp", &body).await.expect(200).str("access_token")
}

/// The only letter that has come.
async fn letter(kit: &Kit) -> Mail {
    let mut mail = kit.mail().await;
    assert_eq!(mail.len(), 1, "{mail:?}");
    mail.remove(0)
}

/// Ann's address counts as hers.
async fn verified(kit: &Kit, username: &str) {
    let tenant = gatewright_contract::TenantId::default_tenant();
    let origin = gatewright_core::Origin::local("kit");
    let person = kit.app.engine.find_person(&tenant, username).await.expect("answers").expect("is there");
    let change = gatewright_core::admin::PersonChange {
        email: Some(Some(format!("{username}@example.org"))),
        email_verified: Some(true),
        ..Default::default()
    };
    kit.app.engine.at_the_machine(&origin).change_person(&tenant, person.id, change).await.expect("is set");
}
