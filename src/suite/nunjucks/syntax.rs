//! What Nunjucks writes otherwise than minijinja, rewritten inside of tags; what it means otherwise, named. Renders nothing.

use regex::Regex;
use std::sync::LazyLock;

/// A template as minijinja writes it; the error goes on after the text's name.
pub(super) fn rewritten(text: &str) -> Result<String, String> {
    let mut rewriting = Rewriting {
        out: String::with_capacity(text.len()),
        loops: vec![Vec::new()],
    };
    let mut rest = text;
    while let Some((before, tag)) = next_tag(rest) {
        rewriting.out.push_str(before);
        rest = rewriting.tag(tag)?;
    }
    rewriting.out.push_str(rest);
    Ok(rewriting.out)
}

/// The variables that a template holds against a number, as in `n > 3`.
pub(super) fn compared_with_numbers(text: &str) -> Vec<String> {
    static COMPARED: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(
            r"([A-Za-z_]\w*)\s*(?:[=!]==?|[<>]=?)\s*-?\d|\d\s*(?:[=!]==?|[<>]=?)\s*([A-Za-z_]\w*)",
        )
        .ok()
    });
    names_in(text, COMPARED.as_ref())
}

/// The variables that a template joins to other text, as in `n ~ "x"`.
pub(super) fn joined(text: &str) -> Vec<String> {
    static JOINED: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"([A-Za-z_]\w*)\s*~|~\s*([A-Za-z_]\w*)").ok());
    names_in(text, JOINED.as_ref())
}

/// What a pattern finds in tags.
fn names_in(text: &str, pattern: Option<&Regex>) -> Vec<String> {
    let mut names = Vec::new();
    let mut rest = text;
    while let Some((_, tag)) = next_tag(rest) {
        let end = end_of(tag);
        let (inside, after) = tag.split_at(end);
        for found in pattern
            .iter()
            .flat_map(|pattern| pattern.captures_iter(inside))
        {
            let name = found.get(1).or_else(|| found.get(2));
            names.extend(name.map(|name| name.as_str().to_owned()));
        }
        rest = after;
    }
    names
}

/// The text before the next tag, and what begins with it.
fn next_tag(text: &str) -> Option<(&str, &str)> {
    let starts = ["{{", "{%", "{#"].iter().filter_map(|mark| text.find(mark));
    text.split_at_checked(starts.min()?)
}

/// Where a tag ends that a text begins with, its closing mark included; strings in it end nothing.
fn end_of(tag: &str) -> usize {
    let close = match tag.get(..2) {
        Some("{{") => "}}",
        Some("{%") => "%}",
        _ => return tag.find("#}").map_or(tag.len(), |at| at + 2),
    };
    let mut quote = None;
    let mut is_escaped = false;
    for (at, c) in tag.char_indices().skip(2) {
        match quote {
            Some(_) if is_escaped => is_escaped = false,
            Some(_) if c == '\\' => is_escaped = true,
            Some(mark) if c == mark => quote = None,
            None if c == '"' || c == '\'' => quote = Some(c),
            None if tag.get(at..).is_some_and(|rest| rest.starts_with(close)) => {
                return at + close.len();
            }
            _ => {}
        }
    }
    tag.len()
}

/// A template on its way.
struct Rewriting {
    out: String,
    /// The names that are set, for the text itself and for every loop that is open.
    loops: Vec<Vec<String>>,
}

impl Rewriting {
    /// Takes the tag that a text begins with; returns what follows it.
    fn tag<'t>(&mut self, text: &'t str) -> Result<&'t str, String> {
        let (tag, rest) = text.split_at(end_of(text));
        let is_block = tag.starts_with("{%");
        let inner = tag.get(2..tag.len().saturating_sub(2)).unwrap_or_default();
        if tag.starts_with("{#") || !(tag.ends_with("}}") || tag.ends_with("%}")) {
            self.out.push_str(tag);
            return Ok(rest);
        }
        let (open, inner) = split_mark(inner, true);
        let (close, inner) = split_mark(inner, false);
        let body = expression(inner);
        let word = body
            .split_whitespace()
            .next()
            .unwrap_or_default()
            .to_owned();
        let (start, end) = if is_block { ("{%", "%}") } else { ("{{", "}}") };
        if is_block && (word == "raw" || word == "verbatim") {
            return Ok(self.raw(&word, open, close, rest));
        }
        let body = if is_block {
            self.block(&word, body)?
        } else {
            body
        };
        self.push(&[start, open, &body, close, end]);
        Ok(rest)
    }

    fn push(&mut self, parts: &[&str]) {
        self.out.extend(parts.iter().copied());
    }

    /// Copies what is not looked at, up to the end of it.
    fn raw<'t>(&mut self, word: &str, open: &str, close: &str, rest: &'t str) -> &'t str {
        self.push(&["{%", open, " raw ", close, "%}"]);
        let pattern = Regex::new(&format!(r"\{{%(-?)\s*end{word}\s*(-?)%\}}"));
        let Some(end) = pattern.ok().and_then(|pattern| pattern.captures(rest)) else {
            self.out.push_str(rest);
            return "";
        };
        let mark = |index| end.get(index).map_or("", |mark| mark.as_str());
        let whole = end.get(0).map_or(0..0, |whole| whole.range());
        self.out
            .push_str(rest.get(..whole.start).unwrap_or_default());
        self.push(&["{%", mark(1), " endraw ", mark(2), "%}"]);
        rest.get(whole.end..).unwrap_or_default()
    }

    fn block(&mut self, word: &str, body: String) -> Result<String, String> {
        match word {
            "elseif" => return Ok(body.replacen("elseif", "elif", 1)),
            "for" => {
                self.loops.push(Vec::new());
                return Ok(over(&body).unwrap_or(body));
            }
            "endfor" if self.loops.len() > 1 => {
                self.loops.pop();
            }
            "set" => {
                let names = body.trim_start().trim_start_matches("set");
                let names = names.split('=').next().unwrap_or_default();
                for name in names.split(',').map(str::trim) {
                    let (inner, outer) = self.loops.split_last_mut().unzip();
                    if outer.is_some_and(|outer| outer.iter().flatten().any(|set| set == name)) {
                        return Err(format!(
                            "cannot be filled in: `{name}` is set again inside of a loop, which lasts after the loop in Nunjucks and not here"
                        ));
                    }
                    if let Some(inner) = inner {
                        inner.push(name.to_owned());
                    }
                }
            }
            _ => {}
        }
        Ok(body)
    }
}

/// The mark that takes white space away, at the begin or the end of a tag, and the rest.
fn split_mark(inner: &str, at_start: bool) -> (&'static str, &str) {
    let rest = if at_start {
        inner.strip_prefix('-')
    } else {
        inner.strip_suffix('-')
    };
    rest.map_or(("", inner), |rest| ("-", rest))
}

/// A loop's head, with what it goes through made a list.
fn over(body: &str) -> Option<String> {
    static HEAD: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"(?s)^\s*for\s+(\w+)\s*(,\s*\w+\s*)*\s+in\s+(.+?)\s*$").ok());
    let found = HEAD.as_ref()?.captures(body)?;
    let names = body.split(" in ").next()?.matches(',').count() + 1;
    let whole = found.get(3)?;
    let head = body.get(..whole.start())?;
    let filter = if names == 1 { "each" } else { "pairs" };
    Some(format!("{head}({})|{filter} ", whole.as_str()))
}

/// What stands in a tag, strings left alone.
fn expression(inner: &str) -> String {
    static PARTS: LazyLock<Option<Regex>> = LazyLock::new(|| {
        let strings = r#""(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'"#;
        Regex::new(&format!(
            r"(?s){strings}|\bloop\.length\b|\.length\b(\s*\()?|===|!==|\.?\bnull\b"
        ))
        .ok()
    });
    let Some(parts) = PARTS.as_ref() else {
        return inner.to_owned();
    };
    let replaced = parts.replace_all(inner, |found: &regex::Captures<'_>| {
        let part = found.get(0).map_or("", |part| part.as_str());
        match part {
            ".length" => "|js_length".to_owned(),
            "===" => "==".to_owned(),
            "!==" => "!=".to_owned(),
            "null" => "none".to_owned(),
            other => other.to_owned(),
        }
    });
    replaced.into_owned()
}
