//! The one HTTP client of the program: warm connections, our TLS provider, our redirect and proxy rules.
//!
//! Sends nothing by itself, and knows neither hosts nor keys. Timeouts belong to each request.

use super::{probe::ProbeLayer, secret::MASK};
use crate::domain::{
    environment::Environment,
    failure::{FailureKind, LaneFailure},
};
use reqwest::{Certificate, Client, ClientBuilder, NoProxy, Proxy, redirect, retry};
use std::{
    fmt,
    path::PathBuf,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

/// Connections that nobody uses are kept this long: a person may think between two prompts.
const KEPT_IDLE: Duration = Duration::from_secs(300);
/// After this long without a byte the system asks the other side whether it is still there.
const KEEPALIVE: Duration = Duration::from_secs(30);
/// What never goes through a proxy.
const LOOPBACK: &str = "localhost,127.0.0.0/8,::1";

/// How the network is reached.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Network {
    /// Address of a proxy for everything but loopback; without it the usual variables count.
    pub proxy: Option<String>,
    /// PEM file of certificate authorities to trust beside the system's.
    pub ca_file: Option<PathBuf>,
}

impl fmt::Debug for Network {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The address of a proxy may hold a password.
        out.debug_struct("Network")
            .field("proxy", &self.proxy.as_ref().map(|_| MASK))
            .field("ca_file", &self.ca_file)
            .finish()
    }
}

/// The client, made when it is first needed: reading the system's certificates takes a while.
#[derive(Clone)]
pub struct Http(Arc<Inner>);

struct Inner {
    network: Network,
    environment: Arc<Environment>,
    client: OnceLock<Result<Client, LaneFailure>>,
    is_warming: AtomicBool,
}

impl Http {
    /// Notes how the network is reached; opens and reads nothing yet.
    pub fn new(network: Network, environment: Arc<Environment>) -> Self {
        Self(Arc::new(Inner {
            network,
            environment,
            client: OnceLock::new(),
            is_warming: AtomicBool::new(false),
        }))
    }

    /// Makes the client on a thread of its own, once, so that the first prompt finds it ready. Connects to nobody.
    pub(super) fn warm(&self) {
        if self.0.is_warming.swap(true, Ordering::Relaxed) {
            return;
        }
        let http = self.clone();
        let spawned = std::thread::Builder::new()
            .name("http-warm".to_owned())
            .spawn(move || {
                let _ = http.make();
            });
        if let Err(error) = spawned {
            tracing::debug!(%error, "the HTTP client will be made with the first prompt");
        }
    }

    /// The client; fails where the configuration of the network is wrong.
    pub(crate) async fn client(&self) -> Result<Client, LaneFailure> {
        if let Some(client) = self.0.client.get() {
            return client.clone();
        }
        let http = self.clone();
        tokio::task::spawn_blocking(move || http.make().clone())
            .await
            .map_err(|error| LaneFailure::new(FailureKind::Connect, error.to_string()))?
    }

    fn make(&self) -> &Result<Client, LaneFailure> {
        self.0.client.get_or_init(|| self.0.build())
    }
}

impl fmt::Debug for Http {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.network.fmt(out)
    }
}

impl Inner {
    fn build(&self) -> Result<Client, LaneFailure> {
        install_crypto();
        let roots = self.extra_roots()?;
        let first = self.builder()?.tls_certs_merge(roots.clone()).build();
        let error = match first {
            Ok(client) => return Ok(client),
            Err(error) => error,
        };
        // A machine without certificate authorities can still reach servers that need none.
        tracing::warn!(%error, "no certificate authorities on this system; HTTPS will fail without ca_file");
        self.builder()?
            .tls_certs_only(roots)
            .build()
            .map_err(|error| {
                LaneFailure::new(
                    FailureKind::Connect,
                    format!("the HTTP client cannot be made: {error}"),
                )
            })
    }

    fn builder(&self) -> Result<ClientBuilder, LaneFailure> {
        let builder = Client::builder()
            .user_agent(concat!("tierscope/", env!("CARGO_PKG_VERSION")))
            .tls_backend_rustls()
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .referer(false)
            .tcp_nodelay(true)
            .tcp_keepalive(KEEPALIVE)
            .pool_idle_timeout(KEPT_IDLE)
            .connector_layer(ProbeLayer);
        self.add_proxies(builder)
    }

    fn add_proxies(&self, builder: ClientBuilder) -> Result<ClientBuilder, LaneFailure> {
        let var = |upper: &str| {
            let lower = upper.to_ascii_lowercase();
            self.environment
                .var(&lower)
                .or_else(|| self.environment.var(upper))
                .map(str::to_owned)
        };
        let exempt = format!("{LOOPBACK},{}", var("NO_PROXY").unwrap_or_default());
        let proxies = if let Some(proxy) = &self.network.proxy {
            vec![("[network] proxy", known(proxy).map(Proxy::all))]
        } else {
            let of = |name| {
                let set = |name| Some((name, var(name).filter(|url| !url.is_empty())?));
                set(name).or_else(|| set("ALL_PROXY"))
            };
            let http = of("HTTP_PROXY").map(|(name, url)| (name, known(&url).map(Proxy::http)));
            let https = of("HTTPS_PROXY").map(|(name, url)| (name, known(&url).map(Proxy::https)));
            http.into_iter().chain(https).collect()
        };
        let mut builder = builder.no_proxy();
        for (source, proxy) in proxies {
            // Never past a proxy that somebody wants.
            let proxy = proxy.and_then(Result::ok).ok_or_else(|| {
                LaneFailure::new(
                    FailureKind::Connect,
                    format!(
                        "{source} holds no address of a proxy that can be used; write it as http://host:port or socks5h://host:port"
                    ),
                )
            })?;
            builder = builder.proxy(proxy.no_proxy(NoProxy::from_string(&exempt)));
        }
        Ok(builder)
    }

    fn extra_roots(&self) -> Result<Vec<Certificate>, LaneFailure> {
        let Some(path) = &self.network.ca_file else {
            return Ok(Vec::new());
        };
        let failed = |reason: String| {
            LaneFailure::new(
                FailureKind::Connect,
                format!(
                    "the certificates of ca_file {} cannot be used: {reason}",
                    path.display()
                ),
            )
        };
        let pem = std::fs::read(path).map_err(|error| failed(error.to_string()))?;
        let roots =
            Certificate::from_pem_bundle(&pem).map_err(|error| failed(error.to_string()))?;
        if roots.is_empty() {
            return Err(failed("it holds none in PEM form".to_owned()));
        }
        Ok(roots)
    }
}

/// The address of a proxy in a scheme that is spoken here, or nothing. `socks://` is what GNOME writes: the proxy looks up
/// names then.
fn known(address: &str) -> Option<String> {
    match address.split_once("://") {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("socks") => {
            Some(format!("socks5h://{rest}"))
        }
        Some((scheme, _)) => {
            let schemes = ["http", "https", "socks4", "socks4a", "socks5", "socks5h"];
            let is_known = schemes
                .iter()
                .any(|known| scheme.eq_ignore_ascii_case(known));
            is_known.then(|| address.to_owned())
        }
        None => Some(address.to_owned()),
    }
}

/// Chooses ring for the whole process; whoever chose before us stays.
fn install_crypto() {
    if rustls::crypto::CryptoProvider::get_default().is_none()
        && rustls::crypto::ring::default_provider()
            .install_default()
            .is_err()
    {
        tracing::debug!("another thread has installed a TLS provider first");
    }
}
