//! `gatewright config …`.

use super::{Failed, load};
use crate::{Plugins, config::reference, settings::sections};
use clap::Subcommand;
use std::path::Path;

#[derive(Subcommand)]
pub(super) enum Config {
    /// Read the configuration and print every mistake with its place.
    Check,
    /// Print what is in force and where each value comes from; secrets are masked.
    Show,
    /// Print every key with its meaning and default.
    Reference,
}

impl Config {
    pub(super) fn run(self, plugins: &Plugins, file: Option<&Path>) -> Result<(), Failed> {
        match self {
            Self::Check => {
                load(plugins, file)?;
                println!("The configuration is in order.");
            }
            Self::Show => print!("{}", load(plugins, file)?.show()),
            Self::Reference => print!("{}", reference(&sections(plugins))),
        }
        Ok(())
    }
}
