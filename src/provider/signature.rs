//! AWS's signature, version 4, of one request: made anew for each attempt, since it holds the time. Knows no host, and
//! signs for nobody whose keys are not in AWS's own variables.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>.

use super::{Services, secret::Secret};
use crate::{
    domain::failure::{FailureKind, LaneFailure},
    wire::segment::segment,
};
use reqwest::{
    Request, Url,
    header::{AUTHORIZATION, HeaderName, HeaderValue},
};
use ring::{digest, hmac};
use std::fmt::Write;

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
static DATE: HeaderName = HeaderName::from_static("x-amz-date");
static TOKEN: HeaderName = HeaderName::from_static("x-amz-security-token");

/// The variables that hold AWS's keys; all of its own tools read them.
pub(super) const VARIABLES: &str = "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY";

/// Signs the requests of one lane.
#[derive(Debug, Clone)]
pub(super) struct Signer {
    access_key_id: Secret,
    secret_key: Secret,
    session_token: Option<Secret>,
    service: &'static str,
    region: String,
}

impl Signer {
    /// With the keys in AWS's variables; `None` where they are not set.
    pub(super) fn find(services: &Services, service: &'static str, region: &str) -> Option<Self> {
        Some(Self {
            access_key_id: services.key(&["AWS_ACCESS_KEY_ID"])?,
            secret_key: services.key(&["AWS_SECRET_ACCESS_KEY"])?,
            session_token: services.key(&["AWS_SESSION_TOKEN"]),
            service,
            region: region.to_owned(),
        })
    }

    /// What must never be shown.
    pub(super) fn secrets(&self) -> impl Iterator<Item = Secret> {
        [Some(self.secret_key.clone()), self.session_token.clone()]
            .into_iter()
            .flatten()
    }

    /// Adds the date, the token of the session and the signature. `date` is in the form `20150830T123600Z`.
    pub(super) fn sign(&self, request: &mut Request, date: &str) -> Result<(), LaneFailure> {
        let headers = request.headers_mut();
        headers.insert(&DATE, value(date)?);
        if let Some(token) = &self.session_token {
            headers.insert(&TOKEN, hidden(token.expose())?);
        }
        let signed = Signed::of(request);
        let authorization = self.authorization(&signed, date);
        request
            .headers_mut()
            .insert(AUTHORIZATION, hidden(&authorization)?);
        Ok(())
    }

    fn authorization(&self, signed: &Signed, date: &str) -> String {
        let day = date.get(..8).unwrap_or_default();
        let scope = format!("{day}/{}/{}/aws4_request", self.region, self.service);
        let digest = hex(digest::digest(&digest::SHA256, signed.text.as_bytes()).as_ref());
        let to_sign = format!("{ALGORITHM}\n{date}\n{scope}\n{digest}");
        let first = format!("AWS4{}", self.secret_key.expose());
        let key = [day, &self.region, self.service, "aws4_request"]
            .iter()
            .fold(first.into_bytes(), |key, part| mac(&key, part));
        format!(
            "{ALGORITHM} Credential={}/{scope}, SignedHeaders={}, Signature={}",
            self.access_key_id.expose(),
            signed.names,
            hex(&mac(&key, &to_sign))
        )
    }
}

/// The parts of a request that are signed.
#[derive(Debug, PartialEq, Eq)]
struct Signed {
    /// The canonical request.
    text: String,
    /// The names of the headers in it.
    names: String,
}

impl Signed {
    fn of(request: &Request) -> Self {
        let url = request.url();
        let mut headers = vec![("host", host(url))];
        for name in ["content-type", DATE.as_str(), TOKEN.as_str()] {
            if let Some(value) = request.headers().get(name) {
                let value = String::from_utf8_lossy(value.as_bytes());
                let words: Vec<&str> = value.split_ascii_whitespace().collect();
                headers.push((name, words.join(" ")));
            }
        }
        headers.sort_unstable();
        let mut lines = String::new();
        for (name, value) in &headers {
            let _ = writeln!(lines, "{name}:{value}"); // a string takes everything
        }
        let names: Vec<&str> = headers.iter().map(|(name, _)| *name).collect();
        let names = names.join(";");
        let body = request.body().and_then(|body| body.as_bytes());
        let digest = hex(digest::digest(&digest::SHA256, body.unwrap_or_default()).as_ref());
        // The path is encoded once more than it is sent, as every service but S3 wants it.
        let path: Vec<String> = url.path().split('/').map(segment).collect();
        let text = format!(
            "{}\n{}\n{}\n{lines}\n{names}\n{digest}",
            request.method(),
            path.join("/"),
            query(url)
        );
        Self { text, names }
    }
}

/// As the client will write it: with the port where it is not the scheme's own.
fn host(url: &Url) -> String {
    let name = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => format!("{name}:{port}"),
        None => name.to_owned(),
    }
}

fn query(url: &Url) -> String {
    let pairs = url.query_pairs();
    let mut pairs: Vec<(String, String)> = pairs
        .map(|(name, value)| (segment(&name), segment(&value)))
        .collect();
    pairs.sort();
    let pairs = pairs.iter().map(|(name, value)| format!("{name}={value}"));
    pairs.collect::<Vec<_>>().join("&")
}

fn mac(key: &[u8], text: &str) -> Vec<u8> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key);
    hmac::sign(&key, text.as_bytes()).as_ref().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}"); // a string takes everything
        text
    })
}

fn value(text: &str) -> Result<HeaderValue, LaneFailure> {
    HeaderValue::from_str(text).map_err(|_| {
        LaneFailure::new(
            FailureKind::Auth,
            "AWS's keys hold characters that no header can carry; were they copied whole?",
        )
    })
}

fn hidden(text: &str) -> Result<HeaderValue, LaneFailure> {
    let mut value = value(text)?;
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::{Body, Method, header::CONTENT_TYPE};

    const DAY: &str = "20150830T123600Z";

    /// The keys of AWS's published test suite for signatures (`aws-sig-v4-test-suite`).
    fn signer(service: &'static str, token: Option<&str>) -> Signer {
        Signer {
            access_key_id: Secret::new("AKIDEXAMPLE"),
            secret_key: Secret::new("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
            session_token: token.map(Secret::new),
            service,
            region: "us-east-1".to_owned(),
        }
    }

    fn request(method: Method, url: &str) -> Request {
        Request::new(method, Url::parse(url).unwrap())
    }

    #[track_caller]
    fn signature(signer: &Signer, mut request: Request) -> (String, String) {
        signer.sign(&mut request, DAY).unwrap();
        let value = request.headers().get(AUTHORIZATION).unwrap();
        assert!(value.is_sensitive());
        let text = value.to_str().unwrap();
        let (head, signature) = text.rsplit_once(", Signature=").unwrap();
        let (scope, names) = head.split_once(", SignedHeaders=").unwrap();
        let expected = format!(
            "{ALGORITHM} Credential=AKIDEXAMPLE/20150830/us-east-1/{}/aws4_request",
            signer.service
        );
        assert_eq!(scope, expected);
        (names.to_owned(), signature.to_owned())
    }

    /// Cases of the suite whose headers are those that are signed here.
    #[test]
    fn the_signatures_are_those_of_awss_test_suite() {
        let origin = "https://example.amazonaws.com";
        let names = "host;x-amz-date";
        for (method, path, expected) in [
            (
                Method::GET, // get-vanilla
                "/",
                "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
            ),
            (
                Method::GET, // get-vanilla-query-order-key-case
                "/?Param2=value2&Param1=value1",
                "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
            ),
            (
                Method::POST, // post-vanilla
                "/",
                "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
            ),
        ] {
            let found = signature(
                &signer("service", None),
                request(method, &format!("{origin}{path}")),
            );
            assert_eq!(found, (names.to_owned(), expected.to_owned()), "{path}");
        }
    }

    #[test]
    fn body_type_and_session_are_signed_too() {
        // post-x-www-form-urlencoded of the suite.
        let mut form = request(Method::POST, "https://example.amazonaws.com/");
        let kind = HeaderValue::from_static("application/x-www-form-urlencoded");
        form.headers_mut().insert(CONTENT_TYPE, kind);
        *form.body_mut() = Some(Body::from("Param1=value1"));
        let (names, found) = signature(&signer("service", None), form);
        assert_eq!(names, "content-type;host;x-amz-date");
        assert_eq!(
            found,
            "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"
        );

        let plain = || {
            request(
                Method::POST,
                "http://127.0.0.1:8080/model/a%3A0/converse-stream",
            )
        };
        let (names, with) = signature(&signer("bedrock", Some("a-session-token")), plain());
        assert_eq!(names, "host;x-amz-date;x-amz-security-token");
        let (_, without) = signature(&signer("bedrock", None), plain());
        assert_ne!(with, without);
    }

    #[test]
    fn the_canonical_request_names_the_port_and_encodes_the_path_once_more() {
        let mut request = request(
            Method::POST,
            "http://127.0.0.1:8080/model/a%3A0/converse-stream",
        );
        *request.body_mut() = Some(Body::from("{}"));
        let signed = Signed::of(&request);
        let digest = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";
        assert_eq!(
            signed.text,
            format!(
                "POST\n/model/a%253A0/converse-stream\n\nhost:127.0.0.1:8080\n\nhost\n{digest}"
            )
        );
    }

    #[test]
    fn it_shows_no_key() {
        let shown = format!("{:?}", signer("bedrock", Some("a-session-token")));
        assert!(
            !shown.contains("wJalr") && !shown.contains("session-token"),
            "{shown}"
        );
    }
}
