//! Downloads with progress, over HTTPS or from this machine, within limits of size and time. Sends no key and keeps
//! nothing.

use crate::provider::http::Http;
use reqwest::{
    StatusCode,
    header::{ACCEPT, LOCATION},
};
use std::{net::IpAddr, time::Duration};
use url::{Host, Url};

/// Redirects that are followed.
const MOST_REDIRECTS: usize = 5;

/// How much, and how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Most bytes of the body.
    pub bytes: u64,
    /// For all of it.
    pub time: Duration,
}

/// How far a download is, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Here already.
    pub done: u64,
    /// All of it, where the server says so.
    pub total: Option<u64>,
}

/// Why a download failed. Addresses are shown without what may be secret in them.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// It is no address.
    #[error("`{0}` is no address")]
    Address(String),
    /// It may not be asked.
    #[error("{0} is not asked: downloads come over https, or over http from this machine")]
    Scheme(String),
    /// The network is configured wrongly, or cannot be reached.
    #[error("{place} cannot be reached: {reason}")]
    Unreachable {
        /// Whom.
        place: String,
        /// Why.
        reason: String,
    },
    /// It said no.
    #[error("{place} answers {status}")]
    Status {
        /// Who.
        place: String,
        /// HTTP status.
        status: StatusCode,
    },
    /// It sent us on and on.
    #[error("{0} leads on and on, or to nowhere")]
    Redirects(String),
    /// Too much came.
    #[error("{place} sends more than {most} bytes")]
    TooLarge {
        /// Who.
        place: String,
        /// The limit.
        most: u64,
    },
    /// It took too long.
    #[error("{place} took longer than {time:?}")]
    TooSlow {
        /// Who.
        place: String,
        /// The limit.
        time: Duration,
    },
}

/// An address as it may be shown and kept: no user, no password, no query.
pub fn shown(address: &str) -> Result<String, FetchError> {
    parse(address).map(|url| place(&url))
}

/// Fetches the body; `progress` is told after each piece.
pub async fn fetch(
    http: &Http,
    address: &str,
    limits: Limits,
    progress: impl FnMut(Progress),
) -> Result<Vec<u8>, FetchError> {
    let url = parse(address)?;
    let place = place(&url);
    let fetched = follow(http, url, limits.bytes, progress);
    match tokio::time::timeout(limits.time, fetched).await {
        Ok(fetched) => fetched,
        Err(_) => Err(FetchError::TooSlow {
            place,
            time: limits.time,
        }),
    }
}

async fn follow(
    http: &Http,
    mut url: Url,
    most: u64,
    mut progress: impl FnMut(Progress),
) -> Result<Vec<u8>, FetchError> {
    let first = place(&url);
    let unreachable = |reason: String| FetchError::Unreachable {
        place: first.clone(),
        reason,
    };
    let client = http.client().await;
    let client = client.map_err(|failure| unreachable(failure.message))?;
    for _ in 0..=MOST_REDIRECTS {
        may_be_asked(&url)?;
        let asked = client
            .get(url.clone())
            .header(ACCEPT, "application/json, */*");
        let answer = asked.send().await;
        let mut answer = answer.map_err(|error| unreachable(words(error)))?;
        if answer.status().is_redirection() {
            let target = answer.headers().get(LOCATION);
            let target = target.and_then(|target| target.to_str().ok());
            let next = target.and_then(|target| url.join(target).ok());
            url = next.ok_or_else(|| FetchError::Redirects(first.clone()))?;
            continue;
        }
        if !answer.status().is_success() {
            return Err(FetchError::Status {
                place: place(&url),
                status: answer.status(),
            });
        }
        let too_large = || FetchError::TooLarge {
            place: place(&url),
            most,
        };
        let total = answer.content_length();
        if total.is_some_and(|total| total > most) {
            return Err(too_large());
        }
        let mut body = Vec::new();
        while let Some(piece) = answer
            .chunk()
            .await
            .map_err(|error| unreachable(words(error)))?
        {
            body.extend_from_slice(&piece);
            let done = body.len() as u64;
            if done > most {
                return Err(too_large());
            }
            progress(Progress { done, total });
        }
        return Ok(body);
    }
    Err(FetchError::Redirects(first))
}

/// What lies at the bottom of an error of the client; its own words repeat the address.
fn words(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut innermost: &dyn std::error::Error = &error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}

fn parse(address: &str) -> Result<Url, FetchError> {
    let refused = || {
        FetchError::Address(
            address
                .split(['?', '#'])
                .next()
                .unwrap_or_default()
                .rsplit('@')
                .next()
                .unwrap_or_default()
                .to_owned(),
        )
    };
    let url = Url::parse(address).map_err(|_| refused())?;
    may_be_asked(&url)?;
    Ok(url)
}

/// Over HTTPS anybody; without it nobody but this machine, where nobody listens in.
fn may_be_asked(url: &Url) -> Result<(), FetchError> {
    let is_loopback = match url.host() {
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        Some(Host::Ipv4(address)) => IpAddr::from(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::from(address).is_loopback(),
        None => false,
    };
    match url.scheme() {
        "https" => Ok(()),
        "http" if is_loopback => Ok(()),
        _ => Err(FetchError::Scheme(place(url))),
    }
}

fn place(url: &Url) -> String {
    let mut bare = url.clone();
    // These fail only for addresses that cannot have them.
    let _ = bare.set_username("");
    let _ = bare.set_password(None);
    bare.set_query(None);
    bare.set_fragment(None);
    bare.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_and_this_machine_are_asked() {
        for fine in [
            "https://example.com/table.json",
            "http://127.0.0.1:8080/t",
            "http://localhost/t",
            "http://[::1]:1/t",
        ] {
            assert!(shown(fine).is_ok(), "{fine}");
        }
        for bad in [
            "http://example.com/t",
            "http://127.0.0.1.example.com/t",
            "http://10.0.0.1/t",
            "ftp://example.com/t",
            "file:///etc/passwd",
            "data:text/plain,x",
        ] {
            assert!(matches!(shown(bad), Err(FetchError::Scheme(_))), "{bad}");
        }
        assert!(matches!(shown("https://"), Err(FetchError::Address(_))));
    }

    #[test]
    fn what_may_be_secret_in_an_address_is_not_shown() {
        let shown = shown("https://ada:secret@example.com/t.json?token=secret#secret").unwrap();
        assert_eq!(shown, "https://example.com/t.json");
        let error = super::shown("http://ada:secret@example.com/?token=secret").unwrap_err();
        assert!(!error.to_string().contains("secret"), "{error}");
    }
}
