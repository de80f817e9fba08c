//! Catches panics of the libraries that read damaged files, without printing them.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::Once;

thread_local! {
    /// Whether panics of this thread are caught here.
    static IS_CAUGHT: Cell<bool> = const { Cell::new(false) };
}

/// Returns the result of a call into a library; `None` if it panics. The panic is not written to stderr, because the
/// caller reports the file.
pub(super) fn catch<T>(call: impl FnOnce() -> T) -> Option<T> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let print = take_hook();
        set_hook(Box::new(move |panic| {
            if !IS_CAUGHT.get() {
                print(panic);
            }
        }));
    });
    let outer = IS_CAUGHT.replace(true);
    let returned = catch_unwind(AssertUnwindSafe(call));
    IS_CAUGHT.set(outer);
    returned.ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_nothing() {
        assert_eq!(catch(|| 7), Some(7));
        assert_eq!(catch(|| catch(|| panic!("within")).is_none_or(|()| panic!("not reached"))), Some(true));
        assert_eq!(catch(|| -> u8 { panic!("not printed") }), None);
        assert!(!IS_CAUGHT.get());
    }
}
