//! Address ranges that a key may be used from.

use std::fmt;
use std::net::IpAddr;

/// A range as text is not one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NetworkError {
    #[error("a network is an address, or an address and a prefix length such as 192.0.2.0/24")]
    Form,
    #[error("the prefix length is 0 to {max}, found {found}")]
    Prefix { max: u8, found: u32 },
    /// 10.0.0.1/8 is either 10.0.0.1 or 10.0.0.0/8; a guess would open the door by a factor of sixteen million.
    #[error("the address has bits beyond its prefix of {prefix}")]
    Bits { prefix: u8 },
}

/// A CIDR range, IPv4 or IPv6. An IPv4 address in its mapped form (`::ffff:192.0.2.1`), as sockets that serve both give
/// it, is the IPv4 address, in ranges and in what is compared with them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    base: IpAddr,
    prefix: u8,
}

/// A mapped range is at least this long: shorter ones cover addresses that map nothing.
const MAPPED_PREFIX: u8 = 96;

impl Network {
    pub fn parse(text: &str) -> Result<Network, NetworkError> {
        let (address, length) = match text.split_once('/') {
            Some((address, length)) => (address, Some(length)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| NetworkError::Form)?;
        let max = bits_max(address);
        let prefix = match length {
            Some(length) => prefix_of(length, max)?,
            None => max,
        };
        let (base, prefix) = match address.to_canonical() {
            // ::ffff:192.0.2.0/120 is 192.0.2.0/24.
            base @ IpAddr::V4(_) if address.is_ipv6() && prefix >= MAPPED_PREFIX => {
                (base, prefix - MAPPED_PREFIX)
            }
            _ => (address, prefix),
        };
        let network = Network { base, prefix };
        match network.masked(base) == number(base) {
            true => Ok(network),
            false => Err(NetworkError::Bits { prefix }),
        }
    }

    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        address.is_ipv4() == self.base.is_ipv4() && self.masked(address) == number(self.base)
    }

    fn masked(&self, address: IpAddr) -> u128 {
        let host_bits = u32::from(bits_max(address).saturating_sub(self.prefix));
        let mask = u128::MAX.checked_shl(host_bits).unwrap_or(0);
        number(address) & mask
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.base, self.prefix)
    }
}

fn prefix_of(text: &str, max: u8) -> Result<u8, NetworkError> {
    let plain = (1..=3).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if !plain || (text.len() > 1 && text.starts_with('0')) {
        return Err(NetworkError::Form);
    }
    let found: u32 = text.parse().map_err(|_| NetworkError::Form)?;
    u8::try_from(found)
        .ok()
        .filter(|prefix| *prefix <= max)
        .ok_or(NetworkError::Prefix { max, found })
}

fn bits_max(address: IpAddr) -> u8 {
    match address {
        IpAddr::V4(_) => 32,
        IpAddr::V6(_) => 128,
    }
}

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(u32::from(address)),
        IpAddr::V6(address) => u128::from(address),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(network: &str, inside: &[&str], outside: &[&str]) {
        let network = Network::parse(network).unwrap();
        for address in inside {
            assert!(
                network.contains(address.parse().unwrap()),
                "{network} has {address}"
            );
        }
        for address in outside {
            assert!(
                !network.contains(address.parse().unwrap()),
                "{network} has not {address}"
            );
        }
        assert_eq!(Network::parse(&network.to_string()), Ok(network));
    }

    #[test]
    fn a_range_ends_at_its_last_bit() {
        check(
            "192.0.2.0/24",
            &["192.0.2.0", "192.0.2.255"],
            &["192.0.1.255", "192.0.3.0", "::1"],
        );
        check(
            "198.51.100.7",
            &["198.51.100.7", "::ffff:198.51.100.7"],
            &["198.51.100.6", "::198.51.100.7"],
        );
        check("10.0.0.0/9", &["10.127.255.255"], &["10.128.0.0"]);
        check("0.0.0.0/0", &["255.255.255.255"], &["::", "2001:db8::1"]);
        check(
            "::ffff:192.0.2.0/120",
            &["192.0.2.9", "::ffff:c000:209"],
            &["192.0.3.1"],
        );
        check(
            "2001:db8::/32",
            &["2001:db8:ffff::1"],
            &["2001:db9::", "192.0.2.1"],
        );
        check("2001:db8::8", &["2001:db8::8"], &["2001:db8::9"]);
        check("::/0", &["2001:db8::1"], &["192.0.2.1", "::ffff:192.0.2.1"]);
    }

    #[test]
    fn a_range_that_could_be_read_two_ways_is_refused() {
        let refused = |text: &str| Network::parse(text).unwrap_err();
        assert_eq!(refused("10.0.0.1/8"), NetworkError::Bits { prefix: 8 });
        assert_eq!(refused("2001:db8::1/32"), NetworkError::Bits { prefix: 32 });
        assert_eq!(
            refused("10.0.0.0/33"),
            NetworkError::Prefix { max: 32, found: 33 }
        );
        assert_eq!(
            refused("::/129"),
            NetworkError::Prefix {
                max: 128,
                found: 129
            }
        );
        for text in [
            "",
            "/",
            "10.0.0.0/",
            "10.0.0.0/08",
            "10.0.0.0/+8",
            "10.0.0.0/8 ",
            "10.0.0/8",
            "010.0.0.0/8",
            "0x0a.0.0.0/8",
            "167772160/8",
            "fe80::1%eth0/64",
            "[::1]/128",
            "example.com",
            "10.0.0.0/8/8",
            "*",
        ] {
            assert_eq!(refused(text), NetworkError::Form, "{text:?}");
        }
    }
}
