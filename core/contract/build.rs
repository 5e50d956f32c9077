//! Only here so that `links` works: two versions of the contract in one build are a cargo error.
fn main() {}
