//! Fills variables into texts with minijinja, within limits of time and size. Includes nothing and reads no file.

use super::error::{advice, shorten_to_line};
use minijinja::{
    AutoEscape, Environment, Error, ErrorKind, Template, UndefinedBehavior, Value,
    syntax::SyntaxConfig, value::Serde,
};
use std::{collections::BTreeSet, io};

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
    let syntax = SyntaxConfig::builder().keep_trailing_newline(true).build();
    // What is set there cannot be wrong: only marks of its own can.
    environment.set_syntax(syntax.unwrap_or_default());
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    limit(&mut environment);
    environment
}

/// Filters whose results may be far longer than what they are given; steps and the length of the output say nothing of
/// what lies between.
fn limit(environment: &mut Environment<'_>) {
    fn within(bytes: usize) -> Result<(), Error> {
        if bytes <= MAX_BYTES {
            Ok(())
        } else {
            let what = format!("a filter makes more than {} MiB", MAX_BYTES >> 20);
            Err(Error::new(ErrorKind::InvalidOperation, what))
        }
    }
    environment.add_filter("replace", |text: &str, from: &str, to: &str| {
        // An empty text is found before every character and at the end.
        let times = text.matches(from).count();
        within(text.len().saturating_add(times.saturating_mul(to.len())))?;
        Ok(text.replace(from, to))
    });
    // Its widths have no bound.
    environment.remove_filter("format");
    environment.add_filter("indent", |text: &str, width: Option<usize>| {
        let width = width.unwrap_or(4);
        let lines = text.lines().count();
        within(text.len().saturating_add(lines.saturating_mul(width)))?;
        Ok(text.replace('\n', &format!("\n{}", " ".repeat(width))))
    });
    environment.add_filter("center", |text: &str, width: Option<usize>| {
        let width = width.unwrap_or(80);
        within(text.len().saturating_add(width))?;
        Ok(format!("{text:^width$}"))
    });
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
}

impl<'e> Filling<'e> {
    /// Looks a text over; the error goes on after the text's name.
    pub(super) fn of(environment: &'e Environment<'e>, text: &'e str) -> Result<Self, String> {
        if !is_template(text) {
            return Ok(Self::Plain(text));
        }
        environment
            .template_from_str(text)
            .map(Self::Template)
            .map_err(|error| problem(&error))
    }

    /// The text with these variables; the error goes on after the text's name.
    pub(super) fn fill(&self, variables: &Variables) -> Result<String, String> {
        let template = match self {
            Self::Plain(text) => return Ok((*text).to_owned()),
            Self::Template(template) => template,
        };
        let mut out = Bounded(Vec::new());
        match template.render_captured_to(variables.context.clone(), &mut out) {
            Ok(_) => {
                String::from_utf8(out.0).map_err(|_| "makes text that is not UTF-8".to_owned())
            }
            Err(error) if error.kind() == ErrorKind::UndefinedError => Err(self.unknown(variables)),
            Err(_) if out.0.len() >= MAX_BYTES => {
                Err(format!("makes more than {} MiB of text", MAX_BYTES >> 20))
            }
            Err(error) => Err(problem(&error)),
        }
    }

    /// The variables that it may use and that have no value.
    pub(super) fn missing(&self, variables: &Variables) -> BTreeSet<String> {
        let Self::Template(template) = self else {
            return BTreeSet::new();
        };
        let is_global = |name: &str| GLOBALS.contains(&name);
        let used = template.undeclared_variables(false).into_iter();
        used.filter(|name| !variables.names.contains(name) && !is_global(name))
            .collect()
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

fn problem(error: &Error) -> String {
    if error.kind() == ErrorKind::OutOfFuel {
        return format!("takes more than {FUEL} steps to fill in: its loops are too long");
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
        assert!(filled("{% include 'x' %}").is_err());
        assert!(filled("{% macro a() %}{{ a() }}{% endmacro %}{{ a() }}").is_err());
    }
}
