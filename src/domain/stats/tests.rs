//! Figures that other programs compute, cases worked by hand, and inputs that must not bring anything down.

mod known;
mod votes;

use super::*;
use proptest::prelude::*;

const BOTH_HALVES: Interval = Interval {
    low: 0.25,
    high: 0.75,
};

#[test]
fn an_interval_holds_its_ends() {
    let held = [0.2, 0.25, 0.5, 0.75, 0.8, f64::NAN].map(|value| BOTH_HALVES.has(value));
    assert_eq!(held, [false, true, true, true, false, false]);
}

#[test]
fn nothing_gives_nothing() {
    assert_eq!(PassRate::of([]).share(), None);
    assert_eq!(PassRate::of([(0, None)]).interval(), None);
    assert_eq!(wilson(3, 2), None);
    assert_eq!(Spread::of([]), None);
    assert_eq!(Spread::of([f64::NAN, f64::INFINITY]), None);
    assert_eq!(quantile(&[], 0.5), None);
    assert_eq!(quantile(&[1.0], 1.5), None);
    assert_eq!(quantile(&[1.0], f64::NAN), None);
    assert_eq!(PairedRatio::of([]), None);
    assert_eq!(PairedRatio::of([(0.0, 1.0), (1.0, f64::NAN)]), None);
    let empty = PairedPasses::default();
    assert_eq!((empty.difference(), empty.interval()), (None, None));
    assert!((empty.p_value() - 1.0).abs() < 1e-15);
}

#[test]
fn what_could_not_be_judged_is_counted_apart() {
    let cells = [Some(true), None, Some(false), Some(true), None];
    let rate = PassRate::of(cells.into_iter().enumerate());
    assert_eq!((rate.passed, rate.judged, rate.unknown), (2, 3, 2));
    assert_eq!((rate.prompts, rate.interval()), (3, wilson(2, 3)));
}

#[test]
fn repetitions_are_not_so_many_independent_answers() {
    let of = |cells: &[(usize, bool)]| {
        PassRate::of(
            cells
                .iter()
                .map(|(prompt, passed)| (*prompt, Some(*passed))),
        )
    };
    let repeated = |passes: fn(usize, usize) -> bool| {
        let cells: Vec<(usize, bool)> = (0..10)
            .flat_map(|prompt| (0..5).map(move |repetition| (prompt, passes(prompt, repetition))))
            .collect();
        of(&cells)
    };
    // Each prompt passes always or never: ten answers, asked five times.
    let alike = repeated(|prompt, _| prompt < 8);
    assert_eq!((alike.passed, alike.judged, alike.prompts), (40, 50, 10));
    assert!((alike.effective - 10.0).abs() < 1e-9, "{alike:?}");
    assert_eq!(alike.interval(), wilson(8, 10));
    // All of them pass: nobody knows how much alike they are.
    assert_eq!(repeated(|_, _| true).interval(), wilson(10, 10));
    // Every prompt passes four times of five: prompts say nothing, and yet it is no more than fifty answers.
    let apart = repeated(|_, repetition| repetition < 4);
    assert_eq!(apart.interval(), wilson(40, 50));
    // Ten prompts of which one was asked a hundred times are not a hundred and nine answers.
    let mut cells: Vec<(usize, bool)> = (0..100).map(|_| (0, true)).collect();
    cells.extend((1..10).map(|prompt| (prompt, true)));
    assert!(of(&cells).effective < 2.0, "{:?}", of(&cells));
}

#[test]
fn all_and_none_reach_the_edges_and_keep_a_width() {
    let none = wilson(0, 12).unwrap();
    let all = wilson(12, 12).unwrap();
    assert!(none.low == 0.0 && none.high > 0.2, "{none:?}");
    assert!(all.high >= 1.0 && all.low < 0.8, "{all:?}");
    let agreed = PairedPasses::of([(true, true); 12]).interval().unwrap();
    assert!(agreed.low < -0.2 && agreed.high > 0.2, "{agreed:?}");
    let apart = PairedPasses::of([(true, false); 12]);
    let interval = apart.interval().unwrap();
    assert_eq!(apart.difference(), Some(1.0));
    assert!(
        interval.low < 0.8 && interval.low > 0.4 && interval.high >= 1.0,
        "{interval:?}"
    );
}

#[test]
fn a_95th_percentile_needs_twenty_values() {
    let of = |count: u32| Spread::of((0..count).map(f64::from)).unwrap().p95;
    assert_eq!((of(19), of(20).is_some()), (None, true));
}

#[test]
fn a_single_prompt_has_a_ratio_and_no_interval() {
    let single = PairedRatio::of([(3.0, 1.5), (1.0, f64::NAN), (-1.0, 1.0)]).unwrap();
    assert!((single.ratio - 2.0).abs() < 1e-12, "{single:?}");
    assert_eq!(
        (single.interval, single.prompts, single.left_out),
        (None, 1, 2)
    );
}

#[test]
fn what_is_free_on_some_prompts_is_in_the_ratio() {
    // Half of the first one's prompts cost nothing, the others as much as the second one's.
    let pairs = |count: u32| (0..count).map(|at| (f64::from(at % 2) * 0.001, 0.001));
    let half = PairedRatio::of(pairs(20)).unwrap();
    assert!((half.ratio - 0.5).abs() < 1e-12, "{half:?}");
    assert_eq!(
        (half.prompts, half.left_out, half.is_of_means),
        (20, 0, true)
    );
    let ends = half.interval.unwrap();
    assert!(
        (0.25..0.35).contains(&ends.low) && (0.65..0.75).contains(&ends.high),
        "{ends:?}"
    );
    let turned = PairedRatio::of(pairs(20).map(|pair| (pair.1, pair.0))).unwrap();
    assert!((turned.ratio - 2.0).abs() < 1e-12, "{turned:?}");
    // Very many give what the bootstrap would, and one that is not free has no interval.
    let many = PairedRatio::of(pairs(20_000)).unwrap().interval.unwrap();
    let reach = 1.96 * 0.5 / 20_000_f64.sqrt();
    assert!((many.high - 0.5 - reach).abs() < 1e-4, "{many:?}");
    let one = (0..9).map(|at| (f64::from(u8::from(at == 0)), 1.0));
    assert_eq!(PairedRatio::of(one).unwrap().interval, None);
    for free in [[(0.0, 1.0), (0.0, 2.0)], [(1.0, 0.0), (2.0, 0.0)]] {
        assert_eq!(PairedRatio::of(free), None);
    }
}

#[test]
fn a_ratio_that_never_varies_has_an_interval_without_width() {
    let pairs = (1..40).map(|at| (f64::from(at) * 4.0, f64::from(at)));
    let interval = PairedRatio::of(pairs).unwrap().interval.unwrap();
    assert!(
        (interval.low - 4.0).abs() < 1e-9 && (interval.high - 4.0).abs() < 1e-9,
        "{interval:?}"
    );
}

#[test]
fn very_many_prompts_give_what_fewer_of_the_same_kind_would() {
    let pairs = |count: u32| (0..count).map(|at| (1.0 + f64::from(at * 7 % 13) / 13.0, 1.0));
    let few = PairedRatio::of(pairs(13 * 20)).unwrap();
    let many = PairedRatio::of(pairs(13 * 2_000)).unwrap();
    let width = |ratio: &PairedRatio| {
        let interval = ratio.interval.unwrap();
        (interval.high / interval.low).ln()
    };
    assert!((few.ratio / many.ratio - 1.0).abs() < 1e-9);
    // A hundred times the prompts: a tenth of the width.
    let shrunk = width(&few) / width(&many);
    assert!((9.0..11.0).contains(&shrunk), "{shrunk}");
}

#[test]
fn the_same_cells_give_the_same_figures() {
    let pairs = || (1..50).map(|at| (f64::from(at), f64::from(at * at % 17 + 1)));
    assert_eq!(PairedRatio::of(pairs()), PairedRatio::of(pairs()));
}

proptest! {
    #[test]
    fn wilson_holds_the_share_and_narrows(judged in 1u64..5_000, part in 0.0f64..=1.0) {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let passed = (judged as f64 * part) as u64;
        let interval = wilson(passed, judged).unwrap();
        let more = wilson(passed * 4, judged * 4).unwrap();
        prop_assert!(interval.has(passed as f64 / judged as f64));
        prop_assert!(0.0 <= interval.low && interval.high <= 1.0);
        prop_assert!(more.high - more.low < interval.high - interval.low);
    }

    #[test]
    fn a_paired_difference_turns_with_its_lanes(counts in prop::array::uniform4(0u64..400)) {
        let [both, only_first, only_second, neither] = counts;
        let one = PairedPasses { both, only_first, only_second, neither };
        let other = PairedPasses { only_first: only_second, only_second: only_first, ..one };
        prop_assume!(one.cells() > 0);
        let (interval, turned) = (one.interval().unwrap(), other.interval().unwrap());
        prop_assert!(interval.has(one.difference().unwrap()));
        prop_assert!((interval.low + turned.high).abs() < 1e-12 && (interval.high + turned.low).abs() < 1e-12);
        prop_assert!((one.p_value() - other.p_value()).abs() < 1e-12);
        prop_assert!((0.0..=1.0).contains(&one.p_value()));
    }

    #[test]
    fn a_spread_is_in_order_and_finite(values in prop::collection::vec(any::<f64>(), 0..60)) {
        let finite = values.iter().filter(|value| value.is_finite()).count();
        let Some(spread) = Spread::of(values) else {
            prop_assert_eq!(finite, 0);
            return Ok(());
        };
        prop_assert_eq!(spread.count, finite);
        let order = [spread.least, spread.p25, spread.median, spread.p75, spread.p95.unwrap_or(spread.most), spread.most];
        prop_assert!(order.is_sorted() && order.iter().all(|value| value.is_finite()), "{:?}", order);
    }

    #[test]
    fn ratios_turn_with_their_lanes(pairs in prop::collection::vec((1e-3f64..1e6, 1e-3f64..1e6), 2..12)) {
        let one = PairedRatio::of(pairs.iter().copied()).unwrap();
        let other = PairedRatio::of(pairs.iter().map(|(first, second)| (*second, *first))).unwrap();
        let (ahead, turned) = (one.interval.unwrap(), other.interval.unwrap());
        prop_assert!((one.ratio * other.ratio - 1.0).abs() < 1e-9);
        prop_assert!((ahead.low * turned.high - 1.0).abs() < 1e-6);
        prop_assert!(ahead.low <= one.ratio && one.ratio <= ahead.high);
    }

    #[test]
    fn any_figures_are_taken(pairs in prop::collection::vec((any::<f64>(), any::<f64>()), 0..8)) {
        if let Some(ratio) = PairedRatio::of(pairs.iter().copied()) {
            prop_assert_eq!(ratio.prompts + ratio.left_out, pairs.len());
            prop_assert!(!ratio.ratio.is_nan());
        }
    }
}
