//! Tokens that count, cards and questions in the contract's words.

use super::{challenge, complete, error, login, opens, query, step};
use gatewright_contract::testing::ready;
use kit::{Kit, PASSWORD, Reply, Store};
use serde_json::{Value, json};
use std::time::Duration;

const BOTH: &str = "PASSWORD_AND_SECONDFACTOR";

/// What somebody was shown when it was set up.
struct Holds(&'static str, Value, Value);

impl Holds {
    async fn new(kit: &Kit, user: &str, id: &'static str) -> Self {
        let token = login(kit, user).await.str("token");
        Self::set_up(kit, &token, id).await
    }

    async fn set_up(kit: &Kit, token: &str, id: &'static str) -> Self {
        let invited = kit.post_as(token, &format!("/auth/v1/enrol/{id}"), &json!({})).await.expect(200);
        let invitation = invited.json()["invitation"].clone();
        let proof = kit.app.engine.catalogue().get(id).unwrap().prove(&invitation, kit.now()).await.unwrap();
        let body = json!({"transaction": invited.str("transaction"), "proof": proof});
        let done = kit.post_as(token, &format!("/auth/v1/enrol/{id}/complete"), &body).await.expect(200);
        Self(id, invitation, done.json()["reveal"].clone())
    }

    fn says(&self, kit: &Kit, prompt: &Value, turn: usize) -> Value {
        let plugin = kit.app.engine.catalogue().get(self.0).unwrap();
        ready(plugin.answer([&self.1, &self.2, prompt], kit.now(), turn)).unwrap()
    }
}

/// The token of a login that waits for a second factor.
async fn half_way(kit: &Kit, user: &str) -> Reply {
    let more = step(kit, BOTH, user, json!({}), json!({"response": PASSWORD})).await.expect(200);
    assert_eq!(more.json()["authenticationCompleted"], false, "{}", more.text());
    more
}

fn second(token: &str, authenticator: &str) -> Value {
    json!({"authToken": token, "secondFactorAuthenticator": authenticator})
}

#[track_caller]
fn completed(reply: &Reply) -> String {
    assert_eq!(reply.status.as_u16(), 200, "{}", reply.text());
    assert_eq!(reply.json()["authenticationCompleted"], true, "{}", reply.text());
    reply.str("token")
}

#[tokio::test]
async fn token_stands_for_the_counter_token_of_who_has_nothing_else() {
    let kit = Kit::sqlite().await;
    kit.person("ada").await;
    let token = Holds::new(&kit, "ada", "hotp").await;
    let code = |presses| token.says(&kit, &json!({}), presses)["code"].clone();
    let more = half_way(&kit, "ada").await;
    assert_eq!(more.json()["availableSecondFactor"], json!(["TOKEN"]));
    let posed = challenge(&kit, BOTH, "ada", second(&more.str("token"), "TOKEN")).await.expect(200);
    assert_eq!(posed.json()["tokenChallenge"], json!({"token": []}));
    let said = json!({"response": code(0), "secondFactorAuthenticator": "TOKEN"});
    let done = completed(&complete(&kit, BOTH, &posed.str("token"), said.clone()).await);
    assert!(opens(&kit, &done).await);

    let more = half_way(&kit, "ada").await.str("token");
    let posed = challenge(&kit, "TOKEN", "ada", json!({"authToken": more})).await.expect(200).str("token");
    let replayed = complete(&kit, "TOKEN", &posed, json!({"response": code(0)})).await;
    assert_eq!(error(&replayed), (401, "invalid_user_response".to_owned()));
    let pair = json!({"answer": {"code": code(70), "next_code": code(71)}});
    completed(&complete(&kit, "TOKEN", &posed, pair).await);
}

#[tokio::test]
async fn who_has_an_app_and_a_counter_token_reaches_each() {
    let kit = Kit::memory().await;
    kit.person("ada").await;
    let session = login(&kit, "ada").await.str("token");
    let app = kit.enrol_totp(&session).await;
    let token = Holds::set_up(&kit, &session, "hotp").await;
    kit.advance(Duration::from_secs(30));
    let more = half_way(&kit, "ada").await;
    assert_eq!(more.json()["availableSecondFactor"], json!(["TOKEN"]), "{}", more.text());
    assert_eq!(more.json()["otherSecondFactors"], json!(["hotp"]), "{}", more.text());
    let by_token = json!({"authToken": more.str("token")});
    let reply = step(&kit, "TOKEN", "ada", by_token, json!({"response": app.code(&kit)})).await;
    completed(&reply);
    let by_id = json!({"authToken": half_way(&kit, "ada").await.str("token")});
    let code = token.says(&kit, &json!({}), 0)["code"].clone();
    completed(&step(&kit, "hotp", "ada", by_id, json!({"response": code})).await);
}

#[tokio::test]
async fn the_cells_of_a_card_count_from_zero_and_the_answer_is_their_characters() {
    let kit = Kit::with(Store::Sqlite).config("[plugins.grid]\nvalid_days = 365\n").start().await;
    kit.person("ada").await;
    let card = Holds::new(&kit, "ada", "grid").await;
    let listed = query(&kit, "ada", json!({})).await.json();
    assert!(listed["availableSecondFactor"].as_array().unwrap().contains(&json!("GRID")), "{listed}");
    let more = half_way(&kit, "ada").await;
    assert_eq!(more.json()["availableSecondFactor"], json!(["GRID"]));
    let posed = challenge(&kit, BOTH, "ada", second(&more.str("token"), "GRID")).await.expect(200);
    let grid = posed.json()["gridChallenge"].clone();
    assert_eq!(grid["numCharsPerCell"], 2);
    assert_eq!(grid["serialNumbers"], json!([card.2["serial"]]));
    let info = json!([{"serialNumber": card.2["serial"], "expiryDate": card.2["expires_at"]}]);
    assert_eq!(grid["gridInfo"], info);
    let at = |cell: &Value| {
        let place = |key: &str| usize::try_from(cell[key].as_u64().unwrap()).unwrap();
        card.2["rows"][place("row")][place("column")].as_str().unwrap().to_owned()
    };
    let characters: String = grid["challenge"].as_array().unwrap().iter().map(at).collect();
    let said = json!({"response": characters, "secondFactorAuthenticator": "GRID"});
    let wrong = json!({"response": "AAAAAA", "secondFactorAuthenticator": "GRID"});
    let refused = complete(&kit, BOTH, &posed.str("token"), wrong).await;
    assert_eq!(error(&refused), (401, "invalid_user_response".to_owned()));
    completed(&complete(&kit, BOTH, &posed.str("token"), said).await);
}

#[tokio::test]
async fn a_card_of_nobody_is_asked_for_the_same_cells_each_time() {
    let policy = "[login.policy]\nfirst = [\"password\", \"grid\"]\n";
    let kit = Kit::with(Store::Memory).config(policy).start().await;
    kit.person("ada").await;
    Holds::new(&kit, "ada", "grid").await;
    let mut seen = Vec::new();
    for name in ["ada", "ada", "nobody", "nobody"] {
        let posed = challenge(&kit, "GRID", name, json!({})).await.expect(200);
        let grid = posed.json()["gridChallenge"].clone();
        assert_eq!((&grid["gridInfo"], &grid["serialNumbers"]), (&json!([]), &json!([])), "{name}");
        let refused = complete(&kit, "GRID", &posed.str("token"), json!({"response": "AAAAAA"})).await;
        seen.push((grid, refused.status, refused.text()));
    }
    assert_eq!((&seen[0], &seen[2]), (&seen[1], &seen[3]));
    assert_eq!((&seen[0].1, &seen[0].2), (&seen[2].1, &seen[2].2));
    assert_eq!(seen[0].0["challenge"].as_array().map(Vec::len), Some(3));
}

#[tokio::test]
async fn answers_come_back_inside_the_challenge_and_never_go_out() {
    let policy = "[login.policy]\nsecond = [\"kba\"]\n[plugins.kba]\nmemory_kib = 1024\niterations = 1\n";
    let kit = Kit::with(Store::Sqlite).config(policy).start().await;
    kit.person("ada").await;
    let holds = Holds::new(&kit, "ada", "kba").await;
    let more = half_way(&kit, "ada").await;
    assert_eq!(more.json()["availableSecondFactor"], json!(["KBA"]));
    let posed = challenge(&kit, BOTH, "ada", second(&more.str("token"), "KBA")).await.expect(200);
    let asked = posed.json()["kbaChallenge"].clone();
    let questions = asked["userQuestions"].as_array().unwrap();
    assert_eq!(questions.len(), 3);
    assert!(questions.iter().all(|q| q.get("answer").is_none() && q["question"].is_string()), "{asked}");

    let said = holds.says(&kit, &json!({"questions": questions}), 0);
    let filled = |answers: &Value| {
        let mut filled = asked.clone();
        for (at, given) in answers["answers"].as_array().unwrap().iter().enumerate() {
            filled["userQuestions"][at]["answer"] = given["answer"].clone();
        }
        json!({"kbaChallenge": filled, "secondFactorAuthenticator": "KBA"})
    };
    let token = posed.str("token");
    let only_response = json!({"response": "alder grove", "secondFactorAuthenticator": "KBA"});
    assert_eq!(error(&complete(&kit, BOTH, &token, only_response).await).0, 400);
    let unanswered = json!({"kbaChallenge": asked, "secondFactorAuthenticator": "KBA"});
    assert_eq!(error(&complete(&kit, BOTH, &token, unanswered).await).0, 400);
    let mut wrong = said.clone();
    wrong["answers"][1]["answer"] = json!("something else");
    let refused = complete(&kit, BOTH, &token, filled(&wrong)).await;
    assert_eq!(error(&refused), (401, "invalid_user_response".to_owned()));
    assert!(!refused.text().contains("something else"));
    completed(&complete(&kit, BOTH, &token, filled(&said)).await);
}
