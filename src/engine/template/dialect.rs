//! Jinja as chat templates are written in it: what Hugging Face's renderer adds to the language, and nothing more.

use minijinja::{
    Environment, Error, ErrorKind, Value,
    syntax::SyntaxConfig,
    value::{Kwargs, Serde},
};
use serde::Serialize;
use serde_json::ser::{Formatter, PrettyFormatter};
use std::io::{self, Write};

/// An environment for one template.
pub(super) fn environment(fuel: u64) -> Result<Environment<'static>, Error> {
    let syntax = SyntaxConfig::builder()
        .trim_blocks(true)
        .lstrip_blocks(true)
        .build()?;
    let mut environment = Environment::new();
    environment.set_syntax(syntax);
    environment.set_fuel(Some(fuel));
    environment.set_unknown_method_callback(minijinja_contrib::pycompat::unknown_method_callback);
    environment.add_function("raise_exception", raise_exception);
    environment.add_function("strftime_now", strftime_now);
    environment.add_filter("tojson", to_json);
    Ok(environment)
}

/// Some templates mark what the model says, for training; it means nothing to a prompt.
pub(super) fn without_generation_tags(source: &str) -> String {
    let mut source = source.to_owned();
    for (open, close) in [("{%", "%}"), ("{%-", "%}"), ("{%", "-%}"), ("{%-", "-%}")] {
        for (tag, instead) in [("generation", "if true"), ("endgeneration", "endif")] {
            source = source.replace(
                &format!("{open} {tag} {close}"),
                &format!("{open} {instead} {close}"),
            );
        }
    }
    source
}

fn raise_exception(message: &str) -> Result<Value, Error> {
    Err(Error::new(ErrorKind::InvalidOperation, message.to_owned()))
}

fn strftime_now(format: &str) -> Result<String, Error> {
    jiff::fmt::strtime::format(format, &jiff::Zoned::now())
        .map_err(|error| Error::new(ErrorKind::InvalidOperation, error.to_string()))
}

/// As Python's `json.dumps(value, ensure_ascii=False)` writes it.
#[allow(clippy::needless_pass_by_value)] // the signature that the renderer asks for
fn to_json(value: Serde<serde_json::Value>, options: Kwargs) -> Result<String, Error> {
    let indent: Option<usize> = options.get("indent")?;
    let mut out = Vec::new();
    let written = match indent {
        None => write_json(&value.0, Spaced, &mut out),
        Some(width) => {
            let indent = " ".repeat(width.min(16));
            write_json(
                &value.0,
                PrettyFormatter::with_indent(indent.as_bytes()),
                &mut out,
            )
        }
    };
    written
        .map_err(|error| error.to_string())
        .and_then(|()| String::from_utf8(out).map_err(|error| error.to_string()))
        .map_err(|error| Error::new(ErrorKind::BadSerialization, error))
}

fn write_json(
    value: &serde_json::Value,
    formatter: impl Formatter,
    out: &mut Vec<u8>,
) -> serde_json::Result<()> {
    value.serialize(&mut serde_json::Serializer::with_formatter(out, formatter))
}

/// Python puts a space behind every comma and colon.
struct Spaced;

impl Formatter for Spaced {
    fn begin_array_value<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        out.write_all(if first { b"" } else { b", " })
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        out.write_all(if first { b"" } else { b", " })
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        out.write_all(b": ")
    }
}
