//! Webhook signatures: RSA-SHA256 over `id|time|webhook id|crc32 of the raw body`, made with the key of a certificate that
//! PayPal publishes at the address in a header.
//!
//! This room fetches nothing, so a secret is the webhook id, a line end, and the certificate or certificates in PEM. The
//! address in the header is still checked: it must lie on PayPal's own hosts, so that nothing which later fetches it can be
//! sent elsewhere.
//! <https://developer.paypal.com/api/rest/webhooks/rest/>

use super::{form, ipn};
use adapter::{Channel, Inbound, Secret, Verdict};
use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use calendar::Instant;
use x509_cert::Certificate;

/// PayPal sends a failed notification again for three days. Whether it then carries a new time is not published, so three
/// days must pass; a notification replayed within them is the same bytes and changes nothing.
const OLD_SECONDS_MAX: i64 = 3 * 86_400;
/// Clocks that disagree.
const AHEAD_SECONDS_MAX: i64 = 300;

/// Certificates lie here, on every one of PayPal's hosts.
const CERTIFICATE_PATH: &str = "/v1/notifications/certs/";

/// The headers of one notification.
struct Signed<'a> {
    id: &'a str,
    time: &'a str,
    at: Instant,
    signature: Vec<u8>,
}

/// Whether these bytes come from PayPal.
pub(super) fn verify(inbound: &Inbound<'_>, secrets: &[Secret], now: Instant) -> Verdict {
    match inbound.channel {
        Channel::Api | Channel::File => return Verdict::Unsigned,
        Channel::Webhook => {}
    }
    let signed = match read(inbound) {
        Ok(signed) => signed,
        Err(verdict) => return verdict,
    };
    let mut why = String::new();
    for secret in secrets {
        match matches(secret, &signed, inbound.body, now) {
            Ok(()) => return aged(&signed, secret, now),
            Err(words) if why.is_empty() => why = words,
            Err(_) => {}
        }
    }
    Verdict::Wrong(if why.is_empty() {
        "no webhook id and certificate are configured".to_owned()
    } else {
        why
    })
}

fn aged(signed: &Signed<'_>, secret: &Secret, now: Instant) -> Verdict {
    let seconds = signed.at.seconds_until(now);
    if (-AHEAD_SECONDS_MAX..=OLD_SECONDS_MAX).contains(&seconds) {
        Verdict::Valid {
            label: secret.label.clone(),
        }
    } else {
        Verdict::Stale { seconds }
    }
}

/// Takes the five headers. Each must stand exactly once.
fn read<'a>(inbound: &Inbound<'a>) -> Result<Signed<'a>, Verdict> {
    let header = |name: &str| {
        match inbound.header(name).map(str::trim) {
        Some(value) if !value.is_empty() => Ok(value),
        _ if form::read(inbound.body).as_ref().is_some_and(ipn::is_form) => Err(Verdict::Missing(
            "an instant payment notification carries no signature; PayPal confirms it when it is echoed back".to_owned(),
        )),
        _ => Err(Verdict::Missing(format!("expected the header {name} exactly once"))),
    }
    };
    let id = header("PAYPAL-TRANSMISSION-ID")?;
    let time = header("PAYPAL-TRANSMISSION-TIME")?;
    let signature = header("PAYPAL-TRANSMISSION-SIG")?;
    let address = header("PAYPAL-CERT-URL")?;
    let algorithm = header("PAYPAL-AUTH-ALGO")?;
    if !algorithm.eq_ignore_ascii_case("SHA256withRSA") {
        return Err(Verdict::Wrong(
            "PAYPAL-AUTH-ALGO is not SHA256withRSA".to_owned(),
        ));
    }
    if !is_paypals(address) {
        return Err(Verdict::Wrong(
            "PAYPAL-CERT-URL is not a certificate on a host of paypal.com".to_owned(),
        ));
    }
    // A separator inside a field would let bytes move from one field to the next.
    if id.contains('|') || time.contains('|') {
        return Err(Verdict::Wrong(
            "a signed header contains the separator `|`".to_owned(),
        ));
    }
    let at = Instant::parse(time).map_err(|error| {
        Verdict::Missing(format!("PAYPAL-TRANSMISSION-TIME does not read: {error}"))
    })?;
    let signature = STANDARD
        .decode(signature)
        .map_err(|_| Verdict::Missing("PAYPAL-TRANSMISSION-SIG is not base64".to_owned()))?;
    Ok(Signed {
        id,
        time,
        at,
        signature,
    })
}

/// Whether an address is `https` on `paypal.com` or below it, with no user, port or way round the certificates' path.
fn is_paypals(address: &str) -> bool {
    let Some((scheme, rest)) = address.split_once("://") else {
        return false;
    };
    let Some((host, path)) = rest
        .find('/')
        .and_then(|slash| rest.split_at_checked(slash))
    else {
        return false;
    };
    let host = host.to_ascii_lowercase();
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.';
    let named = path.strip_prefix(CERTIFICATE_PATH).is_some_and(|name| {
        !name.is_empty()
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    });
    scheme.eq_ignore_ascii_case("https")
        && host.bytes().all(plain)
        && (host == "paypal.com" || host.ends_with(".paypal.com"))
        && named
}

/// Checks one secret. The error is what stands in the way, without any secret in it.
fn matches(secret: &Secret, signed: &Signed<'_>, body: &[u8], now: Instant) -> Result<(), String> {
    let label = &secret.label;
    let (webhook_id, pem) = split(&secret.value).ok_or_else(|| {
        format!("secret `{label}` is not a webhook id, a line end and a PEM certificate")
    })?;
    let certificates = Certificate::load_pem_chain(pem)
        .map_err(|_| format!("secret `{label}` holds no readable PEM certificate"))?;
    let message = format!(
        "{}|{}|{webhook_id}|{}",
        signed.id,
        signed.time,
        crc32fast::hash(body)
    );
    for certificate in &certificates {
        let key = certificate
            .tbs_certificate()
            .subject_public_key_info()
            .subject_public_key
            .raw_bytes();
        let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key);
        if key.verify(message.as_bytes(), &signed.signature).is_err() {
            continue;
        }
        return if current(certificate, now) {
            Ok(())
        } else {
            Err(format!(
                "the certificate of secret `{label}` is outside its period of validity"
            ))
        };
    }
    Err("the signature matches no configured webhook id and certificate".to_owned())
}

/// The webhook id is the first line.
fn split(value: &[u8]) -> Option<(&str, &[u8])> {
    let end = value.iter().position(|byte| *byte == b'\n')?;
    let (id, pem) = value.split_at_checked(end)?;
    let id = std::str::from_utf8(id).ok()?.trim();
    let known = !id.is_empty()
        && id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    known.then_some((id, pem.trim_ascii_start()))
}

fn current(certificate: &Certificate, now: Instant) -> bool {
    let validity = certificate.tbs_certificate().validity();
    let seconds = |time: &x509_cert::time::Time| {
        i64::try_from(time.to_unix_duration().as_secs()).unwrap_or(i64::MAX)
    };
    (seconds(&validity.not_before)..=seconds(&validity.not_after)).contains(&now.unix_seconds())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(address: &str, expected: bool) {
        assert_eq!(is_paypals(address), expected, "{address}");
    }

    #[test]
    fn certificates_come_from_paypal_and_from_nowhere_else() {
        check(
            "https://api.paypal.com/v1/notifications/certs/CERT-360caa42-fca2a594-1",
            true,
        );
        check(
            "https://api.sandbox.paypal.com/v1/notifications/certs/CERT-360caa42",
            true,
        );
        check("HTTPS://API.PayPal.com/v1/notifications/certs/CERT-1", true);
        check("http://api.paypal.com/v1/notifications/certs/CERT-1", false);
        check(
            "https://api.paypal.com.example.com/v1/notifications/certs/CERT-1",
            false,
        );
        check("https://notpaypal.com/v1/notifications/certs/CERT-1", false);
        check(
            "https://api.paypal.com@example.com/v1/notifications/certs/CERT-1",
            false,
        );
        check(
            "https://example.com#.paypal.com/v1/notifications/certs/CERT-1",
            false,
        );
        check(
            "https://example.com\\.paypal.com/v1/notifications/certs/CERT-1",
            false,
        );
        check(
            "https://api.paypal.com:8443/v1/notifications/certs/CERT-1",
            false,
        );
        check(
            "https://api.paypal.com/v1/notifications/certs/../../redirect",
            false,
        );
        check(
            "https://api.paypal.com/v1/notifications/certs/%2e%2e",
            false,
        );
        check(
            "https://api.paypal.com/v1/notifications/certs/CERT-1?u=https://example.com",
            false,
        );
        check("https://api.paypal.com/v1/other/CERT-1", false);
        check("https://api.paypal.com", false);
        check("", false);
    }
}
