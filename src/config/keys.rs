//! The values of single keys of the file: what they may be, and what to say when they are not. Reads no table.

use super::{
    layer::one_of,
    problem::nearest,
    reader::{count, mismatch, number, text, text_map, texts, word},
    value,
};
use crate::domain::{
    environment::Environment,
    plan::{GpuLayers, ProviderId, Schedule, TemplateSource},
    request::Effort,
    tier::Tier,
};
use std::{collections::BTreeMap, str::FromStr, time::Duration};
use toml::de::DeValue;
use url::Url;

/// What to say about keys that people expect and that are not there, or not there.
pub fn advice(key: &str) -> Option<&'static str> {
    match key {
        "api_key" | "key" | "token" | "secret" => Some(
            "keys are not kept in this file: put the name of an environment variable into `api_key_env`",
        ),
        "schedule" | "max_cost" => Some("it belongs in [defaults]"),
        "concurrency" => Some("it belongs in [host.NAME]"),
        _ => None,
    }
}

/// A lane's name: something to see, on one line.
pub fn lane_name(value: &DeValue<'_>) -> Result<String, String> {
    let name = word(value)?;
    if name.chars().any(char::is_control) {
        return Err("must not hold control characters".to_owned());
    }
    if name.trim() != name {
        return Err("must not begin or end with a space".to_owned());
    }
    Ok(name)
}

/// A provider.
pub fn provider(value: &DeValue<'_>) -> Result<ProviderId, String> {
    let name = text(value)?;
    name.parse()
        .map_err(|error| format!("names an {error}{}", provider_advice(&name)))
}

/// What to say after an unknown provider.
pub fn provider_advice(name: &str) -> String {
    let names = ProviderId::ALL.iter().map(|provider| provider.name());
    match nearest(name, names.clone()) {
        Some(near) => format!("; did you mean `{near}`?"),
        None => format!("; known ones: {}", names.collect::<Vec<_>>().join(", ")),
    }
}

/// A tier.
pub fn tier(value: &DeValue<'_>) -> Result<Tier, String> {
    one_of(&text(value)?, &Tier::ALL.map(|tier| (tier.name(), tier)))
}

/// A schedule.
pub fn schedule(value: &DeValue<'_>) -> Result<Schedule, String> {
    one_of(
        &text(value)?,
        &Schedule::ALL.map(|schedule| (schedule.name(), schedule)),
    )
}

/// An effort.
pub fn effort(value: &DeValue<'_>) -> Result<Effort, String> {
    one_of(
        &text(value)?,
        &Effort::ALL.map(|effort| (effort.name(), effort)),
    )
}

/// A duration: a text with a unit, or a number of seconds.
pub fn duration(value: &DeValue<'_>) -> Result<Duration, String> {
    match value {
        DeValue::String(text) => value::duration(text),
        DeValue::Integer(_) | DeValue::Float(_) => number(value).and_then(value::seconds),
        DeValue::Boolean(_) | DeValue::Datetime(_) | DeValue::Array(_) | DeValue::Table(_) => {
            Err(mismatch("a duration such as \"90s\"", value))
        }
    }
}

/// One text that ends the answer, or several.
pub fn stops(value: &DeValue<'_>) -> Result<Vec<String>, String> {
    let stops = match value {
        DeValue::String(text) => vec![text.to_string()],
        other => texts(other)?,
    };
    if stops.iter().any(String::is_empty) {
        return Err("must not hold an empty string, which would end every answer".to_owned());
    }
    Ok(stops)
}

/// Attempts after the first.
pub fn retries(value: &DeValue<'_>) -> Result<u32, String> {
    match count(value)? {
        retries @ 0..=20 => Ok(retries),
        retries => Err(format!("must be from 0 to 20, not {retries}")),
    }
}

/// A day, as a text or as a date.
pub fn day(value: &DeValue<'_>) -> Result<String, String> {
    let day = match value {
        DeValue::String(text) => text.to_string(),
        DeValue::Datetime(moment) => moment.to_string(),
        other => return Err(mismatch("a day such as \"2026-11-01\"", other)),
    };
    jiff::civil::Date::from_str(&day)
        .map(|_| day.clone())
        .map_err(|_| format!("must be a day such as \"2026-11-01\", not `{day}`"))
}

/// The address of an API.
pub fn base_url(value: &DeValue<'_>) -> Result<String, String> {
    let url = text(value)?;
    let rest = url
        .strip_prefix("https://")
        .or_else(|| url.strip_prefix("http://"))
        .ok_or_else(|| format!("must begin with http:// or https://, not `{}`", shown(&url)))?;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.contains('@') {
        return Err("must not hold a user name or a password".to_owned());
    }
    let host = authority
        .rsplit_once(':')
        .map_or(authority, |(host, port)| {
            // An IPv6 address without a port has colons of its own.
            if port.ends_with(']') { authority } else { host }
        });
    if host.is_empty() || url.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err(format!("must be an address, not `{}`", shown(&url)));
    }
    if rest.contains(['?', '#']) {
        return Err("must not hold `?` or `#`: a path is put after it".to_owned());
    }
    match Url::parse(&url) {
        Ok(_) => Ok(url),
        Err(error) => Err(format!(
            "must be an address, not `{}`: {error}",
            shown(&url)
        )),
    }
}

/// The address of a proxy.
pub fn proxy(value: &DeValue<'_>) -> Result<String, String> {
    let url = text(value)?;
    let is_proxy = Url::parse(&url).is_ok_and(|url| {
        let schemes = [
            "http", "https", "socks", "socks4", "socks4a", "socks5", "socks5h",
        ];
        schemes.contains(&url.scheme()) && url.has_host()
    });
    if is_proxy {
        Ok(url)
    } else {
        Err("must be a URL such as \"http://127.0.0.1:3128\"".to_owned())
    }
}

/// The name of an environment variable, or nothing. A value that is none may be a key, so it is not shown.
pub fn variable(value: &DeValue<'_>) -> Result<String, String> {
    let name = text(value)?;
    let is_name = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !name.starts_with(|c: char| c.is_ascii_digit());
    if is_name {
        Ok(name)
    } else {
        Err("must be the name of an environment variable, not a key".to_owned())
    }
}

/// Header fields, their names in lower case: case does not tell them apart. Values may be keys, so they are not shown.
pub fn headers(value: &DeValue<'_>) -> Result<BTreeMap<String, String>, String> {
    let mut headers = BTreeMap::new();
    for (name, value) in text_map(value)? {
        let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
        if name.is_empty() || !name.chars().all(is_token) {
            return Err(format!(
                "holds `{name}`, which cannot be the name of a header"
            ));
        }
        if !value.chars().all(|c| c == '\t' || (' '..='~').contains(&c)) {
            return Err(format!(
                "holds a value for `{name}` that a header cannot carry: use plain ASCII"
            ));
        }
        let lower = name.to_ascii_lowercase();
        if headers.insert(lower, value).is_some() {
            return Err(format!(
                "holds `{name}` twice: case does not tell headers apart"
            ));
        }
    }
    Ok(headers)
}

/// Layers on the GPU.
pub fn gpu_layers(value: &DeValue<'_>) -> Result<GpuLayers, String> {
    match value {
        DeValue::Integer(_) => count(value).map(GpuLayers::Count),
        DeValue::String(text) if text == "auto" => Ok(GpuLayers::Auto),
        DeValue::String(text) if text == "all" => Ok(GpuLayers::All),
        DeValue::String(text) => Err(format!(
            "must be \"auto\", \"all\" or a number of layers, not `{text}`"
        )),
        other => Err(mismatch("\"auto\", \"all\" or a number of layers", other)),
    }
}

/// Where the chat template comes from.
pub fn template(value: &DeValue<'_>, environment: &Environment) -> Result<TemplateSource, String> {
    Ok(match word(value)?.as_str() {
        "model" => TemplateSource::Model,
        "none" => TemplateSource::None,
        path => TemplateSource::File(environment.expand_home(path)),
    })
}

/// A text that may be long or hold a key by mistake, cut for a message.
fn shown(text: &str) -> String {
    const MOST: usize = 40;
    if text.chars().count() <= MOST {
        text.to_owned()
    } else {
        text.chars().take(MOST).chain(['…']).collect()
    }
}
