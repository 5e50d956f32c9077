//! Applications send people here: to log in, to agree, to connect a device.

use super::window::{Window, logged_in};
use data_encoding::HEXLOWER;
use gatewright_contract::{TenantId, Timestamp};
use gatewright_core::{
    HashedToken,
    store::{Record, Write},
};
use gatewright_oauth::{
    Client,
    client::{About, CLIENT, ClientSecret, GrantType},
};
use kit::{Browser, Call, Kit, PASSWORD, Reply};
use uuid::Uuid;

pub(super) const CALLBACK: &str = "https://shop.example/callback";
const SECRET: &str = "secret-of-shop-which-nobody-guesses";
const NAME: &str = "Shop <script>alert(1)</script>";

pub(super) async fn shop(kit: &Kit) {
    let hash = HEXLOWER.encode(&HashedToken::of(SECRET.as_bytes()).0);
    let client = Client {
        client_id: "shop".to_owned(),
        name: NAME.to_owned(),
        secrets: vec![ClientSecret { hash, created: Timestamp(0), expires: None }],
        redirect_uris: vec![CALLBACK.to_owned()],
        scopes: ["openid", "email", "stock.read"].map(str::to_owned).into(),
        resources: vec!["https://stock.example/".to_owned()],
        grants: vec![GrantType::AuthorizationCode, GrantType::DeviceCode],
        about: About {
            logo_uri: Some("https://shop.example/logo.png".to_owned()),
            policy_uri: Some("https://shop.example/privacy".to_owned()),
            tos_uri: Some("javascript:alert(1)".to_owned()),
            ..About::default()
        },
        ..Client::default()
    };
    let tenant = TenantId::default_tenant();
    let mut record = Record::new(&tenant, CLIENT, Uuid::from_u128(7), kit.now(), &client).unwrap();
    record.key = Some(client.client_id.clone());
    kit.app.engine.store().commit(vec![Write::RecordInsert(record)]).await.unwrap();
}

/// RFC 7636, appendix B.
pub(super) const REQUEST: &str = "/api/oidc/default/authorize?client_id=shop&response_type=code&scope=openid+email+stock.read&state=xyz\
                       &redirect_uri=https%3A%2F%2Fshop.example%2Fcallback&code_challenge_method=S256\
                       &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

async fn sent<'a>(browser: &'a Browser<'a>, more: &str) -> Window<'a> {
    let mut window = Window::open(browser, "/ui/default/logout").await;
    window.application = Some(CALLBACK.to_owned());
    window.goto(&format!("{REQUEST}{more}")).await;
    window
}

#[tokio::test]
async fn a_login_and_an_agreement_lead_back_with_a_code() {
    let kit = Kit::memory().await;
    kit.person("ann").await;
    shop(&kit).await;
    let browser = Browser::new(&kit);
    let mut window = sent(&browser, "&login_hint=ann").await;
    window.says("to continue to Shop &lt;script&gt;");
    window.says("value=\"ann\"");
    let policy = window.page.header("content-security-policy").unwrap_or_default();
    // Chromium holds the redirects after a form to it.
    assert!(policy.contains("form-action 'self' https://shop.example;"), "{policy}");
    window.send("begin", &[("username", "ann")]).await;
    window.send("answer", &[("a.password", PASSWORD)]).await;
    window.says("Shop &lt;script&gt;alert(1)&lt;/script&gt; asks for access</h1>");
    window.says("<li>see your e-mail address</li><li>use: stock.read</li>");
    window.says("href=\"https://shop.example/privacy\"");
    assert!(!window.html().contains("javascript:"), "terms that run");
    let policy = window.page.header("content-security-policy").unwrap_or_default();
    assert!(policy.contains("img-src 'self' data: https://shop.example/logo.png;"), "{policy}");
    window.send("agree", &[]).await;
    let left = window.left.expect("back at the application");
    assert!(left.contains("code=gwc_") && left.contains("state=xyz"), "{left}");
    // The second time nobody is asked, but for what is new.
    let again = sent(&browser, "").await;
    assert!(again.left.is_some_and(|left| left.contains("code=gwc_")));
    let more = sent(&browser, "&resource=https%3A%2F%2Fstock.example%2F").await;
    more.says("<p>It may do so at:</p><ul class=\"asked\"><li>https://stock.example/</li></ul>");
}

#[tokio::test]
async fn who_does_not_agree_goes_back_without_a_code() {
    let kit = Kit::memory().await;
    kit.person("ann").await;
    shop(&kit).await;
    let browser = Browser::new(&kit);
    logged_in(&browser, "ann").await;
    let mut window = Window::open(&browser, "/ui/default/account").await;
    window.application = Some(CALLBACK.to_owned());
    window.goto(REQUEST).await;
    let agree = window.form("agree");
    window.send("deny", &[]).await;
    let left = window.left.take().expect("back at the application");
    assert!(left.contains("error=access_denied") && !left.contains("code="), "{left}");
    // A page from before: the request is over.
    window.send_form(agree, &[]).await;
    assert_eq!((window.page.status.as_u16(), window.left.clone()), (404, None));
    window.says("This took too long.");
}

#[tokio::test]
async fn nobody_agrees_by_a_form_of_another_site() {
    let kit = Kit::memory().await;
    kit.person("ann").await;
    shop(&kit).await;
    let (browser, thief) = (Browser::new(&kit), Browser::new(&kit));
    logged_in(&browser, "ann").await;
    let mut window = Window::open(&browser, "/ui/default/account").await;
    window.goto(REQUEST).await;
    let mut form = window.form("agree");
    let token = Window::open(&thief, "/ui/default/login").await.form("begin").fields["form_token"].clone();
    form.fields.insert("form_token".to_owned(), token);
    assert_eq!(window.post(form, &[], "http://id.example").await.status.as_u16(), 403);
    let form = window.form("agree");
    assert_eq!(window.post(form, &[], "https://shop.example").await.status.as_u16(), 403);
}

#[tokio::test]
async fn who_must_prove_it_anew_goes_on_as_themselves_or_as_somebody_else() {
    let kit = Kit::memory().await;
    kit.person("ann").await;
    shop(&kit).await;
    let browser = Browser::new(&kit);
    logged_in(&browser, "ann").await;
    let mut window = Window::open(&browser, "/ui/default/account").await;
    kit.advance(std::time::Duration::from_secs(1));
    window.goto(&format!("{REQUEST}&prompt=login")).await;
    window.says("Continue as ann");
    let form = window.form_of("begin", "elevate", "on");
    window.send_form(form, &[]).await;
    window.says("<h1>Confirm that it is you</h1>");
    window.send("answer", &[("a.password", PASSWORD)]).await;
    window.says("asks for access</h1>");
}

#[tokio::test]
async fn pages_speak_what_the_application_asks_for() {
    let kit = Kit::memory().await;
    shop(&kit).await;
    let browser = Browser::new(&kit);
    sent(&browser, "&ui_locales=fr+de").await.says("weiter zu Shop");
}

/// A device that asks.
pub(super) async fn device(kit: &Kit) -> Reply {
    let form = format!("client_id=shop&client_secret={SECRET}&scope=openid");
    let call = Call::post("/api/oidc/default/device_authorization");
    kit.send(call.raw("application/x-www-form-urlencoded", form.into_bytes())).await.expect(200)
}

#[tokio::test]
async fn a_device_is_connected_with_the_code_that_it_shows() {
    let kit = Kit::memory().await;
    kit.person("ann").await;
    shop(&kit).await;
    let asked = device(&kit).await;
    let browser = Browser::new(&kit);
    let link = asked.str("verification_uri_complete");
    let path = link.split_once("/ui/").map(|(_, rest)| format!("/ui/{rest}")).expect("a page");
    let mut window = Window::open(&browser, &path).await;
    window.send("begin", &[("username", "ann")]).await;
    window.send("answer", &[("a.password", PASSWORD)]).await;
    // After the login it goes on with the same code, and one button.
    window.says(&format!("value=\"{}\"", asked.str("user_code")));
    window.send("device", &[]).await;
    window.says("You are signed in as ann.");
    window.says("The device must show exactly this code.");
    window.send("allow-device", &[]).await;
    window.says("The device is connected.");
    let redeem = format!(
        "client_id=shop&client_secret={SECRET}&device_code={}&grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code",
        asked.str("device_code")
    );
    let call =
        Call::post("/api/oidc/default/token").raw("application/x-www-form-urlencoded", redeem.into_bytes());
    assert!(kit.send(call).await.expect(200).json()["access_token"].is_string());

    let other = device(&kit).await;
    window.goto("/ui/default/device").await;
    window.send("device", &[("user_code", "BCDF-GHJK")]).await;
    window.says("There is no such code");
    window.send("device", &[("user_code", &other.str("user_code"))]).await;
    window.send("deny-device", &[]).await;
    window.says("The device was not connected.");
}

#[tokio::test]
async fn a_device_that_wants_a_fresh_login_gets_one() {
    let kit = Kit::memory().await;
    kit.person("ann").await;
    shop(&kit).await;
    let (known, record) =
        kit.app.provider.client_record(&TenantId::default_tenant(), "shop").await.unwrap().unwrap();
    let asks = async |client: Client, record: &Record| {
        let write = Write::RecordReplace(record.next(&client).unwrap());
        kit.app.engine.store().commit(vec![write]).await.unwrap();
        let form = format!("client_id=shop&client_secret={SECRET}&scope=openid");
        let call = Call::post("/api/oidc/default/device_authorization");
        let asked = kit.send(call.raw("application/x-www-form-urlencoded", form.into_bytes())).await;
        format!("/ui/default/device?user_code={}", asked.expect(200).str("user_code"))
    };
    let fresh = Client { default_max_age: Some(60), ..(*known).clone() };
    let browser = Browser::new(&kit);
    let mut window = logged_in(&browser, "ann").await;
    kit.advance(std::time::Duration::from_secs(61));
    window.goto(&asks(fresh, &record).await).await;
    window.send("device", &[]).await;
    window.send("allow-device", &[]).await;
    window.says("<h1>Confirm that it is you</h1>");
    window.send("answer", &[("a.password", PASSWORD)]).await;
    window.send("device", &[]).await;
    window.says("The device must show exactly this code.");
    window.send("allow-device", &[]).await;
    window.says("The device is connected.");

    let (_, record) =
        kit.app.provider.client_record(&TenantId::default_tenant(), "shop").await.unwrap().unwrap();
    let strong = Client { default_acr: Some("aal2".to_owned()), ..(*known).clone() };
    kit.advance(std::time::Duration::from_secs(1));
    window.goto(&asks(strong, &record).await).await;
    window.send("device", &[]).await;
    window.send("allow-device", &[]).await;
    window.send("answer", &[("a.password", PASSWORD)]).await;
    window.send("device", &[]).await;
    window.send("allow-device", &[]).await;
    window.says("asks for a stronger sign-in");
}

#[tokio::test]
async fn an_application_that_wants_somebody_out_is_confirmed_by_them() {
    let kit = Kit::memory().await;
    kit.person("ann").await;
    shop(&kit).await;
    let browser = Browser::new(&kit);
    let mut window = logged_in(&browser, "ann").await;
    window.goto("/api/oidc/default/logout?client_id=shop").await;
    assert_eq!(window.path, "/ui/default/logout?client_id=shop");
    window.says("Shop &lt;script&gt;alert(1)&lt;/script&gt; wants to sign you out.");
    window.says("action=\"/api/oidc/default/logout\"");
    window.goto("/ui/default/account").await;
    window.says("ann Example");
    let said = b"confirmed=yes&client_id=shop".to_vec();
    let call = Call::post("/api/oidc/default/logout").raw("application/x-www-form-urlencoded", said);
    browser.send(call.header("origin", "http://id.example").header("accept", "text/html")).await.expect(200);
    assert!(browser.cookie("gatewright_session").is_none());
    // An address that is not registered is no place to go.
    let reply = browser
        .get("/ui/default/logout?client_id=shop&post_logout_redirect_uri=https%3A%2F%2Fevil.example")
        .await;
    assert_eq!(reply.status.as_u16(), 400, "{}", reply.text());
}
