//! Values with a range, checked the same way on the command line, in the environment and in the file.
//! Every error is a sentence that goes on after the name of the option or key.

use std::time::Duration;

/// The longest timeout that makes sense: a day.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// A temperature, 0 to 2.
pub fn temperature(value: f64) -> Result<f64, String> {
    within(value, 0.0, 2.0)
}

/// A probability, 0 to 1.
pub fn probability(value: f64) -> Result<f64, String> {
    within(value, 0.0, 1.0)
}

/// A price in US dollars per million tokens.
pub fn price(value: f64) -> Result<f64, String> {
    within(value, 0.0, 1e6)
}

fn within(value: f64, low: f64, high: f64) -> Result<f64, String> {
    if (low..=high).contains(&value) {
        Ok(value)
    } else {
        Err(format!(
            "must be a number from {low} to {high}, not {value}"
        ))
    }
}

/// A count of something of which there must be at least one.
pub fn at_least_one(value: u32) -> Result<u32, String> {
    if value == 0 {
        Err("must be at least 1".to_owned())
    } else {
        Ok(value)
    }
}

/// A text that ends the answer.
pub fn stop(text: &str) -> Result<String, String> {
    if text.is_empty() {
        Err("must not be empty, which would end every answer".to_owned())
    } else {
        Ok(text.to_owned())
    }
}

/// A duration that a person wrote: `90s`, `1.5s`, `2m`, `1h`, `500ms`, `1m30s`; a bare number is seconds.
pub fn duration(text: &str) -> Result<Duration, String> {
    let invalid =
        || format!("must be a duration such as `500ms`, `90s`, `2m` or `1m30s`, not `{text}`");
    let mut rest = text.trim();
    if rest.is_empty() {
        return Err(invalid());
    }
    let mut seconds = 0.0;
    while !rest.is_empty() {
        let number_end = rest
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .unwrap_or(rest.len());
        let (number, tail) = rest.split_at(number_end);
        let unit_end = tail
            .find(|c: char| !c.is_ascii_alphabetic())
            .unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(unit_end);
        let number: f64 = number.parse().map_err(|_| invalid())?;
        let scale = match unit {
            "ms" => 0.001,
            "s" | "sec" => 1.0,
            "m" | "min" => 60.0,
            "h" => 3600.0,
            // Only a number that stands alone can go without a unit.
            "" if rest == text.trim() && tail.is_empty() => 1.0,
            _ => return Err(invalid()),
        };
        seconds += number * scale;
        rest = tail;
    }
    span(seconds).map_err(|problem| format!("{problem}, not `{text}`"))
}

/// A duration in seconds, as a number.
pub fn seconds(value: f64) -> Result<Duration, String> {
    span(value).map_err(|problem| format!("{problem}, not {value} seconds"))
}

fn span(seconds: f64) -> Result<Duration, String> {
    match Duration::try_from_secs_f64(seconds) {
        Ok(span) if !span.is_zero() && span <= LONGEST => Ok(span),
        Ok(_) | Err(_) => Err("must be longer than 0 and at most 24h".to_owned()),
    }
}

/// How a duration is written in configuration: `500ms`, `1.5s`, `120s`.
pub fn duration_text(span: Duration) -> String {
    if span.subsec_millis() == 0 || span.as_secs() > 0 {
        format!("{}s", span.as_secs_f64())
    } else {
        format!("{}ms", span.as_secs_f64() * 1000.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_people_write_them() {
        let read = [
            ("500ms", 500),
            ("90s", 90_000),
            ("1.5s", 1_500),
            ("2m", 120_000),
            ("1m30s", 90_000),
            ("1h", 3_600_000),
            ("120", 120_000),
            (" 24h ", 86_400_000),
        ];
        for (text, millis) in read {
            assert_eq!(duration(text), Ok(Duration::from_millis(millis)), "{text}");
        }
    }

    #[test]
    fn what_is_no_duration_is_named() {
        for text in ["", "s", "1x", "-1s", "1m30", "1.2.3s", "soon", "1s2", "１s"] {
            assert_eq!(
                duration(text),
                Err(format!(
                    "must be a duration such as `500ms`, `90s`, `2m` or `1m30s`, not `{text}`"
                ))
            );
        }
        for text in ["0s", "0", "25h", "99999999999999999999999h"] {
            assert_eq!(
                duration(text),
                Err(format!(
                    "must be longer than 0 and at most 24h, not `{text}`"
                ))
            );
        }
        assert_eq!(
            seconds(f64::NAN),
            Err("must be longer than 0 and at most 24h, not NaN seconds".to_owned())
        );
    }

    #[test]
    fn durations_are_written_so_that_they_read_the_same() {
        for (millis, text) in [(500, "500ms"), (1_500, "1.5s"), (120_000, "120s")] {
            let span = Duration::from_millis(millis);
            assert_eq!(duration_text(span), text);
            assert_eq!(duration(text), Ok(span));
        }
    }

    #[test]
    fn ranges_name_their_limits() {
        assert_eq!(temperature(0.0), Ok(0.0));
        assert_eq!(
            temperature(2.5),
            Err("must be a number from 0 to 2, not 2.5".to_owned())
        );
        assert_eq!(
            probability(f64::NAN),
            Err("must be a number from 0 to 1, not NaN".to_owned())
        );
        assert_eq!(at_least_one(0), Err("must be at least 1".to_owned()));
    }
}
