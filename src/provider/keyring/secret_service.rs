//! The Secret Service of a desktop (that of GNOME, of KDE, of a password manager), over the session bus. Keeps no connection: it is
//! asked a few times in a sitting. Keys cross the bus encrypted, and are stored in the default collection.
//!
//! The kernel's own keyring is no substitute: what it holds is lost with a restart.

use super::{Keyring, KeyringError, Patience};
use crate::provider::secret::Secret;
use futures_util::future::BoxFuture;
use secret_service::{EncryptionType, Error, Item, SecretService};
use std::{collections::HashMap, future::Future, thread, time::Duration};
use tokio::{runtime::Handle, sync::oneshot, time::timeout};
use zeroize::Zeroizing;

/// How long the bus and the service may take to answer.
const ANSWER: Duration = Duration::from_secs(1);
/// How long a person may take to unlock the keyring.
const UNLOCKING: Duration = Duration::from_secs(60);
/// What marks our items; the name of the variable is another attribute.
const SERVICE: &str = "tierscope";

/// The keyring of the desktop.
#[derive(Debug)]
pub(super) struct SecretServiceKeyring {
    patience: Patience,
}

impl SecretServiceKeyring {
    pub(super) const fn new(patience: Patience) -> Self {
        Self { patience }
    }

    /// Connects and does one thing, each within its time.
    async fn within<T>(
        &self,
        work: impl AsyncFnOnce(&SecretService<'_>) -> Result<T, Error>,
    ) -> Result<T, KeyringError> {
        let service = connect().await.map_err(|error| match error {
            KeyringError::Failed(words) => KeyringError::Missing(words),
            other => other,
        })?;
        let limit = match self.patience {
            Patience::Lane => ANSWER,
            Patience::Person => {
                // Only who answers at all is given the time that a person needs.
                in_time(ANSWER, service.search_items(attributes("-"))).await?;
                UNLOCKING
            }
        };
        in_time(limit, work(&service)).await
    }

    /// The items of this name. A locked keyring is unlocked for a person only.
    async fn items<'s>(
        &self,
        service: &'s SecretService<'_>,
        name: &str,
    ) -> Result<Vec<Item<'s>>, Error> {
        let found = service.search_items(attributes(name)).await?;
        for item in &found.locked {
            match self.patience {
                Patience::Lane => return Err(Error::Locked),
                Patience::Person => item.unlock().await?,
            }
        }
        Ok(found.unlocked.into_iter().chain(found.locked).collect())
    }
}

impl Keyring for SecretServiceKeyring {
    fn read<'k>(&'k self, name: &'k str) -> BoxFuture<'k, Result<Option<Secret>, KeyringError>> {
        Box::pin(self.within(async move |service| {
            let items = self.items(service, name).await?;
            let Some(item) = items.first() else {
                return Ok(None);
            };
            let bytes = Zeroizing::new(item.get_secret().await?);
            let text = std::str::from_utf8(&bytes).map_err(|_| Error::Crypto("not text"))?;
            Ok(Some(Secret::new(text)))
        }))
    }

    fn names(&self) -> BoxFuture<'_, Result<Vec<String>, KeyringError>> {
        Box::pin(self.within(async move |service| {
            let found = service
                .search_items(HashMap::from([("service", SERVICE)]))
                .await?;
            let mut names = Vec::new();
            for item in found.unlocked.iter().chain(&found.locked) {
                names.extend(item.get_attributes().await?.remove("username"));
            }
            if self.patience == Patience::Person {
                for item in &found.locked {
                    item.unlock().await?;
                }
            }
            names.sort();
            names.dedup();
            Ok(names)
        }))
    }

    fn write<'k>(
        &'k self,
        name: &'k str,
        key: &'k Secret,
    ) -> BoxFuture<'k, Result<(), KeyringError>> {
        Box::pin(self.within(async move |service| {
            let collection = service.get_default_collection().await?;
            if collection.is_locked().await? {
                collection.unlock().await?;
            }
            let label = format!("tierscope: {name}");
            let (secret, replaces) = (key.expose().as_bytes(), true);
            collection
                .create_item(&label, attributes(name), secret, replaces, "text/plain")
                .await
                .map(|_| ())
        }))
    }

    fn remove<'k>(&'k self, name: &'k str) -> BoxFuture<'k, Result<bool, KeyringError>> {
        Box::pin(self.within(async move |service| {
            let items = self.items(service, name).await?;
            for item in &items {
                item.delete().await?;
            }
            Ok(!items.is_empty())
        }))
    }
}

fn attributes(name: &str) -> HashMap<&str, &str> {
    HashMap::from([("service", SERVICE), ("username", name)])
}

/// Connects on a thread of its own: a bus that never ends its greeting is read without a pause, which no limit of a task
/// can break. Such a thread is left to itself.
async fn connect() -> Result<SecretService<'static>, KeyringError> {
    let (tell, told) = oneshot::channel();
    let runtime = Handle::current();
    let connecting = thread::Builder::new()
        .name("keyring".to_owned())
        .spawn(move || {
            let connected = runtime.block_on(SecretService::connect(EncryptionType::Dh));
            // Nobody listens any more: it took too long.
            let _ = tell.send(connected);
        });
    connecting.map_err(|error| KeyringError::Failed(error.to_string()))?;
    let connected = async { told.await.unwrap_or(Err(Error::Unavailable)) };
    in_time(ANSWER, connected).await
}

async fn in_time<T>(
    limit: Duration,
    work: impl Future<Output = Result<T, Error>>,
) -> Result<T, KeyringError> {
    match timeout(limit, work).await {
        Ok(answer) => answer.map_err(|error| said(&error)),
        Err(_) => Err(KeyringError::Silent(limit)),
    }
}

/// An error of the service, in our words where they are clearer.
fn said(error: &Error) -> KeyringError {
    match error {
        Error::Unavailable => KeyringError::Missing(
            "no keyring service answers on the session bus (org.freedesktop.secrets)".to_owned(),
        ),
        Error::NoResult => KeyringError::Missing(
            "it has no default collection yet; a password manager can make one".to_owned(),
        ),
        Error::Locked => KeyringError::Locked,
        Error::Prompt | Error::PromptDisconnected => KeyringError::Dismissed,
        other => KeyringError::Failed(other.to_string()),
    }
}
