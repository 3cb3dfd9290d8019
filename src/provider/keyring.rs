//! Where keys are kept that no variable holds: the system's keyring, and what is remembered of it. Knows no lane.
//!
//! A keyring is asked as late as can be, and never waited for longer than its [`Patience`]: a session bus that accepts
//! and says nothing must not hold a lane up.

#[cfg(all(unix, not(target_os = "macos")))]
mod secret_service;

use super::secret::Secret;
use futures_util::future::BoxFuture;
use std::{
    collections::BTreeMap,
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::sync::Mutex;

/// A keyring that could not be reached is not asked again for this long: many lanes may want keys of it.
const RESPITE: Duration = Duration::from_secs(30);

/// A store of keys by the names of their variables, such as `OPENAI_API_KEY`.
pub trait Keyring: Send + Sync + fmt::Debug {
    /// The key of this name; `None` where it holds none.
    fn read<'k>(&'k self, name: &'k str) -> BoxFuture<'k, Result<Option<Secret>, KeyringError>>;

    /// The names of all keys that tierscope stored, in their order. A lane unlocks nothing for them.
    fn names(&self) -> BoxFuture<'_, Result<Vec<String>, KeyringError>>;

    /// Stores a key in place of the one there was.
    fn write<'k>(
        &'k self,
        name: &'k str,
        key: &'k Secret,
    ) -> BoxFuture<'k, Result<(), KeyringError>>;

    /// Removes a key; tells whether there was one.
    fn remove<'k>(&'k self, name: &'k str) -> BoxFuture<'k, Result<bool, KeyringError>>;
}

/// Why a keyring gave nothing. Holds no key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyringError {
    /// This system has none, or none that runs.
    #[error("there is no keyring here: {0}")]
    Missing(String),
    /// It did not answer in time.
    #[error("the keyring did not answer within {0:?}")]
    Silent(Duration),
    /// It is locked, and nobody was asked to unlock it.
    #[error("the keyring is locked: unlock it, for example with `tierscope keys list`")]
    Locked,
    /// The person did not unlock it.
    #[error("the keyring was not unlocked")]
    Dismissed,
    /// It answered with an error.
    #[error("the keyring failed: {0}")]
    Failed(String),
}

/// Who waits for a keyring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Patience {
    /// A lane: it is told soon that there is no key, and nobody is asked to unlock anything.
    Lane,
    /// A person who asked for the keyring and may have to unlock it.
    Person,
}

/// The keyring of this system: the Secret Service of a Linux or BSD desktop.
#[cfg(all(unix, not(target_os = "macos")))]
pub fn of_system(patience: Patience) -> Arc<dyn Keyring> {
    Arc::new(secret_service::SecretServiceKeyring::new(patience))
}

/// The keyring of this system: none that this version knows.
#[cfg(not(all(unix, not(target_os = "macos"))))]
pub fn of_system(_patience: Patience) -> Arc<dyn Keyring> {
    Arc::new(NoKeyring(
        "this version knows no keyring of this system".to_owned(),
    ))
}

/// No keyring, and why.
#[derive(Debug, Clone)]
pub struct NoKeyring(pub String);

impl NoKeyring {
    fn missing<T>(&self) -> Result<T, KeyringError> {
        Err(KeyringError::Missing(self.0.clone()))
    }
}

impl Keyring for NoKeyring {
    fn read<'k>(&'k self, _: &'k str) -> BoxFuture<'k, Result<Option<Secret>, KeyringError>> {
        Box::pin(async { self.missing() })
    }

    fn names(&self) -> BoxFuture<'_, Result<Vec<String>, KeyringError>> {
        Box::pin(async { self.missing() })
    }

    fn write<'k>(&'k self, _: &'k str, _: &'k Secret) -> BoxFuture<'k, Result<(), KeyringError>> {
        Box::pin(async { self.missing() })
    }

    fn remove<'k>(&'k self, _: &'k str) -> BoxFuture<'k, Result<bool, KeyringError>> {
        Box::pin(async { self.missing() })
    }
}

/// A keyring as lanes see it: asked one at a time, what it gave is kept, and one that failed has a respite. Clones share
/// all of that.
#[derive(Debug, Clone)]
pub(super) struct Shelf {
    keyring: Arc<dyn Keyring>,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    keys: BTreeMap<String, Secret>,
    failed: Option<(Instant, KeyringError)>,
}

impl Shelf {
    pub(super) fn new(keyring: Arc<dyn Keyring>) -> Self {
        Self {
            keyring,
            state: Arc::default(),
        }
    }

    /// The first of these names that the keyring holds, with its key.
    pub(super) async fn find(
        &self,
        names: &[&str],
    ) -> Result<Option<(String, Secret)>, KeyringError> {
        let mut state = self.state.lock().await;
        let known = names
            .iter()
            .find_map(|name| state.keys.get_key_value(*name));
        if let Some((name, key)) = known {
            return Ok(Some((name.clone(), key.clone())));
        }
        state.check_respite()?;
        for name in names {
            let found = state.learn(self.keyring.read(name).await)?;
            if let Some(key) = found {
                state.keys.insert((*name).to_owned(), key.clone());
                return Ok(Some(((*name).to_owned(), key)));
            }
        }
        Ok(None)
    }

    /// A host refused the key of this name: the keyring is asked anew when it is needed again.
    pub(super) async fn forget(&self, names: &[&str]) {
        let mut state = self.state.lock().await;
        state.keys.retain(|name, _| !names.contains(&name.as_str()));
    }

    /// The names of all keys that it holds.
    pub(super) async fn names(&self) -> Result<Vec<String>, KeyringError> {
        let mut state = self.state.lock().await;
        state.check_respite()?;
        state.learn(self.keyring.names().await)
    }
}

impl State {
    fn check_respite(&self) -> Result<(), KeyringError> {
        match &self.failed {
            Some((at, error)) if at.elapsed() < RESPITE => Err(error.clone()),
            Some(_) | None => Ok(()),
        }
    }

    /// Remembers a keyring that cannot be reached. One that is locked may be unlocked at any moment.
    fn learn<T>(&mut self, answer: Result<T, KeyringError>) -> Result<T, KeyringError> {
        self.failed = match &answer {
            Err(error @ (KeyringError::Missing(_) | KeyringError::Silent(_))) => {
                Some((Instant::now(), error.clone()))
            }
            Ok(_) | Err(_) => None,
        };
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{
        Mutex as StdMutex,
        atomic::{AtomicUsize, Ordering},
    };

    /// A keyring in memory that counts how often it was asked.
    #[derive(Debug, Default)]
    struct InMemory {
        keys: StdMutex<BTreeMap<String, Secret>>,
        error: Option<KeyringError>,
        asked: AtomicUsize,
    }

    impl InMemory {
        fn with(name: &str, key: &str) -> Self {
            let keys = BTreeMap::from([(name.to_owned(), Secret::new(key))]);
            Self {
                keys: StdMutex::new(keys),
                ..Self::default()
            }
        }

        fn failing(error: KeyringError) -> Self {
            Self {
                error: Some(error),
                ..Self::default()
            }
        }

        fn asked(&self) -> usize {
            self.asked.load(Ordering::Relaxed)
        }

        fn ask<T>(
            &self,
            answer: impl FnOnce(&mut BTreeMap<String, Secret>) -> T,
        ) -> Result<T, KeyringError> {
            self.asked.fetch_add(1, Ordering::Relaxed);
            match &self.error {
                Some(error) => Err(error.clone()),
                None => Ok(answer(&mut self.keys.lock().unwrap())),
            }
        }
    }

    impl Keyring for InMemory {
        fn read<'k>(
            &'k self,
            name: &'k str,
        ) -> BoxFuture<'k, Result<Option<Secret>, KeyringError>> {
            Box::pin(async { self.ask(|keys| keys.get(name).cloned()) })
        }

        fn names(&self) -> BoxFuture<'_, Result<Vec<String>, KeyringError>> {
            Box::pin(async { self.ask(|keys| keys.keys().cloned().collect()) })
        }

        fn write<'k>(
            &'k self,
            name: &'k str,
            key: &'k Secret,
        ) -> BoxFuture<'k, Result<(), KeyringError>> {
            Box::pin(async { self.ask(|keys| _ = keys.insert(name.to_owned(), key.clone())) })
        }

        fn remove<'k>(&'k self, name: &'k str) -> BoxFuture<'k, Result<bool, KeyringError>> {
            Box::pin(async { self.ask(|keys| keys.remove(name).is_some()) })
        }
    }

    #[tokio::test]
    async fn a_key_is_asked_for_once() {
        let keyring = Arc::new(InMemory::with("B", "sk-of-b"));
        let shelf = Shelf::new(Arc::clone(&keyring) as Arc<dyn Keyring>);
        for _ in 0..3 {
            let found = shelf.find(&["A", "B"]).await.unwrap().unwrap();
            assert_eq!((found.0.as_str(), found.1.expose()), ("B", "sk-of-b"));
        }
        assert_eq!(keyring.asked(), 2, "A, then B, and never again");
        shelf.forget(&["A", "B"]).await;
        shelf.find(&["B"]).await.unwrap();
        assert_eq!(keyring.asked(), 3, "but where it was refused");
        assert_eq!(shelf.find(&["C"]).await, Ok(None));
        assert_eq!(shelf.names().await, Ok(vec!["B".to_owned()]));
        assert!(!format!("{shelf:?}").contains("sk-of-b"));
    }

    #[tokio::test]
    async fn a_keyring_that_does_not_answer_has_a_respite_and_a_locked_one_has_none() {
        for (error, asked) in [
            (KeyringError::Silent(Duration::from_secs(1)), 1),
            (KeyringError::Missing("no bus".to_owned()), 1),
            (KeyringError::Locked, 3),
        ] {
            let keyring = Arc::new(InMemory::failing(error.clone()));
            let shelf = Shelf::new(Arc::clone(&keyring) as Arc<dyn Keyring>);
            for _ in 0..3 {
                assert_eq!(shelf.find(&["A"]).await, Err(error.clone()));
            }
            assert_eq!(keyring.asked(), asked, "{error}");
        }
    }

    #[tokio::test]
    async fn without_a_keyring_nothing_is_stored() {
        let none = NoKeyring("a test".to_owned());
        let missing = KeyringError::Missing("a test".to_owned());
        let key = Secret::new("sk-abcdef");
        assert_eq!(none.write("A", &key).await, Err(missing.clone()));
        assert_eq!(none.read("A").await, Err(missing.clone()));
        assert_eq!(none.names().await, Err(missing.clone()));
        assert_eq!(none.remove("A").await, Err(missing));
    }
}
