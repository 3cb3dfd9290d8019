//! Snapshots of what a prompt will cost, before it is sent.

use super::*;

#[test]
fn the_line_above_the_prompt_says_what_it_will_cost() {
    let mut bench = Bench::new((100, 24), four_lanes());
    bench.type_text("How many r's are in strawberry?");
    insta::assert_snapshot!(bench.text());
}

#[test]
fn above_the_limit_a_question_stands_where_the_hints_were() {
    let mut bench = Bench::limited((100, 24), 0.01);
    bench.type_text("How many r's are in strawberry?");
    bench.key(KeyCode::Enter);
    insta::assert_snapshot!(bench.text());
}
