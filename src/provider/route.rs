//! Ways to put an address together: what stands in it beside the base URL and the wire format's own path. Sends nothing.

use crate::{
    domain::{
        environment::Environment,
        failure::{FailureKind, LaneFailure},
        plan::RemotePlan,
    },
    wire::{DialectKind, gemini, segment::segment},
};

/// The keys of a lane that stand in the address of one kind of host only.
pub const ROUTE_KEYS: [&str; 5] = ["project", "location", "region", "deployment", "api_version"];

/// What stands in place of a part that nobody named, behind a base URL of the plan.
const UNNAMED: &str = "-";

/// The version of Azure's API that is asked where the plan names none: the last one with a date that is no preview.
/// Source: <https://learn.microsoft.com/azure/ai-services/openai/reference>.
const AZURE_VERSION: &str = "2024-10-21";

/// What a host's address is put together from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    /// The base URL, then the wire format's own path.
    Plain,
    /// A project and a location of Google Cloud, in the path of Vertex.
    GoogleCloud,
    /// A resource of Azure, which the base URL names; perhaps a deployment in it, in the older path.
    Azure,
    /// A region of AWS, which stands in the base URL as `{region}`.
    Aws,
}

/// One lane's address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Site {
    /// Without a slash at its end.
    pub(super) base_url: String,
    /// The region of AWS, for signatures; `-` where there is none.
    pub(super) region: String,
    path: PathForm,
}

/// The path behind a base URL.
#[derive(Debug, Clone, PartialEq, Eq)]
enum PathForm {
    /// The wire format's own, with this version of Azure's API as its query.
    OfDialect { api_version: Option<String> },
    /// Vertex.
    Vertex { project: String, location: String },
    /// A deployment of Azure.
    Deployment { name: String, api_version: String },
}

impl Route {
    /// The keys of a lane that this route uses.
    pub const fn keys(self) -> &'static [&'static str] {
        match self {
            Self::Plain => &[],
            Self::GoogleCloud => &["project", "location"],
            Self::Azure => &["deployment", "api_version"],
            Self::Aws => &["region"],
        }
    }

    /// An example of the base URL that a plan must say; `None` where the route has one of its own.
    pub(super) const fn base_url_example(self, plan: &RemotePlan) -> Option<&'static str> {
        match self {
            Self::GoogleCloud => None,
            Self::Azure if plan.deployment.is_some() => Some("https://NAME.openai.azure.com"),
            Self::Azure => Some("https://NAME.openai.azure.com/openai/v1"),
            Self::Plain | Self::Aws => Some("http://127.0.0.1:8000/v1"),
        }
    }

    /// The address of a plan. `standard` is the host's own base URL. Fails where a part of it is missing.
    pub(super) fn site(
        self,
        plan: &RemotePlan,
        standard: Option<&str>,
        environment: &Environment,
    ) -> Result<Site, LaneFailure> {
        let named = Named { plan, environment };
        let base_url = plan.base_url.as_deref().or(standard);
        let base_url = base_url.map(|url| url.trim_end_matches('/').to_owned());
        let mut site = Site {
            base_url: base_url.unwrap_or_default(),
            region: UNNAMED.to_owned(),
            path: PathForm::OfDialect { api_version: None },
        };
        match self {
            Self::Plain => {}
            Self::GoogleCloud => named.fill_google(&mut site)?,
            Self::Azure => named.fill_azure(&mut site),
            Self::Aws => named.fill_aws(&mut site)?,
        }
        Ok(site)
    }
}

/// The parts that the plan and the variables name.
struct Named<'a> {
    plan: &'a RemotePlan,
    environment: &'a Environment,
}

impl Named<'_> {
    /// A part of the plan, else of the first variable that is set.
    fn part(&self, part: Option<&str>, variables: &[&str]) -> Option<String> {
        let mut set = variables
            .iter()
            .filter_map(|name| self.environment.var(name));
        part.or_else(|| set.next()).map(str::to_owned)
    }

    /// A part that is missing: behind a base URL of the plan it needs no name.
    fn missing(&self, what: &str, example: &str, variable: &str) -> Result<String, LaneFailure> {
        if self.plan.base_url.is_some() {
            return Ok(UNNAMED.to_owned());
        }
        let message =
            format!("no {what}: write {what} = \"{example}\" into the lane, or set {variable}");
        Err(LaneFailure::new(FailureKind::Connect, message))
    }

    /// Google's SDK reads the same variables. `global` has no host name of its own.
    /// Source: <https://cloud.google.com/vertex-ai/docs/general/locations>.
    fn fill_google(&self, site: &mut Site) -> Result<(), LaneFailure> {
        const PROJECT: &str = "GOOGLE_CLOUD_PROJECT";
        const LOCATION: &str = "GOOGLE_CLOUD_LOCATION";
        let project = match self.part(self.plan.project.as_deref(), &[PROJECT]) {
            Some(project) => project,
            None => self.missing("project", "my-project", PROJECT)?,
        };
        let location = self.part(self.plan.location.as_deref(), &[LOCATION]);
        let location = match (location, &self.plan.base_url) {
            (Some(location), _) => location,
            (None, Some(_)) => UNNAMED.to_owned(),
            (None, None) => "global".to_owned(),
        };
        if self.plan.base_url.is_none() {
            site.base_url = match location.as_str() {
                "global" => "https://aiplatform.googleapis.com".to_owned(),
                region => format!(
                    "https://{}-aiplatform.googleapis.com",
                    label("location", region)?
                ),
            };
        }
        site.path = PathForm::Vertex { project, location };
        Ok(())
    }

    /// The path of a deployment begins at the resource's origin: the tail of the newer base URL is dropped.
    /// Source: <https://learn.microsoft.com/azure/ai-foundry/openai/api-version-lifecycle>.
    fn fill_azure(&self, site: &mut Site) {
        let api_version = self.plan.api_version.clone();
        let Some(name) = self.plan.deployment.clone() else {
            site.path = PathForm::OfDialect { api_version };
            return;
        };
        for tail in ["/v1", "/openai"] {
            if let Some(origin) = site.base_url.strip_suffix(tail) {
                site.base_url = origin.trim_end_matches('/').to_owned();
            }
        }
        site.path = PathForm::Deployment {
            name,
            api_version: api_version.unwrap_or_else(|| AZURE_VERSION.to_owned()),
        };
    }

    fn fill_aws(&self, site: &mut Site) -> Result<(), LaneFailure> {
        let variables = ["AWS_REGION", "AWS_DEFAULT_REGION"];
        site.region = match self.part(self.plan.region.as_deref(), &variables) {
            Some(region) => region,
            None => self.missing("region", "us-east-1", &variables.join(" or "))?,
        };
        if self.plan.base_url.is_none() {
            let region = label("region", &site.region)?;
            site.base_url = site.base_url.replace("{region}", region);
        }
        Ok(())
    }
}

/// A part that stands in a host name, where a slash or a dot would send the key to somebody else.
fn label<'a>(what: &str, value: &'a str) -> Result<&'a str, LaneFailure> {
    let is_label = |c: char| c.is_ascii_alphanumeric() || c == '-';
    if value.chars().all(is_label) {
        return Ok(value);
    }
    let message =
        format!("the {what} `{value}` is none: it holds letters, digits and hyphens only");
    Err(LaneFailure::new(FailureKind::Connect, message))
}

impl Site {
    /// The path of a request for this model, with its query.
    pub(super) fn path(&self, dialect: DialectKind, model: &str) -> String {
        match &self.path {
            PathForm::OfDialect { api_version: None } => dialect.path(model),
            PathForm::OfDialect {
                api_version: Some(version),
            } => format!("{}?api-version={}", dialect.path(model), segment(version)),
            PathForm::Vertex { project, location } => gemini::vertex_path(project, location, model),
            PathForm::Deployment { name, api_version } => format!(
                "/openai/deployments/{}{}?api-version={}",
                segment(name),
                dialect.path(model),
                segment(api_version)
            ),
        }
    }
}

#[cfg(test)]
mod tests {
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
}
