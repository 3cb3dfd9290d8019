//! How long a server asks to wait, by its headers. Reads no clock: a date counts from the server's own `date`.

use jiff::Timestamp;
use std::time::{Duration, SystemTime};

/// Limits of `x-ratelimit-{remaining,reset}-*` (OpenAI, Azure, Groq, xAI), and the one without a name (Hugging Face,
/// OpenRouter, Together).
const LIMITS: [(&str, &str); 5] = [
    (
        "x-ratelimit-remaining-requests",
        "x-ratelimit-reset-requests",
    ),
    ("x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens"),
    ("x-ratelimit-remaining", "x-ratelimit-reset"),
    ("ratelimit-remaining", "ratelimit-reset"),
    (
        "x-ratelimit-remaining-project-tokens",
        "x-ratelimit-reset-project-tokens",
    ),
];

/// Limits of Anthropic, whose resets are RFC 3339.
const ANTHROPIC: [(&str, &str); 4] = [
    (
        "anthropic-ratelimit-requests-remaining",
        "anthropic-ratelimit-requests-reset",
    ),
    (
        "anthropic-ratelimit-tokens-remaining",
        "anthropic-ratelimit-tokens-reset",
    ),
    (
        "anthropic-ratelimit-input-tokens-remaining",
        "anthropic-ratelimit-input-tokens-reset",
    ),
    (
        "anthropic-ratelimit-output-tokens-remaining",
        "anthropic-ratelimit-output-tokens-reset",
    ),
];

/// A number of seconds from here on is a point in time, not a span.
const EPOCH_SECONDS: f64 = 1e9;
/// And from here on one in milliseconds.
const EPOCH_MILLIS: f64 = 1e12;

/// No limit of an API lasts longer than a month: a wait beyond that is a mistake, and is taken for this.
pub(super) const LONGEST: Duration = Duration::from_secs(31 * 86_400);

/// The longest wait that the headers ask for in so many words.
pub(super) fn asked<'a>(header: &impl Fn(&str) -> Option<&'a str>) -> Option<Duration> {
    let precise = header("retry-after-ms")
        .and_then(|text| text.trim().parse().ok())
        .and_then(|wait: f64| Duration::try_from_secs_f64(wait / 1e3).ok());
    let coarse = header("retry-after").and_then(|text| {
        let text = text.trim();
        if let Ok(seconds) = text.parse() {
            return Duration::try_from_secs_f64(seconds).ok();
        }
        let until = httpdate::parse_http_date(text).ok()?;
        Some(since(until, now(header)?))
    });
    precise.max(coarse)
}

/// The longest wait until a limit is reset of which nothing remains; limits with something left did not refuse anything.
pub(super) fn until_reset<'a>(header: &impl Fn(&str) -> Option<&'a str>) -> Option<Duration> {
    let resets = LIMITS
        .iter()
        .chain(&ANTHROPIC)
        .filter_map(|(remaining, reset)| {
            let is_used_up = header(remaining)?.trim().parse() == Ok(0.0);
            is_used_up.then(|| header(reset)).flatten()
        });
    resets.filter_map(|text| wait(text.trim(), header)).max()
}

/// A reset as a wait: seconds, a Go duration, a point in time in any form.
fn wait<'a>(text: &str, header: &impl Fn(&str) -> Option<&'a str>) -> Option<Duration> {
    if let Ok(number) = text.parse::<f64>() {
        let at = |seconds: f64| {
            let span = Duration::try_from_secs_f64(seconds).ok()?;
            Some(since(
                SystemTime::UNIX_EPOCH.checked_add(span)?,
                now(header)?,
            ))
        };
        return if number >= EPOCH_MILLIS {
            at(number / 1e3)
        } else if number >= EPOCH_SECONDS {
            at(number)
        } else {
            Duration::try_from_secs_f64(number).ok()
        };
    }
    if let Ok(until) = text.parse::<Timestamp>() {
        return Some(since(until.into(), now(header)?));
    }
    go_duration(text)
}

/// Go's form of a duration: `6m0s`, `1h2m3.5s`, `12ms`.
fn go_duration(text: &str) -> Option<Duration> {
    let mut rest = text;
    let mut whole = Duration::ZERO;
    while !rest.is_empty() {
        let number = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (value, after) = rest.split_at(number);
        let unit = after
            .find(|c: char| c.is_ascii_digit() || c == '.')
            .unwrap_or(after.len());
        let (unit, after) = after.split_at(unit);
        let seconds = match unit {
            "d" => 86_400.0,
            "h" => 3_600.0,
            "m" => 60.0,
            "s" => 1.0,
            "ms" => 1e-3,
            "us" | "µs" | "μs" => 1e-6,
            "ns" => 1e-9,
            _ => return None,
        };
        let value: f64 = value.parse().ok()?;
        whole = whole.checked_add(Duration::try_from_secs_f64(value * seconds).ok()?)?;
        rest = after;
    }
    (!text.is_empty()).then_some(whole)
}

/// The server's own time.
fn now<'a>(header: &impl Fn(&str) -> Option<&'a str>) -> Option<SystemTime> {
    httpdate::parse_http_date(header("date")?.trim()).ok()
}

fn since(until: SystemTime, now: SystemTime) -> Duration {
    until.duration_since(now).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DATE: (&str, &str) = ("date", "Wed, 25 Nov 2026 10:00:00 GMT");

    fn reset_ms(headers: &[(&'static str, &'static str)]) -> Option<u128> {
        let header = |name: &str| {
            let found = headers.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| *value)
        };
        until_reset(&header).map(|wait| wait.as_millis())
    }

    #[test]
    fn a_reset_counts_where_nothing_of_that_limit_remains() {
        let tokens = ("x-ratelimit-reset-tokens", "6m0s");
        let requests = ("x-ratelimit-reset-requests", "12ms");
        let none = |name| (name, "0");
        let some = |name| (name, "7");
        assert_eq!(reset_ms(&[tokens, requests]), None);
        assert_eq!(
            reset_ms(&[
                tokens,
                some("x-ratelimit-remaining-tokens"),
                requests,
                none("x-ratelimit-remaining-requests")
            ]),
            Some(12)
        );
        assert_eq!(
            reset_ms(&[
                tokens,
                none("x-ratelimit-remaining-tokens"),
                requests,
                none("x-ratelimit-remaining-requests")
            ]),
            Some(360_000)
        );
        assert_eq!(reset_ms(&[none("x-ratelimit-remaining-tokens")]), None);
    }

    #[test]
    fn every_form_of_a_reset_is_read() {
        for (text, expected) in [
            ("1h2m3.5s", Some(3_723_500)),
            ("17.4s", Some(17_400)),
            ("250µs", Some(0)),
            ("2d", Some(172_800_000)),
            ("59", Some(59_000)),
            ("1.5", Some(1_500)),
            // Wed, 25 Nov 2026 10:00:30 GMT.
            ("1795600830", Some(30_000)),
            ("1795600830000", Some(30_000)),
            ("2026-11-25T10:00:30Z", Some(30_000)),
            ("2026-11-25T11:00:30+01:00", Some(30_000)),
            ("2026-11-25T09:00:00Z", Some(0)),
            ("soon", None),
            ("6m0", None),
            ("-3s", None),
            ("-3", None),
            ("1e300h", None),
            ("", None),
        ] {
            let headers = [
                ("x-ratelimit-remaining", "0"),
                ("x-ratelimit-reset", text),
                DATE,
            ];
            assert_eq!(reset_ms(&headers), expected, "{text}");
        }
    }

    #[test]
    fn anthropics_resets_are_dates() {
        let headers = [
            ("anthropic-ratelimit-requests-remaining", "49"),
            ("anthropic-ratelimit-requests-reset", "2026-11-25T10:09:00Z"),
            ("anthropic-ratelimit-input-tokens-remaining", "0"),
            (
                "anthropic-ratelimit-input-tokens-reset",
                "2026-11-25T10:00:41Z",
            ),
            DATE,
        ];
        assert_eq!(reset_ms(&headers), Some(41_000));
        assert_eq!(reset_ms(&headers[..4]), None, "without the server's time");
    }
}
