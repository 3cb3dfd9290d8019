//! What tells one suite from another: a hash of all that is asked and checked. Reads no file.

use crate::domain::case::Suite;
use ring::digest::{Context, SHA256};
use std::fmt::Write;

/// SHA-256 of all cases in their order, as 64 hexadecimal digits; the title and the warnings are no part of it.
pub fn fingerprint(suite: &Suite) -> String {
    let mut context = Context::new(&SHA256);
    for case in &suite.cases {
        // Nothing of a case can fail to be written.
        let bytes = serde_json::to_vec(case).unwrap_or_default();
        context.update(&(bytes.len() as u64).to_le_bytes());
        context.update(&bytes);
    }
    let mut hex = String::new();
    for byte in context.finish().as_ref() {
        // A string takes all that is written.
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        case::Case,
        check::CheckSpec,
        request::{Message, Role},
    };

    fn suite(change: impl FnOnce(&mut Case)) -> Suite {
        let message = Message {
            role: Role::User,
            content: "hi".to_owned(),
        };
        let mut case = Case {
            id: "a".to_owned(),
            messages: vec![message],
            repeat: 1,
            ..Case::default()
        };
        change(&mut case);
        Suite {
            title: "A".to_owned(),
            cases: vec![case],
            warnings: Vec::new(),
            notes: Vec::new(),
        }
    }

    #[test]
    fn all_but_the_title_counts() {
        let plain = fingerprint(&suite(|_| {}));
        assert_eq!(plain.len(), 64);
        let renamed = Suite {
            title: "B".to_owned(),
            ..suite(|_| {})
        };
        assert_eq!(fingerprint(&renamed), plain);
        let changed = [
            suite(|case| case.id = "b".to_owned()),
            suite(|case| case.system = Some("s".to_owned())),
            suite(|case| case.tags = vec!["t".to_owned()]),
            suite(|case| case.max_tokens = Some(1)),
            suite(|case| case.repeat = 2),
            suite(|case| case.check = Some(CheckSpec::Json)),
        ];
        for suite in changed {
            assert_ne!(fingerprint(&suite), plain);
        }
    }
}
