//! The key that asks a prepared prompt.

use super::*;
use crate::tui::model::Prepared;

fn with(prepared: Prepared) -> Bench {
    let mut bench = bench();
    bench.model.prepared = prepared;
    bench.effects.clear();
    bench
}

fn prompts() -> Vec<String> {
    vec!["Try this".to_owned(), "And that".to_owned()]
}

fn notice(bench: &Bench) -> &str {
    bench.model.notice.as_deref().unwrap_or_default()
}

fn asked(bench: &Bench) -> Option<&str> {
    match &bench.effects[..] {
        [Effect::StartRun { prompt, .. }] => Some(prompt),
        _ => None,
    }
}

#[test]
fn without_prepared_prompts_the_key_says_where_there_are_some() {
    let mut bench = with(Prepared::default());
    bench.key(KeyCode::F(7));
    assert_eq!(bench.effects, []);
    assert!(
        notice(&bench).contains("tierscope demo"),
        "{}",
        notice(&bench)
    );
}

#[test]
fn a_prepared_prompt_is_asked_at_one_key_and_the_draft_stays() {
    let mut bench = with(Prepared::for_all_lanes(prompts()));
    bench.type_text("a draft");
    bench.key(KeyCode::F(7));
    assert_eq!(asked(&bench), Some("Try this"));
    assert_eq!(notice(&bench), "asked: Try this");
    assert_eq!(bench.model.editor.text(), "a draft");
}

#[test]
fn nothing_goes_to_a_remote_lane_that_the_person_has_not_sent() {
    let mut bench = with(Prepared::new(prompts()));
    bench.key(KeyCode::F(7));
    assert_eq!(bench.effects, []);
    assert_eq!(bench.model.editor.text(), "Try this");
    bench.key(KeyCode::F(7));
    assert_eq!(bench.model.editor.text(), "Try this", "a draft is not lost");
    bench.key(KeyCode::Enter);
    assert_eq!(asked(&bench), Some("Try this"));
}

#[test]
fn where_all_lanes_are_local_it_is_asked_at_once() {
    let lanes = vec![local("one", Tier::Small), local("two", Tier::Mid)];
    let mut bench = Bench::new((120, 40), lanes);
    bench.model.prepared = Prepared::new(prompts());
    bench.effects.clear();
    bench.key(KeyCode::F(7));
    assert_eq!(asked(&bench), Some("Try this"));
}

#[test]
fn a_prompt_that_no_lane_could_take_comes_again() {
    let mut bench = with(Prepared::for_all_lanes(prompts()));
    for pane in &mut bench.model.panes {
        pane.is_on = false;
    }
    bench.key(KeyCode::F(7));
    assert_eq!(bench.effects, []);
    for pane in &mut bench.model.panes {
        pane.is_on = true;
    }
    bench.key(KeyCode::F(7));
    assert_eq!(asked(&bench), Some("Try this"));
}
