//! How a number is written for a person: in one place, so that every face writes it alike. Computes none.
//!
//! An unknown figure is `–`, an unknown price `?`, an estimate carries `~`.

use super::usage::UsageSource;
use std::time::Duration;

/// Stands for a figure that is not known.
pub const UNKNOWN: &str = "–";
/// Stands for a cost whose price is not known.
pub const UNKNOWN_PRICE: &str = "?";

/// A whole number in groups of three: `2 048`.
pub fn count(value: u64) -> String {
    let digits = value.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(' ');
        }
        out.push(digit);
    }
    out
}

/// A number of tokens; an estimate carries `~`.
pub fn tokens(value: Option<u64>, source: Option<UsageSource>) -> String {
    match (value, source) {
        (None, _) => UNKNOWN.to_owned(),
        (Some(value), Some(UsageSource::Estimated)) => format!("~{}", count(value)),
        (Some(value), Some(UsageSource::Reported | UsageSource::Counted) | None) => count(value),
    }
}

/// A number of tokens in at most so many columns, and never more than five: exact where there is room, else in
/// thousands or millions: `19 290`, `19290`, `19.3k`, `1.2M`.
pub fn short_tokens(value: Option<u64>, source: Option<UsageSource>, columns: usize) -> String {
    let written = tokens(value, source);
    let Some(value) = value.filter(|_| written.chars().count() > columns) else {
        return written;
    };
    let mark = match source {
        Some(UsageSource::Estimated) => "~",
        Some(UsageSource::Reported | UsageSource::Counted) | None => "",
    };
    [
        format!("{mark}{value}"),
        format!("{mark}{}", scaled(value, 1)),
    ]
    .into_iter()
    .find(|written| written.chars().count() <= columns)
    .unwrap_or_else(|| format!("{mark}{}", scaled(value, 0)))
}

/// A number in thousands, millions, …: at most five columns with a decimal, four without.
#[allow(clippy::cast_precision_loss)] // three digits of it are kept
fn scaled(value: u64, decimals: usize) -> String {
    let mut rest = value as f64;
    let mut units = ["", "k", "M", "G", "T", "P", "E"].into_iter();
    let mut unit = units.next().unwrap_or_default();
    while rest >= 999.5 {
        rest /= 1e3;
        unit = units.next().unwrap_or("E");
    }
    let decimals = if rest < 99.95 { decimals } else { 0 };
    format!("{rest:.decimals$}{unit}")
}

/// A measured time of so many milliseconds, with three digits and its unit: `4.2 ms`, `412 ms`, `1.23 s`, `12.3 s`.
pub fn time(ms: Option<f64>) -> String {
    let Some(ms) = ms.filter(|ms| ms.is_finite() && *ms >= 0.0) else {
        return UNKNOWN.to_owned();
    };
    match ms {
        _ if ms < 9.95 => format!("{ms:.1} ms"),
        _ if ms < 999.5 => format!("{ms:.0} ms"),
        _ if ms < 9_995.0 => format!("{:.2} s", ms / 1e3),
        _ if ms < 99_950.0 => format!("{:.1} s", ms / 1e3),
        _ => clock(Duration::from_secs_f64((ms / 1e3).min(1e9))),
    }
}

/// A measured time like [`time`] in at most six columns: long ones in whole seconds or minutes, or in hours.
pub fn short_time(ms: Option<f64>) -> String {
    let Some(seconds) = ms.filter(|ms| *ms >= 99_950.0).map(|ms| ms / 1e3) else {
        return time(ms);
    };
    match (seconds, seconds / 60.0, seconds / 3_600.0) {
        (seconds, _, _) if seconds < 999.5 => format!("{seconds:.0} s"),
        (_, minutes, _) if minutes < 99.5 => format!("{minutes:.0} min"),
        (_, _, hours) if hours < 99.95 => format!("{hours:.1} h"),
        (_, _, hours) if hours < 999.5 => format!("{hours:.0} h"),
        _ => ">999 h".to_owned(),
    }
}

/// A running time: tenths of a second below a minute, then minutes and seconds.
pub fn clock(time: Duration) -> String {
    let tenths = time.as_millis() / 100;
    let seconds = tenths / 10;
    match seconds {
        0..60 => format!("{seconds}.{} s", tenths % 10),
        60..3_600 => format!("{}:{:02} min", seconds / 60, seconds % 60),
        _ => format!("{}:{:02} h", seconds / 3_600, seconds / 60 % 60),
    }
}

/// The time until [`clock`] writes something else.
pub fn clock_step(time: Duration) -> Duration {
    let step_ns = match time.as_secs() {
        0..60 => 100_000_000,
        60..3_600 => 1_000_000_000,
        _ => 60_000_000_000,
    };
    let into = u64::try_from(time.as_nanos() % u128::from(step_ns)).unwrap_or(0);
    Duration::from_nanos(step_ns - into)
}

/// A rate with three digits, without its unit: `8.62`, `86.2`, `862`, `2 410`.
pub fn rate(per_sec: Option<f64>, source: Option<UsageSource>) -> String {
    let Some(rate) = per_sec.filter(|rate| rate.is_finite() && *rate >= 0.0) else {
        return UNKNOWN.to_owned();
    };
    let written = match rate {
        _ if rate < 9.995 => format!("{rate:.2}"),
        _ if rate < 99.95 => format!("{rate:.1}"),
        _ => count(rounded(rate)),
    };
    match source {
        Some(UsageSource::Estimated) => format!("~{written}"),
        Some(UsageSource::Reported | UsageSource::Counted) | None => written,
    }
}

/// A rate like [`rate`] in at most so many columns, and never more than five: `7 034`, `7034`, `23.5k`.
pub fn short_rate(per_sec: Option<f64>, source: Option<UsageSource>, columns: usize) -> String {
    let written = rate(per_sec, source);
    match per_sec {
        Some(per_sec) if written.chars().count() > columns => {
            short_tokens(Some(rounded(per_sec)), source, columns)
        }
        Some(_) | None => written,
    }
}

/// A cost in US dollars, in at most nine columns and one more for `~`; `?` where it is not known. Below a hundredth of
/// a cent two digits are kept, down to where there is nothing to tell.
pub fn usd(cost: Option<f64>, source: Option<UsageSource>) -> String {
    let Some(cost) = cost.filter(|cost| cost.is_finite() && *cost >= 0.0) else {
        return UNKNOWN_PRICE.to_owned();
    };
    let written = match cost {
        0.0 => "$0".to_owned(),
        _ if cost < 0.000_01 => "<$0.00001".to_owned(),
        _ if cost < 0.000_1 => format!("${cost:.6}"),
        _ if cost < 0.995 => format!("${cost:.4}"),
        _ if cost < 99_999.995 => format!("${cost:.2}"),
        _ if cost < 99_999_999.5 => format!("${cost:.0}"),
        _ => ">$9999999".to_owned(),
    };
    match source {
        Some(UsageSource::Estimated) => format!("~{written}"),
        Some(UsageSource::Reported | UsageSource::Counted) | None => written,
    }
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // not negative; saturates
fn rounded(value: f64) -> u64 {
    value.round() as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn counts_come_in_groups() {
        assert_eq!(
            [0, 14, 999, 1_000, 2_048, 1_234_567].map(count),
            ["0", "14", "999", "1 000", "2 048", "1 234 567"]
        );
        assert_eq!(tokens(None, None), "–");
        assert_eq!(tokens(Some(1_200), Some(UsageSource::Estimated)), "~1 200");
        assert_eq!(tokens(Some(61), Some(UsageSource::Reported)), "61");
    }

    #[test]
    fn times_have_three_digits() {
        let written = [
            0.04, 4.21, 41.9, 412.4, 999.4, 999.6, 1_234.0, 12_345.0, 99_949.0, 125_000.0,
        ]
        .map(|ms| time(Some(ms)));
        assert_eq!(
            written,
            [
                "0.0 ms", "4.2 ms", "42 ms", "412 ms", "999 ms", "1.00 s", "1.23 s", "12.3 s",
                "99.9 s", "2:05 min"
            ]
        );
        assert_eq!(time(None), "–");
        assert_eq!(time(Some(f64::NAN)), "–");
        assert_eq!(time(Some(-1.0)), "–");
    }

    #[test]
    fn clocks_run_in_tenths_then_seconds() {
        let clocks = [0, 49, 9_899, 59_999, 60_000, 3_599_999, 7_260_000]
            .map(|ms| clock(Duration::from_millis(ms)));
        assert_eq!(
            clocks,
            [
                "0.0 s",
                "0.0 s",
                "9.8 s",
                "59.9 s",
                "1:00 min",
                "59:59 min",
                "2:01 h"
            ]
        );
    }

    #[test]
    fn rates_and_costs() {
        assert_eq!(
            [0.5, 8.624, 86.24, 99.96, 862.4, 2_410.3].map(|value| rate(Some(value), None)),
            ["0.50", "8.62", "86.2", "100", "862", "2 410"]
        );
        assert_eq!(rate(Some(86.0), Some(UsageSource::Estimated)), "~86.0");
        assert_eq!(
            [0.0, 1e-9, 0.000_022_2, 0.000_6, 0.0131, 0.5, 0.999, 12.345]
                .map(|cost| usd(Some(cost), None)),
            [
                "$0",
                "<$0.00001",
                "$0.000022",
                "$0.0006",
                "$0.0131",
                "$0.5000",
                "$1.00",
                "$12.35"
            ]
        );
        assert_eq!(usd(None, None), "?");
        assert_eq!(usd(Some(0.02), Some(UsageSource::Estimated)), "~$0.0200");
    }

    #[test]
    fn short_forms_keep_their_first_digits_and_their_unit() {
        let estimated = Some(UsageSource::Estimated);
        let tokens = |value| short_tokens(Some(value), estimated, 6);
        assert_eq!(
            [200, 1_200, 19_290, 99_999, 123_456, 999_999, 1_234_567].map(tokens),
            [
                "~200", "~1 200", "~19290", "~99999", "~123k", "~1.0M", "~1.2M"
            ]
        );
        assert_eq!(short_tokens(Some(15_000), estimated, 5), "~15k");
        assert_eq!(short_tokens(None, estimated, 5), "–");
        assert_eq!(short_rate(Some(23_522.0), estimated, 6), "~23522");
        assert_eq!(short_rate(Some(1e9), None, 6), "1.0G");
        assert_eq!(
            [4.2, 99_940.0, 125_000.0, 725_000.0, 9_000_000.0, 1e12].map(|ms| short_time(Some(ms))),
            ["4.2 ms", "99.9 s", "125 s", "725 s", "2.5 h", ">999 h"]
        );
        assert_eq!(short_time(Some(1_000_000.0)), "17 min");
    }

    proptest! {
        #[test]
        fn short_forms_fit(tokens in any::<u64>(), shift in 0u32..64, columns in 5usize..12, value in 0.0f64..1e30) {
            let (tokens, estimated) = (Some(tokens >> shift), Some(UsageSource::Estimated));
            prop_assert!(short_tokens(tokens, estimated, columns).chars().count() <= columns);
            for value in [value, value / 1e12, value / 1e20, value / 1e27, value / 1e32].map(Some) {
                prop_assert!(short_rate(value, estimated, columns).chars().count() <= columns);
                prop_assert!(short_time(value).chars().count() <= 6);
                prop_assert!(usd(value, estimated).chars().count() <= 10);
            }
        }

        #[test]
        fn a_clock_changes_after_its_step_and_not_before(ms in 0u64..20_000_000) {
            let now = Duration::from_millis(ms);
            let step = clock_step(now);
            prop_assert!(!step.is_zero());
            prop_assert_ne!(clock(now + step), clock(now));
            prop_assert_eq!(clock(now + step.saturating_sub(Duration::from_nanos(1))), clock(now));
        }

        #[test]
        fn figures_stay_short(value in 0.0f64..1e7) {
            prop_assert!(time(Some(value)).chars().count() <= 9);
            prop_assert!(rate(Some(value), None).chars().count() <= 10);
        }
    }
}
