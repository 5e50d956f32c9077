#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| authenticator_zkp_fuzz::cipher_key(data));
