//! Reports the ends of runs, for metrics and traces.

use std::fmt;
use std::sync::OnceLock;
use std::time::Duration;

use sweetspot_core::RunName;

use super::RunState;

/// A run that has ended.
#[derive(Clone, Copy, Debug)]
pub struct EndedRun<'r> {
    /// Its name.
    pub name: &'r RunName,
    /// Its final state.
    pub state: &'r RunState,
    /// How long it took; `None` if it had not started.
    pub duration: Option<Duration>,
    /// Its stages, each with the time from the start of the run to that of the stage.
    pub stages: &'r [(&'static str, Duration)],
}

type Observe = dyn Fn(&EndedRun<'_>) + Send + Sync;

/// What is called with the end of each run, if anything is.
#[derive(Default)]
pub(super) struct EndObserver(OnceLock<Box<Observe>>);

impl EndObserver {
    /// Sets the observer, unless there is one.
    pub(super) fn set(&self, observe: impl Fn(&EndedRun<'_>) + Send + Sync + 'static) {
        let _is_first = self.0.set(Box::new(observe));
    }

    /// Reports the end of a run.
    pub(super) fn report(&self, run: &EndedRun<'_>) {
        if let Some(observe) = self.0.get() {
            observe(run);
        }
    }
}

impl fmt::Debug for EndObserver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EndObserver").finish_non_exhaustive()
    }
}
