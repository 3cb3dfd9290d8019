//! Tests of forecasts against sums made by hand.

use super::{
    asking::Asking,
    expected::{Habit, Share, time},
    *,
};
use crate::domain::plan::ProviderId;
use crate::domain::{
    cost::Price,
    plan::{RemotePlan, Timeouts},
    request::{Message, Role, Sampling},
};
use serde_json::json;
use std::time::Duration;

fn plan(provider: ProviderId, price: Option<Price>) -> LanePlan {
    LanePlan {
        name: "a".to_owned(),
        tier: None,
        provider,
        model: "m".to_owned(),
        source: LaneSource::Remote(RemotePlan::default()),
        sampling: Sampling {
            max_tokens: Some(1_000),
            ..Sampling::default()
        },
        system: None,
        effort: None,
        extra: serde_json::Map::new(),
        price,
        timeouts: Timeouts::default(),
        max_retries: 0,
        is_enabled: true,
        notes: Vec::new(),
    }
}

fn price() -> Price {
    Price {
        input: Some(2.0),
        output: Some(10.0),
        ..Price::default()
    }
}

#[test]
fn the_most_is_the_prompt_and_the_longest_answer() {
    let mut plan = plan(ProviderId::OpenAi, Some(price()));
    plan.system = Some("abcd".to_owned());
    // Nine letters at four a token, rounded up: 3 tokens.
    assert_eq!(prompt_tokens(&plan, "abcde"), 3);
    // 3 × 2 + 1,000 × 10 = 10,006 millionths.
    assert_eq!(Forecast::of(&plan, 3), Forecast::AtMost(0.010_006));
}

#[test]
fn what_the_body_says_itself_counts() {
    let forecast = |extra: Value| {
        let mut plan = plan(ProviderId::OpenAi, Some(price()));
        plan.extra = extra.as_object().unwrap().clone();
        Forecast::of(&plan, 0)
    };
    assert_eq!(
        [
            json!({ "max_completion_tokens": 5_000 }),
            json!({ "generationConfig": { "maxOutputTokens": 2_000 } }),
            json!({ "n": 3 }),
            json!({ "max_tokens": "many" }),
        ]
        .map(forecast),
        [0.05, 0.02, 0.03, 0.01].map(Forecast::AtMost)
    );
}

#[test]
fn without_a_price_or_a_bound_it_is_unknown_and_on_this_machine_free() {
    assert_eq!(
        Forecast::of(&plan(ProviderId::OpenAi, None), 1),
        Forecast::Unknown
    );
    let mut endless = plan(ProviderId::OpenAi, Some(price()));
    endless.sampling.max_tokens = None;
    assert_eq!(Forecast::of(&endless, 1), Forecast::Unknown);
    let mut ollama = plan(ProviderId::Ollama, None);
    assert_eq!(Forecast::of(&ollama, 1), Forecast::Free);
    let mut at = |url: &str| {
        ollama.source = LaneSource::Remote(RemotePlan {
            base_url: Some(url.to_owned()),
            ..RemotePlan::default()
        });
        Forecast::of(&ollama, 1)
    };
    for own in [
        "http://127.0.0.1:11434",
        "http://LOCALHOST/v1",
        "http://[::1]:80",
    ] {
        assert_eq!(at(own), Forecast::Free, "{own}");
    }
    for far in [
        "https://ollama.example",
        "http://127.0.0.1.example:80",
        "http://10.0.0.7:11434",
    ] {
        assert_eq!(at(far), Forecast::Unknown, "{far}");
    }
    ollama.price = Some(price());
    assert_eq!(Forecast::of(&ollama, 0), Forecast::AtMost(0.01));
}

#[test]
fn a_sum_leaves_out_what_is_free_and_tells_what_is_unknown() {
    let all = sum([
        Forecast::Free,
        Forecast::AtMost(0.25),
        Forecast::AtMost(0.5),
    ]);
    assert_eq!((all.known_usd, all.has_unknown), (Some(0.75), false));
    assert!(sum([Forecast::Unknown]).has_unknown);
    assert!(sum([Forecast::Free]).is_empty());
}

#[test]
fn a_prompt_with_its_own_limits_and_its_judges() {
    let mut plan = plan(ProviderId::OpenAi, Some(price()));
    plan.system = Some("x".repeat(400));
    let messages = ["abcd", "efg"].map(|content| Message {
        role: Role::User,
        content: content.to_owned(),
    });
    let own = Asking {
        plan: &plan,
        system: None,
        messages: &messages,
        max_tokens: None,
    };
    // 400 + 4 + 1 + 3 letters at four a token.
    assert_eq!(own.prompt_tokens(), 102);
    // 102 × 2 + 1,000 × 10 millionths.
    assert_eq!(own.most(), Forecast::AtMost(0.010_204));
    let short = Asking {
        system: Some(""),
        max_tokens: Some(50),
        ..own
    };
    // 2 × 2 + 50 × 10 millionths.
    assert_eq!(short.most(), Forecast::AtMost(0.000_504));
    assert_eq!(short.usd_with(12.5), Some(0.000_129));
    // The judge reads 2 + 50 + 400 tokens and says 1,000 at the most.
    let judged = short.most_judging([&plan, &plan]);
    assert_eq!(judged.known_usd, Some(2.0 * 0.010_904));
    let mut endless = plan.clone();
    endless.sampling.max_tokens = None;
    assert!(short.most_judging([&endless]).has_unknown);
    assert!(short.most_judging([]).is_empty());
    let mut unpriced = plan.clone();
    unpriced.price = None;
    let unpriced = Asking {
        plan: &unpriced,
        ..own
    };
    assert_eq!(unpriced.usd_with(1.0), None);
}

#[test]
fn a_habit_is_the_mean_of_what_is_known() {
    assert_eq!(Habit::of(&[]), None);
    let habit = Habit::of(&[
        (Some(10), Some(500.0)),
        (None, Some(1_500.0)),
        (Some(40), None),
    ]);
    assert_eq!(
        habit,
        Some(Habit {
            cells: 3,
            completion_tokens: Some(25.0),
            seconds: Some(1.0),
        })
    );
    let silent = Habit::of(&[(None, None)]).unwrap();
    assert_eq!((silent.completion_tokens, silent.seconds), (None, None));
}

#[test]
fn lanes_of_a_place_share_it_and_places_work_beside_each_other() {
    let share = |place, most, cells, seconds| Share {
        place,
        most,
        cells,
        seconds,
    };
    let seconds = |shares: &[Share<'_>]| time(shares).as_secs_f64();
    assert_eq!(time(&[]), Duration::ZERO);
    let a = share("host", 8, 80, 1.0);
    let b = share("host", 8, 40, 2.0);
    let c = share("this machine", 1, 3, 4.0);
    assert!((seconds(&[a]) - 10.0).abs() < 1e-9);
    assert!((seconds(&[a, b]) - 20.0).abs() < 1e-9);
    assert!((seconds(&[a, c]) - 12.0).abs() < 1e-9);
    // Two cells at once at a place for eight take as long as one.
    assert!((seconds(&[share("host", 8, 2, 3.0)]) - 3.0).abs() < 1e-9);
    assert_eq!(time(&[share("host", 8, 0, 3.0)]), Duration::ZERO);
}
