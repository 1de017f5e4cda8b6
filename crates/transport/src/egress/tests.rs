//! The attack table of the guard: addresses and spellings, public edges beside the refused ones.

use super::{Egress, Network, NetworkError};
use std::collections::BTreeSet;
use std::net::IpAddr;

/// Addresses that the public internet routes, among them the neighbours of the refused blocks.
const PUBLIC: &[&str] = &[
    "1.0.0.0",
    "1.1.1.1",
    "8.8.8.8",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.1",
    "126.255.255.255",
    "128.0.0.0",
    "168.63.129.15",
    "168.63.129.17",
    "169.253.255.255",
    "169.255.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "191.255.255.255",
    "192.0.1.0",
    "192.0.3.0",
    "192.88.98.255",
    "192.88.100.0",
    "192.167.255.255",
    "192.169.0.0",
    "198.17.255.255",
    "198.20.0.0",
    "198.51.99.255",
    "198.51.101.0",
    "203.0.112.255",
    "203.0.114.0",
    "223.255.255.255",
    "2001:200::1",
    "2001:4860:4860::8888",
    "2001:db7:ffff::1",
    "2001:db9::1",
    "2003::1",
    "2606:4700:4700::1111",
    "2a00:1450:4001::1",
    "3ffe:ffff::1",
    "3fff:1000::1",
];

/// Addresses and a word of the block that refuses them.
const REFUSED: &[(&str, &str)] = &[
    ("0.0.0.0", "this network"),
    ("0.255.255.255", "this network"),
    ("10.0.0.0", "private"),
    ("10.20.30.40", "private"),
    ("10.255.255.255", "private"),
    ("100.64.0.0", "shared"),
    ("100.127.255.255", "shared"),
    ("100.100.100.200", "metadata"),
    ("127.0.0.0", "loopback"),
    ("127.0.0.1", "loopback"),
    ("127.1.2.3", "loopback"),
    ("127.255.255.255", "loopback"),
    ("168.63.129.16", "metadata"),
    ("169.254.0.0", "link-local"),
    ("169.254.169.253", "link-local"),
    ("169.254.169.254", "metadata"),
    ("169.254.170.2", "metadata"),
    ("169.254.255.255", "link-local"),
    ("172.16.0.0", "private"),
    ("172.31.255.255", "private"),
    ("192.0.0.0", "protocol assignments"),
    ("192.0.0.170", "protocol assignments"),
    ("192.0.0.192", "metadata"),
    ("192.0.2.1", "documentation"),
    ("192.88.99.1", "6to4 relay"),
    ("192.168.0.0", "private"),
    ("192.168.255.255", "private"),
    ("198.18.0.0", "benchmarks"),
    ("198.19.255.255", "benchmarks"),
    ("198.51.100.7", "documentation"),
    ("203.0.113.7", "documentation"),
    ("224.0.0.1", "multicast"),
    ("239.255.255.255", "multicast"),
    ("240.0.0.0", "reserved"),
    ("255.255.255.254", "reserved"),
    ("255.255.255.255", "reserved"),
    ("::", "unspecified"),
    ("::1", "loopback"),
    ("::2", "IPv4-compatible"),
    ("::127.0.0.1", "IPv4-compatible"),
    ("::8.8.8.8", "IPv4-compatible"),
    ("::ffff:0.0.0.0", "mapped"),
    ("::ffff:127.0.0.1", "mapped"),
    ("::ffff:10.0.0.1", "mapped"),
    ("::ffff:169.254.169.254", "mapped"),
    ("::ffff:8.8.8.8", "mapped"),
    ("::ffff:0:127.0.0.1", "outside"),
    ("64:ff9b::10.0.0.1", "translated"),
    ("64:ff9b::127.0.0.1", "translated"),
    ("64:ff9b::8.8.8.8", "translated"),
    ("64:ff9b:1::1", "translated"),
    ("64:ff9b:1:ffff:ffff:ffff:ffff:ffff", "translated"),
    ("64:ff9b:2::1", "outside"),
    ("100::1", "discarded"),
    ("100:0:0:1::1", "outside"),
    ("200::1", "outside"),
    ("1fff:ffff::1", "outside"),
    ("2001::1", "Teredo"),
    ("2001:0:ffff::1", "Teredo"),
    ("2001:2::1", "protocol assignments"),
    ("2001:10::1", "protocol assignments"),
    ("2001:20::1", "protocol assignments"),
    ("2001:1ff:ffff::1", "protocol assignments"),
    ("2001:db8::1", "documentation"),
    ("2001:db8:ffff:ffff::1", "documentation"),
    ("2002:7f00:1::1", "6to4"),
    ("2002:a00:1::", "6to4"),
    ("2002:808:808::1", "6to4"),
    ("3fff::1", "documentation"),
    ("3fff:fff:ffff::1", "documentation"),
    ("4000::1", "outside"),
    ("5f00::1", "segment routing"),
    ("8000::1", "outside"),
    ("fbff::1", "outside"),
    ("fc00::1", "unique local"),
    ("fd00:ec2::253", "unique local"),
    ("fd00:ec2::254", "metadata"),
    ("fd20:ce::254", "metadata"),
    ("fdff:ffff::1", "unique local"),
    ("fe00::1", "outside"),
    ("fe80::1", "link-local"),
    ("febf::1", "link-local"),
    ("fec0::1", "site-local"),
    ("ff02::1", "multicast"),
    ("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "multicast"),
];

/// URLs that may not be a base, and a word of what is against them.
const REFUSED_URLS: &[(&str, &str)] = &[
    // Spellings of loopback, private and metadata addresses.
    ("https://127.0.0.1", "loopback"),
    ("https://127.0.0.1:443/v1", "loopback"),
    ("https://127.1", "loopback"),
    ("https://127.0.1", "loopback"),
    ("https://0", "this network"),
    ("https://0.0.0.0", "this network"),
    ("https://0177.0.0.1", "loopback"),
    ("https://0177.0.0.01", "loopback"),
    ("https://0x7f.0.0.1", "loopback"),
    ("https://0x7f.1", "loopback"),
    ("https://0x7F000001", "loopback"),
    ("https://0x7f000001", "loopback"),
    ("https://2130706433", "loopback"),
    ("https://017700000001", "loopback"),
    ("https://127.0x0.0.01", "loopback"),
    ("https://127.0.0.1.", "loopback"),
    ("https://0xa9fea9fe", "metadata"),
    ("https://2852039166", "metadata"),
    ("https://0251.0376.0251.0376", "metadata"),
    ("https://169.254.43518", "metadata"),
    ("https://169.254.169.254/latest/meta-data", "metadata"),
    ("https://0x0a000001", "private"),
    ("https://012.0.0.1", "private"),
    ("https://3232235521", "private"),
    ("https://%31%32%37.0.0.1", "loopback"),
    // A public address in a spelling that readers disagree on.
    ("https://0x08080808", "spelled"),
    ("https://134744072", "spelled"),
    ("https://8.8.2056", "spelled"),
    ("https://010.8.8.8", "spelled"),
    ("https://8.8.8.8.", "spelled"),
    ("https://256.256.256.256", "not a URL"),
    ("https://1.2.3.4.5", "not a URL"),
    ("https://4294967296", "not a URL"),
    ("https://08.8.8.8", "not a URL"),
    // Version 6 in brackets.
    ("https://[::]", "unspecified"),
    ("https://[::1]", "loopback"),
    ("https://[0:0:0:0:0:0:0:1]", "loopback"),
    ("https://[0000::0001]:443", "loopback"),
    ("https://[::ffff:127.0.0.1]", "mapped"),
    ("https://[::ffff:7f00:1]", "mapped"),
    ("https://[::ffff:a9fe:a9fe]", "mapped"),
    ("https://[::127.0.0.1]", "IPv4-compatible"),
    ("https://[64:ff9b::7f00:1]", "translated"),
    ("https://[fd00:ec2::254]", "metadata"),
    ("https://[fe80::1]", "link-local"),
    ("https://[fe80::1%25eth0]", "not a URL"),
    ("https://[fe80::1%eth0]", "not a URL"),
    ("https://[::1", "not a URL"),
    ("https://::1", "not a URL"),
    // Names for private use.
    ("https://localhost", "private use"),
    ("https://LOCALHOST", "private use"),
    ("https://api.localhost", "private use"),
    ("https://localhost.localdomain", "private use"),
    ("https://metadata", "private use"),
    (
        "https://metadata.google.internal/computeMetadata/v1",
        "private use",
    ),
    ("https://instance-data.ec2.internal", "private use"),
    ("https://printer.local", "private use"),
    ("https://router.home.arpa", "private use"),
    ("https://router.lan", "private use"),
    ("https://wiki.corp", "private use"),
    ("https://hidden.onion", "private use"),
    // Spellings of names.
    ("https://localhost.", "spelled"),
    ("https://api.example.com.", "spelled"),
    ("https://api..example.com", "spelled"),
    ("https://.example.com", "spelled"),
    ("https://%61pi.example.com", "spelled"),
    ("https://api.example.com%2f.example.org", "not a URL"),
    ("https://api.exam*ple.com", "spelled"),
    ("https://api.example.com%00.example.org", "not a URL"),
    ("https://ⓛocalhost", "character"),
    ("https://１２７.0.0.1", "character"),
    ("https://127。0。0。1", "character"),
    ("https://api.exämple.com", "character"),
    ("https://api.example.com\u{200b}", "character"),
    ("https://api.example.com\u{ff0f}x", "character"),
    // What readers of URLs disagree on.
    ("https://1.1.1.1 &@2.2.2.2#", "character"),
    ("https://api.example.com\\@10.0.0.1", "character"),
    ("https:\\\\10.0.0.1", "character"),
    ("https://api.example.com\r\nHost: x", "character"),
    ("https://api.example.com\t", "character"),
    (" https://api.example.com", "character"),
    ("https://api.example.com\0", "character"),
    ("https://user@api.example.com", "user information"),
    ("https://user:password@api.example.com", "user information"),
    ("https://@api.example.com", "user information"),
    ("https://:@api.example.com", "user information"),
    ("https://api.example.com@10.0.0.1", "user information"),
    ("https://api.example.com:443@10.0.0.1", "user information"),
    ("https://api.example.com?a=b", "a query"),
    ("https://api.example.com/v1?", "a query"),
    ("https://api.example.com#", "a fragment"),
    ("https://api.example.com/#@10.0.0.1", "a fragment"),
    ("https:10.0.0.1", "private"),
    ("https:/10.0.0.1", "private"),
    ("https:///10.0.0.1", "private"),
    ("https:api.example.com", "spelled"),
    ("https:///api.example.com", "spelled"),
    ("//api.example.com", "not a URL"),
    ("api.example.com", "not a URL"),
    ("", "not a URL"),
    ("https://", "not a URL"),
    // Schemes.
    ("http://api.example.com", "scheme `http`"),
    ("HTTP://api.example.com", "scheme `http`"),
    ("file:///etc/passwd", "scheme `file`"),
    ("ftp://api.example.com", "scheme `ftp`"),
    ("gopher://api.example.com:70/_x", "scheme `gopher`"),
    ("dict://api.example.com:2628/d", "scheme `dict`"),
    ("data:text/plain,x", "scheme `data`"),
    ("jar:https://api.example.com!/x", "scheme `jar`"),
    ("ws://api.example.com", "scheme `ws`"),
    ("unix:/run/some.sock", "scheme `unix`"),
    // Ports.
    ("https://api.example.com:22", "port 22"),
    ("https://api.example.com:25", "port 25"),
    ("https://api.example.com:80", "port 80"),
    ("https://api.example.com:6379", "port 6379"),
    ("https://api.example.com:8443", "port 8443"),
    ("https://8.8.8.8:0", "port 0"),
    ("https://api.example.com:65536", "not a URL"),
    ("https://api.example.com:-1", "not a URL"),
];

#[track_caller]
fn check(allow: &Egress, url: &str, want: Result<(), &str>) {
    let got = allow.admit_base(url).map_err(|refusal| refusal.to_string());
    match (&got, want) {
        (Ok(()), Ok(())) => {}
        (Err(got), Err(want)) if got.contains(want) => {}
        _ => panic!("{url}: {got:?}, expected {want:?}"),
    }
}

fn address(text: &str) -> IpAddr {
    text.parse()
        .unwrap_or_else(|_| panic!("{text} is not an address"))
}

fn listed(ports: &[u16], also: &[&str]) -> Egress {
    Egress::Public {
        ports: BTreeSet::from_iter(ports.iter().copied()),
        also: also.iter().map(|text| text.parse().unwrap()).collect(),
    }
}

#[test]
fn public_addresses_are_admitted() {
    for text in PUBLIC {
        assert_eq!(
            Egress::public().admit_address(address(text)),
            Ok(()),
            "{text}"
        );
    }
}

#[test]
fn other_addresses_are_refused_by_the_name_of_their_block() {
    for (text, want) in REFUSED {
        let refusal = Egress::public().admit_address(address(text)).unwrap_err();
        assert!(
            refusal.to_string().contains(want),
            "{text}: {refusal}, expected {want}"
        );
    }
}

#[test]
fn refused_addresses_are_refused_as_hosts_of_urls() {
    for (text, want) in REFUSED {
        let host = if text.contains(':') {
            format!("[{text}]")
        } else {
            (*text).to_owned()
        };
        check(&Egress::public(), &format!("https://{host}/v1"), Err(want));
    }
}

#[test]
fn urls_that_hide_where_they_lead_are_refused() {
    for (url, want) in REFUSED_URLS {
        check(&Egress::public(), url, Err(want));
    }
    assert!(PUBLIC.len() + REFUSED.len() + REFUSED_URLS.len() >= 120);
}

#[test]
fn plain_public_bases_are_admitted() {
    for url in [
        "https://api.example.com",
        "https://api.example.com/",
        "https://API.Example.com/v1/",
        "https://api.example.com:443/v1",
        "https://api-2.eu.example.com",
        "https://xn--exmple-cua.com",
        "https://8.8.8.8",
        "https://[2001:4860:4860::8888]/v1",
        "https://[2001:4860:4860:0:0:0:0:8888]",
        "https://localhost.example.com",
        "https://mylocal",
    ] {
        let want = if url == "https://mylocal" {
            Err("private use")
        } else {
            Ok(())
        };
        check(&Egress::public(), url, want);
    }
}

#[test]
fn listed_ports_are_admitted_beside_443() {
    let allow = listed(&[8443], &[]);
    check(&allow, "https://api.example.com:8443", Ok(()));
    check(&allow, "https://api.example.com", Ok(()));
    check(
        &allow,
        "https://api.example.com:22",
        Err("port 22 is not among the allowed 443, 8443"),
    );
}

#[test]
fn listed_networks_open_private_ranges_only() {
    let allow = listed(
        &[],
        &["10.20.0.0/16", "fd12:3456::/32", "0.0.0.0/0", "::/0"],
    );
    for text in [
        "10.20.0.1",
        "10.21.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "fd12:3456::1",
        "8.8.8.8",
    ] {
        assert_eq!(allow.admit_address(address(text)), Ok(()), "{text}");
    }
    for text in [
        "127.0.0.1",
        "169.254.169.254",
        "100.100.100.200",
        "fd00:ec2::254",
        "::1",
        "0.0.0.0",
        "::ffff:10.20.0.1",
        "224.0.0.1",
    ] {
        assert!(allow.admit_address(address(text)).is_err(), "{text}");
    }
    let narrow = listed(&[], &["10.20.0.0/16"]);
    check(&narrow, "https://10.20.255.255", Ok(()));
    check(&narrow, "https://10.21.0.0", Err("private"));
    check(&narrow, "https://disputes.bank.internal", Ok(()));
    check(&narrow, "https://localhost", Err("private use"));
    check(&narrow, "http://10.20.0.1", Err("scheme"));
}

#[test]
fn loopback_alone_stays_on_the_machine() {
    let allow = Egress::Loopback;
    for url in [
        "http://127.0.0.1:1234",
        "https://127.0.0.1",
        "http://[::1]:80/x",
        "http://localhost:8080",
    ] {
        check(&allow, url, Ok(()));
    }
    for url in [
        "https://8.8.8.8",
        "http://10.0.0.1",
        "http://[::ffff:127.0.0.1]",
        "http://0.0.0.0",
    ] {
        check(&allow, url, Err("not loopback"));
    }
    check(&allow, "https://api.example.com", Err("private use"));
    check(&allow, "file:///x", Err("scheme"));
}

#[test]
fn networks_are_read_exactly() {
    let read = |text: &str| text.parse::<Network>();
    for text in [
        "10.0.0.0/8",
        "10.20.30.40/32",
        "0.0.0.0/0",
        "::/0",
        "fd00::/8",
        "2001:db8::1/128",
    ] {
        assert_eq!(read(text).unwrap().to_string(), text);
    }
    for text in [
        "10.0.0.0",
        "10.0.0.0/",
        "10.0.0.0/33",
        "10.0.0.0/+8",
        "10.0.0.0/-1",
        "::/129",
        "x/8",
        "/8",
        "10.0/8",
    ] {
        assert_eq!(read(text), Err(NetworkError::Shape(text.to_owned())));
    }
    for text in ["10.0.0.1/8", "128.0.0.0/0", "fd00::1/64"] {
        assert_eq!(read(text), Err(NetworkError::HostBits(text.to_owned())));
    }
    assert!(!read("0.0.0.0/0").unwrap().contains(address("::1")));
    assert!(!read("::/0").unwrap().contains(address("1.1.1.1")));
}
