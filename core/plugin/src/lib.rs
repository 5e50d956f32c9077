#![doc = include_str!("../README.md")]

mod api;
mod area;
mod auth;
mod body;
mod channel;
mod described;
mod dialect;
mod house;
pub mod letters;
mod mismatch;
mod mount;
pub mod outcome;
mod plugin;
pub mod request;
mod text;

pub use api::{ApiArea, RouteTable};
pub use area::{Area, config_table};
#[doc(hidden)]
pub use area::{config_of as area_config_of, make as make_area};
pub use auth::{AccessToken, Authenticated, BearerOrCookie, SESSION_COOKIE, SessionCookie, bearer, cookie};
pub use body::Body;
pub use channel::Courier;
#[doc(hidden)]
pub use channel::{config_of as channel_config_of, make as make_channel};
pub use described::{Described, Handler, Incoming, Operation, Parameter, Reply};
pub use dialect::{Dialect, ProblemError, or_problem, problem};
pub use house::{DocumentSlot, Health, HealthBoard, House, PluginHealth};
pub use mount::{Answers, Mount, Reach};
pub use plugin::{Contribution, Descriptor, Made, Plugin, PluginError, Setup};
pub use request::origin;
pub use text::Text;

/// What the macros expand to needs these.
#[doc(hidden)]
pub mod private {
    pub use async_trait::async_trait;
    pub use gatewright_contract::CONTRACT;
    pub use inventory;
    pub use schemars;
    pub use serde_json;
}
