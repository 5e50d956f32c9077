//! Who asks for a code of somebody learns nothing about whether there is somebody.

use super::*;

/// Everybody who does not get in with the code `000000`, for one reason or another.
async fn cast(kit: &Kit) -> [&'static str; 6] {
    let reachable = kit.person("reachable").await;
    with_contact(kit, &reachable, "email", "r@example.org").await;
    kit.person("without").await;
    let disabled = kit.person("disabled").await;
    with_contact(kit, &disabled, "email", "d@example.org").await;
    kit.disable(&disabled).await;
    let locked = kit.person("locked").await;
    with_contact(kit, &locked, "email", "l@example.org").await;
    for _ in 0..12 {
        let transaction = kit.begin("locked").await;
        kit.answer(&transaction, "password", json!({"password": "not the password"})).await.expect(401);
    }
    let origin = Origin::local("kit");
    let machine = kit.app.engine.at_the_machine(&origin);
    let program =
        machine.create_service(&reachable.tenant, "program".to_owned(), None).await.expect("a program");
    with_address(kit, &program, "p@example.org").await;
    ["reachable", "without", "disabled", "locked", "program", "nobody"]
}

fn seen(reply: &Reply) -> (u16, Value, Vec<String>) {
    let mut body = reply.json();
    for handle in ["transaction", "request_id"] {
        body.as_object_mut().expect("an object").remove(handle);
    }
    let mut names: Vec<String> = reply.headers.keys().map(ToString::to_string).collect();
    names.sort();
    (reply.status.as_u16(), body, names)
}

async fn asked_and_refused(kit: &Kit, begun: Value, begin: Value) -> [(u16, Value, Vec<String>); 2] {
    let transaction = kit.post("/auth/v1/login", &begun).await.expect(200).str("transaction");
    let asked = ask(kit, &transaction, begin).await;
    let handle = asked.json()["transaction"].as_str().unwrap_or("gwt_none").to_owned();
    let refused = kit.answer(&handle, "otp", json!({"code": "000000"})).await;
    [seen(&asked), seen(&refused)]
}

#[tokio::test]
async fn a_challenge_and_a_wrong_answer_look_the_same_for_everybody() {
    let only_mail = "[login.policy]\nfirst = [\"password\", \"otp\"]\nreset = [\"otp\"]\n\
                     [login.block_config]\nip_attempts_limit = 1000\n";
    let kit = Kit::with(Store::Memory).mailbox().config(only_mail).start().await;
    let names = cast(&kit).await;
    for purpose in ["login", "reset"] {
        let begun = |name: &str| json!({"username": name, "purpose": purpose});
        let first = asked_and_refused(&kit, begun(names[0]), json!({})).await;
        assert_eq!((first[0].0, first[1].0), (200, 401), "{first:?}");
        for name in &names[1..] {
            let other = asked_and_refused(&kit, begun(name), json!({})).await;
            assert_eq!(first, other, "{purpose} of {name}");
        }
    }
    assert!(kit.mail().await.iter().all(|m| m.to == "r@example.org" || m.to == "l@example.org"));
}

#[tokio::test]
async fn what_is_shown_before_a_proof_follows_from_the_request_alone() {
    let kit = builder(Store::Memory).config("max_codes = 20").start().await;
    let only_sms = kit.person("sms").await;
    with_contact(&kit, &only_sms, "sms", "+4366012345678").await;
    let shown = async |name: &str, begin: Value| {
        ask(&kit, &kit.begin(name).await, begin).await.expect(200).json()["prompt"].clone()
    };
    for begin in [
        json!({}),
        json!({"delivery": "email"}),
        json!({"delivery": "sms"}),
        json!({"contact": "my sms"}),
        json!({"delivery": "voice", "contact": "my sms"}),
    ] {
        let way = begin["delivery"].as_str().unwrap_or("email").to_owned();
        let prompt = shown("sms", begin.clone()).await;
        assert_eq!(prompt, json!({"delivery": way, "digits": 6, "life_seconds": 300}), "{begin}");
        assert_eq!(prompt, shown("nobody", begin).await);
    }
    assert_eq!(kit.mail().await.len(), 1, "only where there is something of the kind");
}

#[tokio::test]
async fn where_addresses_are_shown_nobody_has_one_as_well() {
    let kit = builder(Store::Memory).config("show_contact = \"always\"").start().await;
    let ann = kit.person("ann").await;
    with_contact(&kit, &ann, "email", "ann@example.com").await;
    let shown = async |name: String| {
        let asked = ask(&kit, &kit.begin(&name).await, json!({})).await.expect(200);
        asked.json()["prompt"]["to"].as_str().expect("is shown").to_owned()
    };
    assert_eq!(shown("ann".to_owned()).await, "a***@e***.com");
    let mut masks = std::collections::BTreeSet::new();
    for i in 0..10 {
        let mask = shown(format!("nobody{i}")).await;
        assert_eq!(mask.len(), "a***@e***.com".len());
        assert_eq!(mask, shown(format!("nobody{i}")).await, "the same at each try");
        masks.insert(mask);
    }
    assert!(masks.len() > 3, "{masks:?}");
}

#[tokio::test]
async fn a_channel_that_is_not_there_is_everybodys_trouble() {
    let pigeons = "[login.policy]\nfirst = [\"password\", \"otp\"]\n\
                   [plugins.otp]\nchannels = { email = \"pigeon\" }\n";
    let kit = Kit::with(Store::Memory).mailbox().config(pigeons).start().await;
    let ann = kit.person("ann").await;
    with_contact(&kit, &ann, "email", "ann@example.org").await;
    let refused = async |name: &str| seen(&ask(&kit, &kit.begin(name).await, json!({})).await.expect(503));
    assert_eq!(refused("ann").await, refused("nobody").await);
}

#[tokio::test]
async fn the_code_is_in_the_mail_and_nowhere_else() {
    let kit = builder(Store::Sqlite).start().await;
    let ann = kit.person("ann").await;
    with_contact(&kit, &ann, "email", "ann.archer@example.org").await;
    let asked = ask(&kit, &kit.begin("ann").await, json!({})).await.expect(200);
    let code = mail(&kit).await.value("code").to_owned();
    assert!(!asked.text().contains(&code));
    let refused = answer(&kit, &asked, &other(&code)).await.expect(401);
    assert!(!refused.text().contains(&code));
    let mut stored = Vec::new();
    for file in std::fs::read_dir(kit.folder.path()).unwrap() {
        stored.extend(std::fs::read(file.unwrap().path()).unwrap());
    }
    for secret in [code.as_str(), "ann.archer@example.org"] {
        let found = stored.windows(secret.len()).any(|w| w == secret.as_bytes());
        assert!(!found, "{secret} is in the store in clear");
    }
}

/// Medians of challenges. A machine that is busy for one of them
/// only gets another go; a difference that is really there shows in every go.
#[tokio::test]
async fn to_ask_takes_as_long_for_nobody() {
    let kit = Kit::with(Store::Sqlite).mailbox().config(POLICY).alone().start().await;
    let ann = kit.person("ann").await;
    with_contact(&kit, &ann, "email", "ann@example.org").await;
    let mut seen = Vec::new();
    for _ in 0..4 {
        let (known, unknown) = (median(&kit, "ann").await, median(&kit, "nobody").await);
        if (known - unknown).abs() < known.max(unknown) * 0.2 {
            return;
        }
        seen.push((known, unknown));
    }
    panic!("µs for somebody and nobody: {seen:.0?}");
}

/// In microseconds, of a hundred challenges.
async fn median(kit: &Kit, username: &str) -> f64 {
    let mut times = Vec::new();
    for _ in 0..100 {
        // A new window, and nothing that waits.
        kit.advance(Duration::from_secs(601));
        let transaction = kit.begin(username).await;
        let begun = std::time::Instant::now();
        ask(kit, &transaction, json!({})).await.expect(200);
        times.push(begun.elapsed().as_secs_f64() * 1e6);
        kit.mail().await;
    }
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}
