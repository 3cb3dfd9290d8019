//! Keys in a keyring: asked late and once, never before a request is wanted, and never waited for in vain.

use super::{Outcome, ask, host_lane, lane, remote, request, services};
use crate::loopback::{Loopback, Reply, Speech};
use futures_util::{FutureExt, StreamExt, future::BoxFuture};
use std::{
    future::pending,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tierscope::{
    domain::{environment::Environment, failure::FailureKind, plan::ProviderId},
    provider::{
        KeyFound, KeyPlace, Readiness, Services, Stopwatch, build, find_key,
        keyring::{Keyring, KeyringError},
        secret::Secret,
    },
};

const KEY: &str = "sk-of-the-keyring-0123456789";

/// Holds one key, or fails; counts how often it was asked to read.
#[derive(Debug)]
struct OneKey {
    name: &'static str,
    answer: Result<(), KeyringError>,
    is_silent: bool,
    reads: AtomicUsize,
}

impl OneKey {
    fn named(name: &'static str) -> Arc<Self> {
        Arc::new(Self {
            name,
            answer: Ok(()),
            is_silent: false,
            reads: AtomicUsize::new(0),
        })
    }

    fn failing(error: KeyringError) -> Arc<Self> {
        Arc::new(Self {
            name: "",
            answer: Err(error),
            is_silent: false,
            reads: AtomicUsize::new(0),
        })
    }

    fn reads(&self) -> usize {
        self.reads.load(Ordering::Relaxed)
    }
}

impl Keyring for OneKey {
    fn read<'k>(&'k self, name: &'k str) -> BoxFuture<'k, Result<Option<Secret>, KeyringError>> {
        self.reads.fetch_add(1, Ordering::Relaxed);
        Box::pin(async move {
            if self.is_silent {
                pending::<()>().await;
            }
            self.answer.clone()?;
            Ok((name == self.name).then(|| Secret::new(KEY)))
        })
    }

    fn names(&self) -> BoxFuture<'_, Result<Vec<String>, KeyringError>> {
        Box::pin(async { self.answer.clone().map(|()| vec![self.name.to_owned()]) })
    }

    fn write<'k>(&'k self, _: &'k str, _: &'k Secret) -> BoxFuture<'k, Result<(), KeyringError>> {
        Box::pin(async { self.answer.clone() })
    }

    fn remove<'k>(&'k self, _: &'k str) -> BoxFuture<'k, Result<bool, KeyringError>> {
        Box::pin(async { self.answer.clone().map(|()| false) })
    }
}

fn with(variables: &[(&str, &str)], keyring: &Arc<OneKey>) -> Services {
    services(variables).with_keyring(Arc::clone(keyring) as Arc<dyn Keyring>)
}

#[tokio::test]
async fn the_keyring_is_asked_only_where_no_variable_holds_the_key() {
    let server = Loopback::start([Speech::of(&["x"]).openai()]);
    let keyring = OneKey::named("OPENAI_API_KEY");
    let plan = lane(ProviderId::OpenAi, &server);
    ask(
        &plan,
        &with(&[("OPENAI_API_KEY", "sk-of-the-environment")], &keyring),
    )
    .await;
    assert_eq!(keyring.reads(), 0, "a variable goes before the keyring");

    let mut none = plan.clone();
    remote(&mut none).api_key_env = Some(String::new());
    ask(&none, &with(&[], &keyring)).await;
    assert_eq!(keyring.reads(), 0, "a lane that sends no key needs none");

    let services = with(&[], &keyring);
    let provider = build(&plan, &services);
    assert_eq!(keyring.reads(), 0, "building a lane asks nobody");
    for _ in 0..2 {
        let outcome = Outcome::of(provider.stream(request(), Stopwatch::start())).await;
        assert_eq!(outcome.state.answer, "x", "{:?}", outcome.events);
    }
    assert_eq!(keyring.reads(), 1, "what it gave is kept");
    let keys: Vec<_> = server
        .requests()
        .iter()
        .map(|request| request.header("authorization").map(str::to_owned))
        .collect();
    let bearer = |key: &str| Some(format!("Bearer {key}"));
    assert_eq!(
        keys,
        [
            bearer("sk-of-the-environment"),
            None,
            bearer(KEY),
            bearer(KEY)
        ]
    );
    assert!(!format!("{provider:?} {services:?}").contains(KEY));
}

#[tokio::test]
async fn a_key_that_is_refused_is_asked_for_anew() {
    let refused = Reply::json(401, r#"{"error":{"message":"Incorrect API key provided"}}"#);
    let server = Loopback::start([refused, Speech::of(&["x"]).openai()]);
    let keyring = OneKey::named("OPENAI_API_KEY");
    let services = with(&[], &keyring);
    let provider = build(&lane(ProviderId::OpenAi, &server), &services);
    let outcome = Outcome::of(provider.stream(request(), Stopwatch::start())).await;
    outcome.failed(FailureKind::Auth, Some(401));
    for _ in 0..2 {
        let outcome = Outcome::of(provider.stream(request(), Stopwatch::start())).await;
        assert_eq!(outcome.state.answer, "x", "{:?}", outcome.events);
    }
    assert_eq!(keyring.reads(), 2, "once more, and then it is kept");
}

#[tokio::test]
async fn the_second_variable_and_the_lanes_own_are_looked_up_too() {
    let server = Loopback::start([Speech::of(&["x"]).gemini(), Speech::of(&["x"]).openai()]);
    let plan = lane(ProviderId::Gemini, &server);
    ask(&plan, &with(&[], &OneKey::named("GOOGLE_API_KEY"))).await;
    let mut plan = lane(ProviderId::OpenAiCompatible, &server);
    remote(&mut plan).api_key_env = Some("TEAM_KEY".to_owned());
    ask(&plan, &with(&[], &OneKey::named("TEAM_KEY"))).await;
    let requests = server.requests();
    assert_eq!(requests[0].header("x-goog-api-key"), Some(KEY));
    assert_eq!(
        requests[1].header("authorization"),
        Some(format!("Bearer {KEY}").as_str())
    );
}

#[tokio::test]
async fn a_key_that_nobody_holds_is_a_missing_key_with_the_reason() {
    for (keyring, reason) in [
        (OneKey::named("OTHER"), "no key: set OPENAI_API_KEY"),
        (
            OneKey::failing(KeyringError::Missing("no bus".to_owned())),
            "no key: set OPENAI_API_KEY",
        ),
        (
            OneKey::failing(KeyringError::Locked),
            "the keyring is locked",
        ),
        (
            OneKey::failing(KeyringError::Silent(Duration::from_secs(1))),
            "the keyring did not answer within 1s",
        ),
    ] {
        let services = with(&[], &keyring);
        let provider = build(&host_lane(ProviderId::OpenAi), &services);
        let ready = provider.prepare().next().await;
        let Some(Readiness::Failed(failure)) = ready else {
            panic!("{ready:?}");
        };
        assert!(
            failure.is_no_key() && failure.message.contains(reason),
            "{failure}"
        );
        let outcome = Outcome::of(provider.stream(request(), Stopwatch::start())).await;
        assert_eq!(outcome.words(), "failed");
        assert!(outcome.failed(FailureKind::Auth, None).contains(reason));
    }
}

#[tokio::test]
async fn a_lane_at_ones_own_address_goes_on_without_a_key() {
    let server = Loopback::start([Speech::of(&["x"]).openai()]);
    let keyring = OneKey::failing(KeyringError::Missing("no bus".to_owned()));
    let services = with(&[], &keyring);
    let plan = lane(ProviderId::OpenAi, &server);
    for _ in 0..3 {
        assert_eq!(ask(&plan, &services).await.state.answer, "x");
    }
    assert_eq!(keyring.reads(), 1, "one that is not there has a respite");
}

#[tokio::test]
async fn a_keyring_that_is_silent_holds_up_no_building_and_no_other_lane() {
    let server = Loopback::start([Speech::of(&["x"]).openai()]);
    let keyring = Arc::new(OneKey {
        is_silent: true,
        name: "OPENAI_API_KEY",
        answer: Ok(()),
        reads: AtomicUsize::new(0),
    });
    let services = with(&[("TEAM_KEY", "sk-of-the-team")], &keyring);
    let waiting = build(&host_lane(ProviderId::OpenAi), &services);
    let mut stream = waiting.stream(request(), Stopwatch::start());
    assert!(stream.next().now_or_never().is_none(), "it waits");
    let mut plan = lane(ProviderId::OpenAi, &server);
    remote(&mut plan).api_key_env = Some("TEAM_KEY".to_owned());
    assert_eq!(ask(&plan, &services).await.state.answer, "x");
    drop(stream);
}

#[tokio::test]
async fn a_lane_says_where_its_key_stands() {
    let of_file = [("GROQ_API_KEY".to_owned(), "gsk-file".to_owned())];
    let environment = Environment::from_iter([("ANTHROPIC_API_KEY", "sk-ant")]).over_file(of_file);
    let keyring: Arc<dyn Keyring> = OneKey::named("OPENAI_API_KEY");
    let services = Services::new(Arc::new(environment), "tierscope".into()).with_keyring(keyring);
    for (provider, expected) in [
        (
            ProviderId::Anthropic,
            Some(("ANTHROPIC_API_KEY", KeyPlace::Environment)),
        ),
        (ProviderId::Groq, Some(("GROQ_API_KEY", KeyPlace::EnvFile))),
        (
            ProviderId::OpenAi,
            Some(("OPENAI_API_KEY", KeyPlace::Keyring)),
        ),
        (ProviderId::Mistral, None),
        (ProviderId::Ollama, None),
    ] {
        let found = find_key(&host_lane(provider), &services).await;
        let expected = expected.map(|(name, place)| KeyFound {
            name: name.to_owned(),
            place,
        });
        assert_eq!(found, expected, "{provider}");
    }
}
