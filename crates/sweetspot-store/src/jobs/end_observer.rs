//! Reports the ends of runs, for metrics.

use std::fmt;
use std::sync::OnceLock;
use std::time::Duration;

use super::RunState;

type Observe = dyn Fn(&RunState, Option<Duration>) + Send + Sync;

/// What is called with the end of each run, if anything is.
#[derive(Default)]
pub(super) struct EndObserver(OnceLock<Box<Observe>>);

impl EndObserver {
    /// Sets the observer, unless there is one.
    pub(super) fn set(&self, observe: impl Fn(&RunState, Option<Duration>) + Send + Sync + 'static) {
        let _is_first = self.0.set(Box::new(observe));
    }

    /// Reports the end of a run, which took this time if it had started.
    pub(super) fn report(&self, state: &RunState, duration: Option<Duration>) {
        if let Some(observe) = self.0.get() {
            observe(state, duration);
        }
    }
}

impl fmt::Debug for EndObserver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EndObserver").finish_non_exhaustive()
    }
}
