#![doc = include_str!("../README.md")]

mod api;
mod assets;
mod library;
mod operations;
mod prebuilt;

use gatewright_contract::{Fault, Nothing};
use gatewright_plugin::{Area, House, Mount};

/// The area.
pub struct DocsArea;

impl Area for DocsArea {
    const ID: &'static str = "docs";
    const ABOUT: &'static str = include_str!("../README.md");
    type Config = Nothing;

    fn new(_: Nothing) -> Result<Self, Fault> {
        Ok(Self)
    }

    fn mounts(&self, house: &House) -> Vec<Mount> {
        vec![Mount::new("", api::Docs::new(house)).answering(answers)]
    }
}

gatewright_plugin::register_area!(DocsArea);

/// Statuses besides the success.
fn answers(operation: &str) -> &'static [u16] {
    match operation {
        "docs_plugin_document" => &[404],
        _ => &[],
    }
}
