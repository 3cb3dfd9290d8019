//! The facts about one model in litellm's form: its host, prices and sizes. Looks nothing up.

use crate::{
    catalog::{Model, Prices, news::LONGEST_TOKENS},
    domain::cost::LongPrice,
};
use serde_json::{Map, Value};

/// A token that costs more than a cent is a mistake.
const HIGHEST_USD_PER_TOKEN: f64 = 0.01;
/// Prices that depend on the hour, or on steps of another form.
const UNUSABLE: [&str; 2] = ["off_peak_pricing", "tiered_pricing"];

/// Whose names a table writes how, and which of our hosts that is.
const HOSTS: [(&str, &str, &[&str]); 13] = [
    ("openai", "", &["openai", "openai-responses"]),
    ("text-completion-openai", "", &["openai"]),
    ("anthropic", "", &["anthropic"]),
    ("gemini", "gemini/", &["gemini"]),
    ("mistral", "mistral/", &["mistral"]),
    ("deepseek", "deepseek/", &["deepseek"]),
    ("xai", "xai/", &["xai"]),
    ("cohere_chat", "", &["cohere"]),
    ("cohere", "", &["cohere"]),
    ("groq", "groq/", &["groq"]),
    ("together_ai", "together_ai/", &["together"]),
    ("fireworks_ai", "fireworks_ai/", &["fireworks"]),
    ("openrouter", "openrouter/", &["openrouter"]),
];

/// Where a model is sold, and its name there.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) id: String,
    pub(super) hosts: Vec<&'static str>,
}

/// Whether an entry is about a model that answers in text.
pub(super) fn is_chat(facts: &Map<String, Value>) -> bool {
    let mode = facts.get("mode").and_then(Value::as_str);
    matches!(mode, Some("chat" | "responses" | "completion"))
}

/// Where it is sold; nothing where that is no host of ours, or where the name is a fine-tuned model's.
pub(super) fn place(key: &str, facts: &Map<String, Value>) -> Option<Place> {
    let provider = facts.get("litellm_provider")?.as_str()?;
    let (_, prefix, hosts) = HOSTS.iter().find(|(name, _, _)| *name == provider)?;
    if key.starts_with("ft:") {
        return None;
    }
    let stem = key.strip_prefix(prefix)?;
    // Some of these are written with the provider's name and some without.
    let own = stem.strip_prefix(provider);
    let id = own.and_then(|rest| rest.strip_prefix('/')).unwrap_or(stem);
    let is_responses_only = facts.get("mode").and_then(Value::as_str) == Some("responses");
    let hosts = hosts
        .iter()
        .copied()
        .filter(|host| !(is_responses_only && *host == "openai"))
        .collect();
    Some(Place {
        id: id.to_owned(),
        hosts,
    })
}

/// Figures that can be right.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Facts {
    pub(super) price: Option<Prices>,
    pub(super) is_unusable: bool,
    input_tokens: Option<u64>,
    pub(super) output_tokens: Option<u64>,
}

impl Facts {
    /// Reads them; the reason where one of them cannot be right.
    pub(super) fn of(facts: &Map<String, Value>) -> Result<Self, String> {
        let is_unusable = UNUSABLE.iter().any(|key| facts.contains_key(*key));
        let price = prices(facts)?;
        Ok(Self {
            price: price.filter(|_| !is_unusable),
            is_unusable,
            input_tokens: size(facts, "max_input_tokens")?,
            output_tokens: size(facts, "max_output_tokens")?,
        })
    }

    /// The context window: what the table calls the input, unless that is the window of the known model without its
    /// longest answer.
    pub(super) fn context_tokens(&self, known: Option<&Model>) -> Option<u64> {
        let input = self.input_tokens?;
        let whole = self
            .output_tokens
            .map(|output| input.saturating_add(output));
        let own = known.and_then(|model| model.context_tokens);
        if own.is_some() && own == whole {
            own
        } else {
            Some(input)
        }
    }
}

/// The prices for short prompts and for long ones; nothing where the two that matter are not there. A price of nothing
/// stands for one that is not known.
fn prices(facts: &Map<String, Value>) -> Result<Option<Prices>, String> {
    let of = |name: &str| per_million(facts, name);
    let (input, output) = (of("input_cost_per_token")?, of("output_cost_per_token")?);
    let cached_input = of("cache_read_input_token_cost")?;
    let cache_write = of("cache_creation_input_token_cost")?;
    let reasoning = of("output_cost_per_reasoning_token")?.filter(|price| Some(*price) != output);
    let mut above = Vec::new();
    for thousands in steps(facts) {
        let of = |name: &str| per_million(facts, &format!("{name}_above_{thousands}k_tokens"));
        let (input, output) = (of("input_cost_per_token")?, of("output_cost_per_token")?);
        above.push(LongPrice {
            prompt_tokens: thousands * 1_000,
            input,
            output,
            cached_input: of("cache_read_input_token_cost")?,
            cache_write: of("cache_creation_input_token_cost")?,
            reasoning: of("output_cost_per_reasoning_token")?
                .filter(|price| Some(*price) != output),
        });
    }
    if input
        .zip(cached_input)
        .is_some_and(|(input, cached)| cached > input)
    {
        return Err("cached tokens are dearer than fresh ones".to_owned());
    }
    Ok(input.zip(output).map(|(input, output)| Prices {
        input: Some(input),
        output: Some(output),
        cached_input,
        cache_write,
        reasoning,
        above,
    }))
}

/// The lengths of a prompt, in thousands of tokens, from which on other prices hold.
fn steps(facts: &Map<String, Value>) -> Vec<u64> {
    let step = |key: &String| {
        let rest = key
            .strip_prefix("input_cost_per_token_above_")
            .or_else(|| key.strip_prefix("output_cost_per_token_above_"))?;
        let thousands: u64 = rest.strip_suffix("k_tokens")?.parse().ok()?;
        (thousands <= LONGEST_TOKENS / 1_000).then_some(thousands)
    };
    let mut steps: Vec<u64> = facts.keys().filter_map(step).collect();
    steps.sort_unstable();
    steps.dedup();
    steps
}

/// US dollars per million tokens.
fn per_million(facts: &Map<String, Value>, name: &str) -> Result<Option<f64>, String> {
    let value = match facts.get(name) {
        None | Some(Value::Null) => return Ok(None),
        Some(value) => value,
    };
    let price = value
        .as_f64()
        .filter(|price| (0.0..=HIGHEST_USD_PER_TOKEN).contains(price))
        .ok_or_else(|| {
            format!(
                "{name} is {}, which is no price per token (0 to {HIGHEST_USD_PER_TOKEN} US dollars)",
                shortened(value)
            )
        })?;
    // To a billionth: a price per token in the table is a decimal that binary fractions only come near to.
    Ok((price > 0.0).then(|| (price * 1e15).round() / 1e9))
}

fn size(facts: &Map<String, Value>, name: &str) -> Result<Option<u64>, String> {
    let value = match facts.get(name) {
        None | Some(Value::Null) => return Ok(None),
        Some(value) => value,
    };
    // Some sizes are written as 4096.0.
    let whole = value.as_u64().or_else(|| {
        let size = value.as_f64().filter(|size| size.fract() == 0.0)?;
        format!("{size:.0}").parse().ok()
    });
    match whole {
        // Written where nobody knows.
        Some(0) => Ok(None),
        Some(size) if size <= LONGEST_TOKENS => Ok(Some(size)),
        Some(_) | None => Err(format!(
            "{name} is {}, which is no number of tokens (1 to {LONGEST_TOKENS})",
            shortened(value)
        )),
    }
}

fn shortened(value: &Value) -> String {
    crate::domain::summary::cut(&value.to_string(), 40)
}
