//! Plugins: what `gatewright plugin …` does.

#[allow(dead_code, reason = "`plugin new` calls it")]
mod skeleton_c;
