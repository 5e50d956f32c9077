//! OpenID providers as processes of their own on the first core: the released binary over SQLite, and npm
//! oidc-provider, which keeps all in memory. Both with the same clients and somebody who has logged in.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a bench may stop")]

use crate::lines::{LINES, Reply, request, send};
use data_encoding::BASE64;
use kit::TempFolder;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use std::{
    fs,
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
};

/// RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const CALLBACK: &str = "https://shop.example/callback";
/// Names the binary that is measured.
const BINARY: &str = "GATEWRIGHT_BINARY";
/// What our tenant is called.
const TENANT: &str = "/api/oidc/default";

/// Where a provider does what.
pub(crate) struct Paths {
    pub(crate) token: &'static str,
    pub(crate) introspection: &'static str,
    pub(crate) userinfo: &'static str,
    pub(crate) discovery: &'static str,
    pub(crate) jwks: &'static str,
}

/// Tokens of somebody who has logged in at a client: [`LINES`] of each, of as many grants.
#[derive(Default)]
pub(crate) struct Tokens {
    pub(crate) access: Vec<String>,
    pub(crate) refresh: Vec<String>,
}

/// A provider that runs, ended when dropped.
pub(crate) struct Issuer {
    child: Child,
    _folder: TempFolder,
    pub(crate) address: SocketAddr,
    pub(crate) paths: Paths,
    /// `authorization` of a client, with its line break.
    basic: Vec<(String, String)>,
    /// By client.
    tokens: Vec<(String, Tokens)>,
}

impl Issuer {
    pub(crate) fn process(&self) -> u32 {
        self.child.id()
    }

    /// The header with which a client shows its secret.
    pub(crate) fn basic(&self, client: &str) -> &str {
        &self.basic.iter().find(|(name, _)| name == client).expect("a client").1
    }

    pub(crate) fn tokens(&self, client: &str) -> &Tokens {
        &self.tokens.iter().find(|(name, _)| name == client).expect("a client").1
    }
}

impl Drop for Issuer {
    fn drop(&mut self) {
        let _ = kill_process(Pid::from_child(&self.child), Signal::TERM);
        let _ = self.child.wait();
    }
}

/// The binary, beside this program or where `GATEWRIGHT_BINARY` says.
pub(crate) fn binary() -> PathBuf {
    let beside = || Some(std::env::current_exe().ok()?.parent()?.parent()?.join("gatewright"));
    std::env::var_os(BINARY).map(PathBuf::from).or_else(beside).expect("this program")
}

/// Starts a program on the first core; the first line of its output in which `wanted` finds all that it needs, and the
/// lines before.
fn started(command: &mut Command, folder: &TempFolder, wanted: impl Fn(&str) -> bool) -> (Child, String) {
    let log = fs::File::create(folder.path().join("log")).expect("a log");
    let mut child = command.stdout(Stdio::piped()).stderr(log).spawn().expect("it starts");
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut said = String::new();
    while !wanted(&said) {
        if output.read_line(&mut said).expect("its output") == 0 {
            let log = fs::read_to_string(folder.path().join("log")).unwrap_or_default();
            panic!("it ended: {said}{log}");
        }
    }
    // What it still has to say must find somebody who listens.
    thread::spawn(move || std::io::copy(&mut output, &mut std::io::sink()));
    (child, said)
}

fn on_the_first_core(program: &Path) -> Command {
    let mut command = Command::new("taskset");
    // To the server every variable that begins like its own is one of its own.
    command.args(["-c", "0"]).arg(program).env_remove(BINARY);
    command
}

fn basic(client: &str, secret: &str) -> (String, String) {
    let encoded = BASE64.encode(format!("{client}:{secret}").as_bytes());
    (client.to_owned(), format!("authorization: Basic {encoded}\r\n"))
}

/// npm oidc-provider.
pub(crate) fn peer() -> Issuer {
    let folder = TempFolder::new();
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/provider_peer.mjs");
    let secret = "a secret of the bench that nobody guesses";
    let mut command = on_the_first_core(Path::new("node"));
    command.arg(program).args([secret, &LINES.to_string()]).env("NODE_ENV", "production");
    let (child, said) =
        started(&mut command, &folder, |said| said.contains("\"issuer\"") && said.ends_with('\n'));
    let told = said.lines().find(|line| line.contains("\"issuer\"")).unwrap();
    let told: Value = serde_json::from_str(told).expect("JSON");
    let address =
        told["issuer"].as_str().unwrap().strip_prefix("http://").unwrap().parse().expect("an address");
    let list = |name: &str| serde_json::from_value(told[name].clone()).expect("tokens");
    Issuer {
        child,
        _folder: folder,
        address,
        paths: Paths {
            token: "/token",
            introspection: "/token/introspection",
            userinfo: "/me",
            discovery: "/.well-known/openid-configuration",
            jwks: "/jwks",
        },
        basic: ["eddsa", "rs256", "opaque", "shop"].map(|name| basic(name, secret)).into(),
        tokens: vec![("shop".to_owned(), Tokens { access: list("access"), refresh: list("refresh") })],
    }
}

/// Ours. Applications: `shop` with random access tokens, `shop-jwt` with signed ones.
pub(crate) async fn ours() -> Issuer {
    let folder = TempFolder::new();
    let config = folder.path().join("gatewright.toml");
    let text = format!(
        "data = \"{}\"\n[http]\nlisten = \"127.0.0.1:0\"\n[http.rate]\nper_second = 0\nsteps_per_second = 0\n\
         [login.rate]\nper_second = 0\n[login.oidc]\naccess_token_seconds = 3600\n",
        folder.path().join("data").display()
    );
    fs::write(&config, text).expect("a configuration");
    let mut command = on_the_first_core(&binary());
    command.arg("--config").arg(&config).arg("serve");
    let (child, said) =
        started(&mut command, &folder, |said| said.contains("shown only now") && said.contains("Log in"));
    let address = said.lines().next().and_then(|line| line.rsplit("http://").next()).unwrap().trim();
    let address = address.parse().expect("an address");
    let password =
        said.lines().skip_while(|line| !line.contains("shown only now")).nth(2).unwrap().trim().to_owned();
    let add = |name: &str, how: &[&str]| {
        let secret = client(&config, name, how);
        basic(name, &secret)
    };
    let service = ["--service", "--scope", "stock.read"];
    let shop = [
        "--skip-consent",
        "--redirect-uri",
        CALLBACK,
        "--scope",
        "openid",
        "--scope",
        "profile",
        "--scope",
        "offline_access",
    ];
    let basic = vec![
        add("eddsa", &service),
        add("rs256", &[&service[..], &["--algorithm", "RS256"]].concat()),
        add("opaque", &[&service[..], &["--opaque"]].concat()),
        add("shop", &[&shop[..], &["--opaque"]].concat()),
        add("shop-jwt", &shop),
    ];
    let paths = Paths {
        token: "/api/oidc/default/token",
        introspection: "/api/oidc/default/introspect",
        userinfo: "/api/oidc/default/userinfo",
        discovery: "/api/oidc/default/.well-known/openid-configuration",
        jwks: "/api/oidc/default/.well-known/jwks",
    };
    let mut issuer = Issuer { child, _folder: folder, address, paths, basic, tokens: Vec::new() };
    let cookies = login(address, &password).await;
    for name in ["shop", "shop-jwt"] {
        let mut tokens = Tokens::default();
        for _ in 0..LINES {
            let reply = agreed(&issuer, &cookies, name).await;
            tokens.access.push(reply["access_token"].as_str().unwrap().to_owned());
            tokens.refresh.push(reply["refresh_token"].as_str().unwrap().to_owned());
        }
        issuer.tokens.push((name.to_owned(), tokens));
    }
    issuer
}

/// Registers a client at the machine; its secret.
fn client(config: &Path, name: &str, how: &[&str]) -> String {
    let mut command = Command::new(binary());
    command
        .env_remove(BINARY)
        .arg("--config")
        .arg(config)
        .args(["client", "add", name, "--client-id", name])
        .args(how);
    let done = command.output().expect("it runs");
    let said = String::from_utf8_lossy(&done.stdout);
    let line = said.lines().find_map(|line| line.strip_prefix("client_secret"));
    let secret = line.and_then(|line| line.split_whitespace().next());
    secret.unwrap_or_else(|| panic!("{said}{}", String::from_utf8_lossy(&done.stderr))).to_owned()
}

/// Logs the administrator in; the line of cookies.
async fn login(address: SocketAddr, password: &str) -> String {
    let post = async |path: &str, cookies: &str, body: Value| -> Reply {
        let headers = format!("content-type: application/json\r\norigin: http://{address}\r\n{cookies}");
        let reply = send(address, &request(address, path, &headers, Some(&body.to_string()))).await;
        assert_eq!(reply.status, 200, "{path}: {}", String::from_utf8_lossy(&reply.body));
        reply
    };
    let begun = post("/auth/v1/login", "", json!({"username": "admin", "cookie": true})).await;
    let answer = json!({"transaction": begun.json()["transaction"], "answer": {"password": password}});
    cookies(&post("/auth/v1/login/password", &cookies(&begun), answer).await)
}

/// What a browser sends back of an answer.
fn cookies(reply: &Reply) -> String {
    let set = reply.head.lines().filter_map(|line| line.split_once(':'));
    let set = set.filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie"));
    let all: Vec<&str> = set.filter_map(|(_, value)| value.trim().split(';').next()).collect();
    assert!(!all.is_empty(), "{}", reply.head);
    format!("cookie: {}\r\n", all.join("; "))
}

/// Somebody who is logged in goes to an application, which gets its tokens.
async fn agreed(issuer: &Issuer, cookies: &str, client: &str) -> Value {
    let address = issuer.address;
    let mut at = format!(
        "{TENANT}/authorize?client_id={client}&redirect_uri=https%3A%2F%2Fshop.example%2Fcallback&response_type=code\
         &scope=openid+profile+offline_access&code_challenge={CHALLENGE}&code_challenge_method=S256"
    );
    for _ in 0..5 {
        let reply = send(address, &request(address, &at, cookies, None)).await;
        let to = reply.header("location");
        let to = to.unwrap_or_else(|| panic!("{at}: {}{}", reply.head, String::from_utf8_lossy(&reply.body)));
        if let Some(code) = to.strip_prefix(CALLBACK).and_then(|query| query.split_once("code=")) {
            let code = code.1.split('&').next().unwrap();
            let form = format!(
                "grant_type=authorization_code&code={code}&code_verifier={VERIFIER}\
                 &redirect_uri=https%3A%2F%2Fshop.example%2Fcallback"
            );
            let asked = request(address, issuer.paths.token, issuer.basic(client), Some(&form));
            return send(address, &asked).await.json();
        }
        at = to.strip_prefix(&format!("http://{address}")).unwrap_or(to).to_owned();
    }
    panic!("sent in circles: {at}");
}
