//! The guard over its attack tables, and what settings open.

use super::attacks::{PUBLIC, REFUSED, REFUSED_URLS};
use super::{Egress, Network, NetworkError};
use std::collections::BTreeSet;
use std::net::IpAddr;

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
