//! A range of addresses: `10.20.0.0/16`.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

/// Every address that shares its first `prefix` bits with `address`. Versions 4 and 6 never match each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Network {
    address: IpAddr,
    prefix: u8,
}

/// Why a text is not a range of addresses.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NetworkError {
    #[error("`{0}` is not an address, a slash and a number of bits, such as 10.20.0.0/16")]
    Shape(String),
    #[error("`{0}` sets bits beyond its prefix: write the first address of the range")]
    HostBits(String),
}

impl Network {
    pub fn contains(&self, address: IpAddr) -> bool {
        matches!(
            (self.address, address),
            (IpAddr::V4(_), IpAddr::V4(_)) | (IpAddr::V6(_), IpAddr::V6(_))
        ) && shares_prefix(self.address, address, self.prefix)
    }
}

impl FromStr for Network {
    type Err = NetworkError;

    fn from_str(text: &str) -> Result<Network, NetworkError> {
        let shape = || NetworkError::Shape(text.to_owned());
        let (address, prefix) = text.split_once('/').ok_or_else(shape)?;
        let address: IpAddr = address.parse().map_err(|_| shape())?;
        let digits = !prefix.is_empty() && prefix.bytes().all(|b| b.is_ascii_digit());
        let prefix: u8 = prefix.parse().ok().filter(|_| digits).ok_or_else(shape)?;
        let (value, width) = bits(address);
        if prefix > width {
            return Err(shape());
        }
        let host_bits = width - prefix;
        // A shift by all 128 bits leaves nothing of any value, but is not defined as one.
        let rest = value
            .checked_shr(u32::from(host_bits))
            .and_then(|high| high.checked_shl(u32::from(host_bits)))
            .unwrap_or(0);
        if rest != value {
            return Err(NetworkError::HostBits(text.to_owned()));
        }
        Ok(Network { address, prefix })
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

/// The address as a number, and how many bits it has.
fn bits(address: IpAddr) -> (u128, u8) {
    match address {
        IpAddr::V4(address) => (u128::from(address.to_bits()), 32),
        IpAddr::V6(address) => (address.to_bits(), 128),
    }
}

/// Whether two addresses of one version agree in their first `prefix` bits.
pub(super) fn shares_prefix(one: IpAddr, other: IpAddr, prefix: u8) -> bool {
    let ((one, width), (other, _)) = (bits(one), bits(other));
    let differing = (one ^ other).checked_shr(u32::from(width.saturating_sub(prefix)));
    differing.unwrap_or(0) == 0
}
