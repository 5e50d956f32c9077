//! A browser: keeps cookies, sends an `Origin`.

use crate::{Call, Kit, PASSWORD, Reply};
use serde_json::{Value, json};
use std::{collections::BTreeMap, sync::Mutex};

/// One browser profile.
pub struct Browser<'a> {
    kit: &'a Kit,
    cookies: Mutex<BTreeMap<String, String>>,
}

impl<'a> Browser<'a> {
    pub fn new(kit: &'a Kit) -> Self {
        Self { kit, cookies: Mutex::default() }
    }

    pub fn cookie(&self, name: &str) -> Option<String> {
        self.cookies.lock().unwrap().get(name).cloned()
    }

    /// Logs in with a password and cookies.
    pub async fn login(&self, username: &str) {
        let begun =
            self.post("/auth/v1/login", &json!({"username": username, "cookie": true})).await.expect(200);
        let body = json!({"transaction": begun.str("transaction"), "answer": {"password": PASSWORD}});
        self.post("/auth/v1/login/password", &body).await.expect(200);
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.send(Call::get(path)).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Reply {
        self.send(Call::post(path).json(body).header("origin", "http://id.example")).await
    }

    /// Sends with the cookies and keeps those that come back.
    pub async fn send(&self, mut call: Call) -> Reply {
        let line = {
            let jar = self.cookies.lock().unwrap();
            jar.iter().map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>().join("; ")
        };
        if !line.is_empty() {
            call = call.header("cookie", &line);
        }
        let reply = self.kit.send(call).await;
        let mut jar = self.cookies.lock().unwrap();
        for set in reply.headers.get_all("set-cookie") {
            let text = set.to_str().expect("a cookie");
            let (name, value) = text.split(';').next().and_then(|p| p.split_once('=')).expect("a cookie");
            let gone = value.is_empty() || text.to_ascii_lowercase().contains("max-age=0");
            match gone {
                true => jar.remove(name),
                false => jar.insert(name.to_owned(), value.to_owned()),
            };
        }
        drop(jar);
        reply
    }
}
