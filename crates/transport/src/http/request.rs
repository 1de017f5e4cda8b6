//! A request made ready and checked, before anything leaves.
//!
//! Invariant: a draft goes to the host of its base and below the base's path, carries no header that frames or routes
//! it, and no credential but the base's.

use super::Body;
use super::multipart;
use reqwest::blocking::{Client, RequestBuilder};
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Url};

/// Headers that say where a message goes, where it ends or who sends it; they are the carrier's (RFC 9110 section 7.6,
/// RFC 9112).
const RESERVED: &[&str] = &[
    "authorization",
    "connection",
    "content-length",
    "cookie",
    "expect",
    "host",
    "keep-alive",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// A base's URL without the slash at its end.
pub(super) struct Base(String);

impl Base {
    pub(super) fn new(url: &Url) -> Base {
        Base(url.as_str().trim_end_matches('/').to_owned())
    }

    /// The URL of a path below this base. The text must be its own reading: a path that a reader of URLs would change,
    /// by `..`, a backslash or a space, could reach what the base does not cover.
    fn join(&self, path: &str) -> Result<Url, String> {
        if !path.starts_with('/') {
            return Err(format!("path `{path}` does not begin with `/`"));
        }
        if path.contains('#') {
            return Err(format!("path `{path}` has a fragment"));
        }
        let text = format!("{}{path}", self.0);
        let url = Url::parse(&text).map_err(|error| format!("path `{path}`: {error}"))?;
        if url.as_str() != text {
            return Err(format!(
                "path `{path}` is not percent-encoded or has dot segments"
            ));
        }
        Ok(url)
    }
}

/// All of a request but its credential. Can be sent more than once.
pub(super) struct Draft {
    method: Method,
    url: Url,
    headers: HeaderMap,
    content: Vec<u8>,
}

impl Draft {
    /// `credential` names the header that the base's credential sets, which the caller then may not.
    pub(super) fn new(
        base: &Base,
        method: &str,
        path: &str,
        headers: &[(String, String)],
        body: Body,
        credential: Option<&str>,
    ) -> Result<Draft, String> {
        let mut taken: Vec<&str> = credential.into_iter().collect();
        let (content, media_type) = match body {
            Body::Bytes(content) => (content, None),
            Body::Multipart(parts) => {
                taken.push(CONTENT_TYPE.as_str());
                let form = multipart::encode(&parts)?;
                (form.content, Some(form.media_type))
            }
        };
        let mut checked = header_map(headers, &taken)?;
        if let Some(media_type) = media_type {
            let value =
                HeaderValue::try_from(media_type).expect("the media type of a form is plain ASCII");
            checked.insert(CONTENT_TYPE, value);
        }
        Ok(Draft {
            method: read_method(method)?,
            url: base.join(path)?,
            headers: checked,
            content,
        })
    }

    pub(super) fn request(&self, client: &Client) -> RequestBuilder {
        let request = client
            .request(self.method.clone(), self.url.clone())
            .headers(self.headers.clone());
        // An empty body is none: a GET must not announce one.
        if self.content.is_empty() {
            request
        } else {
            request.body(self.content.clone())
        }
    }
}

fn read_method(text: &str) -> Result<Method, String> {
    [
        Method::GET,
        Method::HEAD,
        Method::POST,
        Method::PUT,
        Method::PATCH,
        Method::DELETE,
    ]
    .into_iter()
    .find(|method| method.as_str() == text)
    .ok_or_else(|| format!("method `{text}` is not GET, HEAD, POST, PUT, PATCH or DELETE"))
}

/// Headers as given, without those of `taken` and those that frame a message.
pub(crate) fn header_map(
    headers: &[(String, String)],
    taken: &[&str],
) -> Result<HeaderMap, String> {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        let header = HeaderName::try_from(name.as_str())
            .map_err(|_| format!("`{name}` is not a header's name"))?;
        if RESERVED.contains(&header.as_str()) || taken.contains(&header.as_str()) {
            return Err(format!("header `{name}` is set by the carrier alone"));
        }
        // Not quoted: a value may hold a secret. Line breaks would begin a header of somebody else's making.
        let value = HeaderValue::from_str(value).map_err(|_| {
            format!("the value of header `{name}` has characters that no header may have")
        })?;
        map.append(header, value);
    }
    Ok(map)
}
