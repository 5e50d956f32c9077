//! An authenticator whose answer says what it does.
#![allow(unsafe_code, reason = "what exports a plugin says so, where the macro is not of another crate")]

use crate::{
    Accepted, Authenticator, Call, Challenge, Fault, Host, HostExt as _, Kind, LogLevel, Nothing, Scope,
    Steps, Traits, Verdict,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::{
    future::{Future, pending, poll_fn},
    panic::panic_any,
    pin::{Pin, pin},
    sync::atomic::{AtomicBool, Ordering},
    task::{Context, Poll},
    time::Duration,
};

#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Config {
    /// Becomes one of its traits.
    strong: bool,
    /// What `new` does.
    make: String,
}

#[derive(Deserialize, JsonSchema)]
pub(super) struct Answer {
    does: String,
    #[serde(default)]
    n: u32,
}

pub(super) struct Probe {
    config: Config,
    host: Host,
}

impl Authenticator for Probe {
    const ID: &'static str = "probe";
    const ABOUT: &'static str = "For the tests of the SDK.";
    const NEEDS: &'static [&'static str] = &["kv", "http:127.0.0.1:9"];
    type Config = Config;
    type Credential = Nothing;
    type Begin = Nothing;
    type Prompt = Nothing;
    type State = Nothing;
    type Answer = Answer;

    fn new(config: Config, host: Host) -> Result<Self, Fault> {
        match config.make.as_str() {
            "panics" => panic!("no"),
            "panics twice" => panic_any(Grumpy),
            "refuses" => Err(Fault::Config { key: "make".into(), message: "not like that".into() }),
            _ => Ok(Self { config, host }),
        }
    }

    fn traits(&self) -> Traits {
        Traits {
            amr: vec!["otp".into()],
            kind: Kind::Possession,
            phishing_resistant: self.config.strong,
            many: false,
            single_use: false,
            steps: Steps { first: false, second: true, fallback: false },
            self_service: true,
        }
    }

    async fn challenge(
        &self,
        _: Call<'_, Nothing, Nothing>,
    ) -> Result<Challenge<Nothing, Nothing, Nothing>, Fault> {
        Ok(Challenge::new(Nothing {}, Nothing {}))
    }

    async fn verify(
        &self,
        call: Call<'_, (Nothing, Answer), Nothing>,
    ) -> Result<Verdict<Nothing, Nothing, Nothing>, Fault> {
        let found = Alone(Box::pin(self.does(call.scope, &call.body.1)), AtomicBool::new(false)).await?;
        let claims = json!({"found": found}).as_object().cloned().unwrap_or_default();
        Ok(Verdict::of(Accepted { claims, ..Accepted::default() }))
    }
}

impl Probe {
    async fn does(&self, scope: &Scope, answer: &Answer) -> Result<Value, Fault> {
        let tenant = &scope.tenant;
        Ok(match answer.does.as_str() {
            "panic" => panic!("boom"),
            "panic twice" => panic_any(Grumpy),
            "panic after" => {
                self.host.kv_get(tenant, "key").await?;
                panic!("boom, later")
            }
            "grumpy" => {
                let _grumpy = Grumpy;
                self.host.kv_get(tenant, "key").await?;
                Value::Null
            }
            "get" => json!(self.host.kv_get(tenant, "key").await?.map(|v| (v.rev, v.value))),
            "absent" => json!(self.host.kv_get(tenant, "absent").await?.is_none()),
            "odd" => json!(self.host.kv_get(tenant, "odd").await?.is_none()),
            "cas" => {
                let ttl = Some(Duration::from_secs(1));
                json!(self.host.kv_cas(tenant, "key", Some(answer.n.into()), b"hi", ttl).await?)
            }
            "refused" => self.host.call("directory.bind", json!({})).await?,
            "large" => self.host.call("echo", json!("x".repeat(2 << 20))).await?,
            "rest" => {
                self.host.log(LogLevel::Warn, "a line");
                let too_many = self.host.random(&mut [0; 65]).is_err();
                let (random, heavy) = (self.host.random_array::<2>()?, self.host.cpu(|| 6 * 7).await?);
                json!([self.host.now().as_millis(), random, heavy, too_many])
            }
            "abandon" => {
                let mut asked = self.host.kv_get(tenant, "key");
                poll_fn(|context| Poll::Ready(asked.as_mut().poll(context).is_pending())).await.into()
            }
            "forgotten" => pending().await,
            "itself" => self.itself(answer.n).await,
            "many" => self.many(answer.n).await?,
            _ => Value::Null,
        })
    }

    /// Wakes itself `n` times.
    async fn itself(&self, n: u32) -> Value {
        let mut left = n;
        poll_fn(|context| match left {
            0 => Poll::Ready(n.into()),
            _ => {
                left -= 1;
                context.waker().wake_by_ref();
                Poll::Pending
            }
        })
        .await
    }

    /// Asks for three things at once, `n % 5` times after one another.
    async fn many(&self, n: u32) -> Result<Value, Fault> {
        let mut last = json!(n);
        for _ in 0..n % 5 {
            let [a, b, c] = [0, 1, 2].map(|_| self.host.call("echo", last.clone()));
            let told = three([a, b, c]).await;
            last = told.into_iter().next().ok_or_else(|| Fault::internal("nothing"))??;
        }
        Ok(last)
    }
}

/// Polls all of them, at each wake.
async fn three<F: Future + Unpin>(mut futures: [F; 3]) -> Vec<F::Output> {
    let mut outputs = [const { None }; 3];
    poll_fn(|context| {
        for (future, output) in futures.iter_mut().zip(&mut outputs) {
            if output.is_none()
                && let Poll::Ready(value) = pin!(future).poll(context)
            {
                *output = Some(value);
            }
        }
        if outputs.iter().all(Option::is_some) { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    outputs.into_iter().flatten().collect()
}

/// Panics where two threads poll it at once.
struct Alone<F>(Pin<Box<F>>, AtomicBool);

impl<F: Future> Future for Alone<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        assert!(!self.1.swap(true, Ordering::SeqCst), "polled twice at once");
        let polled = self.0.as_mut().poll(context);
        self.1.store(false, Ordering::SeqCst);
        polled
    }
}

struct Grumpy;

impl Drop for Grumpy {
    fn drop(&mut self) {
        panic!("boom, in a drop");
    }
}

impl Drop for Probe {
    fn drop(&mut self) {
        self.host.log(LogLevel::Info, "ended");
        if self.config.make == "ends badly" {
            panic!("boom, at the end");
        }
    }
}

crate::export_authenticator!(Probe);
