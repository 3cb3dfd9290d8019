//! Nunjucks, the template language of promptfoo's, on top of minijinja: texts come out as promptfoo's, or are an error that
//! names what differs. Reads no file and no environment.
//!
//! What values become is JavaScript's ([`value`]); what the two languages write differently is rewritten ([`syntax`]); how
//! variables are made of others, and prompts of variables, is promptfoo's ([`prompt`]).

mod filters;
mod prompt;
mod syntax;
mod value;

#[cfg(test)]
mod tests;

pub(super) use prompt::{Resolved, is_partial, prompt};

use super::template::{self, Filling, Variables};
use minijinja::{Environment, UndefinedBehavior};

/// How templates are understood.
pub(super) fn environment() -> Environment<'static> {
    let mut environment = template::limited();
    environment.set_undefined_behavior(UndefinedBehavior::Chainable);
    environment.set_formatter(|out, state, value| {
        template::weigh(state, value)?;
        out.write_str(&value::text(value)).map_err(Into::into)
    });
    filters::add(&mut environment);
    environment
}

/// A text with these variables; the error goes on after the text's name.
fn render(
    environment: &Environment<'_>,
    text: &str,
    variables: &Variables,
) -> Result<String, String> {
    if !template::is_template(text) {
        return Ok(text.to_owned());
    }
    let source = syntax::rewritten(text)?;
    Filling::of(environment, &source)?.fill(variables)
}
