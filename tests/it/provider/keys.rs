//! Keys: where they are looked up, how they are shown to the host, and that they are shown to nobody else.

use super::{ask, host_lane, lane, remote, services};
use crate::loopback::{Loopback, Reply, Speech, Step};
use tierscope::{
    domain::{failure::FailureKind, plan::ProviderId},
    provider::build,
};

const KEY: &str = "sk-very-secret-0123456789";

#[tokio::test]
async fn a_missing_key_names_its_variable_and_reaches_no_network() {
    for (provider, variable) in [
        (ProviderId::OpenAi, "OPENAI_API_KEY"),
        (ProviderId::Anthropic, "ANTHROPIC_API_KEY"),
        (ProviderId::Gemini, "GEMINI_API_KEY or GOOGLE_API_KEY"),
    ] {
        let outcome = ask(&host_lane(provider), &services(&[("UNRELATED", KEY)])).await;
        assert_eq!(outcome.words(), "failed");
        let message = outcome.failed(FailureKind::Auth, None);
        assert!(message.contains(variable), "{message}");
    }
    let mut plan = host_lane(ProviderId::OpenAi);
    remote(&mut plan).api_key_env = Some("TEAM_KEY".to_owned());
    let outcome = ask(&plan, &services(&[("OPENAI_API_KEY", KEY)])).await;
    assert!(outcome.failed(FailureKind::Auth, None).contains("TEAM_KEY"));
}

#[tokio::test]
async fn each_host_gets_the_key_in_its_own_header() {
    let server = Loopback::start([Reply::json(401, "{}")]);
    let bearer = format!("Bearer {KEY}");
    let cases = [
        (
            ProviderId::OpenAi,
            "OPENAI_API_KEY",
            "authorization",
            bearer.as_str(),
        ),
        (ProviderId::Anthropic, "ANTHROPIC_API_KEY", "x-api-key", KEY),
        (ProviderId::Gemini, "GEMINI_API_KEY", "x-goog-api-key", KEY),
        (ProviderId::Gemini, "GOOGLE_API_KEY", "x-goog-api-key", KEY),
    ];
    for (index, (provider, variable, header, value)) in cases.into_iter().enumerate() {
        ask(&lane(provider, &server), &services(&[(variable, KEY)])).await;
        let sent = &server.requests()[index];
        assert_eq!(sent.header(header), Some(value), "{provider}");
        assert!(!sent.path.contains(KEY), "{provider}");
    }
    assert_eq!(
        server.requests()[1].header("anthropic-version"),
        Some("2023-06-01")
    );
}

#[tokio::test]
async fn the_plan_chooses_the_variable_or_none() {
    let server = Loopback::start([Speech::of(&["x"]).openai()]);
    let services = services(&[("OPENAI_API_KEY", "sk-of-the-host"), ("TEAM_KEY", KEY)]);
    let mut plan = lane(ProviderId::OpenAi, &server);
    remote(&mut plan).api_key_env = Some("TEAM_KEY".to_owned());
    ask(&plan, &services).await;
    remote(&mut plan).api_key_env = Some(String::new());
    ask(&plan, &services).await;
    let requests = server.requests();
    assert_eq!(
        requests[0].header("authorization"),
        Some(format!("Bearer {KEY}").as_str())
    );
    assert_eq!(requests[1].header("authorization"), None);
}

#[tokio::test]
async fn a_key_that_no_header_can_carry_is_an_auth_failure() {
    let server = Loopback::start([Reply::status(200)]);
    let services = services(&[("OPENAI_API_KEY", "sk-one\nsk-two")]);
    let outcome = ask(&lane(ProviderId::OpenAi, &server), &services).await;
    let message = outcome.failed(FailureKind::Auth, None);
    assert!(!message.contains("sk-one"), "{message}");
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn a_key_never_comes_back_out() {
    let echo = format!(
        r#"{{"error":{{"message":"Incorrect API key provided: {KEY}.","code":"invalid_api_key"}}}}"#
    );
    let escaped = echo.replace("very-secret", "\\u0076ery-secret");
    let in_stream = format!("data: {echo}\n\n");
    // Long enough that its message is shortened in the middle of the key.
    let long = echo.replace("Incorrect", &"x".repeat(1_970));
    let server = Loopback::start([
        Reply::json(401, echo.clone()),
        Reply::json(401, escaped),
        Reply::events().send(in_stream),
        Reply::json(500, long),
        Reply::redirect(302, &format!("http://other.test/?key={KEY}")),
        Reply::raw(format!("{KEY}\r\n\r\n")),
        Reply::events().header("content-encoding", KEY),
    ]);
    let plan = lane(ProviderId::OpenAi, &server);
    let services = services(&[("OPENAI_API_KEY", KEY)]);
    let provider = build(&plan, &services);
    let shown = format!("{provider:?} {services:?} {plan:?}");
    assert!(!shown.contains("very-secret"), "{shown}");
    for index in 0..7 {
        let outcome = ask(&plan, &services).await;
        let failure = format!("{:?} {}", outcome.failure(), outcome.failure());
        assert!(
            !failure.contains("very-secret") && !failure.contains("sk-very"),
            "{index}: {failure}"
        );
        if index < 3 {
            assert!(failure.contains("***"), "{index}: {failure}");
        }
    }
}

#[tokio::test]
async fn a_key_that_a_stream_repeats_is_masked_where_it_is_cut_off_too() {
    let long = format!("{} you sent {KEY}", "x".repeat(180));
    let error = format!(r#"{{"error":{{"message":"{}{KEY}"}}}}"#, "y".repeat(1_985));
    let server = Loopback::start([
        Reply::status(200)
            .header("content-type", "text/plain")
            .send(&long),
        Reply::events().send(format!("data: {long}\n\n")),
        Reply::events().send(format!("error: {long}\n\n")),
        Reply::events().send(format!("data: {error}\n\n")),
        Reply::events().send(format!("event: error\ndata: {long}\n\n")),
    ]);
    let plan = lane(ProviderId::OpenAi, &server);
    for index in 0..5 {
        let outcome = ask(&plan, &services(&[("OPENAI_API_KEY", KEY)])).await;
        let message = &outcome.failure().message;
        assert!(message.ends_with("***…"), "{index}: {message}");
        assert!(!message.contains("sk-ver"), "{index}: {message}");
    }
}

#[tokio::test]
async fn the_key_inside_of_any_header_is_masked_by_itself() {
    for (name, value) in [
        ("Authorization", format!("Basic {KEY}")),
        ("Proxy-Authorization", format!("Custom {KEY}")),
        ("Cookie", format!("theme=dark; session={KEY}")),
        ("X-Api-Key", format!("key={KEY}")),
    ] {
        let server = Loopback::start([Reply::json(403, format!(r#"{{"error":"{KEY} may not"}}"#))]);
        let mut plan = lane(ProviderId::OpenAiCompatible, &server);
        remote(&mut plan).headers.insert(name.to_owned(), value);
        let outcome = ask(&plan, &services(&[])).await;
        let message = outcome.failed(FailureKind::Permission, Some(403));
        assert_eq!(message, "*** may not", "{name}");
    }
}

#[tokio::test]
async fn a_key_in_a_header_of_the_plan_is_masked_too() {
    let server = Loopback::start([Reply::json(
        403,
        format!(r#"{{"error":"token {KEY} may not"}}"#),
    )]);
    let mut plan = lane(ProviderId::OpenAiCompatible, &server);
    remote(&mut plan)
        .headers
        .insert("Authorization".to_owned(), format!("Bearer {KEY}"));
    let outcome = ask(&plan, &services(&[])).await;
    let message = outcome.failed(FailureKind::Permission, Some(403));
    assert!(
        message.contains("***") && !message.contains(KEY),
        "{message}"
    );
    assert!(!format!("{:?}", build(&plan, &services(&[]))).contains(KEY));
}

#[tokio::test]
async fn no_key_follows_a_redirect() {
    let other = Loopback::start([Speech::of(&["stolen"]).openai()]);
    for status in [301, 302, 303, 307, 308] {
        let server = Loopback::start([Reply::redirect(status, &other.url("/v1/chat/completions"))]);
        let outcome = ask(
            &lane(ProviderId::OpenAi, &server),
            &services(&[("OPENAI_API_KEY", KEY)]),
        )
        .await;
        let message = outcome.failed(FailureKind::Protocol, Some(status));
        assert!(message.contains(&other.address().to_string()), "{message}");
    }
    let server = Loopback::start([Reply::redirect(302, "/login")]);
    let outcome = ask(
        &lane(ProviderId::OpenAi, &server),
        &services(&[("OPENAI_API_KEY", KEY)]),
    )
    .await;
    assert!(
        outcome
            .failed(FailureKind::Protocol, Some(302))
            .contains("/login")
    );
    assert_eq!(server.requests().len(), 1);
    assert_eq!(other.connections(), 0, "nothing may reach the other origin");
}

#[tokio::test]
async fn a_portal_page_is_no_answer() {
    let page = "<!DOCTYPE html><html><body>Please sign in to the network</body></html>";
    let server = Loopback::start([
        Reply::html(200, page),
        Reply::events()
            .send("\u{feff}\n  ")
            .step(Step::Wait(std::time::Duration::from_millis(5)))
            .send(page),
    ]);
    for _ in 0..2 {
        let outcome = ask(&lane(ProviderId::OpenAi, &server), &services(&[])).await;
        assert!(
            outcome
                .failed(FailureKind::Protocol, None)
                .contains("web page")
        );
    }
}
