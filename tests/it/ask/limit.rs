//! `max_cost`: what is held before anything is sent.

use super::stage::Home;
use crate::loopback::{Loopback, Reply, Speech};

/// Prices make 1,024 tokens of an answer cost a little more than a cent.
fn home(server: &Loopback, max_cost: &str, price: &str) -> Home {
    let url = server.url("/v1");
    Home::new(&format!(
        "[defaults]\nmax_cost = {max_cost}\n[[lane]]\nname = \"dear\"\nprovider = \"openai-compatible\"\nmodel = \"m\"\n\
         base_url = \"{url}\"\nmax_retries = 0\n{price}\n"
    ))
}

fn server() -> Loopback {
    Loopback::route(|_| Speech::of(&["Hel", "lo"]).openai())
}

const PRICE: &str = "price = { input = 1.0, output = 10.0 }";

#[test]
fn a_prompt_that_may_cost_more_than_the_limit_is_not_sent() {
    let server = Loopback::start([Reply::status(500)]);
    let asked = home(&server, "0.01", PRICE).asked(&["hello"]).with_code(2);
    // 2 × 1 + 1,024 × 10 = 10,242 millionths.
    for said in [
        "this prompt may cost up to ~$0.0102, more than max_cost $0.0100: dear ~$0.0102; nothing was sent",
        "--max-tokens",
        "--lane NAME",
        "`max_cost`",
    ] {
        assert!(asked.err.contains(said), "{}", asked.err);
    }
    assert_eq!(asked.out, "");
    assert!(server.requests().is_empty());
}

#[test]
fn shorter_answers_come_below_the_limit() {
    let server = server();
    let asked = home(&server, "0.01", PRICE)
        .asked(&["hello", "--max-tokens", "900"])
        .with_code(0);
    assert!(asked.out.contains("Hello"), "{}", asked.out);
}

#[test]
fn a_lane_without_a_price_is_warned_about_and_asked() {
    let server = server();
    let asked = home(&server, "0.01", "").asked(&["hello"]).with_code(0);
    assert!(
        asked
            .err
            .contains("warning: max_cost cannot hold lane `dear`: the price of `m` is not known"),
        "{}",
        asked.err
    );
    assert!(asked.out.contains("Hello"), "{}", asked.out);
}
