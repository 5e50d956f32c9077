#![doc = include_str!("../README.md")]

mod answer;
mod authenticators;
mod begin;
mod body;
mod callback;
mod caller;
mod challenge;
mod described;
mod device;
mod session;
mod transaction;

use gatewright_contract::{Fault, Nothing};
use gatewright_plugin::{Area, House, Mount};
use poem_openapi::Tags;

/// Where all of it is.
const PREFIX: &str = "/auth/v1";

/// The area.
pub struct LoginArea;

impl Area for LoginArea {
    const ID: &'static str = "login";
    const ABOUT: &'static str = include_str!("../README.md");
    type Config = Nothing;

    fn new(_: Nothing) -> Result<Self, Fault> {
        Ok(Self)
    }

    fn mounts(&self, house: &House) -> Vec<Mount> {
        let mounts = [
            Mount::new(PREFIX, begin::Begin::new(house)),
            Mount::new(PREFIX, transaction::Transaction::new(house)),
            Mount::new(PREFIX, session::Session::new(house)),
            Mount::new(PREFIX, authenticators::Authenticators::new(house)),
            Mount::new(PREFIX, callback::Returned),
            Mount::new(PREFIX, described::of(house)),
        ];
        mounts.map(|mount| mount.answering(answers).strict()).into()
    }
}

gatewright_plugin::register_area!(LoginArea);

#[derive(Tags)]
enum LoginTags {
    /// Log in step by step, keep a session and end it. What an authenticator asks and answers is under its own tag.
    #[oai(rename = "login")]
    Login,
}

/// Statuses besides the success. 403 is the front door's: a changing request with cookies from another site.
fn answers(operation: &str) -> &'static [u16] {
    match operation {
        "login_begin" => &[401, 403, 404, 409],
        "transaction_next" => &[404],
        "session_rotate" | "session_end" => &[401, 403],
        "transaction_cancel" | "login_authenticators" | "login_returned" => &[],
        callback if callback.starts_with("callback_") => &[404, 409],
        device if device.starts_with("device_") => &[401, 404],
        challenge if challenge.ends_with("_challenge") => &[404, 409],
        _ => &[401, 404, 409],
    }
}
