//! Registering, and every registration that is none.

use super::*;
use kit::vp1::{Helper, b64u, of_b64u};

/// Whether somebody can log in with this.
async fn gets_in(kit: &Kit, username: &str, secret: &Secret) -> bool {
    Page::of(kit).login(username, secret).await.status.is_success()
}

#[tokio::test]
async fn a_name_that_is_taken_is_answered_like_others() {
    let kit = world().await;
    let secret = ann(&kit).await;
    let (page, other) = (Page::of(&kit), Secret::of(2));
    let said = page.register("ann", "mallory@example.org", &other).await.expect(201);
    assert_eq!(said.text(), "null");
    let mail = letter(&kit).await;
    assert_eq!((mail.to.as_str(), mail.template.as_str()), ("mallory@example.org", "username-taken"));
    assert!(!gets_in(&kit, "ann", &other).await);
    assert!(gets_in(&kit, "ann", &secret).await, "hers is what it was");
}

/// From registering to what the account says of itself: only the mailbox is told.
#[tokio::test]
async fn an_address_that_is_taken_looks_like_any_other_to_whoever_registers() {
    let kit = world().await;
    let secret = ann(&kit).await;
    verified(&kit, "ann").await;
    let mut seen = Vec::new();
    for (username, email, template) in
        [("mallor1", "someone@example.org", "verify"), ("mallor2", "ann@example.org", "address-taken")]
    {
        let (page, own) = (Page::of(&kit), Secret::of(2));
        let made = page.register(username, email, &own).await;
        let mail = letter(&kit).await;
        assert_eq!((mail.to.as_str(), mail.template.as_str()), (email, template));
        // Their own helper comes back.
        let told = page.to_login(username, &own).await;
        let again = page.to_login(username, &own).await;
        assert_eq!(told.sealed.helper, again.sealed.helper);
        let login = page.authenticate(&form(&told)).await.expect(200);
        let there = signed_in(&page, &login.str("nonce")).await.expect(302);
        let account = page.browser.send(Call::get("/ui/default/account").secure()).await.expect(200);
        assert!(account.text().contains(&format!("Your address {email} is not confirmed.")));
        let token = token(&kit, username, &own).await;
        let mut me = kit.get_as(&token, "/api/oidc/users/me").await.expect(200).json();
        for own in ["user_id", "username", "created_at", "updated_at"] {
            me[own] = Value::Null;
        }
        let ours = kit.get_as(&token, "/auth/v1/me").await.expect(200).json();
        assert!(!ours.to_string().contains('@'), "{ours}");
        seen.push((
            (made.status.as_u16(), made.text()),
            (login.json()["need_verify"].clone(), shape_of(&login.json())),
            there.header("location").map(str::to_owned),
            (me, shape_of(&ours)),
        ));
    }
    assert_eq!(seen[0], seen[1]);
    assert_eq!(seen[0].1.0, true);
    assert!(gets_in(&kit, "ann", &secret).await, "hers is what it was");
}

/// The names of what is there.
fn shape_of(json: &Value) -> Vec<String> {
    let members = json.as_object().expect("an object").iter();
    members.map(|(name, value)| format!("{name} {}", value.is_null())).collect()
}

#[tokio::test]
async fn a_commitment_for_another_address_name_purpose_or_request_is_refused() {
    let kit = world().await;
    let (page, secret) = (Page::of(&kit), Secret::of(1));
    let told = page.to_enrol("ann", &secret, "register").await;
    let form = registration(&told, "ann", "ann@example.org");
    not_taken(page.post("/register", &with(form.clone(), json!({"email": "mallory@example.org"}))).await);
    not_taken(page.post("/register", &with(form.clone(), json!({"username": "mallory"}))).await);
    for purpose in ["change", "reset", "login"] {
        let told = page.to_enrol("ann", &secret, purpose).await;
        not_taken(page.post("/register", &registration(&told, "ann", "ann@example.org")).await);
    }
    let mut told = page.to_enrol("ann", &secret, "register").await;
    told.context.client_id = "other".to_owned();
    not_taken(page.post("/register", &registration(&told, "ann", "ann@example.org")).await);
    assert!(kit.mail().await.is_empty());
    // The first one was never opened for what it was, so it is still good; once.
    page.post("/register", &form).await.expect(201);
    not_taken(page.post("/register", &form).await);
}

#[tokio::test]
async fn a_challenge_for_a_login_registers_nobody() {
    let kit = world().await;
    let (page, secret) = (Page::of(&kit), Secret::of(1));
    let invited = page.to_enrol("ann", &secret, "register").await;
    let mut told = page.asked("ann", &Asking::login(&secret), "register").await;
    told.server = invited.server.clone();
    not_taken(page.post("/register", &registration(&told, "ann", "ann@example.org")).await);
}

#[tokio::test]
async fn an_invitation_lasts_two_minutes() {
    let kit = world().await;
    let (page, secret) = (Page::of(&kit), Secret::of(1));
    let told = page.to_enrol("ann", &secret, "register").await;
    let form = registration(&told, "ann", "ann@example.org");
    kit.advance(Duration::from_secs(121));
    not_taken(page.post("/register", &form).await);
}

#[tokio::test]
async fn of_two_registrations_at_once_with_one_challenge_one_is_taken() {
    let kit = Kit::with(Store::Sqlite).mailbox().config(OPEN).config(UNLIMITED).start().await;
    let (page, secret) = (Page::of(&kit), Secret::of(1));
    let told = page.to_enrol("ann", &secret, "register").await;
    let form = registration(&told, "ann", "ann@example.org");
    let (a, b) = tokio::join!(page.post("/register", &form), page.post("/register", &form));
    let (won, lost) = if a.status.is_success() { (a, b) } else { (b, a) };
    won.expect(201);
    not_taken(lost);
}

/// Makes another plaintext of one.
type Bend = Box<dyn Fn(&mut Vec<u8>)>;

/// A client that stretches too little would make its own secret cheap to guess.
#[tokio::test]
async fn weak_stretching_and_broken_parts_are_refused() {
    let kit = world().await;
    let (page, secret) = (Page::of(&kit), Secret::of(1));
    // Where the parts of the plaintext are: version, challenge_id, X, proof, helper.
    let (x, proof, helper) = (17, 49, 113);
    let (m, t, p, alg) = (helper + 16, helper + 20, helper + 21, helper + 24);
    let bend: [(&str, Bend); 9] = [
        ("version", Box::new(|plain| plain[0] = 2)),
        ("no point", Box::new(move |plain| plain[x..x + 32].fill(0xff))),
        ("identity", Box::new(move |plain| plain[x..x + 32].fill(0))),
        ("no scalar", Box::new(move |plain| plain[proof..proof + 32].fill(0xff))),
        ("little memory", Box::new(move |plain| plain[m..m + 4].copy_from_slice(&19_456_u32.to_be_bytes()))),
        ("few passes", Box::new(move |plain| plain[t] = 2)),
        ("many lanes", Box::new(move |plain| plain[p] = 255)),
        ("another algorithm", Box::new(move |plain| plain[alg] ^= 1)),
        ("trailing", Box::new(|plain| plain.push(0))),
    ];
    for (name, bend) in bend {
        let told = page.to_enrol("ann", &secret, "register").await;
        let mut commitment = told.commit("ann@example.org", "");
        assert_eq!(commitment.plain.len(), 113 + Helper::LENGTH);
        bend(&mut commitment.plain);
        let sealed = json!({"encrypted_commitment": commitment.seal()});
        let form = with(registration(&told, "ann", "ann@example.org"), sealed);
        let said = page.post("/register", &form).await;
        assert_eq!(said.status.as_u16(), 422, "{name}: {}", said.text());
        assert_eq!(said.json()["detail"][0]["loc"][1], "encrypted_commitment", "{name}");
    }
    assert!(kit.mail().await.is_empty());
}

#[tokio::test]
async fn what_is_sealed_for_another_key_or_no_longer_whole_is_refused() {
    let kit = world().await;
    let (page, secret) = (Page::of(&kit), Secret::of(1));
    for at in [1, 8, 9, 40, 41, 478] {
        let told = page.to_enrol("ann", &secret, "register").await;
        let form = registration(&told, "ann", "ann@example.org");
        let mut sealed = of_b64u(form["encrypted_commitment"].as_str().unwrap());
        assert_eq!(sealed.len(), 479);
        sealed[at] ^= 1;
        not_taken(page.post("/register", &with(form, json!({"encrypted_commitment": b64u(&sealed)}))).await);
    }
    let told = page.to_enrol("ann", &secret, "register").await;
    let form = registration(&told, "ann", "ann@example.org");
    for version in ["", "vp2", "VP1", "vp1-pq"] {
        let other = with(form.clone(), json!({"proto_version": version}));
        misshapen(page.post("/register", &other).await, "body", "proto_version");
    }
    for bad in ["AQ", "!", &"A".repeat(638), &"A".repeat(2048)] {
        let other = with(form.clone(), json!({"encrypted_commitment": bad}));
        misshapen(page.post("/register", &other).await, "body", "encrypted_commitment");
    }
}

#[tokio::test]
async fn names_and_addresses_that_can_not_be_are_named() {
    let kit = world().await;
    let (page, secret) = (Page::of(&kit), Secret::of(1));
    let told = page.to_enrol("ann", &secret, "register").await;
    let form = registration(&told, "ann", "ann@example.org");
    for username in ["", "a b", "ann\u{0}", "änn", &"x".repeat(129)] {
        misshapen(
            page.post("/register", &with(form.clone(), json!({"username": username}))).await,
            "body",
            "username",
        );
    }
    for email in ["", "ann", &format!("{}@example.org", "x".repeat(300))] {
        let said = page.post("/register", &with(form.clone(), json!({"email": email}))).await;
        misshapen(said, "body", "email");
    }
    misshapen(page.post("/register", &with(form, json!({"pin": "123456"}))).await, "body", "The");
}

#[tokio::test]
async fn where_people_do_not_register_themselves_that_is_said_to_everybody() {
    let closed = OPEN.replace("register_enable = true", "register_enable = false");
    let kit = Kit::with(Store::Memory).mailbox().config(&closed).start().await;
    kit.person("bob").await;
    let page = Page::of(&kit);
    for username in ["ann", "bob"] {
        page.register(username, "ann@example.org", &Secret::of(1)).await.expect(403);
    }
    assert!(kit.mail().await.is_empty());
}
