//! What applications ask of the OpenID provider: CPU of the server's process a request, beside npm oidc-provider with
//! the same clients, a bare poem handler and a bare signature, all in one run and by turns.
//!
//! Each server is a process of its own on the first core; this program is the generator, on the second.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a bench may stop")]
#![allow(clippy::print_stderr, reason = "a bench says why it does not run")]

mod bare_server;
mod issuers;
mod lines;
mod process;
mod rounds;
mod sockets;

use aws_lc_rs::{
    rand::SystemRandom,
    rsa::KeySize,
    signature::{Ed25519KeyPair, RSA_PKCS1_SHA256, RsaKeyPair},
};
use issuers::{Issuer, Tokens};
use lines::{LINES, Line, Reply, head, load, posted, request, send};
use poem::{
    Response,
    endpoint::make_sync,
    http::header::{CACHE_CONTROL, ETAG},
};
use process::{cpu_of, user_of};
use rounds::{Race, Turn, size, thread_cpu};
use sockets::{COLUMNS, Server};
use std::{cell::RefCell, net::SocketAddr, process::Command, sync::Arc, time::Duration};
use tokio::runtime::{Builder, Runtime};

/// Bytes of a token that are signed.
const SIGNED: usize = 400;
const SERVICE: &str = "grant_type=client_credentials&scope=stock.read";

fn main() {
    let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
    if let Some((_, file)) = sockets::wanted() {
        runtime.block_on(serve_bare(|address| sockets::announce(address, &file, &[])));
        return;
    }
    if !rounds::is_wanted() {
        return;
    }
    let binary = issuers::binary();
    if !binary.is_file() || Command::new("taskset").arg("--version").output().is_err() {
        eprintln!("{} (`cargo build --release`) and taskset must be there", binary.display());
        std::process::exit(1);
    }
    let me = std::process::id().to_string();
    let _ = Command::new("taskset").args(["-pc", "1", &me]).output();
    let (ours, peer) = (runtime.block_on(issuers::ours()), issuers::peer());
    let bench = Bench { runtime, during: Duration::from_millis(size("MILLISECONDS", 1_000) as u64) };
    bench.tokens(&ours, &peer);
    bench.refresh(&ours, &peer);
    bench.checks(&ours, &peer);
    bench.metadata(&ours, &peer);
}

/// The bytes of the environment's `BODY`, as JSON that may be kept.
async fn serve_bare(ready: impl FnOnce(SocketAddr)) {
    let body = std::env::var("BODY").expect("a body").into_bytes();
    let bare = make_sync(move |_| {
        let reply = Response::builder().header(ETAG, "\"1\"").header(CACHE_CONTROL, "public, max-age=900");
        reply.content_type("application/json").body(body.clone())
    });
    bare_server::serve(Arc::new(bare), ready).await;
}

struct Bench {
    runtime: Runtime,
    during: Duration,
}

impl Bench {
    /// All lines against a server for a while: what each answer has cost its process.
    fn turn(&self, process: u32, address: SocketAddr, lines: &RefCell<Vec<Line>>) -> Turn {
        let (before, user_before) = (cpu_of(process), user_of(process));
        let count = self.runtime.block_on(load(address, &mut lines.borrow_mut(), self.during)) as f64;
        let spent = (cpu_of(process) - before).as_secs_f64();
        let user = (user_of(process) - user_before).as_secs_f64();
        vec![spent * 1e6 / count, user * 1e6 / count, spent / self.during.as_secs_f64()]
    }

    /// A case of a race: these lines, again and again.
    fn asking<'a>(&'a self, issuer: &'a Issuer, lines: Vec<Line>) -> impl FnMut() -> Turn + 'a {
        let lines = RefCell::new(lines);
        move || self.turn(issuer.process(), issuer.address, &lines)
    }

    fn tokens(&self, ours: &Issuer, peer: &Issuer) {
        let service = |issuer: &Issuer, client: &str| {
            let asked = form(issuer, issuer.paths.token, client, SERVICE);
            // A key is made when it is first needed: while it is, others may be told to come again.
            self.runtime.block_on(send(issuer.address, &asked)).json();
            same(asked)
        };
        let (ed25519, rsa) =
            (Ed25519KeyPair::generate().expect("a key"), RsaKeyPair::generate(KeySize::Rsa2048));
        let (rsa, random) = (rsa.expect("a key"), SystemRandom::new());
        let data = [7_u8; SIGNED];
        let mut signature = vec![0; rsa.public_modulus_len()];
        Race::new("client_credentials, Ed25519", COLUMNS)
            .case("ours", self.asking(ours, service(ours, "eddsa")))
            .case("oidc-provider", self.asking(peer, service(peer, "eddsa")))
            .case("the bare signature", || {
                signing(4_000, || {
                    std::hint::black_box(ed25519.sign(&data));
                })
            })
            .run();
        Race::new("client_credentials, RS256", COLUMNS)
            .case("the bare signature", || {
                signing(1_000, || {
                    rsa.sign(&RSA_PKCS1_SHA256, &random, &data, &mut signature).expect("signs");
                })
            })
            .case("ours", self.asking(ours, service(ours, "rs256")))
            .case("oidc-provider", self.asking(peer, service(peer, "rs256")))
            .run();
        Race::new("client_credentials, opaque", COLUMNS)
            .case("ours", self.asking(ours, service(ours, "opaque")))
            .case("oidc-provider", self.asking(peer, service(peer, "opaque")))
            .run();
    }

    fn refresh(&self, ours: &Issuer, peer: &Issuer) {
        Race::new("refresh, with an ID token", COLUMNS)
            .case("ours, opaque", self.asking(ours, rotating(ours, "shop")))
            .case("oidc-provider, opaque", self.asking(peer, rotating(peer, "shop")))
            .case("ours, JWT", self.asking(ours, rotating(ours, "shop-jwt")))
            .run();
    }

    fn checks(&self, ours: &Issuer, peer: &Issuer) {
        Race::new("introspection", COLUMNS)
            .case("ours, opaque", self.asking(ours, introspecting(ours, "shop")))
            .case("oidc-provider, opaque", self.asking(peer, introspecting(peer, "shop")))
            .case("ours, JWT", self.asking(ours, introspecting(ours, "shop-jwt")))
            .run();
        Race::new("userinfo", COLUMNS)
            .case("ours, opaque", self.asking(ours, userinfo(ours, "shop")))
            .case("oidc-provider, opaque", self.asking(peer, userinfo(peer, "shop")))
            .case("ours, JWT", self.asking(ours, userinfo(ours, "shop-jwt")))
            .run();
    }

    fn metadata(&self, ours: &Issuer, peer: &Issuer) {
        let get = |issuer: &Issuer, path: &str| same(request(issuer.address, path, "", None));
        for (title, ours_at, peers_at) in [
            ("discovery", ours.paths.discovery, peer.paths.discovery),
            ("JWKS", ours.paths.jwks, peer.paths.jwks),
        ] {
            let reply = self.runtime.block_on(send(ours.address, &request(ours.address, ours_at, "", None)));
            assert_eq!(reply.status, 200, "{}", reply.head);
            let body = String::from_utf8(reply.body).expect("JSON");
            let bare = Server::start_with("bare", &[("BODY", body)]);
            let at = bare.address().parse().expect("an address");
            let lines = RefCell::new(same(request(at, "/", "", None)));
            Race::new(title, COLUMNS)
                .case("a bare poem handler with the same bytes", || self.turn(bare.process(), at, &lines))
                .case("ours", self.asking(ours, get(ours, ours_at)))
                .case("ours: GET /healthz", self.asking(ours, get(ours, "/healthz")))
                .case("oidc-provider", self.asking(peer, get(peer, peers_at)))
                .run();
        }
    }
}

/// The same request on every line.
fn same(request: Vec<u8>) -> Vec<Line> {
    vec![Line { request, next: None, head: String::new() }; LINES]
}

/// A form of a client that shows its secret.
fn form(issuer: &Issuer, path: &str, client: &str, form: &str) -> Vec<u8> {
    request(issuer.address, path, issuer.basic(client), Some(form))
}

/// Each line asks about a token of its own.
fn introspecting(issuer: &Issuer, client: &str) -> Vec<Line> {
    let asked = |token: &String| form(issuer, issuer.paths.introspection, client, &format!("token={token}"));
    each(&issuer.tokens(client).access, asked)
}

fn userinfo(issuer: &Issuer, client: &str) -> Vec<Line> {
    let shown = |token: &String| {
        request(issuer.address, issuer.paths.userinfo, &format!("authorization: Bearer {token}\r\n"), None)
    };
    each(&issuer.tokens(client).access, shown)
}

fn each(tokens: &[String], request: impl Fn(&String) -> Vec<u8>) -> Vec<Line> {
    let line = |token| Line { request: request(token), next: None, head: String::new() };
    tokens.iter().map(line).collect()
}

/// Each line keeps a grant of its own alive.
fn rotating(issuer: &Issuer, client: &str) -> Vec<Line> {
    let Tokens { refresh, .. } = issuer.tokens(client);
    let head = head(issuer.address, issuer.paths.token, issuer.basic(client), true);
    let line =
        |token: &String| Line { request: refreshing(&head, token), next: Some(next), head: head.clone() };
    refresh.iter().map(line).collect()
}

fn refreshing(head: &str, token: &str) -> Vec<u8> {
    posted(head, Some(&format!("grant_type=refresh_token&refresh_token={token}"))).into_bytes()
}

fn next(line: &Line, reply: &Reply) -> Vec<u8> {
    let tokens = reply.json();
    refreshing(&line.head, tokens["refresh_token"].as_str().expect("a token"))
}

/// So many signatures on this thread.
fn signing(count: usize, mut sign: impl FnMut()) -> Turn {
    let before = thread_cpu();
    for _ in 0..count {
        sign();
    }
    vec![(thread_cpu() - before).as_secs_f64() * 1e6 / count as f64, f64::NAN, f64::NAN]
}
