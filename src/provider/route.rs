//! Ways to put an address together: what stands in it beside the base URL and the wire format's own path. Sends nothing.

use crate::{
    domain::{
        environment::Environment,
        failure::{FailureKind, LaneFailure},
        plan::RemotePlan,
    },
    wire::{BodyOptions, DialectKind, gemini, segment::segment},
};

/// The keys of a lane that stand in the address of one kind of host only.
pub const ROUTE_KEYS: [&str; 5] = ["project", "location", "region", "deployment", "api_version"];

/// What stands in place of a part that nobody named, behind a base URL of the plan.
const UNNAMED: &str = "-";

/// The version of Azure's API that is asked where the plan names none: the last one with a date that is no preview.
/// Source: <https://learn.microsoft.com/azure/ai-services/openai/reference>.
const AZURE_VERSION: &str = "2024-10-21";
/// From this version on, deployments of Azure know `stream_options`, and those of models that reason know
/// `max_completion_tokens`.
/// Source: <https://learn.microsoft.com/azure/ai-services/openai/api-version-deprecation>.
const AZURE_USAGE: &str = "2024-09-01";
/// From this version on, `max_completion_tokens` is for all of its models.
const AZURE_LIMIT: &str = "2024-12-01";

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

    /// An address of AWS names the region that it takes signatures for.
    fn fill_aws(&self, site: &mut Site) -> Result<(), LaneFailure> {
        let variables = ["AWS_REGION", "AWS_DEFAULT_REGION"];
        let of_address = self.plan.base_url.as_deref().and_then(region_of);
        let region = self.plan.region.as_deref().or(of_address);
        site.region = match self.part(region, &variables) {
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

/// The region in an address of AWS: `bedrock-runtime.REGION.amazonaws.com`, or the same behind an endpoint of a private
/// network.
fn region_of(base_url: &str) -> Option<&str> {
    let (_, rest) = base_url.split_once("://")?;
    let host = rest.split(['/', ':']).next()?;
    if !(host.ends_with(".amazonaws.com") || host.ends_with(".amazonaws.com.cn")) {
        return None;
    }
    let mut labels = host.split('.');
    labels.find(|label| label.starts_with("bedrock-runtime"))?;
    labels.next()
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
    /// The options of a body as this address takes them: versions of Azure's API that have a date do not know every
    /// field, and limit models that reason (`is_thinker`) in another field than others.
    pub(super) fn fit(&self, options: &mut BodyOptions, is_thinker: bool) {
        let (version, is_deployment) = match &self.path {
            PathForm::OfDialect {
                api_version: Some(version),
            } => (version.as_str(), false),
            PathForm::Deployment { api_version, .. } => (api_version.as_str(), true),
            PathForm::OfDialect { api_version: None } | PathForm::Vertex { .. } => return,
        };
        // `preview` and `latest` are newer than any date, and so they compare.
        if version < AZURE_LIMIT && !is_thinker {
            options.max_tokens_field = "max_tokens";
        }
        // Foundry's models told their counts when they were asked in its first version already.
        options.include_usage &= !is_deployment || version >= AZURE_USAGE;
    }

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
mod tests;
