//! How large the values of a template may become on its way: each of them, and all together. Parses nothing.
//!
//! Steps and the length of the output say nothing of what lies between. So a filter that may make much of little reckons
//! it before, what is written into a text is weighed, and so is what operators and filters are given
//! ([`super::watch`] sees to that).

use super::MAX_BYTES;
use minijinja::{
    Environment, Error, ErrorKind, State, escape_formatter, filters,
    value::{Kwargs, StringInput, Value, ValueKind},
};

/// All that one template may make on its way.
pub(super) const MAX_MADE: usize = 128 << 20;
/// The filter that weighs what it is given, and gives it back.
pub(super) const WEIGH: &str = "within_limits";
/// What an item of a list takes beside what it holds.
const ITEM_BYTES: usize = 24;
/// Lists in lists, at most.
const MAX_DEPTH: usize = 128;
/// The most parts that a list is parted into, and the widest indentation of JSON.
const MAX_PARTS: usize = 100_000;
const MAX_INDENT: usize = 16;

/// What a template has made so far.
struct Made(usize);

/// Sets the limits of an environment.
pub(super) fn limit(environment: &mut Environment<'_>) {
    environment.set_formatter(|out, state, value| {
        weigh(state, value)?;
        escape_formatter(out, state, value)
    });
    environment.add_filter(WEIGH, weighed);
    environment.add_filter("replace", replace);
    environment.add_filter("indent", indent);
    environment.add_filter("center", center);
    environment.add_filter("join", join);
    environment.add_filter("batch", batch);
    environment.add_filter("slice", slice);
    environment.add_filter("tojson", tojson);
    // Its widths have no bound.
    environment.remove_filter("format");
}

/// Counts a value among what is made; an error where it, or all together, is too large.
pub(in super::super) fn weigh(state: &mut State<'_, '_>, value: &Value) -> Result<(), Error> {
    let mut room = MAX_BYTES;
    take(value, &mut room, 0)?;
    spend(state, MAX_BYTES - room)
}

/// Counts so many bytes that a filter is about to make.
pub(in super::super) fn spend(state: &mut State<'_, '_>, bytes: usize) -> Result<(), Error> {
    if bytes > MAX_BYTES {
        return Err(refusal(format!(
            "a filter makes more than {} MiB",
            MAX_BYTES >> 20
        )));
    }
    let made = state.get_or_insert_extension(Made(0));
    made.0 = made.0.saturating_add(bytes);
    if made.0 > MAX_MADE {
        let most = MAX_MADE >> 20;
        return Err(refusal(format!(
            "it makes more than {most} MiB of text and lists on its way"
        )));
    }
    Ok(())
}

fn refusal(words: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidOperation, words.into())
}

/// Takes what a value weighs from what is left.
fn take(value: &Value, room: &mut usize, depth: usize) -> Result<(), Error> {
    let mut less = |bytes: usize| {
        let left = room.checked_sub(bytes);
        *room = left.ok_or_else(|| {
            refusal(format!(
                "it makes a value of more than {} MiB",
                MAX_BYTES >> 20
            ))
        })?;
        Ok::<(), Error>(())
    };
    match value.kind() {
        ValueKind::String => less(value.as_str().map_or(0, str::len)),
        ValueKind::Seq | ValueKind::Iterable | ValueKind::Map => {
            if depth == MAX_DEPTH {
                return Err(refusal(format!(
                    "it makes lists that lie deeper than {MAX_DEPTH} in each other"
                )));
            }
            let is_map = value.kind() == ValueKind::Map;
            // What cannot be gone through holds nothing.
            for item in value.try_iter().into_iter().flatten() {
                let left = room.checked_sub(ITEM_BYTES);
                *room = left.ok_or_else(|| {
                    refusal(format!(
                        "it makes a value of more than {} MiB",
                        MAX_BYTES >> 20
                    ))
                })?;
                if is_map {
                    take(&value.get_item(&item).unwrap_or_default(), room, depth + 1)?;
                }
                take(&item, room, depth + 1)?;
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

fn weighed(state: &mut State<'_, '_>, value: Value) -> Result<Value, Error> {
    weigh(state, &value)?;
    Ok(value)
}

fn replace(state: &mut State<'_, '_>, text: &str, from: &str, to: &str) -> Result<String, Error> {
    // An empty text is found before every character and at the end.
    let times = text.matches(from).count();
    spend(
        state,
        text.len().saturating_add(times.saturating_mul(to.len())),
    )?;
    Ok(text.replace(from, to))
}

fn indent(state: &mut State<'_, '_>, text: &str, width: Option<usize>) -> Result<String, Error> {
    let width = width.unwrap_or(4);
    let lines = text.lines().count();
    spend(
        state,
        text.len().saturating_add(lines.saturating_mul(width)),
    )?;
    Ok(text.replace('\n', &format!("\n{}", " ".repeat(width))))
}

fn center(state: &mut State<'_, '_>, text: &str, width: Option<usize>) -> Result<String, Error> {
    let width = width.unwrap_or(80);
    spend(state, text.len().saturating_add(width))?;
    Ok(format!("{text:^width$}"))
}

fn join(
    state: &mut State<'_, '_>,
    value: &Value,
    joiner: Option<StringInput<'_>>,
    attribute: Option<&str>,
    kwargs: Kwargs,
) -> Result<Value, Error> {
    let between = match &joiner {
        Some(joiner) => joiner.as_str().len(),
        None => kwargs.peek::<Option<&str>>("d")?.map_or(0, str::len),
    };
    spend_joined(state, value, between)?;
    filters::join(state, value, joiner, attribute, kwargs)
}

/// Counts what a list's items with so much between them will take.
pub(in super::super) fn spend_joined(
    state: &mut State<'_, '_>,
    value: &Value,
    between: usize,
) -> Result<(), Error> {
    weigh(state, value)?;
    let items = match value.kind() {
        ValueKind::String => value.as_str().map_or(0, str::len),
        _ => value
            .len()
            .unwrap_or_else(|| value.try_iter().map_or(0, Iterator::count)),
    };
    spend(state, items.saturating_mul(between))
}

fn parts(count: usize) -> Result<(), Error> {
    if count > MAX_PARTS {
        return Err(refusal(format!(
            "a list cannot be parted by more than {MAX_PARTS}"
        )));
    }
    Ok(())
}

fn batch(
    state: &mut State<'_, '_>,
    value: Value,
    count: usize,
    fill_with: Option<Value>,
) -> Result<Value, Error> {
    parts(count)?;
    spend(state, count * ITEM_BYTES)?;
    filters::batch(state, value, count, fill_with)
}

fn slice(
    state: &mut State<'_, '_>,
    value: Value,
    count: usize,
    fill_with: Option<Value>,
) -> Result<Value, Error> {
    parts(count)?;
    spend(state, count * ITEM_BYTES)?;
    filters::slice(state, value, count, fill_with)
}

fn tojson(value: &Value, indent: Option<Value>, kwargs: Kwargs) -> Result<Value, Error> {
    let asked = match &indent {
        Some(indent) => Some(indent.clone()),
        None => kwargs.peek("indent")?,
    };
    if asked.is_some_and(|indent| indent.as_usize().is_some_and(|width| width > MAX_INDENT)) {
        return Err(refusal(format!(
            "`tojson` cannot indent by more than {MAX_INDENT}"
        )));
    }
    filters::tojson(value, indent, kwargs)
}
