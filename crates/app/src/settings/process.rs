//! What a serving process is told: the sections of the file beside the accounts.

use super::SecretAt;
use super::scalar::Values;
use std::collections::BTreeSet;
use std::time::Duration;

/// Every section, as typed values. Their meaning and bounds stand in [`super::scalar::SCALARS`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Process {
    pub api: Api,
    pub limits: Limits,
    pub webhooks: Webhooks,
    pub oidc: Option<Oidc>,
    pub uploads: Uploads,
    pub observability: Observability,
    pub worker: Worker,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Api {
    pub public_url: Option<String>,
    pub desks: usize,
    pub form_bytes_max: usize,
    pub upload_bytes_max: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    pub reads: Rate,
    pub writes: Rate,
    pub per_key: usize,
    pub under_way: usize,
    pub connections: usize,
    pub request: Duration,
    pub head: Duration,
    pub head_bytes: usize,
    pub cost: u64,
}

/// So many a second in the long run, and so many at once after a rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    pub per_second: u64,
    pub burst: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Webhooks {
    pub loopback: bool,
    /// Beside 443.
    pub ports: BTreeSet<u16>,
    /// For name, connection and TLS together; the table bounds it below `answer`.
    pub connect: Duration,
    /// For everything; the table bounds it below what an attempt has before it counts as lost.
    pub answer: Duration,
    /// Of one merchant in one mode.
    pub endpoints_max: usize,
}

/// The identity provider that lets people in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Oidc {
    pub issuer: String,
    pub client_id: String,
    /// `None`: a public client.
    pub client_secret: Option<SecretAt>,
    /// Domains, in small letters, for which its word on an e-mail address counts.
    pub email_domains: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Uploads {
    pub pages_max: u32,
    pub memory_bytes_max: u64,
    pub seconds_max: u64,
    /// Of one merchant.
    pub quota_bytes: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observability {
    pub log: String,
    pub json: bool,
    pub metrics_listen: Option<String>,
    /// The collector's base.
    pub otlp_endpoint: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Worker {
    pub lease: Duration,
    pub drain: Duration,
    pub disk_bytes_min: u64,
}

impl Process {
    /// `oidc` is what the file says beside the scalars: the secret and the domains.
    pub(super) fn of(values: &Values, oidc: (Option<SecretAt>, Vec<String>)) -> Process {
        let size = |section, key| {
            usize::try_from(values.number(section, key)).expect("the table bounds it far below")
        };
        let seconds = |section, key| Duration::from_secs(values.number(section, key));
        let rate = |per_second, burst| Rate {
            per_second: values.number("limits", per_second),
            burst: values.number("limits", burst),
        };
        Process {
            api: Api {
                public_url: values.text_or_none("api", "public_url"),
                desks: size("api", "desks"),
                form_bytes_max: size("api", "form_bytes_max"),
                upload_bytes_max: size("api", "upload_bytes_max"),
            },
            limits: Limits {
                reads: rate("reads_per_second", "reads_burst"),
                writes: rate("writes_per_second", "writes_burst"),
                per_key: size("limits", "per_key"),
                under_way: size("limits", "under_way"),
                connections: size("limits", "connections"),
                request: seconds("limits", "request_seconds"),
                head: seconds("limits", "head_seconds"),
                head_bytes: size("limits", "head_bytes"),
                cost: values.number("limits", "cost"),
            },
            webhooks: Webhooks {
                loopback: values.flag("webhooks", "loopback"),
                ports: values.ports("webhooks", "ports"),
                connect: seconds("webhooks", "connect_seconds"),
                answer: seconds("webhooks", "answer_seconds"),
                endpoints_max: size("webhooks", "endpoints_max"),
            },
            oidc: identity_provider(values, oidc),
            uploads: Uploads {
                pages_max: u32::try_from(values.number("uploads", "pages_max"))
                    .expect("the table bounds it far below"),
                memory_bytes_max: values.number("uploads", "memory_bytes_max"),
                seconds_max: values.number("uploads", "seconds_max"),
                quota_bytes: values.number("uploads", "quota_bytes"),
            },
            observability: Observability {
                log: values.text("observability", "log"),
                json: values.text("observability", "log_format") == "json",
                metrics_listen: values.text_or_none("observability", "metrics_listen"),
                otlp_endpoint: values.text_or_none("observability", "otlp_endpoint"),
            },
            worker: Worker {
                lease: seconds("worker", "lease_seconds"),
                drain: seconds("worker", "drain_seconds"),
                disk_bytes_min: values.number("worker", "disk_bytes_min"),
            },
        }
    }
}

fn identity_provider(
    values: &Values,
    (client_secret, email_domains): (Option<SecretAt>, Vec<String>),
) -> Option<Oidc> {
    Some(Oidc {
        issuer: values.text_or_none("oidc", "issuer")?,
        client_id: values.text_or_none("oidc", "client_id")?,
        client_secret,
        email_domains,
    })
}
