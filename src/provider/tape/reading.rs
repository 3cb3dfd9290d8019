//! Reads a tape file, and says in our own words what is wrong with one. Plays nothing.

use crate::domain::{
    event::{LaneEventKind, StreamEvent},
    record::SCHEMA,
    tape::{TapeHeader, TapeLine},
};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::{fs, path::Path};

/// A larger file is no tape.
const MAX_TAPE_BYTES: u64 = 1 << 30;

/// Events that the run makes, and what each needs.
const OF_RUN: [(&str, &str); 7] = [
    (
        "queued",
        "`retry`, where it is there, needs `kind` and `after_ms`",
    ),
    ("loading", "it needs `percent`, a whole number up to 100"),
    ("sent", "it needs `attempt`, a whole number from 1"),
    ("connected", "it needs nothing"),
    ("failed", "it needs `error` with `kind` and `message`"),
    ("cancelled", "it needs nothing"),
    ("settled", "it needs `disturbed`, true or false"),
];

/// Events that the model's side makes.
const OF_STREAM: [&str; 7] = [
    "accepted",
    "prefill",
    "reasoning",
    "answer",
    "usage",
    "server",
    "finished",
];

/// A tape file, read.
#[derive(Debug, Clone, PartialEq)]
pub struct Tape {
    /// What was asked, and of whom.
    pub header: TapeHeader,
    /// What happened.
    pub lines: Vec<TapeLine>,
}

/// A tape file that cannot be read, as a sentence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the tape {path}{at}: {problem}")]
pub struct TapeError {
    path: String,
    at: String,
    problem: String,
}

/// What is wrong, and in which line.
type Problem = (Option<usize>, String);

impl Tape {
    /// Reads a tape file.
    ///
    /// # Errors
    /// It is not there, too large, written by a newer version, or not a tape; with the line.
    pub fn read(path: &Path) -> Result<Self, TapeError> {
        let text = text(path).map_err(|problem| (None, problem));
        text.and_then(|text| Self::parse(&text))
            .map_err(|(line, problem)| TapeError {
                path: path.display().to_string(),
                at: line.map(|line| format!(":{line}")).unwrap_or_default(),
                problem,
            })
    }

    /// Reads its text. A last line that was not written to its end is left out: the tape ends before it.
    fn parse(text: &str) -> Result<Self, Problem> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut lines = (1..)
            .zip(text.lines())
            .filter(|(_, line)| !line.trim().is_empty())
            .peekable();
        let Some((at, first)) = lines.next() else {
            return Err((None, "it is empty".to_owned()));
        };
        let header = header(first).map_err(|problem| (Some(at), problem))?;
        let mut tape = Self {
            header,
            lines: Vec::new(),
        };
        while let Some((at, line)) = lines.next() {
            let is_open = lines.peek().is_none() && !text.ends_with('\n');
            match serde_json::from_str::<Value>(line) {
                Ok(value) => tape
                    .lines
                    .push(event(value).map_err(|problem| (Some(at), problem))?),
                Err(error) if is_open && error.is_eof() => break,
                Err(error) => {
                    let what = json_problem(&error);
                    return Err((Some(at), format!("this is not an event: {what}")));
                }
            }
        }
        Ok(tape)
    }
}

fn text(path: &Path) -> Result<String, String> {
    let bytes = fs::metadata(path).map_err(|cause| cause.to_string())?.len();
    if bytes > MAX_TAPE_BYTES {
        return Err("it is larger than 1 GiB".to_owned());
    }
    fs::read_to_string(path).map_err(|cause| cause.to_string())
}

fn header(line: &str) -> Result<TapeHeader, String> {
    let is_none = |what: String| format!("this is not the header of a tape: {what}");
    let value: Value = serde_json::from_str(line).map_err(|error| is_none(json_problem(&error)))?;
    // Before anything else is looked at, for what a newer one holds is not known.
    if let Some(schema) = value.get("schema").and_then(Value::as_u64)
        && schema > u64::from(SCHEMA)
    {
        return Err(format!(
            "it was written by a newer tierscope (its schema is {schema}, and this version reads up to {SCHEMA}); \
             update tierscope to play it"
        ));
    }
    let header: TapeHeader = typed(value).map_err(is_none)?;
    for (index, lane) in header.lanes.iter().enumerate() {
        let earlier = header.lanes.iter().take(index);
        if earlier.into_iter().any(|other| other.lane == lane.lane) {
            return Err(format!(
                "its header names the lane `{}` twice, so that its events belong to neither",
                lane.lane
            ));
        }
    }
    Ok(header)
}

fn event(value: Value) -> Result<TapeLine, String> {
    let is_none = |what: String| format!("this is not an event: {what}");
    let name = match value.get("event").map(|name| name.as_str().ok_or(name)) {
        Some(Ok(name)) => name.to_owned(),
        Some(Err(other)) => return Err(is_none(format!("its `event` is {other}, not a word"))),
        None => return Err(is_none("it has no `event`".to_owned())),
    };
    let name = name.as_str();
    let of_run = OF_RUN.iter().find(|(known, _)| *known == name);
    if of_run.is_none() && !OF_STREAM.contains(&name) {
        let known = [OF_RUN.map(|(known, _)| known), OF_STREAM];
        return Err(format!(
            "`{name}` is no event of a tape; the events are {}",
            known.concat().join(", ")
        ));
    }
    let head: LineHead = typed(value.clone()).map_err(is_none)?;
    let of_name = |what: String| format!("the event `{name}` cannot be read: {what}");
    // Each by its own type, so that what is wrong is said of it; of the run's own events the type does not say it.
    let event = match of_run {
        Some((_, needs)) => typed(value).map_err(|_| (*needs).to_owned()),
        None => typed::<StreamEvent>(value).map(LaneEventKind::Stream),
    };
    Ok(TapeLine {
        lane: head.lane,
        at_us: head.at_us,
        event: event.map_err(of_name)?,
    })
}

/// What every line has.
#[derive(serde::Deserialize)]
struct LineHead {
    lane: String,
    at_us: u64,
}

fn typed<T: DeserializeOwned>(value: Value) -> Result<T, String> {
    if !value.is_object() {
        return Err("it is no object".to_owned());
    }
    serde_json::from_value(value).map_err(|error| error.to_string())
}

/// Where in the line JSON ends to be JSON; the line itself is named by the file.
fn json_problem(error: &serde_json::Error) -> String {
    if error.is_eof() {
        return "the line is cut off".to_owned();
    }
    format!("it is no JSON from column {} on", error.column())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = r#"{"schema":1,"run":{"id":"r","started_at":"","schedule":"race","prompt":{"system":null,"text":"hi"},"version":""},"lanes":[{"lane":"a","tier":null,"provider":"openai","model":"m","access":"api"}]}"#;
    const SENT: &str = r#"{"lane":"a","at_us":0,"event":"sent","attempt":1}"#;

    fn problem(text: &str) -> String {
        let (line, problem) = Tape::parse(text).unwrap_err();
        format!("{line:?} {problem}")
    }

    #[test]
    fn a_tape_is_read_with_a_byte_order_mark_and_without_its_last_half_line() {
        let whole = Tape::parse(&format!("{HEADER}\n{SENT}\n")).unwrap();
        assert_eq!(whole.lines.len(), 1);
        for text in [
            format!("\u{feff}{HEADER}\r\n\r\n{SENT}\r\n"),
            format!("{HEADER}\n{SENT}\n{{\"lane\":\"a\",\"at_"),
        ] {
            assert_eq!(Tape::parse(&text).unwrap(), whole, "{text}");
        }
        // Whole, but for the end of its line.
        assert_eq!(Tape::parse(&format!("{HEADER}\n{SENT}")).unwrap(), whole);
    }

    #[test]
    fn a_newer_one_is_refused() {
        let newer = r#"{"schema":99,"tape":"of another form"}"#;
        let expected = format!(
            "Some(1) it was written by a newer tierscope (its schema is 99, and this version reads up to {SCHEMA}); \
             update tierscope to play it"
        );
        assert_eq!(problem(newer), expected);
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        let twice = HEADER.replace("\"lanes\":[", "\"lanes\":[{\"lane\":\"a\",\"tier\":null,\"provider\":\"openai\",\"model\":\"n\",\"access\":\"api\"},");
        for (text, expected) in [
            (" \n".to_owned(), "None it is empty"),
            (
                "[]".to_owned(),
                "Some(1) this is not the header of a tape: it is no object",
            ),
            (
                "{}".to_owned(),
                "Some(1) this is not the header of a tape: missing field `schema`",
            ),
            (
                "hello".to_owned(),
                "Some(1) this is not the header of a tape: it is no JSON from column 1 on",
            ),
            (
                twice,
                "Some(1) its header names the lane `a` twice, so that its events belong to neither",
            ),
            (
                format!("{HEADER}\n{SENT}\n{SENT} x\n"),
                "Some(3) this is not an event: it is no JSON from column 51 on",
            ),
            (
                format!("{HEADER}\n{{\"lane\":\n{SENT}\n"),
                "Some(2) this is not an event: the line is cut off",
            ),
            (
                format!("{HEADER}\n\n{{\"lane\":\"a\",\"at_us\":0}}\n"),
                "Some(3) this is not an event: it has no `event`",
            ),
            (
                format!("{HEADER}\n{{\"lane\":\"a\",\"at_us\":0,\"event\":\"dance\"}}\n"),
                "Some(2) `dance` is no event of a tape; the events are queued, loading, sent, connected, failed, cancelled, settled, accepted, prefill, reasoning, answer, usage, server, finished",
            ),
            (
                format!("{HEADER}\n{{\"at_us\":0,\"event\":\"sent\"}}\n"),
                "Some(2) this is not an event: missing field `lane`",
            ),
            (
                format!("{HEADER}\n{{\"lane\":\"a\",\"at_us\":0,\"event\":\"answer\"}}\n"),
                "Some(2) the event `answer` cannot be read: missing field `text`",
            ),
            (
                format!(
                    "{HEADER}\n{{\"lane\":\"a\",\"at_us\":0,\"event\":\"sent\",\"attempt\":\"x\"}}\n"
                ),
                "Some(2) the event `sent` cannot be read: it needs `attempt`, a whole number from 1",
            ),
        ] {
            assert_eq!(problem(&text), expected);
        }
    }

    #[test]
    fn every_event_has_its_name_in_the_list() {
        let of_run = OF_RUN.map(|(name, _)| name);
        for name in OF_STREAM.iter().chain(&of_run) {
            let bare = serde_json::json!({"lane": "a", "at_us": 0, "event": name});
            if let Err(problem) = event(bare) {
                let is_known = problem.contains("missing field") || problem.contains("it needs");
                assert!(is_known, "{name}: {problem}");
            }
        }
    }
}
