//! The resource that a call is about, for the log line at its end.

use std::sync::{Arc, OnceLock};

tokio::task_local! {
    static CURRENT: CallResource;
}

/// The resource that a call names first. Empty until its request is read.
#[derive(Clone, Debug, Default)]
pub struct CallResource(Arc<OnceLock<String>>);

impl CallResource {
    /// Runs a part of the call. [`Self::record`] within it sets this resource.
    pub fn scope<T>(&self, work: impl FnOnce() -> T) -> T {
        CURRENT.sync_scope(self.clone(), work)
    }

    /// The resource of the call that runs on this thread, if that is to be logged.
    #[must_use]
    pub fn current() -> Option<Self> {
        CURRENT.try_with(Clone::clone).ok()
    }

    /// Sets the resource of the call that runs on this thread. Further names have no effect.
    pub fn record(name: &str) {
        // Without a call, as in tests, there is nothing to set.
        let _outside = CURRENT.try_with(|resource| resource.0.get_or_init(|| name.to_owned()).len());
    }

    /// The name of the resource; empty if the call named none.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.get().map_or("", String::as_str)
    }
}
