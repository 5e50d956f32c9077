//! An OpenID provider elsewhere says who it is.

mod hostile;
mod idaas;
mod link;
mod once;
mod provider;
mod trouble;

use kit::{Browser, Kit, KitBuilder, Reply, Store};
use provider::Provider;
use serde_json::{Value, json};

/// Who may come first and second, and the way out to this machine.
const SETTINGS: &str = "[outgoing]\nallow_networks = [\"127.0.0.0/8\"]\nallow_http = true\n\
    [login.policy]\nfirst = [\"password\", \"idp-oidc\"]\nsecond = [\"totp\"]\n\
    [login.site]\nurl = \"https://id.example\"\n\
    [login.block_config]\nuser_attempts_limit = 1000\nip_attempts_limit = 100000\n";

fn configured(provider: &Provider) -> KitBuilder {
    Kit::with(Store::Sqlite).config(SETTINGS).config(&provider.table("corp", "name = \"Example Corp\""))
}

/// An app, its provider, and Ada, who has a password.
async fn house() -> (Kit, Provider) {
    let provider = Provider::start().await;
    let kit = configured(&provider).start().await;
    kit.person("ada").await;
    (kit, provider)
}

/// The same where the provider may come second, and Ada is linked.
async fn linked_second() -> (Kit, Provider) {
    let provider = Provider::start().await;
    let settings = SETTINGS.replace("[\"totp\"]", "[\"totp\", \"idp-oidc\"]");
    let kit = Kit::with(Store::Sqlite).config(&settings).config(&provider.table("corp", "")).start().await;
    kit.person("ada").await;
    let browser = Browser::new(&kit);
    browser.login("ada").await;
    link(&browser, &provider, SUBJECT).await.expect(200);
    (kit, provider)
}

/// The provider says its word about this subject, and the browser brings it.
async fn come_back(browser: &Browser<'_>, provider: &Provider, url: &Value, subject: &str) {
    let back = provider.authorize(url.as_str().expect("a URL"), subject);
    browser.get(&back).await.expect(303);
}

/// A person who is logged in in this browser ties a subject to the account.
async fn link(browser: &Browser<'_>, provider: &Provider, subject: &str) -> Reply {
    let invited = browser.post("/auth/v1/enrol/idp-oidc", &json!({})).await.expect(200);
    come_back(browser, provider, &invited.json()["invitation"]["url"], subject).await;
    complete(browser, &invited.str("transaction")).await
}

async fn complete(browser: &Browser<'_>, transaction: &str) -> Reply {
    let body = json!({"transaction": transaction, "proof": {}});
    browser.post("/auth/v1/enrol/idp-oidc/complete", &body).await
}

/// Ada has linked the subject "248289761001".
const SUBJECT: &str = "248289761001";

async fn linked() -> (Kit, Provider) {
    let (kit, provider) = house().await;
    let browser = Browser::new(&kit);
    browser.login("ada").await;
    link(&browser, &provider, SUBJECT).await.expect(200);
    provider.asked();
    (kit, provider)
}

/// A login begins, and the browser is sent to the provider: handle and address.
async fn sent_away(browser: &Browser<'_>, begin: Value) -> (String, Value) {
    let mut body = json!({"cookie": true});
    body.as_object_mut().unwrap().extend(begin.as_object().unwrap().clone());
    let begun = browser.post("/auth/v1/login", &body).await.expect(200);
    let asked = ask(browser, &begun.str("transaction")).await.expect(200);
    (asked.str("transaction"), asked.json()["prompt"]["url"].clone())
}

async fn ask(browser: &Browser<'_>, transaction: &str) -> Reply {
    browser.post("/auth/v1/login/idp-oidc/challenge", &json!({"transaction": transaction})).await
}

async fn poll(browser: &Browser<'_>, transaction: &str) -> Reply {
    let body = json!({"transaction": transaction, "answer": {}});
    browser.post("/auth/v1/login/idp-oidc", &body).await
}

/// A whole login with this subject; how it ends.
async fn log_in(kit: &Kit, provider: &Provider, begin: Value, subject: &str) -> Reply {
    let browser = Browser::new(kit);
    let (transaction, url) = sent_away(&browser, begin).await;
    come_back(&browser, provider, &url, subject).await;
    poll(&browser, &transaction).await
}
