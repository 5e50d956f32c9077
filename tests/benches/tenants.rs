//! One tenant against ten thousand, with as many people in both.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a bench may stop")]
#![allow(clippy::print_stdout, reason = "a bench says what it found")]

use crate::{
    cheap::{self, WORD},
    fill::{self, access_token, username},
    inside::{Inside, Place, drive},
    rounds::{Race, Turn, size},
    server::{self, Processes},
};
use gatewright::Plugins;
use gatewright_contract::TenantId;
use gatewright_core::{Origin, PlainToken, Tenant, engine::Begin, store::Write};
use serde_json::json;
use std::{
    fs,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};
use tokio::runtime::Runtime;

const IN_FLIGHT: usize = 64;

/// People of one house, and whose they are.
struct Tenants {
    house: Arc<Inside>,
    tenant: fn(usize) -> TenantId,
    many: usize,
    next: AtomicUsize,
}

fn one(_: usize) -> TenantId {
    TenantId::default_tenant()
}

fn each(number: usize) -> TenantId {
    TenantId::parse(&format!("tenant-{number}")).expect("a name")
}

/// Makes both houses and measures them against each other.
pub(crate) fn run(runtime: &Runtime, store: &str, [first, second]: [Place; 2], server: Option<Processes>) {
    let many = size("TENANTS", 10_000).next_multiple_of(IN_FLIGHT);
    // All of the tenants fit, none of the tokens.
    let toml = format!(
        "[cache]\ntokens = 16\nsessions = 16\ntenants = {}\n[database]\nconnections = 32\n",
        many * 2
    );
    let start = |place: Place, tenant: fn(usize) -> TenantId| {
        let plugins = Plugins::linked().with_authenticator(cheap::registration());
        let house = Arc::new(runtime.block_on(Inside::start(place, &toml, plugins)));
        Arc::new(Tenants { house, tenant, many, next: AtomicUsize::new(0) })
    };
    let houses = [start(first, one), start(second, each)];
    let made = create(runtime, &houses[1], many);
    println!(
        "\n{store}: a tenant is made with {:.0} µs of CPU time, {:.0} a second, {IN_FLIGHT} in flight",
        made[0], made[1]
    );
    for house in &houses {
        runtime.block_on(fill::fill(&house.house, 0..many, house.tenant));
    }
    enrol(runtime, &houses[0], 0, many);
    // The first ones pay for what is there once.
    let once = (many / 10).next_multiple_of(IN_FLIGHT).min(many / 2);
    use_all(runtime, &houses[1], 0, once);
    let before = resident();
    use_all(runtime, &houses[1], once, many);
    let kib = (resident() - before) / (many - once) as f64;
    println!("{store}: {kib:.1} KiB of memory a tenant, after each was used");
    for (what, turn) in [
        ("a check that no cache answers", check as fn(&Runtime, &Arc<Tenants>, usize) -> Turn),
        ("begin of a login", begin),
    ] {
        Race::new(&format!("{what}, {store}, {many} people"), server::COLUMNS)
            .case("of one tenant", || server::with(server, many, || turn(runtime, &houses[0], many)))
            .case("each of a tenant of their own", || {
                server::with(server, many, || turn(runtime, &houses[1], many))
            })
            .run();
    }
    for house in &houses {
        runtime.block_on(house.house.app.engine.store().close());
    }
}

fn create(runtime: &Runtime, all: &Arc<Tenants>, many: usize) -> Turn {
    let all = all.clone();
    drive(runtime, IN_FLIGHT, many, move |number| {
        let all = all.clone();
        async move {
            let tenant = Tenant {
                id: (all.tenant)(number),
                display_name: format!("Tenant {number}"),
                disabled: false,
                created: all.house.app.engine.now(),
                settings: None,
                rev: 1,
            };
            all.house.app.engine.store().commit(vec![Write::TenantInsert(tenant)]).await.expect("is made");
        }
    })
}

/// Sets up an authenticator, so that the tenant has keys.
fn enrol(runtime: &Runtime, all: &Arc<Tenants>, from: usize, to: usize) {
    let all = all.clone();
    drive(runtime, IN_FLIGHT, to - from, move |number| {
        let all = all.clone();
        async move {
            let number = from + number;
            let engine = &all.house.app.engine;
            let person = engine.find_person(&(all.tenant)(number), &username(number)).await;
            let person = person.expect("an answer").expect("is filled in");
            let bodies = (json!({}), json!({"word": WORD}));
            engine.enrol_for(&person, "cheap", bodies, &Origin::local("bench")).await.expect("enrols");
        }
    });
}

fn use_all(runtime: &Runtime, all: &Arc<Tenants>, from: usize, to: usize) {
    enrol(runtime, all, from, to);
    all.next.store(from, Ordering::Relaxed);
    begin(runtime, all, to - from);
    all.next.store(from, Ordering::Relaxed);
    check(runtime, all, to - from);
    all.next.store(0, Ordering::Relaxed);
}

fn check(runtime: &Runtime, all: &Arc<Tenants>, count: usize) -> Turn {
    let all = all.clone();
    drive(runtime, IN_FLIGHT, count, move |_| {
        let (all, number) = (all.clone(), all.next.fetch_add(1, Ordering::Relaxed) % all.many);
        async move {
            let token = PlainToken::received(&access_token(number)).expect("a token");
            all.house.app.engine.check(&token, None).await.expect("is good");
        }
    })
}

/// Round-robin over all people, so over all tenants.
fn begin(runtime: &Runtime, all: &Arc<Tenants>, count: usize) -> Turn {
    let all = all.clone();
    drive(runtime, IN_FLIGHT, count, move |_| {
        let (all, number) = (all.clone(), all.next.fetch_add(1, Ordering::Relaxed) % all.many);
        async move {
            let begin = Begin::login((all.tenant)(number), Some(username(number)));
            all.house.app.engine.begin(begin, &Origin::local("login")).await.expect("begins");
        }
    })
}

/// KiB of this process.
fn resident() -> f64 {
    let status = fs::read_to_string("/proc/self/status").expect("this process");
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).expect("a line");
    line.split_whitespace().nth(1).and_then(|text| text.parse().ok()).expect("a number")
}
