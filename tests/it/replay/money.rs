//! What a replay may cost: held to over all parts of a batch, judges included.

use super::stage::{Home, answer, asked, sums_server};
use crate::loopback::{Loopback, Reply, Speech, Step};

/// An answer of ten tokens costs a dollar, and none has more.
const A_DOLLAR: &str = "price = { input = 0.0, output = 100000.0 }\nmax_tokens = 10\n";

#[test]
fn a_limit_of_the_cost_is_kept_over_every_part_of_a_batch_and_one_that_cannot_be_is_refused() {
    let server = sums_server();
    let home = Home::with_lanes(&server, &["mini"], A_DOLLAR);
    let suite = home.sums(6);
    // A cell may cost one dollar before it is known, and costs less then; eight at once may not be above the limit.
    let cost_of = |batch: &serde_json::Value| -> f64 {
        let runs = batch["runs"].as_array().unwrap().iter();
        runs.map(|run| run["lanes"][0]["cost_usd"].as_f64().unwrap())
            .sum()
    };
    let ended = home.run(&["replay", &suite, "--max-cost", "1.5"]);
    assert_eq!(ended.status, Some(1), "{}", ended.err);
    assert!(ended.err.contains("might cost more"), "{}", ended.err);
    let (sent, cost) = (server.requests().len(), cost_of(&home.batch()));
    assert!(
        (1..6).contains(&sent) && cost <= 1.5,
        "{sent} were sent for {cost} dollars"
    );
    // It goes on from what was spent, not from nothing.
    let again = home.run(&["replay", &suite, "--max-cost", "1.5", "--resume"]);
    assert_eq!(again.status, Some(1), "{}", again.err);
    assert_eq!(server.requests().len(), sent, "{}", again.err);
    let more = home.run(&["replay", &suite, "--max-cost", "20", "--resume"]);
    assert_eq!(more.status, Some(0), "{}", more.err);
    assert_eq!(server.requests().len(), 6);
    let unpriced = Home::with_lanes(&server, &["mini"], "");
    let refused = unpriced.run(&["replay", &unpriced.sums(2), "--max-cost", "1"]);
    assert_eq!(refused.status, Some(2));
    assert!(refused.err.contains("is not known"), "{}", refused.err);
    assert_eq!(server.requests().len(), 6);
}

#[test]
fn judges_are_held_to_the_limit_too() {
    let server = Loopback::route(|request| match asked(request).1.as_str() {
        "judge" => Speech::of(&["{\"reason\": \"so\", \"score\": 1}"]).openai(),
        _ => answer(),
    });
    let lanes = |price: &str| {
        let url = server.url("/v1");
        Home::new(&format!(
            "[[lane]]\nname = \"mini\"\nprovider = \"openai-compatible\"\nmodel = \"mini\"\nbase_url = \"{url}\"\n\
             max_tokens = 10\nprice = {{ input = 0.0, output = 0.0 }}\n\
             [[lane]]\nname = \"judge\"\nprovider = \"openai-compatible\"\nmodel = \"judge\"\nbase_url = \"{url}\"\n\
             max_tokens = 10\n{price}\n"
        ))
    };
    let suite = "[[prompt]]\nid = \"a\"\nprompt = \"12 + 7?\"\ncheck = { judge = \"Is it 19?\" }\n";
    let dear = lanes("price = { input = 10000.0, output = 10000.0 }");
    let file = dear.file("j.toml", suite);
    let arguments = [
        "replay",
        &file,
        "--lane",
        "mini",
        "--judge",
        "judge",
        "--max-cost",
        "0.01",
    ];
    let ended = dear.run(&arguments);
    assert_eq!(ended.status, Some(1), "{}", ended.err);
    assert_eq!(server.requests().len(), 0, "nothing fits");
    let unpriced = lanes("");
    let ended = unpriced.run(&arguments);
    assert_eq!(ended.status, Some(2), "{}", ended.err);
    assert!(
        ended.err.contains("what judge costs is not known"),
        "{}",
        ended.err
    );
}

#[test]
fn an_answer_that_breaks_off_counts_with_the_most_that_it_may_cost() {
    // What had come was paid for, and nobody says how much that was.
    let server = Loopback::route(|_| answer().broken_after(3, Step::Cut));
    let home = Home::with_lanes(&server, &["mini"], A_DOLLAR);
    let suite = home.sums(6);
    let ended = home.run(&["replay", &suite, "--max-cost", "1.5"]);
    assert_eq!(ended.status, Some(1), "{}", ended.err);
    assert_eq!(server.requests().len(), 1, "{}", ended.err);
    // `19` is a token, a tenth of a dollar.
    let told = "What 1 request cost nobody told: at least ~$0.10";
    assert!(ended.err.contains(told), "{}", ended.err);
    // It still counts in the next part.
    let again = home.run(&["replay", &suite, "--max-cost", "1.5", "--resume"]);
    assert_eq!(server.requests().len(), 1, "{}", again.err);
    let more = home.run(&["replay", &suite, "--max-cost", "2.5", "--resume"]);
    assert_eq!(server.requests().len(), 2, "{}", more.err);
}

#[test]
fn tries_of_which_nothing_came_count_too_and_what_was_refused_does_not() {
    let silent = Loopback::route(|_| answer().broken_after(1, Step::Cut));
    let home = Home::with_lanes(&silent, &["mini"], A_DOLLAR);
    let ended = home.run(&["replay", &home.sums(3), "--max-cost", "2.5"]);
    assert_eq!(ended.status, Some(1), "{}", ended.err);
    assert_eq!(silent.requests().len(), 2, "{}", ended.err);
    assert!(ended.err.contains("What 2 requests cost"), "{}", ended.err);

    let refusing = Loopback::route(|_| Reply::status(400));
    let home = Home::with_lanes(&refusing, &["mini"], A_DOLLAR);
    let ended = home.run(&["replay", &home.sums(3), "--max-cost", "1.5"]);
    assert_eq!(ended.status, Some(3), "{}", ended.err);
    assert_eq!(refusing.requests().len(), 3, "{}", ended.err);
    assert!(!ended.err.contains("nobody told"), "{}", ended.err);
}

#[test]
fn answers_of_a_host_that_counts_nothing_are_held_to_the_limit_as_well() {
    let server = Loopback::route(|_| {
        let mut reply = answer();
        // All but the usage.
        reply.steps.remove(reply.steps.len() - 2);
        reply
    });
    let home = Home::with_lanes(&server, &["mini"], A_DOLLAR);
    let suite = home.sums(4);
    let ended = home.run(&["replay", &suite, "--max-cost", "2.5"]);
    assert_eq!(ended.status, Some(1), "{}", ended.err);
    assert_eq!(server.requests().len(), 2, "{}", ended.err);
    let again = home.run(&["replay", &suite, "--max-cost", "2.5", "--resume"]);
    assert_eq!(server.requests().len(), 2, "{}", again.err);
    let all = home.run(&["replay", &suite, "--resume"]);
    assert_eq!(all.status, Some(0), "{}", all.err);
    assert_eq!(server.requests().len(), 4);
}

#[test]
fn a_forecast_goes_by_earlier_cells_and_says_where_there_are_none() {
    let server = sums_server();
    let price = "price = { input = 0.0, output = 1000.0 }\nmax_tokens = 10\n";
    let home = Home::with_lanes(&server, &["mini", "maxi"], price);
    let suite = home.sums(6);
    let first = home.run(&["replay", &suite, "--lane", "mini"]);
    assert!(
        first.err.contains("6 prompts × 1 lane, 6 cells to do.\n~"),
        "{}",
        first.err
    );
    assert!(
        first.err.contains(" prompt tokens, at most ~$0.06"),
        "{}",
        first.err
    );
    assert!(
        first
            .err
            .contains("Answer tokens and time are not known: the history has no such cells yet."),
        "{}",
        first.err
    );
    let second = home.run(&["replay", &suite]);
    // Two tokens each, at a thousandth of a dollar.
    let going = "Going by 6 earlier cells: ~12 answer tokens, ~$0.0120, about 0.";
    assert!(second.err.contains(going), "{}", second.err);
    let missing = "Not in that, for want of earlier cells: maxi.\n";
    assert!(second.err.contains(missing), "{}", second.err);
    // Another limit of the answer makes another lane of it.
    let other = home.run(&["replay", &suite, "--lane", "mini", "--max-tokens", "5"]);
    assert!(
        other.err.contains("are not known: the history"),
        "{}",
        other.err
    );
    let unkept = home.run(&["replay", &suite, "--lane", "mini", "--no-history"]);
    assert!(
        unkept.err.contains("are not known: no history"),
        "{}",
        unkept.err
    );
    for line in second.err.lines().chain(other.err.lines()).take(5) {
        assert!(line.chars().count() <= 80, "{line}");
    }
}

#[test]
fn the_cost_of_judging_is_forecast_at_its_most() {
    let server = sums_server();
    let home = Home::with_lanes(
        &server,
        &["mini", "judge"],
        "price = { input = 0.0, output = 1000.0 }\nmax_tokens = 10\n",
    );
    let suite = "[[prompt]]\nid = \"a\"\nprompt = \"12 + 7?\"\ncheck = { judge = \"Is it 19?\" }\n";
    let file = home.file("j.toml", suite);
    let ended = home.run(&["replay", &file, "--lane", "mini", "--judge", "judge"]);
    assert!(
        ended
            .err
            .contains("at most ~$0.0100, judging at most ~$0.0100."),
        "{}",
        ended.err
    );
}
