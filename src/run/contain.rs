//! Keeps a panic of one provider inside its lane. Installs no panic hook.

use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
};

/// Calls foreign code; a panic becomes its message.
pub(super) fn contain<T>(call: impl FnOnce() -> T) -> Result<T, String> {
    // What the call may have left half done is dropped by the caller and never used again.
    catch_unwind(AssertUnwindSafe(call)).map_err(|payload| message(payload.as_ref()))
}

fn message(payload: &(dyn Any + Send)) -> String {
    payload
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "a panic without a message".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_its_message() {
        assert_eq!(contain(|| 7), Ok(7));
        assert_eq!(contain(|| panic!("boom")), Err::<(), _>("boom".to_owned()));
        let seven = 7;
        assert_eq!(
            contain(|| panic!("boom {seven}")),
            Err::<(), _>("boom 7".to_owned())
        );
        assert!(contain(|| std::panic::panic_any(7)).is_err());
    }
}
