//! The library's side against a host of C that is made for it.

mod baton;
mod desk;
mod library;
mod probe;
mod tasks;
