//! What a replay may cost: held to over all parts of a batch, judges included.

use super::stage::{Home, answer, asked, sums_server};
use crate::loopback::{Loopback, Speech};

#[test]
fn a_limit_of_the_cost_is_kept_over_every_part_of_a_batch_and_one_that_cannot_be_is_refused() {
    let server = sums_server();
    let price = "price = { input = 0.0, output = 100000.0 }\nmax_tokens = 10\n";
    let home = Home::with_lanes(&server, &["mini"], price);
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
