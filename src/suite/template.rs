//! Fills variables into texts with minijinja, within limits of time and size. Includes nothing and reads no file.

mod limits;
mod watch;

pub(super) use limits::{spend_joined, weigh};

use super::error::{advice, shorten_to_line};
use minijinja::{
    AutoEscape, Environment, Error, ErrorKind, Template, UndefinedBehavior, Value,
    syntax::SyntaxConfig, value::Serde,
};
use std::{collections::BTreeSet, io};
use watch::Watched;

/// The most steps of one template.
const FUEL: u64 = 1_000_000;

/// The longest text that a template makes.
const MAX_BYTES: usize = 16 << 20;

/// What templates know besides their variables.
const GLOBALS: [&str; 4] = ["debug", "dict", "namespace", "range"];

/// How templates are understood.
pub(super) fn environment() -> Environment<'static> {
    let mut environment = limited();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment
}

/// An environment in which no template takes long or makes much.
pub(super) fn limited() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_fuel(Some(FUEL));
    environment.set_syntax(syntax());
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    limits::limit(&mut environment);
    environment
}

fn syntax() -> SyntaxConfig {
    let syntax = SyntaxConfig::builder().keep_trailing_newline(true).build();
    // What is set there cannot be wrong: only marks of its own can.
    syntax.unwrap_or_default()
}

/// Whether a text has anything that a template could mean.
pub(super) fn is_template(text: &str) -> bool {
    ["{{", "{%", "{#"].iter().any(|mark| text.contains(mark))
}

/// A text, looked over.
#[derive(Debug)]
pub(super) enum Filling<'e> {
    /// It stays as it is.
    Plain(&'e str),
    /// It is filled in.
    Template(Template<'e, 'e>),
    /// It is filled in, and watched on the way.
    Watched {
        environment: &'e Environment<'e>,
        template: Template<'e, 'e>,
        watched: Watched,
    },
}

impl<'e> Filling<'e> {
    /// Looks a text over; the error goes on after the text's name.
    pub(super) fn of(environment: &'e Environment<'e>, text: &'e str) -> Result<Self, String> {
        if !is_template(text) {
            return Ok(Self::Plain(text));
        }
        let template = environment
            .template_from_str(text)
            .map_err(|error| problem(&error, FUEL))?;
        if !watch::is_needed(text) {
            return Ok(Self::Template(template));
        }
        let watched = watch::watched(text, FUEL);
        Ok(Self::Watched {
            environment,
            template,
            watched: watched.map_err(|error| problem(&error, FUEL))?,
        })
    }

    /// The text with these variables; the error goes on after the text's name.
    pub(super) fn fill(&self, variables: &Variables) -> Result<String, String> {
        match self {
            Self::Plain(text) => Ok((*text).to_owned()),
            Self::Template(template) => self.rendered(template, variables, FUEL),
            Self::Watched {
                environment,
                watched: Watched { source, fuel },
                ..
            } => {
                let mut environment = (*environment).clone();
                environment.set_fuel(Some(*fuel));
                let template = environment
                    .template_from_str(source)
                    .map_err(|error| problem(&error, *fuel))?;
                self.rendered(&template, variables, *fuel)
            }
        }
    }

    fn rendered(
        &self,
        template: &Template<'_, '_>,
        variables: &Variables,
        fuel: u64,
    ) -> Result<String, String> {
        let mut out = Bounded(Vec::new());
        match template.render_captured_to(variables.context.clone(), &mut out) {
            Ok(_) => {
                String::from_utf8(out.0).map_err(|_| "makes text that is not UTF-8".to_owned())
            }
            Err(error) if error.kind() == ErrorKind::UndefinedError => Err(self.unknown(variables)),
            Err(_) if out.0.len() >= MAX_BYTES => {
                Err(format!("makes more than {} MiB of text", MAX_BYTES >> 20))
            }
            Err(error) => Err(problem(&error, fuel)),
        }
    }

    /// The variables that it may use and that have no value, but those that it uses only where they may be missing.
    pub(super) fn missing(&self, variables: &Variables) -> BTreeSet<String> {
        let (Self::Template(template) | Self::Watched { template, .. }) = self else {
            return BTreeSet::new();
        };
        let is_global = |name: &str| GLOBALS.contains(&name);
        let used = template.undeclared_variables(false).into_iter();
        let mut missing: BTreeSet<String> = used
            .filter(|name| !variables.names.contains(name) && !is_global(name))
            .collect();
        if !missing.is_empty() {
            let spared = watch::spared(template.source());
            missing.retain(|name| !spared.contains(name));
        }
        missing
    }

    fn unknown(&self, variables: &Variables) -> String {
        match self.missing(variables).first() {
            Some(name) => {
                let known: Vec<&str> = variables.names.iter().map(String::as_str).collect();
                format!(
                    "uses an unknown variable `{name}`{}",
                    advice(name, &known, "variables")
                )
            }
            None => "uses a part of a variable that the variable does not have".to_owned(),
        }
    }
}

/// What may be filled in.
#[derive(Debug)]
pub(super) struct Variables {
    names: Vec<String>,
    context: Value,
}

impl Variables {
    /// Takes names and values that are already those of a template.
    pub(super) fn of_values(values: Vec<(String, Value)>) -> Self {
        Self {
            names: values.iter().map(|(name, _)| name.clone()).collect(),
            context: Value::from_pairs(values),
        }
    }

    /// Takes names and values.
    pub(super) fn of(values: impl IntoIterator<Item = (String, serde_json::Value)>) -> Self {
        let values: Vec<(String, Value)> = values
            .into_iter()
            .map(|(name, value)| (name, Value::from(Serde(&value))))
            .collect();
        Self::of_values(values)
    }
}

fn problem(error: &Error, fuel: u64) -> String {
    if error.kind() == ErrorKind::OutOfFuel {
        return format!("takes more than {fuel} steps to fill in: its loops are too long");
    }
    let words = error
        .detail()
        .map_or_else(|| error.kind().to_string(), str::to_owned);
    let line = error.line().filter(|line| *line > 1);
    let line = line.map_or(String::new(), |line| {
        format!(", on line {line} of the text")
    });
    format!("cannot be filled in: {}{line}", shorten_to_line(&words))
}

/// Text that takes up only so much.
struct Bounded(Vec<u8>);

impl io::Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = MAX_BYTES - self.0.len();
        let part = bytes.get(..bytes.len().min(room)).unwrap_or_default();
        self.0.extend_from_slice(part);
        if part.len() < bytes.len() {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn filled(text: &str) -> Result<String, String> {
        let environment = environment();
        let user = json!({ "name": "Ada" });
        let variables = Variables::of([
            ("city".to_owned(), json!("Rome & Oslo")),
            ("n".to_owned(), json!(3)),
            ("user".to_owned(), user),
        ]);
        Filling::of(&environment, text)?.fill(&variables)
    }

    #[test]
    fn texts_are_filled_in_as_they_are() {
        let text = "{{ city|upper }} <{{ user.name }}> {% if n > 2 %}{{ n + 1 }}{% endif %}\n";
        assert_eq!(filled(text).unwrap(), "ROME & OSLO <Ada> 4\n");
        assert_eq!(filled("no { braces }").unwrap(), "no { braces }");
    }

    #[test]
    fn filters_cannot_fill_the_memory() {
        let x = "x".repeat(3_000);
        let text = format!("{{% set a = '{x}' %}}{{{{ a|replace('x',a)|replace('x',a)|length }}}}");
        let error = filled(&text).unwrap_err();
        assert!(error.contains("16 MiB"), "{error}");
        assert!(filled("{{ '%9999999999s' | format('a') }}").is_err());
        assert!(filled("{{ 'a\nb' | indent(9999999999) }}").is_err());
        assert_eq!(filled("{{ 'aXbX' | replace('X', '-') }}").unwrap(), "a-b-");
    }

    #[test]
    fn values_cannot_fill_the_memory() {
        let doubling = |set: &str| {
            let start = "{% set ns = namespace(x='aaaaaaaaaa', l=['aaaaaaaaaa']) %}";
            format!("{start}{{% for i in range(40) %}}{set}{{% endfor %}}")
        };
        let many = "{% set a = [a, a] %}".repeat(40);
        let grown = [
            doubling("{% set ns.x = ns.x ~ ns.x %}"),
            doubling("{% set ns.x = ns.x + ns.x %}"),
            doubling("{% set ns.x = ns.x * 2 %}"),
            doubling("{% set ns.x %}{{ ns.x }}{{ ns.x }}{% endset %}"),
            doubling("{% set ns.l = ns.l + ns.l %}{{ ns.l|length }}"),
            doubling("{% set ns.l = ns.l * 2 %}"),
            doubling("{% set ns.x = (ns.x if i else ns.x)|replace('a', 'aa') %}"),
            doubling("{% set ns.x = [ns.x, ns.x]|join %}"),
            doubling("{% set ns.x = [ns.x, ns.x]|join(ns.x) %}"),
            format!("{{% set a = 'x' %}}{many}{{{{ a ~ '' }}}}"),
            "{{ (['aaaaaaaaaa'] * 10000000)|join }}".to_owned(),
            "{{ ['a', 'b']|join('a' * 50000000) }}".to_owned(),
            "{{ ('a' * 90000000 ~ 'b')|length }}".to_owned(),
            "{{ [1]|batch(99999999, 0)|length }}".to_owned(),
            "{{ [1]|slice(99999999)|length }}".to_owned(),
            "{{ [1]|tojson(indent=99999999) }}".to_owned(),
            "{% macro f(x, n) %}{% if n %}{{ f(x ~ x, n - 1) }}{% endif %}{% endmacro %}{{ f('aaaaaaaaaa', 40) }}"
                .to_owned(),
            format!(
                "{{% set a %}}{{% for i in range(90000) %}}{}{{% endfor %}}{{% endset %}}{{{{ a|length }}}}",
                "x".repeat(100_000)
            ),
            "{% set ns = namespace() %}{% set ns.me = ns %}{{ ns ~ '' }}".to_owned(),
        ];
        for text in grown {
            let error = filled(&text).unwrap_err();
            let is_clear = ["MiB", "steps", "more than", "deeper"]
                .iter()
                .any(|part| error.contains(part));
            assert!(is_clear, "{text}: {error}");
        }
    }

    #[test]
    fn what_is_watched_comes_out_as_before() {
        let same = [
            ("{{ n + 1 }} {{ -n + 2 * (n - 1) ** 2 }}", "4 5"),
            ("{{ city ~ ', ' ~ n ~ '!' ~ (n + 1) }}", "Rome & Oslo, 3!4"),
            (
                "{{ ('a' if n > 2 else 'b')|upper ~ (city|lower)[0:2] }}",
                "Aro",
            ),
            (
                "{{ ((city))|replace('&', 'x' ~ 'y')|upper }}",
                "ROME XY OSLO",
            ),
            ("{{ n in [1, n] and not n is in [n + 1] }}", "True"),
            (
                "{{ (n is odd) ~ (n not in (1, 2)) ~ (not n) }}",
                "TrueTrueFalse",
            ),
            (
                "{{ ([n] + [4, n])|join('-') }}{{ ['a'] * 2 }}",
                "3-4-3['a', 'a']",
            ),
            ("{{ {'a': n * 2}.a + user.name|length }}", "9"),
            (
                "{% set a, b = n, city ~ '?' %}{{ a }}{{ b }}",
                "3Rome & Oslo?",
            ),
            (
                "{% set x | upper | replace('A', n ~ '') %}ba{% endset %}{{ x }}",
                "B3",
            ),
            ("{% filter upper %}{{ 'a' ~ 'b' }}{% endfilter %}", "AB"),
            (
                "{% for k, v in {'a': 1}|items %}{{ k ~ v }}{% endfor %}",
                "a1",
            ),
            (
                "{%- macro f(x, y=n + 1) -%} {{ x ~ y }} {%- endmacro -%} {{ f('z') }}",
                "z4",
            ),
            (
                "{{ zebra|default('none') ~ (1 if zebra is defined else 2) }}",
                "none2",
            ),
            (
                "{{ [3, 1]|sort|map('string')|join(d='+') }}{{ {'a': [1]}|tojson }}",
                "1+3{\"a\": [1]}",
            ),
            ("{{ 'é' ~ \"~+*\" ~ city[-4:] }}", "é~+*Oslo"),
        ];
        for (text, out) in same {
            assert_eq!(filled(text).as_deref(), Ok(out), "{text}");
        }
        let long = vec!["n"; 1_000].join(" ~ ");
        assert_eq!(filled(&format!("{{{{ {long} }}}}")).unwrap().len(), 1_000);
    }

    #[test]
    fn what_cannot_be_filled_in_says_why() {
        let wrong = [
            (
                "{{ citty }}",
                "uses an unknown variable `citty`; did you mean `city`?",
            ),
            (
                "{{ zebra }}",
                "uses an unknown variable `zebra`; known variables: city, n, user",
            ),
            (
                "{{ user.age }}",
                "uses a part of a variable that the variable does not have",
            ),
            (
                "a\n{{ city",
                "cannot be filled in: unexpected end of input, expected end of variable block, on line 2 of the text",
            ),
            (
                "{{ city|shout }}",
                "cannot be filled in: filter shout is unknown",
            ),
            (
                "{% for a in range(90000) %}{% for b in range(90000) %}{% endfor %}{% endfor %}",
                "takes more than 1000000 steps to fill in: its loops are too long",
            ),
            (
                "{{ 'abcdefgh' * 1000000 }}{{ 'abcdefgh' * 2000000 }}",
                "makes more than 16 MiB of text",
            ),
        ];
        for (text, message) in wrong {
            assert_eq!(filled(text).unwrap_err(), message, "{text}");
        }
        let spared = filled("{{ zebra|default('') }}{{ citty }}").unwrap_err();
        assert!(spared.contains("`citty`"), "{spared}");
        assert!(filled("{% include 'x' %}").is_err());
        assert!(filled("{% macro a() %}{{ a() }}{% endmacro %}{{ a() }}").is_err());
    }
}
