//! Channels into memory: what people would read is what a test reads.

use gatewright::Plugins;
use gatewright_contract::{Fault, Host};
use gatewright_core::{
    channel::{Parcel, Undelivered},
    outgoing::Outgoing,
};
use gatewright_plugin::{Courier, channel_descriptor};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, OnceLock,
        atomic::{AtomicU64, Ordering},
    },
};

/// A message that has arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    pub id: String,
    /// `smtp` or `sms-webhook`.
    pub channel: &'static str,
    pub to: String,
    pub template: String,
    pub values: BTreeMap<String, String>,
    pub locale: Option<String>,
    /// The name of the tenant's site.
    pub site: String,
}

impl Mail {
    /// A value of the template.
    ///
    /// # Panics
    /// When it has no such value.
    #[track_caller]
    pub fn value(&self, name: &str) -> &str {
        self.values.get(name).unwrap_or_else(|| panic!("no value {name} for {}", self.template))
    }
}

/// What the other side says to each message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Answering {
    #[default]
    Yes,
    Later,
    Never,
}

/// Where messages of one kit, and of further nodes of it, arrive.
#[derive(Clone)]
pub struct Mailbox {
    number: u64,
    inside: Arc<Mutex<Inside>>,
}

#[derive(Default)]
struct Inside {
    answering: Answering,
    tries: usize,
    came: Vec<Mail>,
}

/// A plugin is made by a function without a memory: it finds its mailbox by the number in its table.
fn all() -> &'static Mutex<BTreeMap<u64, Mailbox>> {
    static ALL: OnceLock<Mutex<BTreeMap<u64, Mailbox>>> = OnceLock::new();
    ALL.get_or_init(Mutex::default)
}

impl Mailbox {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let mailbox = Self { number: NEXT.fetch_add(1, Ordering::SeqCst), inside: Arc::default() };
        all().lock().unwrap().insert(mailbox.number, mailbox.clone());
        mailbox
    }

    pub(crate) fn in_place_of_channels(&self, plugins: Plugins) -> Plugins {
        plugins
            .without(Letters::ID)
            .without(Texts::ID)
            .with_plugin(channel_descriptor!(Letters))
            .with_plugin(channel_descriptor!(Texts))
    }

    pub(crate) fn config(&self) -> String {
        let table = |id| format!("[plugins.{id}]\nmailbox = {}\n", self.number);
        table(Letters::ID) + &table(Texts::ID)
    }

    /// From now on.
    pub fn answer(&self, answering: Answering) {
        self.inside.lock().unwrap().answering = answering;
    }

    /// How often something was handed over, whatever the answer.
    pub fn tries(&self) -> usize {
        self.inside.lock().unwrap().tries
    }

    /// What has come since the last call. What still waits in the outbox has not: see [`crate::Kit::mail`].
    pub fn take(&self) -> Vec<Mail> {
        std::mem::take(&mut self.inside.lock().unwrap().came)
    }

    fn put(&self, channel: &'static str, parcel: &Parcel) -> Result<(), Undelivered> {
        let mut inside = self.inside.lock().unwrap();
        inside.tries += 1;
        match inside.answering {
            Answering::Yes => {}
            Answering::Later => return Err(Undelivered::Later("not now".to_owned())),
            Answering::Never => return Err(Undelivered::Never("not ever".to_owned())),
        }
        inside.came.push(Mail {
            id: parcel.id.to_string(),
            channel,
            to: parcel.to.expose().clone(),
            template: parcel.template.clone(),
            values: parcel.values.iter().map(|(n, v)| (n.clone(), v.expose().clone())).collect(),
            locale: parcel.locale.clone(),
            site: parcel.site.name.clone(),
        });
        Ok(())
    }
}

#[derive(Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
struct Config {
    /// Number of the mailbox.
    mailbox: u64,
}

fn found(config: &Config) -> Result<Mailbox, Fault> {
    let found = all().lock().unwrap().get(&config.mailbox).cloned();
    found.ok_or_else(|| Fault::internal("no such mailbox"))
}

/// In the place of `smtp`.
struct Letters(Mailbox);

impl Courier for Letters {
    const ID: &'static str = "smtp";
    const ABOUT: &'static str = "# smtp\n\nInto memory. For tests.";
    type Config = Config;

    fn new(config: Config, _: Host, _: Arc<dyn Outgoing>) -> Result<Self, Fault> {
        found(&config).map(Self)
    }

    async fn deliver(&self, parcel: &Parcel) -> Result<(), Undelivered> {
        self.0.put(Self::ID, parcel)
    }
}

/// In the place of `sms-webhook`.
struct Texts(Mailbox);

impl Courier for Texts {
    const ID: &'static str = "sms-webhook";
    const ABOUT: &'static str = "# sms-webhook\n\nInto memory. For tests.";
    type Config = Config;

    fn new(config: Config, _: Host, _: Arc<dyn Outgoing>) -> Result<Self, Fault> {
        found(&config).map(Self)
    }

    async fn deliver(&self, parcel: &Parcel) -> Result<(), Undelivered> {
        self.0.put(Self::ID, parcel)
    }
}
