//! Tests of addresses.

use super::*;

fn site(route: Route, plan: &RemotePlan, variables: &[(&str, &str)]) -> Result<Site, String> {
    let standard = matches!(route, Route::Aws).then_some("https://x.{region}.test");
    let environment = variables.iter().copied().collect();
    let site = route.site(plan, standard, &environment);
    site.map_err(|failure| failure.message)
}

fn plan(parts: impl FnOnce(&mut RemotePlan)) -> RemotePlan {
    let mut plan = RemotePlan::default();
    parts(&mut plan);
    plan
}

fn url(site: &Site, dialect: DialectKind) -> String {
    format!("{}{}", site.base_url, site.path(dialect, "m"))
}

#[test]
fn google_has_a_host_name_per_location_but_for_global() {
    let named = plan(|plan| {
        plan.project = Some("p".to_owned());
        plan.location = Some("europe-west4".to_owned());
    });
    let tail = "publishers/google/models/m:streamGenerateContent?alt=sse";
    let found = site(Route::GoogleCloud, &named, &[("GOOGLE_CLOUD_PROJECT", "q")]).unwrap();
    assert_eq!(
        url(&found, DialectKind::Gemini),
        format!(
            "https://europe-west4-aiplatform.googleapis.com/v1beta1/projects/p/locations/europe-west4/{tail}"
        )
    );
    let variables = [("GOOGLE_CLOUD_PROJECT", "q")];
    let found = site(Route::GoogleCloud, &RemotePlan::default(), &variables).unwrap();
    assert_eq!(
        url(&found, DialectKind::Gemini),
        format!("https://aiplatform.googleapis.com/v1beta1/projects/q/locations/global/{tail}")
    );
    let message = site(Route::GoogleCloud, &RemotePlan::default(), &[]).unwrap_err();
    assert!(message.contains("project = \"my-project\""), "{message}");
    let odd = plan(|plan| {
        plan.project = Some("p".to_owned());
        plan.location = Some("evil.test/".to_owned());
    });
    let message = site(Route::GoogleCloud, &odd, &[]).unwrap_err();
    assert!(message.contains("`evil.test/`"), "{message}");
}

#[test]
fn behind_a_base_url_of_the_plan_nothing_else_is_required() {
    let proxied = plan(|plan| plan.base_url = Some("http://127.0.0.1:1/".to_owned()));
    let found = site(Route::GoogleCloud, &proxied, &[]).unwrap();
    assert_eq!(
        url(&found, DialectKind::Gemini),
        "http://127.0.0.1:1/v1beta1/projects/-/locations/-/publishers/google/models/m:streamGenerateContent?alt=sse"
    );
    let found = site(Route::Aws, &proxied, &[]).unwrap();
    assert_eq!(
        (found.base_url.as_str(), found.region.as_str()),
        ("http://127.0.0.1:1", "-")
    );
}

#[test]
fn a_region_stands_in_the_host_name_of_aws() {
    let named = plan(|plan| plan.region = Some("eu-west-1".to_owned()));
    let variables = [
        ("AWS_REGION", "us-west-2"),
        ("AWS_DEFAULT_REGION", "us-east-2"),
    ];
    for (plan, variables, region) in [
        (&named, &variables[..], "eu-west-1"),
        (&RemotePlan::default(), &variables[..], "us-west-2"),
        (&RemotePlan::default(), &variables[1..], "us-east-2"),
    ] {
        let found = site(Route::Aws, plan, variables).unwrap();
        assert_eq!(found.base_url, format!("https://x.{region}.test"));
        assert_eq!(found.region, region);
    }
    let message = site(Route::Aws, &RemotePlan::default(), &[]).unwrap_err();
    assert!(message.contains("region = \"us-east-1\""), "{message}");
    assert!(
        message.contains("AWS_REGION or AWS_DEFAULT_REGION"),
        "{message}"
    );
    let odd = plan(|plan| plan.region = Some("x.evil.test/".to_owned()));
    assert!(site(Route::Aws, &odd, &[]).is_err());
}

#[test]
fn azure_has_a_newer_path_an_older_one_and_that_of_its_foundry() {
    for (base_url, deployment, version, expected) in [
        (
            "https://n.openai.azure.com/openai/v1/",
            None,
            None,
            "https://n.openai.azure.com/openai/v1/chat/completions",
        ),
        (
            "https://n.services.ai.azure.com/models",
            None,
            Some("2024-05-01-preview"),
            "https://n.services.ai.azure.com/models/chat/completions?api-version=2024-05-01-preview",
        ),
        (
            "https://n.openai.azure.com",
            Some("d e"),
            Some("2024-02-01"),
            "https://n.openai.azure.com/openai/deployments/d%20e/chat/completions?api-version=2024-02-01",
        ),
        (
            "https://n.openai.azure.com/openai/v1",
            Some("d"),
            None,
            "https://n.openai.azure.com/openai/deployments/d/chat/completions?api-version=2024-10-21",
        ),
        (
            "http://gateway.test/azure/",
            Some("d"),
            None,
            "http://gateway.test/azure/openai/deployments/d/chat/completions?api-version=2024-10-21",
        ),
    ] {
        let named = plan(|plan| {
            plan.base_url = Some(base_url.to_owned());
            plan.deployment = deployment.map(str::to_owned);
            plan.api_version = version.map(str::to_owned);
        });
        let found = site(Route::Azure, &named, &[]).unwrap();
        assert_eq!(url(&found, DialectKind::OpenAiChat), expected);
    }
}

#[test]
fn an_address_of_aws_tells_its_region_before_the_variables_do() {
    let variables = [("AWS_REGION", "us-west-2")];
    for (base_url, region) in [
        (
            "https://bedrock-runtime.eu-west-1.amazonaws.com",
            "eu-west-1",
        ),
        (
            "https://bedrock-runtime-fips.us-east-1.amazonaws.com/",
            "us-east-1",
        ),
        (
            "https://vpce-1.bedrock-runtime.ap-south-1.vpce.amazonaws.com",
            "ap-south-1",
        ),
        (
            "https://bedrock-runtime.cn-north-1.amazonaws.com.cn",
            "cn-north-1",
        ),
        ("http://127.0.0.1:8080", "us-west-2"),
        ("https://bedrock-runtime.eu-west-1.evil.test", "us-west-2"),
    ] {
        let named = plan(|plan| plan.base_url = Some(base_url.to_owned()));
        let found = site(Route::Aws, &named, &variables).unwrap();
        assert_eq!(found.region, region, "{base_url}");
        let told = plan(|plan| {
            plan.base_url = Some(base_url.to_owned());
            plan.region = Some("sa-east-1".to_owned());
        });
        assert_eq!(
            site(Route::Aws, &told, &variables).unwrap().region,
            "sa-east-1"
        );
    }
}

#[test]
fn versions_of_azure_take_the_fields_of_their_time() {
    let v1 = ("https://n.openai.azure.com/openai/v1", None);
    let foundry = ("https://n.services.ai.azure.com/models", None);
    let deployed = ("https://n.openai.azure.com", Some("d"));
    for ((base_url, deployment), version, is_thinker, limit, has_usage) in [
        (v1, None, false, "max_completion_tokens", true),
        (v1, Some("preview"), false, "max_completion_tokens", true),
        (
            foundry,
            Some("2024-05-01-preview"),
            false,
            "max_tokens",
            true,
        ),
        (deployed, Some("2024-02-01"), false, "max_tokens", false),
        (
            deployed,
            Some("2024-02-01"),
            true,
            "max_completion_tokens",
            false,
        ),
        (
            deployed,
            Some("2024-09-01-preview"),
            false,
            "max_tokens",
            true,
        ),
        (deployed, None, false, "max_tokens", true),
        (deployed, None, true, "max_completion_tokens", true),
        (
            deployed,
            Some("2025-04-01-preview"),
            false,
            "max_completion_tokens",
            true,
        ),
    ] {
        let named = plan(|plan| {
            plan.base_url = Some(base_url.to_owned());
            plan.deployment = deployment.map(str::to_owned);
            plan.api_version = version.map(str::to_owned);
        });
        let mut options = BodyOptions {
            max_tokens_field: "max_completion_tokens",
            ..BodyOptions::default()
        };
        site(Route::Azure, &named, &[])
            .unwrap()
            .fit(&mut options, is_thinker);
        let found = (options.max_tokens_field, options.include_usage);
        assert_eq!(
            found,
            (limit, has_usage),
            "{base_url} {version:?} {is_thinker}"
        );
    }
}
