//! The blocks of addresses that are not the public internet.
//!
//! From the IANA special-purpose registries for IPv4 and IPv6, and the clouds' metadata services that lie in ordinary
//! space. Of IPv6 only 2000::/3 is handed out as global unicast, so whatever is outside it is refused without a name.

use super::network::shares_prefix;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A block and what it is for.
#[derive(Debug)]
pub(super) struct Block {
    first: IpAddr,
    prefix: u8,
    pub(super) name: &'static str,
    /// Whether an operator may open it.
    pub(super) listable: bool,
}

const fn v4(octets: [u8; 4], prefix: u8, name: &'static str) -> Block {
    let [a, b, c, d] = octets;
    Block {
        first: IpAddr::V4(Ipv4Addr::new(a, b, c, d)),
        prefix,
        name,
        listable: false,
    }
}

const fn v6(segments: [u16; 8], prefix: u8, name: &'static str) -> Block {
    let [a, b, c, d, e, f, g, h] = segments;
    Block {
        first: IpAddr::V6(Ipv6Addr::new(a, b, c, d, e, f, g, h)),
        prefix,
        name,
        listable: false,
    }
}

const fn listable(block: Block) -> Block {
    Block {
        listable: true,
        ..block
    }
}

/// The first match counts: what lies inside a listable block and must stay shut stands before it.
const BLOCKS: &[Block] = &[
    // Metadata and host services of clouds.
    v4([169, 254, 169, 254], 32, "a metadata service"),
    v4([169, 254, 170, 2], 32, "a metadata service"),
    v4([100, 100, 100, 200], 32, "a metadata service"),
    v4([168, 63, 129, 16], 32, "a metadata service"),
    v4([192, 0, 0, 192], 32, "a metadata service"),
    // Not only ::254: ::23 hands out credentials too, ::123 and ::253 are the same cloud's clock and names.
    v6([0xfd00, 0xec2, 0, 0, 0, 0, 0, 0], 32, "a metadata service"),
    v6(
        [0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254],
        128,
        "a metadata service",
    ),
    // IPv4 special-purpose registry.
    v4([0, 0, 0, 0], 8, "this network (RFC 791)"),
    listable(v4([10, 0, 0, 0], 8, "private (RFC 1918)")),
    listable(v4([100, 64, 0, 0], 10, "shared by carriers (RFC 6598)")),
    v4([127, 0, 0, 0], 8, "loopback (RFC 1122)"),
    v4([169, 254, 0, 0], 16, "link-local (RFC 3927)"),
    listable(v4([172, 16, 0, 0], 12, "private (RFC 1918)")),
    v4([192, 0, 0, 0], 24, "for protocol assignments (RFC 6890)"),
    v4([192, 0, 2, 0], 24, "for documentation (RFC 5737)"),
    v4([192, 88, 99, 0], 24, "a 6to4 relay (RFC 7526)"),
    listable(v4([192, 168, 0, 0], 16, "private (RFC 1918)")),
    v4([198, 18, 0, 0], 15, "for benchmarks (RFC 2544)"),
    v4([198, 51, 100, 0], 24, "for documentation (RFC 5737)"),
    v4([203, 0, 113, 0], 24, "for documentation (RFC 5737)"),
    v4([224, 0, 0, 0], 4, "multicast (RFC 5771)"),
    v4([240, 0, 0, 0], 4, "reserved (RFC 1112)"),
    // IPv6 special-purpose registry. Forms that carry an IPv4 address are refused whatever they carry: a public one has
    // a plainer way to be said.
    v6([0, 0, 0, 0, 0, 0, 0, 0], 128, "unspecified (RFC 4291)"),
    v6([0, 0, 0, 0, 0, 0, 0, 1], 128, "loopback (RFC 4291)"),
    v6(
        [0, 0, 0, 0, 0, 0xffff, 0, 0],
        96,
        "a mapped IPv4 address (RFC 4291)",
    ),
    v6(
        [0, 0, 0, 0, 0, 0, 0, 0],
        96,
        "an IPv4-compatible address (RFC 4291)",
    ),
    v6(
        [0x64, 0xff9b, 0, 0, 0, 0, 0, 0],
        96,
        "a translated IPv4 address (RFC 6052)",
    ),
    v6(
        [0x64, 0xff9b, 1, 0, 0, 0, 0, 0],
        48,
        "a translated IPv4 address (RFC 8215)",
    ),
    v6([0x100, 0, 0, 0, 0, 0, 0, 0], 64, "discarded (RFC 6666)"),
    v6(
        [0x2001, 0, 0, 0, 0, 0, 0, 0],
        32,
        "a Teredo address (RFC 4380)",
    ),
    v6(
        [0x2001, 0, 0, 0, 0, 0, 0, 0],
        23,
        "for protocol assignments (RFC 2928)",
    ),
    v6(
        [0x2001, 0xdb8, 0, 0, 0, 0, 0, 0],
        32,
        "for documentation (RFC 3849)",
    ),
    v6(
        [0x2002, 0, 0, 0, 0, 0, 0, 0],
        16,
        "a 6to4 address (RFC 3056)",
    ),
    v6(
        [0x3fff, 0, 0, 0, 0, 0, 0, 0],
        20,
        "for documentation (RFC 9637)",
    ),
    v6(
        [0x5f00, 0, 0, 0, 0, 0, 0, 0],
        16,
        "for segment routing (RFC 9602)",
    ),
    listable(v6(
        [0xfc00, 0, 0, 0, 0, 0, 0, 0],
        7,
        "unique local (RFC 4193)",
    )),
    v6([0xfe80, 0, 0, 0, 0, 0, 0, 0], 10, "link-local (RFC 4291)"),
    v6([0xfec0, 0, 0, 0, 0, 0, 0, 0], 10, "site-local (RFC 3879)"),
    v6([0xff00, 0, 0, 0, 0, 0, 0, 0], 8, "multicast (RFC 4291)"),
];

/// The one block of IPv6 that is handed out for the public internet (RFC 4291, IANA IPv6 address space).
const GLOBAL: Block = v6([0x2000, 0, 0, 0, 0, 0, 0, 0], 3, "global unicast");

const UNASSIGNED: Block = v6(
    [0, 0, 0, 0, 0, 0, 0, 0],
    0,
    "outside the global unicast block (RFC 4291)",
);

/// An IPv4 address in the last half of a global one, which a host that speaks ISATAP tunnels to (RFC 5214 section 6.1).
const ISATAP: Block = v6([0, 0, 0, 0, 0, 0, 0, 0], 0, "an ISATAP address (RFC 5214)");

/// The block that makes this address not a public one, if any.
pub(super) fn special(address: IpAddr) -> Option<&'static Block> {
    let named = BLOCKS.iter().find(|block| block.holds(address));
    let outside = address.is_ipv6() && !GLOBAL.holds(address);
    named
        .or(outside.then_some(&UNASSIGNED))
        .or(is_isatap(address).then_some(&ISATAP))
}

/// The third quarter is `0000:5efe`, or `0200:5efe` where the address inside is globally unique.
fn is_isatap(address: IpAddr) -> bool {
    match address {
        IpAddr::V6(address) => matches!(address.segments(), [_, _, _, _, 0 | 0x200, 0x5efe, _, _]),
        IpAddr::V4(_) => false,
    }
}

impl Block {
    fn holds(&self, address: IpAddr) -> bool {
        self.first.is_ipv4() == address.is_ipv4() && shares_prefix(self.first, address, self.prefix)
    }
}
