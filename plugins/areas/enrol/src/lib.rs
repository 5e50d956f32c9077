#![doc = include_str!("../README.md")]

mod api;
mod complete;
mod described;
mod invite;

use gatewright_contract::{Fault, Nothing};
use gatewright_plugin::{Area, House, Mount};

/// The area.
pub struct EnrolArea;

impl Area for EnrolArea {
    const ID: &'static str = "enrol";
    const ABOUT: &'static str = include_str!("../README.md");
    type Config = Nothing;

    fn new(_: Nothing) -> Result<Self, Fault> {
        Ok(Self)
    }

    fn mounts(&self, house: &House) -> Vec<Mount> {
        vec![Mount::new("/auth/v1", api::Enrolments(described::of(house))).answering(answers).strict()]
    }
}

gatewright_plugin::register_area!(EnrolArea);

/// Statuses besides the success.
fn answers(operation: &str) -> &'static [u16] {
    match operation {
        complete if complete.ends_with("_complete") => &[401, 404, 409, 422],
        _ => &[401, 403, 404, 409],
    }
}
