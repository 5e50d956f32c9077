//! Entra on this machine, as far as its keys are asked for.

use aws_lc_rs::{
    rand::SystemRandom,
    rsa::{KeyPair as RsaKey, KeySize},
    signature::{KeyPair as _, RSA_PKCS1_SHA256},
};
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Map, Value, json};
use std::sync::Arc;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpListener,
};

pub(super) const DIRECTORY: &str = "9a4ee5a0-6d11-4b6c-8a4b-0f8a0f2f3b11";
pub(super) const OBJECT: &str = "1c1c1c1c-6d11-4b6c-8a4b-0f8a0f2f3b22";

pub(super) struct Entra {
    pub(super) issuer: String,
    key: RsaKey,
    task: tokio::task::JoinHandle<()>,
}

impl Entra {
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let base = format!("http://{}/{DIRECTORY}", listener.local_addr().expect("an address"));
        let issuer = format!("{base}/v2.0");
        let key = RsaKey::generate(KeySize::Rsa2048).expect("a key");
        let number = |bytes: &[u8]| BASE64URL_NOPAD.encode(bytes);
        let public = key.public_key();
        let (n, e) = (public.modulus(), public.exponent());
        let jwk = json!({
            "kty": "RSA", "kid": "entra-1", "use": "sig",
            "n": number(n.big_endian_without_leading_zero()), "e": number(e.big_endian_without_leading_zero()),
        });
        let about = json!({"issuer": issuer, "jwks_uri": format!("{base}/discovery/v2.0/keys")}).to_string();
        let said = Arc::new((about, json!({"keys": [jwk]}).to_string()));
        let task = tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let said = said.clone();
                tokio::spawn(async move {
                    let mut reader = BufReader::new(socket);
                    let (mut first, mut line) = (String::new(), String::new());
                    let _ = reader.read_line(&mut first).await;
                    while reader.read_line(&mut line).await.is_ok_and(|read| read > 2) {
                        line.clear();
                    }
                    let body = if first.contains("/keys ") { &said.1 } else { &said.0 };
                    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close";
                    let reply = format!("{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len());
                    let _ = reader.into_inner().write_all(reply.as_bytes()).await;
                });
            }
        });
        Self { issuer, key, task }
    }

    /// From now on nobody answers.
    pub(super) fn close(&self) {
        self.task.abort();
    }

    pub(super) fn sign(&self, claims: &Map<String, Value>) -> String {
        let part = |value: &Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
        let header = json!({"alg": "RS256", "typ": "JWT", "kid": "entra-1"});
        let message = format!("{}.{}", part(&header), part(&Value::Object(claims.clone())));
        let mut signature = vec![0; self.key.public_modulus_len()];
        self.key
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message.as_bytes(), &mut signature)
            .expect("signs");
        format!("{message}.{}", BASE64URL_NOPAD.encode(&signature))
    }
}

impl Drop for Entra {
    fn drop(&mut self) {
        self.task.abort();
    }
}
