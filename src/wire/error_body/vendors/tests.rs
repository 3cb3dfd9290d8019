//! A real body for each row of the table, and neighbours that mean something else.

use super::{super::classify, ROWS};
use crate::domain::failure::FailureKind::{
    self, ContextLength, NotFound, Quota, RateLimited, Rejected,
};
use serde_json::json;

fn kind(status: u16, body: &str) -> FailureKind {
    classify(status, |_| None, body.as_bytes()).kind
}

#[test]
fn every_row_is_found_by_its_own_words_and_names_its_source() {
    for row in ROWS {
        assert!(
            !row.vendor.is_empty() && row.source.starts_with("https://"),
            "{row:?}"
        );
        let lower = row.parts.iter().all(|part| *part == part.to_lowercase());
        assert!(lower, "{row:?}");
        if row.kind == Rejected {
            continue;
        }
        let message = row.parts.join(" … ");
        let status = if row.status == 0 { 400 } else { row.status };
        for body in [
            json!({ "error": { "message": message } }),
            json!({ "message": message.to_uppercase() }),
        ] {
            assert_eq!(kind(status, &body.to_string()), row.kind, "{row:?}");
        }
    }
}

#[test]
fn bodies_of_vendors_mean_what_they_say() {
    #[rustfmt::skip]
    let cases = [
        (400, r#"{"type":"error","error":{"type":"invalid_request_error","message":"You have reached your specified API usage limits. You will regain access on 2026-12-01 at 00:00 UTC."}}"#, Quota),
        (429, r#"{"error":{"message":"You exceeded your current quota, please check your plan and billing details.","type":"insufficient_quota","param":null,"code":"insufficient_quota"}}"#, Quota),
        (400, r#"{"error":{"message":"Billing hard limit has been reached","type":"billing_limit_user_error","code":"billing_hard_limit_reached"}}"#, Quota),
        (429, r#"{"code":"Some resource has been exhausted","error":"Your team has either used all available credits or reached its monthly spending limit."}"#, Quota),
        (429, r#"{"error":{"code":429,"message":"Your prepayment credits are depleted. Please go to AI Studio to manage your project and billing.","status":"RESOURCE_EXHAUSTED"}}"#, Quota),
        (429, r#"{"error":{"code":429,"message":"Your project has exceeded its monthly spending cap.","status":"RESOURCE_EXHAUSTED"}}"#, Quota),
        (429, r#"{"error":{"message":"Your account is suspended, please check your plan and billing details","type":"exceeded_current_quota_error"}}"#, Quota),
        (400, r#"{"code":"Arrearage","message":"Access denied, please make sure your account is in good standing."}"#, Quota),
        (429, r#"{"message":"You are using a Trial key, which is limited to 1000 API calls / month."}"#, Quota),
        (429, r#"{"error":"you have reached your weekly usage limit, please upgrade to continue"}"#, Quota),
        (412, r#"{"error":{"message":"Account is suspended, possibly due to reaching the monthly spending limit"}}"#, Quota),
        (429, r#"{"error":{"message":"Request too large for gpt-4o in organization org-1 on tokens per min (TPM): Limit 30000, Requested 45000. The input or output tokens must be reduced in order to run successfully.","type":"tokens","code":"rate_limit_exceeded"}}"#, Rejected),
        (429, r#"{"error":{"message":"Request too large: the rate limit is per minute. Limit: 30,000, Requested: 45,000"}}"#, Rejected),
        (413, r#"{"error":{"message":"Request too large for model `x` on tokens per minute (TPM): Limit 6000, Requested 9000","code":"rate_limit_exceeded"}}"#, Rejected),
        (429, r#"{"error":{"message":"Rate limit reached for gpt-4o on tokens per min (TPM): Limit 30000, Used 29000, Requested 2000. Please try again in 2s.","code":"rate_limit_exceeded"}}"#, RateLimited),
        (400, r#"{"type":"error","error":{"type":"invalid_request_error","message":"input length and `max_tokens` exceed context limit: 199000 + 8192 > 200000, decrease input length or `max_tokens` and try again"}}"#, ContextLength),
        (400, r#"{"error":"This model's maximum prompt length is 131072 but the request contains 140000 tokens."}"#, ContextLength),
        (400, r#"{"object":"error","message":"The decoder prompt (length 5000) is longer than the maximum model length of 4096.","code":400}"#, ContextLength),
        (422, r#"{"error":"Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096. Given: 4000 `inputs` tokens and 500 `max_new_tokens`","error_type":"validation"}"#, ContextLength),
        (400, r#"{"error":{"message":"Invalid request: Your request exceeded model token limit: 8192","type":"invalid_request_error"}}"#, ContextLength),
        (400, r#"{"code":"InvalidParameter","message":"Range of input length should be [1, 30720]"}"#, ContextLength),
        (400, r#"{"error":{"code":400,"message":"the request exceeds the available context size, try increasing it","type":"exceed_context_size_error"}}"#, ContextLength),
        (400, r#"{"error":{"message":"The model `x` has been decommissioned and is no longer supported.","code":"model_decommissioned"}}"#, NotFound),
        (400, r#"{"error":{"message":"The requested model 'x' is not supported by any provider you have enabled.","code":"model_not_supported"}}"#, NotFound),
        (404, r#"{"error":"model \"x\" not found, try pulling it first"}"#, NotFound),
        (429, r#"{"error":{"message":"Too many requests"}}"#, RateLimited),
    ];
    for (status, body, expected) in cases {
        assert_eq!(kind(status, body), expected, "{body}");
    }
}
