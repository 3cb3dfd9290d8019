//! Against figures that `SciPy`, `statsmodels` and `NumPy` compute: the fixture says which, and the script beside it how.

use super::*;
use serde_json::Value;

/// The figures of the fixture.
pub(super) fn figures(name: &str) -> Vec<Value> {
    let fixture: Value =
        serde_json::from_str(include_str!("../../../../tests/fixtures/stats.json")).unwrap();
    let cases = fixture[name].as_array().unwrap().clone();
    assert!(cases.len() >= 3, "{name}: {} cases", cases.len());
    cases
}

pub(super) fn number(value: &Value) -> f64 {
    value.as_f64().unwrap()
}

pub(super) fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(number).collect()
}

fn count(value: &Value) -> u64 {
    value.as_u64().unwrap()
}

/// Equal but for rounding, by the scale of the figure.
#[track_caller]
pub(super) fn assert_near(ours: f64, theirs: &Value, tolerance: f64) {
    let theirs = number(theirs);
    let far = (ours - theirs).abs();
    assert!(
        far <= tolerance * theirs.abs().max(1.0),
        "{ours}, not {theirs}"
    );
}

/// Both ends within a part of the interval's width: resamples are drawn by other generators.
#[track_caller]
pub(super) fn assert_overlap(ours: Interval, low: f64, high: f64, part: f64) {
    let far = (ours.low - low).abs().max((ours.high - high).abs());
    assert!(far <= part * (high - low), "{ours:?}, not {low} to {high}");
}

#[test]
fn wilson_is_that_of_statsmodels() {
    for case in figures("wilson") {
        let interval = wilson(count(&case["passed"]), count(&case["judged"])).unwrap();
        assert_near(interval.low, &case["low"], 1e-12);
        assert_near(interval.high, &case["high"], 1e-12);
    }
}

#[test]
fn a_rate_by_prompts_is_that_of_statsmodels() {
    for case in figures("clustered") {
        let clusters = case["clusters"].as_array().unwrap();
        let cells = clusters.iter().enumerate().flat_map(|(prompt, cluster)| {
            let (hits, size) = (count(&cluster[0]), count(&cluster[1]));
            (0..size).map(move |cell| (prompt, Some(cell < hits)))
        });
        let rate = PassRate::of(cells);
        assert_near(rate.effective, &case["effective"], 1e-9);
        let interval = rate.interval().unwrap();
        assert_near(interval.low, &case["low"], 1e-9);
        assert_near(interval.high, &case["high"], 1e-9);
    }
}

#[test]
fn mcnemar_is_that_of_statsmodels() {
    for case in figures("mcnemar") {
        let counts = PairedPasses {
            both: 3,
            only_first: count(&case["only_first"]),
            only_second: count(&case["only_second"]),
            neither: 4,
        };
        let (ours, theirs) = (counts.p_value(), number(&case["p"]));
        assert!((ours - theirs).abs() <= 1e-9 * theirs, "{case}: {ours}");
    }
}

#[test]
fn a_paired_difference_agrees_with_the_bootstrap_where_that_is_good() {
    for case in figures("paired_difference") {
        let counts = PairedPasses {
            both: count(&case["both"]),
            only_first: count(&case["only_first"]),
            only_second: count(&case["only_second"]),
            neither: count(&case["neither"]),
        };
        assert_near(counts.difference().unwrap(), &case["difference"], 1e-12);
        assert_overlap(
            counts.interval().unwrap(),
            number(&case["low"]),
            number(&case["high"]),
            0.08,
        );
    }
}

#[test]
fn a_paired_difference_is_newcombe_s() {
    // An example of the paper, with a negative correlation, and one that the R package `contingencytables` is tested
    // with, whose positive correlation is corrected for continuity.
    for ([both, only_first, only_second, neither], low, high) in [
        ([36, 12, 2, 0], 0.0569, 0.3404),
        ([59, 6, 16, 80], -0.1186, -0.0046),
    ] {
        let counts = PairedPasses {
            both,
            only_first,
            only_second,
            neither,
        };
        let interval = counts.interval().unwrap();
        let far = (interval.low - low).abs().max((interval.high - high).abs());
        assert!(far < 5e-5, "{interval:?}");
    }
}

#[test]
fn quantiles_are_those_of_numpy() {
    for case in figures("quantiles") {
        let values = numbers(&case["values"]);
        let spread = Spread::of(values.iter().copied()).unwrap();
        assert_near(spread.p25, &case["p25"], 1e-12);
        assert_near(spread.median, &case["median"], 1e-12);
        assert_near(spread.p75, &case["p75"], 1e-12);
        let mut sorted = values;
        sorted.sort_by(f64::total_cmp);
        assert_near(quantile(&sorted, 0.95).unwrap(), &case["p95"], 1e-12);
    }
}

#[test]
fn paired_ratios_are_those_of_scipy() {
    for case in figures("ratios") {
        let pairs = numbers(&case["first"])
            .into_iter()
            .zip(numbers(&case["second"]));
        let ratio = PairedRatio::of(pairs).unwrap();
        assert_near(ratio.ratio, &case["ratio"], 1e-12);
        let interval = ratio.interval.unwrap();
        assert_overlap(interval, number(&case["low"]), number(&case["high"]), 0.03);
    }
}
