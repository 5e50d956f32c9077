//! What clients claim beside a proof: bounded, kept briefly, read by who may, and never what decides.

use super::*;
use gatewright_contract::{PersonId, TenantId};

async fn ann_id(kit: &Kit) -> PersonId {
    kit.app.engine.find_person(&TenantId::default_tenant(), "ann").await.unwrap().unwrap().id
}

fn log_data() -> Value {
    json!({
        "status": "success",
        "similarity": 0.93,
        "evidence": {
            "totalSteps": 3, "stepsPassed": 3, "stepsFailed": 0, "facesDetectedMax": 1,
            "timing": {"totalChallengeDurationMs": 5120.5},
            "detailedStepResults": [{"step": "blink", "ok": true}, "turn", 3],
            "antiSpoofingTriggers": ["moire"],
            "gestureCounts": {"blink": 2},
            "greenEntryCount": 4,
            "environment": {
                "platform": "Linux", "cameraResolution": "1280x720", "cameraLabel": "front", "fps": 29.97,
                "browser": {"userAgent": "Mozilla/5.0", "language": "en", "hardwareConcurrency": 8.0, "deviceMemory": 0.5},
                "deviceDetection": {"mobile": false},
            },
        },
    })
}

async fn read(kit: &Kit, token: &str, id: PersonId) -> Reply {
    kit.get_as(token, &format!("/auth/v1/people/{id}/client-claims")).await
}

#[tokio::test]
async fn what_is_claimed_is_kept_for_who_may_read_it_and_for_its_time() {
    let kit = world().await;
    let (root, secret) = (kit.administrator().await, ann(&kit).await);
    let (id, page) = (ann_id(&kit).await, Page::of(&kit));
    let told = page.to_login("ann", &secret).await;
    let claims = json!({"log_data": log_data(), "ber": told.ber(12)});
    page.authenticate(&with(form(&told), claims.clone())).await.expect(200);
    // One that was refused is not kept.
    let told = page.to_login("ann", &secret.pin("000000")).await;
    refused(page.authenticate(&with(form(&told), claims.clone())).await);

    let kept = read(&kit, &root, id).await.expect(200).json();
    assert_eq!(kept.as_array().map(Vec::len), Some(1), "{kept}");
    assert_eq!((&kept[0]["operation"], &kept[0]["said"]), (&json!("authenticate"), &claims));
    // The person is not who may.
    let own = token(&kit, "ann", &secret).await;
    read(&kit, &own, id).await.expect(403);
    // Neither the audit log nor the export of it has them.
    let log =
        kit.app.engine.store().audit(&TenantId::default_tenant(), &Default::default(), 100).await.unwrap();
    assert!(!format!("{log:?}").contains("moire"), "{log:?}");

    for _ in 0..6 {
        let told = page.to_login("ann", &secret).await;
        let claims = json!({"log_data": {"status": "again"}});
        page.authenticate(&with(form(&told), claims)).await.expect(200);
    }
    let kept = read(&kit, &root, id).await.expect(200).json();
    assert_eq!(kept.as_array().map(Vec::len), Some(5), "the newest five");
    kit.advance(Duration::from_secs(30 * 86_400));
    kit.person("later").await;
    let origin = gatewright_core::Origin::local("kit");
    let admin = kit.app.engine.at_the_machine(&origin);
    assert_eq!(admin.client_claims(&TenantId::default_tenant(), id).await.expect("answers"), []);
}

#[tokio::test]
async fn a_tenant_that_wants_none_of_it_keeps_none_of_it() {
    let kit = open().config(UNLIMITED).config("[plugins.vault]\nlog_data_days = 0\n").start().await;
    let (root, secret) = (kit.administrator().await, ann(&kit).await);
    let page = Page::of(&kit);
    let told = page.to_login("ann", &secret).await;
    page.authenticate(&with(form(&told), json!({"log_data": log_data()}))).await.expect(200);
    assert_eq!(read(&kit, &root, ann_id(&kit).await).await.expect(200).json(), json!([]));
}

/// Perfect words about a face don't help a wrong secret, and terrible ones don't hurt a right one.
#[tokio::test]
async fn nothing_that_is_claimed_decides_anything() {
    let kit = world().await;
    let secret = ann(&kit).await;
    let page = Page::of(&kit);
    let told = page.to_login("ann", &secret.pin("000000")).await;
    let best = json!({"log_data": log_data(), "ber": told.ber(0)});
    refused(page.authenticate(&with(form(&told), best)).await);
    let told = page.to_login("ann", &secret).await;
    let worst = json!({"log_data": {"status": "failed", "similarity": 0}, "ber": told.ber(2040)});
    page.authenticate(&with(form(&told), worst)).await.expect(200);
    let told = page.to_login("ann", &secret).await;
    page.authenticate(&with(form(&told), json!({"log_data": null, "ber": null}))).await.expect(200);
}

#[tokio::test]
async fn what_is_too_large_or_too_deep_is_refused() {
    let kit = world().await;
    let secret = ann(&kit).await;
    let page = Page::of(&kit);
    let told = page.to_login("ann", &secret).await;
    let good = form(&told);
    let steps = |steps: Value| json!({"log_data": {"evidence": {"detailedStepResults": steps}}});
    let deep = (0..40).fold(json!(1), |inner, _| json!([inner]));
    for bad in [steps(deep), steps(json!(["x".repeat(16_400)]))] {
        misshapen(page.authenticate(&with(good.clone(), bad)).await, "body", "log_data");
    }
    let large = steps(json!(["x".repeat(20_500)]));
    page.authenticate(&with(good.clone(), large)).await.expect(413);
    // None of it was an answer.
    page.authenticate(&good).await.expect(200);
}

#[tokio::test]
async fn registering_takes_log_data_and_keeps_none() {
    let kit = world().await;
    let root = kit.administrator().await;
    let (page, secret) = (Page::of(&kit), Secret::of(1));
    let told = page.to_enrol("ann", &secret, "register").await;
    let form = with(registration(&told, "ann", "ann@example.org"), json!({"log_data": log_data()}));
    page.post("/register", &form).await.expect(201);
    assert_eq!(read(&kit, &root, ann_id(&kit).await).await.expect(200).json(), json!([]));
}

/// The contract only guesses its types, and nothing rests on them.
#[tokio::test]
async fn what_is_of_another_type_is_left_out_and_nobody_is_refused_for_it() {
    let kit = world().await;
    let (root, secret) = (kit.administrator().await, ann(&kit).await);
    let page = Page::of(&kit);
    for (said, kept) in [
        (
            json!({"ber": {"ber": {"BER_PERCENT": 1.5, "error_bits": 3}}}),
            json!({"ber": {"ber": {"error_bits": 3}}}),
        ),
        (json!({"ber": {"image_dim": [1, 2, 3], "unknown": 1}}), json!({"ber": {}})),
        (
            json!({"log_data": {"similarity": "0.9", "status": "success", "evidence": {"totalSteps": -1, "unknown": {}}}}),
            json!({"log_data": {"status": "success", "evidence": {}}}),
        ),
    ] {
        let told = page.to_login("ann", &secret).await;
        page.authenticate(&with(form(&told), said)).await.expect(200);
        let list = read(&kit, &root, ann_id(&kit).await).await.expect(200).json();
        assert_eq!(list[0]["said"], kept);
        kit.advance(Duration::from_secs(1));
    }
    let before = read(&kit, &root, ann_id(&kit).await).await.expect(200).json();
    for said in [json!({"ber": []}), json!({"log_data": "text", "ber": 7})] {
        let told = page.to_login("ann", &secret).await;
        page.authenticate(&with(form(&told), said)).await.expect(200);
    }
    assert_eq!(read(&kit, &root, ann_id(&kit).await).await.expect(200).json(), before, "nothing is kept");
    let told = page.to_enrol("bob", &Secret::of(2), "register").await;
    let form = with(registration(&told, "bob", "bob@example.org"), json!({"log_data": {"status": 1}}));
    page.post("/register", &form).await.expect(201);
}

#[tokio::test]
async fn who_is_deleted_leaves_nothing_of_it() {
    for store in [Store::Memory, Store::Sqlite] {
        let kit = Kit::with(store).mailbox().config(OPEN).config(UNLIMITED).start().await;
        let (root, secret) = (kit.administrator().await, ann(&kit).await);
        let (id, page, tenant) = (ann_id(&kit).await, Page::of(&kit), TenantId::default_tenant());
        let kept = async || {
            let store = kit.app.engine.store();
            store.document("client-claims", &tenant, &id.to_string(), kit.now()).await.expect("answers")
        };
        let told = page.to_login("ann", &secret).await;
        page.authenticate(&with(form(&told), json!({"log_data": log_data()}))).await.expect(200);
        assert!(kept().await.is_some());
        kit.delete_as(&root, &format!("/auth/v1/people/{id}")).await.expect(204);
        assert!(kept().await.is_none());
        // Nor who has left none.
        let bob = kit.person("bob").await;
        kit.delete_as(&root, &format!("/auth/v1/people/{}", bob.id)).await.expect(204);
    }
}
