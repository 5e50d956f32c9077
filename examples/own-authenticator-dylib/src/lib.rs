#![doc = include_str!("../README.md")]

gatewright_sdk::export_authenticator!(own_authenticator::HmacKey: enrol, rehearse);
