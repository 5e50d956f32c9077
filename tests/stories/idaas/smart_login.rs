//! SMART_LOGIN: nobody types a name.

use super::{challenge, complete, opens};
use crate::stories::devices::{Algorithm, Phone, paired};
use kit::{Kit, Store};
use serde_json::json;

#[tokio::test]
async fn a_phone_says_who_it_is() {
    let policy = "[login.policy]\nfirst = [\"password\", \"smart-login\"]\n";
    let kit = Kit::with(Store::Memory).config(policy).start().await;
    kit.person("ada").await;
    let phone = Phone::new(Algorithm::P256, "smart-login", 1);
    paired(&kit, "ada", &phone).await;
    let posed = challenge(&kit, "SMART_LOGIN", "", json!({})).await.expect(200);
    let link = posed.str("smartLoginChallenge");
    let number: u64 = posed.str("pushMutualChallenge").parse().unwrap();
    let waits = complete(&kit, "SMART_LOGIN", &posed.str("token"), json!({})).await.expect(200).json();
    assert_eq!((&waits["status"], &waits["authenticationCompleted"]), (&json!("NO_RESPONSE"), &json!(false)));
    let wake = crate::stories::devices::of_link(&link, "wake");
    let told = phone.told_of(&kit, &wake).await.expect(200).json()["prompt"].clone();
    phone.report(&kit, &phone.decide(&kit, &told, "approve", &json!(number))).await.expect(202);
    let done = complete(&kit, "SMART_LOGIN", &posed.str("token"), json!({})).await.expect(200).json();
    assert_eq!((&done["status"], &done["userId"]), (&json!("CONFIRM"), &json!("ada")));
    assert!(opens(&kit, done["token"].as_str().unwrap()).await);
}
