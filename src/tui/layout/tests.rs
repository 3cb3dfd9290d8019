//! Tests of the places on the screen.

use super::*;
use proptest::prelude::*;

fn screen(columns: u16, rows: u16, panes: usize) -> Option<Screen> {
    let needs = Needs {
        panes,
        focused: 0,
        is_zoomed: false,
        prompt_rows: 1,
        strip_rows: u16::try_from(panes).unwrap() + 2,
        has_forecast: false,
    };
    Screen::of(Rect::new(0, 0, columns, rows), needs)
}

/// The number of panes in each row of panes, and whether there are tabs and a strip.
fn shape(columns: u16, rows: u16, panes: usize) -> (Vec<usize>, bool, bool) {
    let screen = screen(columns, rows, panes).unwrap();
    let mut per_row = std::collections::BTreeMap::<u16, usize>::new();
    for (_, place) in &screen.panes {
        *per_row.entry(place.y).or_default() += 1;
    }
    (
        per_row.into_values().collect(),
        !screen.tabs.is_empty(),
        !screen.strip.is_empty(),
    )
}

#[test]
fn columns_then_rows_then_tabs() {
    assert_eq!(shape(200, 50, 4), (vec![4], false, true));
    assert_eq!(shape(120, 34, 3), (vec![3], false, true));
    assert_eq!(shape(120, 34, 4), (vec![2, 2], false, true));
    assert_eq!(shape(80, 24, 4), (vec![2, 2], false, false));
    assert_eq!(shape(80, 24, 3), (vec![2, 1], false, false));
    assert_eq!(shape(80, 24, 8), (vec![1], true, true));
    assert_eq!(shape(60, 18, 4), (vec![1], true, false));
    assert_eq!(shape(60, 18, 1), (vec![1], false, true));
}

#[test]
fn too_small_is_said() {
    assert_eq!(screen(MIN_COLUMNS - 1, 50, 2), None);
    assert_eq!(screen(200, MIN_ROWS - 1, 2), None);
    assert!(screen(MIN_COLUMNS, MIN_ROWS, 2).is_some());
}

proptest! {
    #[test]
    fn places_stay_inside_and_apart(
        columns in 0u16..400, rows in 0u16..200, panes in 0usize..40, focused in 0usize..50,
        is_zoomed: bool, prompt_rows in 0usize..300, strip_rows in 0u16..40,
        has_forecast: bool,
    ) {
        let area = Rect::new(0, 0, columns, rows);
        let needs = Needs { panes, focused, is_zoomed, prompt_rows, strip_rows, has_forecast };
        if let Some(screen) = Screen::of(area, needs) {
            let mut places = vec![screen.header, screen.tabs, screen.strip, screen.forecast, screen.prompt, screen.hints];
            places.extend(screen.panes.iter().map(|(_, place)| *place));
            let total: u32 = places.iter().map(|place| place.area()).sum();
            prop_assert!(total <= area.area());
            for (index, place) in places.iter().enumerate() {
                prop_assert_eq!(place.intersection(area), *place);
                for other in &places[..index] {
                    prop_assert!(place.intersection(*other).is_empty(), "{place} {other}");
                }
            }
            prop_assert_eq!(screen.panes.is_empty(), panes == 0);
            for (pane, place) in &screen.panes {
                prop_assert!(*pane < panes);
                let parts = PaneParts::of(*place);
                for part in [parts.phase, parts.text, parts.rule, parts.numbers] {
                    prop_assert_eq!(part.intersection(*place), part);
                }
            }
        }
    }
}

#[test]
fn the_line_of_costs_moves_no_pane() {
    for (columns, rows, panes) in (40..200)
        .step_by(7)
        .flat_map(|columns| (10..60).map(move |rows| (columns, rows)))
        .flat_map(|(columns, rows)| (1..6).map(move |panes| (columns, rows, panes)))
    {
        let of = |has_forecast| {
            let needs = Needs {
                panes,
                focused: 0,
                is_zoomed: false,
                prompt_rows: 1,
                strip_rows: 4,
                has_forecast,
            };
            Screen::of(Rect::new(0, 0, columns, rows), needs).unwrap()
        };
        let (without, with) = (of(false), of(true));
        let lines = |screen: &Screen| {
            screen
                .panes
                .iter()
                .map(|(_, place)| place.x)
                .collect::<Vec<_>>()
        };
        assert_eq!(lines(&without), lines(&with), "{columns}×{rows}, {panes}");
        assert_eq!(without.strip.height, with.strip.height);
        assert_eq!(without.tabs.height, with.tabs.height);
        assert!(with.forecast.is_empty() || (columns >= 60 && rows >= 16));
        assert_eq!(with.prompt, without.prompt);
    }
    let wide = Needs {
        panes: 2,
        focused: 0,
        is_zoomed: false,
        prompt_rows: 1,
        strip_rows: 3,
        has_forecast: true,
    };
    let screen = Screen::of(Rect::new(0, 0, 120, 34), wide).unwrap();
    assert_eq!((screen.forecast.y, screen.forecast.height), (31, 1));
}
