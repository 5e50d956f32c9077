//! How well a picture was read, as the client says.

use gatewright_plugin::Text;
use poem_openapi::{Object, types::Example};

/// What the decoder of the picture reports. It is the client's own word: what decides is the proof.
#[derive(Object)]
#[oai(rename = "BERForm", example)]
pub(crate) struct BerForm {
    /// The count.
    #[oai(skip_serializing_if_is_none)]
    ber: Option<BerCount>,
    /// Width and height of the picture.
    #[oai(
        validator(min_items = 2, max_items = 2, minimum(value = "0"), maximum(value = "1000000")),
        skip_serializing_if_is_none
    )]
    image_dim: Option<Vec<u32>>,
    /// How the picture was made into bits.
    #[oai(validator(max_length = 64), skip_serializing_if_is_none)]
    algorithm_version: Option<Text>,
}

/// Bits that were read, and those that came out otherwise than when it was set up.
#[derive(Object)]
#[oai(rename = "BERCount")]
struct BerCount {
    /// Bits in all.
    #[oai(validator(maximum(value = "1000000")), skip_serializing_if_is_none)]
    count_bits: Option<u32>,
    /// Bits that differ.
    #[oai(validator(maximum(value = "1000000")), skip_serializing_if_is_none)]
    error_bits: Option<u32>,
    /// The same in percent, as a text with two decimals.
    #[oai(rename = "BER_PERCENT", validator(max_length = 16), skip_serializing_if_is_none)]
    percent: Option<Text>,
}

impl Example for BerForm {
    fn example() -> Self {
        let ber = BerCount { count_bits: Some(2040), error_bits: Some(31), percent: Some("1.52".into()) };
        Self {
            ber: Some(ber),
            image_dim: Some(vec![1200, 800]),
            algorithm_version: Some("dct-sign-256/1".into()),
        }
    }
}
