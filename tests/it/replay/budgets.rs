//! A budget that is used up in the middle of a replay, in the words of each vendor: asked once, nothing waited for, and
//! what was never answered is missing until somebody has paid.

use super::stage::{Home, answer, cells};
use crate::loopback::{Loopback, Reply};
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

const CELLS: usize = 40;
const BEFORE: usize = 20;

#[rustfmt::skip]
const USED_UP: &[(&str, u16, &str)] = &[
    ("Anthropic", 400, r#"{"type":"error","error":{"type":"invalid_request_error","message":"You have reached your specified API usage limits. You will regain access on 2026-12-31 at 00:00 UTC."}}"#),
    ("OpenAI", 429, r#"{"error":{"message":"You exceeded your current quota, please check your plan and billing details.","type":"insufficient_quota","code":"insufficient_quota"}}"#),
    ("OpenAI, hard limit", 400, r#"{"error":{"message":"Billing hard limit has been reached","code":"billing_hard_limit_reached"}}"#),
    ("OpenAI, credits", 429, r#"{"error":{"message":"Your credit balance is exhausted.","code":"credit_balance_exhausted"}}"#),
    ("xAI", 429, r#"{"code":"Some resource has been exhausted","error":"Your team has either used all available credits or reached its monthly spending limit."}"#),
    ("Gemini", 429, r#"{"error":{"code":429,"message":"Your prepayment credits are depleted.","status":"RESOURCE_EXHAUSTED"}}"#),
    ("Kimi", 429, r#"{"error":{"message":"Your account is suspended, please check your plan and billing details","type":"exceeded_current_quota_error"}}"#),
    ("Qwen", 400, r#"{"code":"Arrearage","message":"Access denied, please make sure your account is in good standing."}"#),
    ("Cohere", 429, r#"{"message":"You are using a Trial key, which is limited to 1000 API calls / month."}"#),
    ("Ollama Cloud", 429, r#"{"error":"you have reached your weekly usage limit, please upgrade to continue"}"#),
    ("Fireworks", 412, r#"{"error":{"message":"Account is suspended, possibly due to reaching the monthly spending limit"}}"#),
    ("DeepSeek", 402, r#"{"error":{"message":"Insufficient Balance","type":"unknown_error","code":"invalid_request_error"}}"#),
];

#[test]
fn a_used_up_budget_is_asked_once_and_its_cells_are_missing_until_it_is_back() {
    for (vendor, status, body) in USED_UP {
        let is_paid = Arc::new(AtomicBool::new(false));
        let paid = Arc::clone(&is_paid);
        let server = Loopback::route(move |request| {
            if request.index < BEFORE || paid.load(Ordering::SeqCst) {
                answer()
            } else {
                Reply::json(*status, *body).header("retry-after", "3600")
            }
        });
        let home = Home::with_lanes(&server, &["mini"], "");
        let suite = home.sums(CELLS);
        let ended = home.run(&["replay", &suite, "--concurrency", "1"]);
        assert_eq!(ended.status, Some(3), "{vendor}: {}", ended.err);
        let said = "lane `mini` was given up";
        assert!(ended.err.contains(said), "{vendor}: {}", ended.err);
        let asked = server.requests().len();
        assert!(asked <= BEFORE + 3, "{vendor}: {asked} requests");
        let batch = home.batch();
        assert_eq!(cells(&batch).len(), BEFORE, "{vendor}: missing, not failed");
        assert_eq!(batch["summary"][0]["failed"], 0, "{vendor}");
        is_paid.store(true, Ordering::SeqCst);
        let again = home.run(&["replay", &suite, "--concurrency", "1", "--resume"]);
        assert_eq!(again.status, Some(0), "{vendor}: {}", again.err);
        assert_eq!(server.requests().len() - asked, CELLS - BEFORE, "{vendor}");
        assert_eq!(cells(&home.batch()).len(), CELLS, "{vendor}");
    }
}
