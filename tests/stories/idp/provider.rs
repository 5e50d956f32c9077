//! An OpenID provider on this machine: honest, unless it is told to lie.

use aws_lc_rs::{
    digest::{SHA256, digest},
    hmac,
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _},
};
use data_encoding::{BASE64, BASE64URL_NOPAD};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Arc, Mutex},
};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};
use url::{Url, form_urlencoded};

pub(super) const CLIENT: &str = "gate wright";
pub(super) const SECRET: &str = "s3cret: of the client";

/// An ID token before it is signed.
pub(super) struct Token {
    pub(super) header: Value,
    pub(super) claims: Value,
    pub(super) sign: Sign,
}

pub(super) enum Sign {
    Honest,
    /// By a key that is in no list.
    Stranger,
    /// HMAC with the public key, for who takes it for a shared secret.
    PublicKey,
    Nothing,
}

/// What it has been asked, by path.
type Asked = BTreeMap<String, usize>;

pub(super) struct Provider {
    pub(super) issuer: String,
    state: Arc<Mutex<Inside>>,
    task: tokio::task::JoinHandle<()>,
}

struct Inside {
    issuer: String,
    keys: Vec<(String, Arc<EcdsaKeyPair>)>,
    codes: BTreeMap<String, Code>,
    asked: Asked,
    now: i64,
    down: bool,
    lie: fn(&mut Token),
    document: Value,
}

struct Code {
    subject: String,
    nonce: String,
    challenge: String,
    redirect_uri: String,
}

fn key() -> Arc<EcdsaKeyPair> {
    Arc::new(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key"))
}

impl Provider {
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address: SocketAddr = listener.local_addr().expect("an address");
        let issuer = format!("http://{address}/realm");
        let inside = Inside {
            issuer: issuer.clone(),
            keys: vec![("first".to_owned(), key())],
            codes: BTreeMap::new(),
            asked: Asked::new(),
            now: 1_767_225_600,
            down: false,
            lie: |_| {},
            document: json!({
                "issuer": issuer,
                "authorization_endpoint": format!("{issuer}/authorize?kept=1"),
                "token_endpoint": format!("{issuer}/token"),
                "jwks_uri": format!("{issuer}/keys"),
                "authorization_response_iss_parameter_supported": true,
            }),
        };
        let state = Arc::new(Mutex::new(inside));
        let shared = state.clone();
        let task = tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                tokio::spawn(one(socket, shared.clone()));
            }
        });
        Self { issuer, state, task }
    }

    fn inside<T>(&self, change: impl FnOnce(&mut Inside) -> T) -> T {
        change(&mut self.state.lock().expect("nobody has stopped with it"))
    }

    /// Its table in the configuration.
    pub(super) fn table(&self, name: &str, more: &str) -> String {
        format!(
            "[plugins.idp-oidc.providers.{name}]\nissuer = \"{}\"\nclient_id = \"{CLIENT}\"\n\
             client_secret = \"{SECRET}\"\nallow_http = true\n{more}\n",
            self.issuer
        )
    }

    /// Somebody logs in there: where the browser is sent back to.
    pub(super) fn authorize(&self, url: &str, subject: &str) -> String {
        let sent = Url::parse(url).expect("a URL");
        let query: BTreeMap<String, String> = sent.query_pairs().into_owned().collect();
        assert!(url.starts_with(&format!("{}/authorize?kept=1&", self.issuer)), "{url}");
        let of = |name: &str| query.get(name).cloned().unwrap_or_else(|| panic!("no {name} in {url}"));
        assert_eq!((of("response_type"), of("client_id")), ("code".to_owned(), CLIENT.to_owned()));
        assert_eq!(of("code_challenge_method"), "S256");
        let code = Code {
            subject: subject.to_owned(),
            nonce: of("nonce"),
            challenge: of("code_challenge"),
            redirect_uri: of("redirect_uri"),
        };
        let (issuer, word) = self.inside(|inside| {
            let word = format!("code-{}", inside.codes.len());
            inside.codes.insert(word.clone(), code);
            (inside.issuer.clone(), word)
        });
        let mut back = Url::parse(&of("redirect_uri")).expect("a URL");
        back.query_pairs_mut()
            .append_pair("code", &word)
            .append_pair("state", &of("state"))
            .append_pair("iss", &issuer)
            .append_pair("session_state", "something else");
        format!("{}?{}", back.path(), back.query().expect("a query"))
    }

    /// From now on its tokens are changed so before they are signed.
    pub(super) fn lie(&self, lie: fn(&mut Token)) {
        self.inside(|inside| inside.lie = lie);
    }

    /// From now on it answers nothing but 500.
    pub(super) fn down(&self, down: bool) {
        self.inside(|inside| inside.down = down);
    }

    /// Another key signs from now on; the old one is forgotten.
    pub(super) fn rotate(&self, name: &str) {
        self.inside(|inside| inside.keys = vec![(name.to_owned(), key())]);
    }

    pub(super) fn advance(&self, seconds: i64) {
        self.inside(|inside| inside.now += seconds);
    }

    pub(super) fn say(&self, name: &str, value: Value) {
        self.inside(|inside| inside.document[name] = value);
    }

    /// How often it has been asked since the last call, by path.
    pub(super) fn asked(&self) -> Asked {
        self.inside(|inside| std::mem::take(&mut inside.asked))
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn one(socket: TcpStream, state: Arc<Mutex<Inside>>) {
    let mut reader = BufReader::new(socket);
    let (mut head, mut line) = (Vec::new(), String::new());
    while reader.read_line(&mut line).await.is_ok_and(|read| read > 2) {
        head.push(line.trim().to_owned());
        line.clear();
    }
    let header = |name: &str| {
        let found =
            head.iter().find_map(|line| line.split_once(':').filter(|(n, _)| n.eq_ignore_ascii_case(name)));
        found.map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
    };
    let mut body = vec![0; header("content-length").parse().unwrap_or(0)];
    if reader.read_exact(&mut body).await.is_err() {
        return;
    }
    let path = head.first().and_then(|line| line.split(' ').nth(1)).unwrap_or_default().to_owned();
    let (status, reply) = state.lock().expect("it goes on").answer(&path, &header("authorization"), &body);
    let text = reply.to_string();
    let reply = format!(
        "HTTP/1.1 {status} Said\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{text}",
        text.len()
    );
    let _ = reader.into_inner().write_all(reply.as_bytes()).await;
}

impl Inside {
    fn answer(&mut self, path: &str, authorization: &str, body: &[u8]) -> (u16, Value) {
        let path = path.strip_prefix("/realm").unwrap_or_default();
        *self.asked.entry(path.to_owned()).or_default() += 1;
        match path {
            _ if self.down => (500, json!({"error": "server_error"})),
            "/.well-known/openid-configuration" => (200, self.document.clone()),
            "/keys" => (200, json!({"keys": self.keys.iter().map(public).collect::<Vec<_>>()})),
            "/token" => self.redeem(authorization, body),
            _ => (404, Value::Null),
        }
    }

    fn redeem(&mut self, authorization: &str, body: &[u8]) -> (u16, Value) {
        let encoded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        let basic = BASE64.encode(format!("{}:{}", encoded(CLIENT), encoded(SECRET)).as_bytes());
        if authorization != format!("Basic {basic}") {
            return (401, json!({"error": "invalid_client"}));
        }
        let form: BTreeMap<String, String> = form_urlencoded::parse(body).into_owned().collect();
        let of = |name: &str| form.get(name).map_or("", String::as_str);
        let challenge = BASE64URL_NOPAD.encode(digest(&SHA256, of("code_verifier").as_bytes()).as_ref());
        let code = self.codes.remove(of("code"));
        let right = |code: &Code| code.challenge == challenge && code.redirect_uri == of("redirect_uri");
        let Some(code) = code.filter(right) else { return (400, json!({"error": "invalid_grant"})) };
        let access_token = "an access token of the provider";
        let half = &digest(&SHA256, access_token.as_bytes()).as_ref()[..16].to_vec();
        let mut token = Token {
            header: json!({"alg": "ES256", "kid": self.keys[0].0, "typ": "JWT"}),
            claims: json!({
                "iss": self.issuer, "sub": code.subject, "aud": CLIENT, "nonce": code.nonce,
                "iat": self.now, "exp": self.now + 300, "auth_time": self.now - 100,
                "at_hash": BASE64URL_NOPAD.encode(half), "amr": ["pwd", "otp"], "email": "a@example.com",
            }),
            sign: Sign::Honest,
        };
        (self.lie)(&mut token);
        let id_token = self.signed(&token);
        (200, json!({"access_token": access_token, "token_type": "Bearer", "id_token": id_token}))
    }

    fn signed(&self, token: &Token) -> String {
        let part = |value: &Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
        let signed = format!("{}.{}", part(&token.header), part(&token.claims));
        let by = |key: &EcdsaKeyPair| {
            key.sign(&SystemRandom::new(), signed.as_bytes()).expect("a signature").as_ref().to_vec()
        };
        let own = &self.keys[0].1;
        let signature = match token.sign {
            Sign::Honest => by(own),
            Sign::Stranger => by(&key()),
            Sign::PublicKey => {
                let secret = hmac::Key::new(hmac::HMAC_SHA256, own.public_key().as_ref());
                hmac::sign(&secret, signed.as_bytes()).as_ref().to_vec()
            }
            Sign::Nothing => Vec::new(),
        };
        format!("{signed}.{}", BASE64URL_NOPAD.encode(&signature))
    }
}

fn public((name, key): &(String, Arc<EcdsaKeyPair>)) -> Value {
    let point = key.public_key().as_ref();
    let part = |bytes: &[u8]| BASE64URL_NOPAD.encode(bytes);
    json!({"kty": "EC", "crv": "P-256", "kid": name, "use": "sig", "x": part(&point[1..33]), "y": part(&point[33..])})
}
