//! What goes over the wire.

use gatewright_core::webhooks;
use gatewright_plugin::{Text, outcome::moment};
use poem_openapi::{Enum, Object, types::Example};
use time::{OffsetDateTime, macros::datetime};
use uuid::Uuid;

/// A webhook to be made.
#[derive(Object)]
#[oai(rename = "WebhookNew", deny_unknown_fields, example)]
pub(crate) struct New {
    /// Where the requests go: https, a public address.
    #[oai(validator(min_length = 1, max_length = 2048))]
    pub(crate) url: Text,
    /// What it is for.
    #[oai(validator(max_length = 256), skip_serializing_if_is_none)]
    pub(crate) description: Option<Text>,
    /// Which events: `person.created`, all of a noun as `person.*`, or everything as `*`.
    #[oai(validator(min_items = 1, max_items = 32))]
    pub(crate) kinds: Vec<Text>,
}

impl Example for New {
    fn example() -> Self {
        Self {
            url: "https://app.example.org/hooks/people".into(),
            description: Some("tells the shop who is new".into()),
            kinds: vec!["person.*".into(), "session.ended-all".into()],
        }
    }
}

/// What is to be changed. What is left out stays.
#[derive(Object)]
#[oai(rename = "WebhookChange", deny_unknown_fields, example)]
pub(crate) struct Change {
    /// Where the requests go.
    #[oai(validator(min_length = 1, max_length = 2048), skip_serializing_if_is_none)]
    pub(crate) url: Option<Text>,
    /// What it is for. Empty: nothing.
    #[oai(validator(max_length = 256), skip_serializing_if_is_none)]
    pub(crate) description: Option<Text>,
    /// Which events.
    #[oai(validator(min_items = 1, max_items = 32), skip_serializing_if_is_none)]
    pub(crate) kinds: Option<Vec<Text>>,
    /// Whether requests go out. One that is switched on again begins with what happens from then on.
    #[oai(skip_serializing_if_is_none)]
    pub(crate) enabled: Option<bool>,
}

impl Example for Change {
    fn example() -> Self {
        Self { url: None, description: None, kinds: Some(vec!["person.*".into()]), enabled: Some(true) }
    }
}

/// A webhook.
#[derive(Object)]
#[oai(rename = "Webhook", example)]
pub(crate) struct Webhook {
    /// Its id.
    id: Uuid,
    /// Where the requests go.
    url: String,
    /// What it is for.
    #[oai(skip_serializing_if_is_none)]
    description: Option<String>,
    /// Which events.
    kinds: Vec<String>,
    /// Whether requests go out.
    enabled: bool,
    /// Why the host switched it off: `gone` (the receiver answered 410) or `failing` (for five days).
    #[oai(skip_serializing_if_is_none)]
    disabled_because: Option<String>,
    /// Since when every request has failed. Left out: the last one arrived, or there was none.
    #[oai(skip_serializing_if_is_none)]
    failing_since: Option<OffsetDateTime>,
    /// Until when the secret before the present one signs as well.
    #[oai(skip_serializing_if_is_none)]
    old_secret_until: Option<OffsetDateTime>,
    /// When it was made.
    created_at: OffsetDateTime,
}

impl From<webhooks::Webhook> for Webhook {
    fn from(hook: webhooks::Webhook) -> Self {
        Self {
            id: hook.id,
            url: hook.url,
            description: hook.description,
            kinds: hook.kinds,
            enabled: hook.enabled,
            disabled_because: hook.disabled_because,
            failing_since: hook.failing_since.map(moment),
            old_secret_until: hook.previous_until.map(moment),
            created_at: moment(hook.created),
        }
    }
}

impl Example for Webhook {
    fn example() -> Self {
        Self {
            id: Uuid::from_u128(0x018b_cfe5_6800_7000_8000_0000_0000_0004),
            url: "https://app.example.org/hooks/people".to_owned(),
            description: Some("tells the shop who is new".to_owned()),
            kinds: vec!["person.*".to_owned(), "session.ended-all".to_owned()],
            enabled: true,
            disabled_because: None,
            failing_since: None,
            old_secret_until: None,
            created_at: datetime!(2026-01-01 12:00 UTC),
        }
    }
}

/// A webhook with a fresh secret.
#[derive(Object)]
#[oai(rename = "WebhookSecret", example)]
pub(crate) struct WithSecret {
    /// The webhook.
    pub(crate) webhook: Webhook,
    /// What its requests are signed with. Shown only now.
    pub(crate) secret: String,
}

impl Example for WithSecret {
    fn example() -> Self {
        let secret = "whsec_RXhhbXBsZSBvZiBhIHNlY3JldCBvZiBhIHdlYmhvb2s=".to_owned();
        Self { webhook: Webhook::example(), secret }
    }
}

/// Where a delivery stands.
#[derive(Clone, Copy, Enum)]
#[oai(rename = "WebhookDeliveryState", rename_all = "lowercase")]
pub(crate) enum State {
    /// Under way.
    Pending,
    /// The receiver has it.
    Delivered,
    /// Given up.
    Dead,
}

impl From<State> for webhooks::DeliveryState {
    fn from(state: State) -> Self {
        match state {
            State::Pending => Self::Pending,
            State::Delivered => Self::Delivered,
            State::Dead => Self::Dead,
        }
    }
}

impl From<webhooks::DeliveryState> for State {
    fn from(state: webhooks::DeliveryState) -> Self {
        match state {
            webhooks::DeliveryState::Pending => Self::Pending,
            webhooks::DeliveryState::Delivered => Self::Delivered,
            webhooks::DeliveryState::Dead => Self::Dead,
        }
    }
}

/// One event on its way to a webhook.
#[derive(Object)]
#[oai(rename = "WebhookDelivery", example)]
pub(crate) struct Delivery {
    /// Its id.
    id: Uuid,
    /// Where it stands.
    state: State,
    /// What happened.
    event: String,
    /// Its line in the audit log. Left out: a test.
    #[oai(skip_serializing_if_is_none)]
    number: Option<i64>,
    /// How often it was tried.
    tries: u32,
    /// When it is tried next.
    #[oai(skip_serializing_if_is_none)]
    next_try_at: Option<OffsetDateTime>,
    /// When it was last tried.
    #[oai(skip_serializing_if_is_none)]
    last_try_at: Option<OffsetDateTime>,
    /// Status that the receiver answered with.
    #[oai(skip_serializing_if_is_none)]
    last_status: Option<u16>,
    /// Why there was no answer.
    #[oai(skip_serializing_if_is_none)]
    last_error: Option<String>,
    /// When it was made.
    created_at: OffsetDateTime,
}

impl From<webhooks::Delivery> for Delivery {
    fn from(delivery: webhooks::Delivery) -> Self {
        Self {
            id: delivery.id,
            state: delivery.state.into(),
            event: delivery.event,
            number: delivery.number,
            tries: delivery.tries,
            next_try_at: delivery.next_try.map(moment),
            last_try_at: delivery.last_try.map(moment),
            last_status: delivery.last_status,
            last_error: delivery.last_error,
            created_at: moment(delivery.created),
        }
    }
}

impl Example for Delivery {
    fn example() -> Self {
        Self {
            id: Uuid::from_u128(0x018b_cfe5_6800_7000_8000_0000_0000_0005),
            state: State::Pending,
            event: "person.created".to_owned(),
            number: Some(1066),
            tries: 1,
            next_try_at: Some(datetime!(2026-01-01 12:00:05 UTC)),
            last_try_at: Some(datetime!(2026-01-01 12:00 UTC)),
            last_status: Some(503),
            last_error: None,
            created_at: datetime!(2026-01-01 12:00 UTC),
        }
    }
}

/// Some deliveries.
#[derive(Object)]
#[oai(rename = "WebhookDeliveries", example)]
pub(crate) struct Page {
    /// The deliveries, oldest first.
    pub(crate) deliveries: Vec<Delivery>,
    /// The `after` of the next page. Left out: there is none.
    #[oai(skip_serializing_if_is_none)]
    pub(crate) next: Option<Uuid>,
}

impl Example for Page {
    fn example() -> Self {
        Self { deliveries: vec![Delivery::example()], next: None }
    }
}
