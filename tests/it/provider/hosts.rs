//! What goes out to the hosts that are not only a base URL and a bearer key: paths, queries, headers, signatures.

use super::{Outcome, ask, host_lane, lane, lane_at, remote, request, services};
use crate::loopback::{Loopback, Reply, Request, Speech};
use serde_json::{Value, json};
use tierscope::{
    domain::{
        event::FinishReason,
        failure::FailureKind,
        plan::{LanePlan, ProviderId},
    },
    provider::{Stopwatch, build},
};

const KEY: &str = "key-0123456789";
const AWS: [(&str, &str); 3] = [
    ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
    (
        "AWS_SECRET_ACCESS_KEY",
        "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
    ),
    ("AWS_SESSION_TOKEN", "a-session-token"),
];

/// The request that a lane sends, with these variables set.
async fn sent(server: &Loopback, plan: &LanePlan, variables: &[(&str, &str)]) -> Request {
    ask(plan, &services(variables)).await;
    server.requests().pop().unwrap()
}

#[tokio::test]
async fn azure_gets_its_key_in_its_own_header_and_the_version_in_the_query() {
    let server = Loopback::start([Speech::of(&["x"]).openai()]);
    let variables = [("AZURE_OPENAI_API_KEY", KEY)];
    let mut plan = lane_at(ProviderId::AzureOpenAi, &server.url("/openai/v1"));
    let found = sent(&server, &plan, &variables).await;
    assert_eq!(found.path, "/openai/v1/chat/completions");
    assert_eq!(found.header("api-key"), Some(KEY));
    assert_eq!(found.header("authorization"), None);

    remote(&mut plan).deployment = Some("mine".to_owned());
    remote(&mut plan).api_version = Some("2024-02-01".to_owned());
    let found = sent(&server, &plan, &variables).await;
    assert_eq!(
        found.path,
        "/openai/deployments/mine/chat/completions?api-version=2024-02-01"
    );

    let mut foundry = lane_at(ProviderId::AzureOpenAi, &server.url("/models"));
    remote(&mut foundry).api_version = Some("2024-05-01-preview".to_owned());
    let found = sent(&server, &foundry, &variables).await;
    assert_eq!(
        found.path,
        "/models/chat/completions?api-version=2024-05-01-preview"
    );
}

#[tokio::test]
async fn vertex_gets_a_token_and_the_project_and_location_in_the_path() {
    let server = Loopback::start([Speech::of(&["x"]).gemini()]);
    let mut plan = lane(ProviderId::Vertex, &server);
    remote(&mut plan).project = Some("p".to_owned());
    remote(&mut plan).location = Some("europe-west4".to_owned());
    for variable in ["GOOGLE_ACCESS_TOKEN", "CLOUDSDK_AUTH_ACCESS_TOKEN"] {
        let found = sent(&server, &plan, &[(variable, KEY)]).await;
        assert_eq!(
            found.path,
            "/v1beta1/projects/p/locations/europe-west4/publishers/google/models/scripted:streamGenerateContent?alt=sse"
        );
        assert_eq!(
            found.header("authorization"),
            Some(format!("Bearer {KEY}").as_str())
        );
    }
}

#[tokio::test]
async fn bedrock_takes_a_bearer_key_before_a_signature() {
    let server = Loopback::start([Speech::of(&["x"]).bedrock()]);
    let plan = lane(ProviderId::Bedrock, &server);
    let mut variables = vec![("AWS_BEARER_TOKEN_BEDROCK", KEY)];
    variables.extend(AWS);
    let found = sent(&server, &plan, &variables).await;
    assert_eq!(found.path, "/model/scripted/converse-stream");
    assert_eq!(
        found.header("authorization"),
        Some(format!("Bearer {KEY}").as_str())
    );
    assert_eq!(found.header("x-amz-date"), None);
    assert_eq!(
        found.header("accept"),
        Some("application/vnd.amazon.eventstream")
    );
    let messages = json!([{"role": "user", "content": [{"text": "Say hello."}]}]);
    assert_eq!(found.json(), json!({"messages": messages}));

    // A plan that wants no key wants no signature either.
    let mut keyless = plan;
    remote(&mut keyless).api_key_env = Some(String::new());
    let found = sent(&server, &keyless, &variables).await;
    assert_eq!(found.header("authorization"), None);
}

#[tokio::test]
async fn bedrock_signs_each_attempt_where_there_is_no_bearer_key() {
    let server = Loopback::start([
        Reply::json(503, "{}").header("retry-after", "0"),
        Speech::of(&["Hel", "lo"]).bedrock(),
    ]);
    let mut plan = lane(ProviderId::Bedrock, &server);
    remote(&mut plan).region = Some("eu-west-1".to_owned());
    plan.max_retries = 1;
    let mut wished = request();
    wished.model = "amazon.nova-micro-v1:0".to_owned();
    let provider = build(&plan, &services(&AWS));
    let outcome = Outcome::of(provider.stream(wished, Stopwatch::start())).await;
    assert_eq!(outcome.state.finish(), Some(FinishReason::Stop));
    let requests = server.requests();
    assert_eq!(requests.len(), 2);
    for found in requests {
        assert_eq!(
            found.path,
            "/model/amazon.nova-micro-v1%3A0/converse-stream"
        );
        let date = found.header("x-amz-date").unwrap();
        assert_eq!(date.len(), "20150830T123600Z".len());
        let day = date.get(..8).unwrap();
        let head = format!(
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/{day}/eu-west-1/bedrock/aws4_request, \
             SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, Signature="
        );
        let authorization = found.header("authorization").unwrap();
        let signature = authorization.strip_prefix(&head).unwrap_or_else(|| {
            panic!("{authorization} does not begin with {head}");
        });
        assert_eq!(signature.len(), 64);
        assert_eq!(
            found.header("x-amz-security-token"),
            Some("a-session-token")
        );
        // What was signed is what was sent.
        assert_eq!(
            found.header("host"),
            Some(server.address().to_string().as_str())
        );
    }
}

#[tokio::test]
async fn bedrock_without_any_key_names_all_its_variables() {
    let mut plan = host_lane(ProviderId::Bedrock);
    remote(&mut plan).region = Some("us-east-1".to_owned());
    let outcome = ask(&plan, &services(&AWS[..1])).await;
    let message = outcome.failed(FailureKind::Auth, None);
    assert!(
        message.starts_with(
            "no key: set AWS_BEARER_TOKEN_BEDROCK or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
        ),
        "{message}"
    );
}

#[tokio::test]
async fn the_keys_of_aws_never_come_back_out() {
    let [_, (_, secret), (_, token)] = AWS;
    let told =
        json!({"message": format!("the canonical string holds {token}, signed with {secret}")});
    let server = Loopback::start([
        Reply::json(403, told.to_string()).header("x-amzn-errortype", "SignatureDoesNotMatch")
    ]);
    let plan = lane(ProviderId::Bedrock, &server);
    let services = services(&AWS);
    let shown = format!("{:?}", build(&plan, &services));
    assert!(!shown.contains(secret) && !shown.contains(token), "{shown}");
    let outcome = ask(&plan, &services).await;
    let message = outcome.failed(FailureKind::Permission, Some(403));
    assert_eq!(message, "the canonical string holds ***, signed with ***");
}

#[tokio::test]
async fn an_exception_of_bedrock_fails_the_lane_and_keeps_its_text() {
    let headers = [
        (":exception-type", "throttlingException"),
        (":message-type", "exception"),
    ];
    let payload: Value = json!({"message": "Too many tokens, please wait."});
    let exception = crate::loopback::frame(&headers, payload.to_string());
    let mut reply = Speech::of(&["Hel", "lo"]).bedrock();
    reply.steps.truncate(3);
    let server = Loopback::start([reply.send(exception).split(7)]);
    let outcome = ask(&lane(ProviderId::Bedrock, &server), &services(&[])).await;
    let message = outcome.failed(FailureKind::RateLimited, None);
    assert_eq!(message, "Too many tokens, please wait.");
    assert_eq!(outcome.state.answer, "Hello");
}
