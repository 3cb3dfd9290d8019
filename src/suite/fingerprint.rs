//! What tells one suite from another: a hash of all that is asked and checked. Reads no file.

use super::Cases;
use crate::spool::SpoolError;
use ring::digest::{Context, SHA256};
use std::fmt::Write;

/// SHA-256 of all cases in their order, as 64 hexadecimal digits; the title and the warnings are no part of it.
///
/// # Errors
/// The cases cannot be read back.
pub fn fingerprint(cases: &Cases) -> Result<String, SpoolError> {
    let mut context = Context::new(&SHA256);
    for case in cases.iter() {
        // Nothing of a case can fail to be written.
        let bytes = serde_json::to_vec(&case?).unwrap_or_default();
        context.update(&(bytes.len() as u64).to_le_bytes());
        context.update(&bytes);
    }
    let mut hex = String::new();
    for byte in context.finish().as_ref() {
        // A string takes all that is written.
        let _ = write!(hex, "{byte:02x}");
    }
    Ok(hex)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        case::Case,
        check::CheckSpec,
        request::{Message, Role},
    };

    /// Reckoned apart.
    const PLAIN: &str = "6f8c6e915b36cf7a9717180db8c25b0552a69e3367af0bef92fdd404caf8de78";

    fn of(change: impl FnOnce(&mut Case)) -> String {
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
        fingerprint(&[case].into_iter().collect()).unwrap()
    }

    #[test]
    fn all_of_a_case_counts() {
        let plain = of(|_| {});
        // It never changes: batches of before are found by it.
        assert_eq!(plain, PLAIN);
        let changed = [
            of(|case| case.id = "b".to_owned()),
            of(|case| case.system = Some("s".to_owned())),
            of(|case| case.tags = vec!["t".to_owned()]),
            of(|case| case.max_tokens = Some(1)),
            of(|case| case.repeat = 2),
            of(|case| case.check = Some(CheckSpec::Json)),
        ];
        for changed in changed {
            assert_ne!(changed, plain);
        }
    }
}
