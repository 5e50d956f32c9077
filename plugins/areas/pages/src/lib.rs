#![doc = include_str!("../README.md")]

mod account;
mod account_list;
mod application;
mod area;
mod ask;
mod assets;
mod consent;
mod drive;
mod fields;
mod flow;
mod layout;
mod login;
mod module;
mod other;
mod register;
mod reset;
mod show;
mod step;
mod texts;
mod visit;

use gatewright_contract::{Fault, Nothing};
use gatewright_plugin::{Area, House, Mount};

/// The area.
pub struct PagesArea;

impl Area for PagesArea {
    const ID: &'static str = "pages";
    const ABOUT: &'static str = include_str!("../README.md");
    type Config = Nothing;

    fn new(_: Nothing) -> Result<Self, Fault> {
        Ok(Self)
    }

    fn mounts(&self, house: &House) -> Vec<Mount> {
        vec![Mount::new(visit::PREFIX, area::Pages::new(house))]
    }
}

gatewright_plugin::register_area!(PagesArea);
