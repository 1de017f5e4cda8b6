//! The HTTP client as every sender of this room has it: one request per connection, through the guard, to where it was
//! sent and nowhere else.

use crate::egress::{Egress, Lookup, Resolver};
use crate::{Trouble, chain};
use reqwest::blocking::Client;
use reqwest::{redirect, retry};
use std::sync::Arc;
use std::time::Duration;

/// How the desk names itself; some providers refuse requests without a name.
const USER_AGENT: &str = concat!("docket/", env!("CARGO_PKG_VERSION"));

pub(crate) fn open(
    allow: &Egress,
    timeout_connect: Duration,
    timeout_total: Duration,
    lookup: Lookup,
) -> Result<Client, String> {
    let https_only = *allow != Egress::Loopback;
    Client::builder()
        .user_agent(USER_AGENT)
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .referer(false)
        .no_proxy()
        // Another crate of the build may switch these on for everybody.
        .no_gzip()
        .no_brotli()
        .no_zstd()
        .no_deflate()
        // No connection serves two requests or two hosts.
        .http1_only()
        .pool_max_idle_per_host(0)
        .https_only(https_only)
        .connect_timeout(timeout_connect)
        .timeout(timeout_total)
        .dns_resolver(Arc::new(Resolver::new(allow.clone(), lookup)))
        .build()
        .map_err(|error| chain(&error))
}

/// A request leaves only once its connection, TLS included, stands; and since no connection is used twice, an error in
/// connecting means that nothing left.
pub(crate) fn trouble(error: reqwest::Error) -> Trouble {
    let not_sent = error.is_connect() || error.is_builder();
    let why = chain(&error.without_url());
    if not_sent {
        Trouble::NotSent(why)
    } else {
        Trouble::Lost(why)
    }
}
