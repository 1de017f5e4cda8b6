//! Documents in the providers' own formats, as fakes and stories write them. All of it is synthetic.

pub mod ach;
pub mod adyen;
pub mod paypal;
pub mod stripe;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// HMAC-SHA256, as two of the providers sign.
pub(crate) fn hmac_sha256(key: &[u8], message: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(message);
    mac.finalize().into_bytes().to_vec()
}
