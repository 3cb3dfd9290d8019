//! Where and how one lane's requests go: its plan, laid over the host's row, checked before anything is sent.

use super::{
    Services, fit,
    hosts::{self, Host, KeyHeader, ModelCheck},
    http::Http,
    route::Site,
    secret::Secret,
    signature::{self, Signer},
};
use crate::{
    domain::{
        environment::Environment,
        failure::{FailureKind, LaneFailure},
        plan::{LanePlan, LaneSource, ProviderId, RemotePlan, Timeouts},
        request::ChatRequest,
    },
    wire::DialectKind,
};
use jiff::Timestamp;
use reqwest::{
    Client, Method, Request, Url,
    header::{
        ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue,
    },
};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// One lane's way to its host.
#[derive(Debug)]
pub(super) struct Endpoint {
    /// The host's name, or host and port of a `base_url`.
    pub(super) place: String,
    /// The wire format.
    pub(super) dialect: DialectKind,
    /// How long each phase may take.
    pub(super) timeouts: Timeouts,
    /// Attempts after the first.
    pub(super) max_retries: u32,
    /// The shared client.
    pub(super) http: Http,
    /// The turns at this address.
    pub(super) turns: Arc<Semaphore>,
    /// How the host says whether it knows a model.
    pub(super) check: ModelCheck,
    address: String,
    site: Site,
    signer: Option<Signer>,
    headers: HeaderMap,
    secrets: Vec<Secret>,
    host: &'static Host,
}

impl Endpoint {
    /// Lays the plan over its host's row. Fails, without having sent anything, where a key or an address is missing or
    /// cannot be used.
    pub(super) fn resolve(
        plan: &LanePlan,
        remote: &RemotePlan,
        services: &Services,
    ) -> Result<Self, LaneFailure> {
        let name = plan.provider.name();
        let host = hosts::find(plan.provider).ok_or_else(|| {
            let message = format!("the provider `{name}` is not supported in this version");
            LaneFailure::new(FailureKind::Rejected, message)
        })?;
        if let Some(example) = host.lacking_base_url(remote) {
            let message = format!("a lane of `{name}` needs a base_url, such as {example}");
            return Err(LaneFailure::new(FailureKind::Connect, message));
        }
        let site = host
            .route
            .site(remote, host.base_url, services.environment())?;
        let address = authority(&parse(&site.base_url)?);
        let place = place(plan.provider, remote);
        let mut secrets = Vec::new();
        let signer = signer(host, remote, services, &site.region);
        let headers = headers(host, remote, services, signer.is_some(), &mut secrets)?;
        // A key goes before a signature, and so does what the plan says by itself.
        let signer = signer.filter(|_| !headers.contains_key(AUTHORIZATION));
        secrets.extend(signer.iter().flat_map(Signer::secrets));
        services.http.warm();
        Ok(Self {
            place,
            dialect: host.dialect,
            timeouts: plan.timeouts,
            max_retries: plan.max_retries,
            http: services.http.clone(),
            turns: services.turns.at(plan.provider, &address),
            check: host.model_check(),
            address,
            site,
            signer,
            headers,
            secrets,
            host,
        })
    }

    /// The place with its address, for a message about reaching it.
    pub(super) fn whom(&self) -> String {
        if self.place == self.address {
            self.place.clone()
        } else {
            format!("{} at {}", self.place, self.address)
        }
    }

    /// The request that asks; [`Endpoint::sealed`] makes it ready to be sent.
    pub(super) fn request(
        &self,
        client: &Client,
        request: &ChatRequest,
    ) -> Result<Request, LaneFailure> {
        let url = parse(&format!(
            "{}{}",
            self.site.base_url,
            self.site.path(self.dialect, &request.model)
        ))?;
        let mut fitted = fit::fit(self.host, request);
        self.site.fit(&mut fitted.options, fitted.is_thinker);
        let body = self.dialect.body(&fitted.request, &fitted.options);
        client
            .request(Method::POST, url)
            .headers(self.headers.clone())
            .body(body.to_string())
            .build()
            .map_err(|error| LaneFailure::new(FailureKind::Rejected, error.to_string()))
    }

    /// The request of one attempt: signed now, where this host wants signatures, since they hold the time.
    pub(super) fn sealed(&self, mut request: Request) -> Result<Request, LaneFailure> {
        if let Some(signer) = &self.signer {
            let date = Timestamp::now().strftime("%Y%m%dT%H%M%SZ").to_string();
            signer.sign(&mut request, &date)?;
        }
        Ok(request)
    }

    /// A request for something else at the same base.
    pub(super) fn inquiry(&self, client: &Client, path: &str) -> Result<Request, LaneFailure> {
        let url = parse(&format!("{}{path}", self.site.base_url))?;
        let mut headers = self.headers.clone();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        client
            .request(Method::GET, url)
            .headers(headers)
            .build()
            .map_err(|error| LaneFailure::new(FailureKind::Rejected, error.to_string()))
    }

    /// The keys that this lane sends.
    pub(super) fn secrets(&self) -> &[Secret] {
        &self.secrets
    }

    /// The bytes without keys.
    pub(super) fn mask_bytes(&self, bytes: Vec<u8>) -> Vec<u8> {
        self.secrets
            .iter()
            .fold(bytes, |bytes, secret| secret.mask_bytes(&bytes))
    }

    /// The text without keys.
    pub(super) fn mask_text(&self, text: String) -> String {
        let secrets = self.secrets.iter();
        secrets.fold(text, |text, secret| secret.mask(&text))
    }

    /// The failure without keys.
    pub(super) fn mask(&self, mut failure: LaneFailure) -> LaneFailure {
        for secret in &self.secrets {
            failure.message = secret.mask(&failure.message);
        }
        failure
    }
}

/// What a lane's host is called: its name, or host and port of a `base_url`.
pub(super) fn place(provider: ProviderId, remote: &RemotePlan) -> String {
    let address = remote.base_url.as_deref().map(parse);
    match address {
        Some(Ok(url)) => authority(&url),
        Some(Err(_)) | None => provider.name().to_owned(),
    }
}

/// The host and port that requests of a lane go to: what its turns are counted by; `None` where it has none that can be used.
pub fn address(plan: &LanePlan, environment: &Environment) -> Option<String> {
    let LaneSource::Remote(remote) = &plan.source else {
        return None;
    };
    let host = hosts::find(plan.provider)?;
    let site = host.route.site(remote, host.base_url, environment).ok()?;
    Some(authority(&parse(&site.base_url).ok()?))
}

/// The variables in which a lane's key is looked up, the first that is set wins; empty where it sends none.
pub(super) fn key_names(provider: ProviderId, remote: &RemotePlan) -> Vec<&str> {
    match remote.api_key_env.as_deref() {
        Some("") => Vec::new(),
        Some(name) => vec![name],
        None => hosts::find(provider).map_or_else(Vec::new, |host| host.key.variables.to_vec()),
    }
}

fn parse(address: &str) -> Result<Url, LaneFailure> {
    let refused = |reason: &str| {
        LaneFailure::new(
            FailureKind::Connect,
            format!("the base_url cannot be used: {reason}; write it as https://host/path"),
        )
    };
    let url = Url::parse(address).map_err(|error| refused(&error.to_string()))?;
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return Err(refused("it is no http or https address"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(refused("it holds a password, which belongs into a header"));
    }
    Ok(url)
}

fn authority(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

fn headers(
    host: &Host,
    remote: &RemotePlan,
    services: &Services,
    is_signed: bool,
    secrets: &mut Vec<Secret>,
) -> Result<HeaderMap, LaneFailure> {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(ACCEPT, HeaderValue::from_static(host.dialect.accept()));
    // Without this a server may compress, which costs time and can be abused.
    headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    for (name, value) in host.headers {
        headers.insert(
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        );
    }
    if let Some(key) = key(host, remote, services, is_signed)? {
        let (name, text) = match host.key.header {
            KeyHeader::Bearer => (
                AUTHORIZATION,
                Secret::new(&format!("Bearer {}", key.expose())),
            ),
            KeyHeader::Named(name) => (HeaderName::from_static(name), key.clone()),
        };
        let mut value = HeaderValue::from_str(text.expose()).map_err(|_| {
            LaneFailure::new(
                FailureKind::Auth,
                "the key holds characters that no header can carry; was it copied whole?",
            )
        })?;
        value.set_sensitive(true);
        headers.insert(name, value);
        secrets.push(key);
    }
    for (name, value) in &remote.headers {
        let refused = |what: &str| {
            let message = format!("the header `{name}` cannot be sent: its {what} is not valid");
            LaneFailure::new(FailureKind::Rejected, message)
        };
        let known = HeaderName::try_from(name.as_str()).map_err(|_| refused("name"))?;
        let mut sent = HeaderValue::from_str(value).map_err(|_| refused("value"))?;
        if is_telling(known.as_str()) {
            sent.set_sensitive(true);
            secrets.extend(Secret::in_header(value));
        }
        headers.insert(known, sent);
    }
    Ok(headers)
}

/// Whether a header of this name is likely to carry a key.
fn is_telling(name: &str) -> bool {
    ["auth", "key", "token", "secret", "cookie"]
        .iter()
        .any(|part| name.contains(part))
}

/// Signs where the host takes signatures and AWS's keys are set. A plan that names a variable means that one alone.
fn signer(host: &Host, remote: &RemotePlan, services: &Services, region: &str) -> Option<Signer> {
    let service = host
        .key
        .signs_for
        .filter(|_| remote.api_key_env.is_none())?;
    Signer::find(services, service, region)
}

/// The key to send, if any. The plan's variable goes before the host's own; an empty one sends none. A `base_url` without
/// a variable of its own needs no key, but sends one that is there; where requests are signed, none is needed either.
fn key(
    host: &Host,
    remote: &RemotePlan,
    services: &Services,
    is_signed: bool,
) -> Result<Option<Secret>, LaneFailure> {
    let rule = host.key;
    match remote.api_key_env.as_deref() {
        Some("") => Ok(None),
        Some(name) => match services.key(&[name]) {
            Some(key) => Ok(Some(key)),
            None => Err(LaneFailure::no_key(name)),
        },
        None => match services.key(rule.variables) {
            None if remote.base_url.is_none() && !rule.variables.is_empty() && !is_signed => {
                let mut variables = rule.variables.join(" or ");
                if rule.signs_for.is_some() {
                    variables = format!("{variables} or {}", signature::VARIABLES);
                }
                Err(LaneFailure::no_key(&variables))
            }
            key => Ok(key),
        },
    }
}
