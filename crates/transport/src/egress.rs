//! To which addresses may a connection be made?
//!
//! The guard stands where the connection is made, not where the address is typed: names are looked up through it, and
//! the addresses it let pass are the ones connected to, so that no second look-up can give another answer. One refused
//! address among several refuses them all. It is not a firewall: it binds only requests sent through this room.
//!
//! Invariant: with [`Egress::Public`] no connection is made to an address outside the public internet that the
//! operator did not list, and with [`Egress::Loopback`] none leaves the machine.

#[cfg(test)]
pub(crate) mod attacks;
mod block;
mod network;
mod resolver;
#[cfg(test)]
mod tests;

pub use network::{Network, NetworkError};
pub(crate) use resolver::{Lookup, Resolver, system_lookup};

use reqwest::Url;
use std::collections::BTreeSet;
use std::net::IpAddr;

/// Where connections may go. No Default: it must be chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Egress {
    /// The public internet by HTTPS, on port 443 and the ports listed.
    Public {
        ports: BTreeSet<u16>,
        /// Private ranges that may be reached too, such as a line to a bank. Only private, shared (CGNAT) and
        /// unique-local addresses can be opened so; loopback and metadata services cannot.
        also: Vec<Network>,
    },
    /// This machine alone, by HTTP or HTTPS, on any port: for stand-ins in tests and on a developer's machine.
    Loopback,
}

/// What the guard has against an address or URL.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("address {address} is {block}, only public addresses are allowed")]
    Address {
        address: IpAddr,
        block: &'static str,
    },
    #[error("address {0} is not loopback, only loopback is allowed")]
    NotLoopback(IpAddr),
    #[error("host `{0}` is a name for private use, a public name is expected")]
    PrivateName(String),
    #[error("host `{0}` is not spelled as a name of dotted labels or a plain address")]
    Spelling(String),
    #[error("port {port} is not among the allowed {allowed}")]
    Port { port: u16, allowed: String },
    #[error("scheme `{found}` instead of https")]
    Scheme { found: String },
    #[error("URL has {0}, which leads elsewhere than it seems or nowhere")]
    Excess(&'static str),
    #[error("not a URL: {0}")]
    Unreadable(String),
}

/// Longer URLs are cut or refused by what stands in front of servers.
const URL_BYTES_MAX: usize = 2_048;

/// Names that never mean a host of the public internet: RFC 6761 and 6762, RFC 8375, ICANN's `internal`, and what
/// routers hand out. Addresses decide in any case; the names only give the clearer message.
const PRIVATE_SUFFIXES: &[&str] = &[
    "localhost",
    "localdomain",
    "local",
    "internal",
    "intranet",
    "private",
    "corp",
    "home",
    "lan",
    "home.arpa",
    "test",
    "invalid",
    "onion",
];

impl Egress {
    /// Public addresses on port 443 alone.
    pub fn public() -> Egress {
        Egress::Public {
            ports: BTreeSet::new(),
            also: Vec::new(),
        }
    }

    /// Whether a connection to this address may be made.
    pub fn admit_address(&self, address: IpAddr) -> Result<(), Refusal> {
        let block = block::special(address);
        match self {
            Egress::Loopback if is_loopback(address) => Ok(()),
            Egress::Loopback => Err(Refusal::NotLoopback(address)),
            Egress::Public { also, .. } => match block {
                None => Ok(()),
                Some(block)
                    if block.listable && also.iter().any(|network| network.contains(address)) =>
                {
                    Ok(())
                }
                Some(block) => Err(Refusal::Address {
                    address,
                    block: block.name,
                }),
            },
        }
    }

    /// Whether a URL may serve as a base. A host that is an address is judged now; a name is judged again at every
    /// connection by what it then resolves to.
    pub fn admit_base(&self, text: &str) -> Result<(), Refusal> {
        self.read_base(text).map(|_| ())
    }

    /// As [`Egress::admit_base`], with the URL read.
    pub(crate) fn read_base(&self, text: &str) -> Result<Url, Refusal> {
        let url = self.read(text)?;
        match text.contains('?') {
            true => Err(Refusal::Excess("a query")),
            false => Ok(url),
        }
    }

    /// Whether a merchant's URL, which may have a query, may be told of events. Judged again at every connection.
    pub fn admit_hook(&self, text: &str) -> Result<(), Refusal> {
        self.read(text).map(|_| ())
    }

    /// Spellings that readers of URLs disagree on are refused rather than interpreted: what is not printable ASCII,
    /// backslashes, numbers for addresses, a dot at the end of the host.
    pub(crate) fn read(&self, text: &str) -> Result<Url, Refusal> {
        if text.len() > URL_BYTES_MAX {
            let found = text.len();
            return Err(Refusal::Unreadable(format!(
                "{found} bytes, at most {URL_BYTES_MAX}"
            )));
        }
        if let Some(c) = text.chars().find(|c| !c.is_ascii_graphic() || *c == '\\') {
            return Err(Refusal::Unreadable(format!("has the character {c:?}")));
        }
        let url = Url::parse(text).map_err(|error| Refusal::Unreadable(error.to_string()))?;
        self.admit_scheme(&url)?;
        let authority = text.split_once("://").map_or("", |(_, rest)| rest);
        let authority = authority.split(['/', '?', '#']).next().unwrap_or_default();
        let excess = [
            (authority.contains('@'), "user information"),
            (text.contains('#'), "a fragment"),
        ];
        if let Some((_, what)) = excess.into_iter().find(|(found, _)| *found) {
            return Err(Refusal::Excess(what));
        }
        self.admit_host(&url, authority)?;
        self.admit_port(&url)?;
        Ok(url)
    }

    fn admit_scheme(&self, url: &Url) -> Result<(), Refusal> {
        match (url.scheme(), self) {
            ("https", _) | ("http", Egress::Loopback) => Ok(()),
            (found, _) => Err(Refusal::Scheme {
                found: found.to_owned(),
            }),
        }
    }

    fn admit_host(&self, url: &Url, authority: &str) -> Result<(), Refusal> {
        let Some(host) = url.host_str() else {
            return Err(Refusal::Unreadable("no host".to_owned()));
        };
        // The reader turns `0x7f.1` into 127.0.0.1 and `%6c` into `l`. What it had to turn was not spelled plainly.
        let rest = authority.to_ascii_lowercase();
        let plain = rest
            .strip_prefix(host)
            .is_some_and(|port| port.is_empty() || port.starts_with(':'));
        let bracketed = host
            .strip_prefix('[')
            .and_then(|host| host.strip_suffix(']'));
        if let Ok(address) = bracketed.unwrap_or(host).parse::<IpAddr>() {
            self.admit_address(address)?;
            // An address of version 6 may be written in many ways that mean the same.
            return match plain || bracketed.is_some() {
                true => Ok(()),
                false => Err(Refusal::Spelling(authority.to_owned())),
            };
        }
        if !plain || !is_dotted_labels(host) {
            return Err(Refusal::Spelling(authority.to_owned()));
        }
        self.admit_name(host)
    }

    fn admit_name(&self, host: &str) -> Result<(), Refusal> {
        let ends_in = |suffix: &str| {
            host.strip_suffix(suffix)
                .is_some_and(|before| before.is_empty() || before.ends_with('.'))
        };
        let private = !host.contains('.') || PRIVATE_SUFFIXES.iter().any(|suffix| ends_in(suffix));
        let refused = match self {
            // A name that is not the machine's own would be asked of somebody else's name server.
            Egress::Loopback => !ends_in("localhost"),
            // Whoever opens a private range may have private names for it.
            Egress::Public { also, .. } => ends_in("localhost") || (private && also.is_empty()),
        };
        match refused {
            true => Err(Refusal::PrivateName(host.to_owned())),
            false => Ok(()),
        }
    }

    fn admit_port(&self, url: &Url) -> Result<(), Refusal> {
        let port = url.port_or_known_default().unwrap_or(0);
        match self {
            Egress::Loopback => Ok(()),
            Egress::Public { ports, .. } if port == 443 || ports.contains(&port) => Ok(()),
            Egress::Public { ports, .. } => {
                let mut allowed = "443".to_owned();
                for port in ports {
                    allowed.push_str(&format!(", {port}"));
                }
                Err(Refusal::Port { port, allowed })
            }
        }
    }
}

fn is_loopback(address: IpAddr) -> bool {
    // Not the mapped form ::ffff:127.0.0.1: nothing of ours listens there by that name.
    address.is_loopback()
}

/// Labels of letters, digits, hyphens and underscores between dots, none of them empty, and not all of them digits
/// at the end, which would be an address.
fn is_dotted_labels(host: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    };
    host.len() <= 253
        && host.split('.').all(label)
        && host
            .rsplit('.')
            .next()
            .is_some_and(|last| !last.bytes().all(|b| b.is_ascii_digit()))
}
