//! Caches the context that all target lists of a version share.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use sweetspot_model::Scorer;
use sweetspot_report::ReportInput;
use sweetspot_report::targets::ExplanationContext;

/// The context of the most recently used version.
#[derive(Debug, Default)]
pub(in crate::api::report) struct ExplanationContextCache(Mutex<Option<(String, LazyExplanationContext)>>);

/// The context of a version, built on first use.
#[derive(Clone, Debug, Default)]
pub(super) struct LazyExplanationContext(Arc<OnceLock<Arc<ExplanationContext>>>);

impl ExplanationContextCache {
    /// Returns the context of a version. It replaces that of another version.
    pub(super) fn get(&self, version: &str) -> LazyExplanationContext {
        let mut cached = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, found)) = cached.as_ref().filter(|(name, _)| name == version) {
            return found.clone();
        }
        let fresh = LazyExplanationContext::default();
        *cached = Some((version.to_owned(), fresh.clone()));
        fresh
    }
}

impl LazyExplanationContext {
    /// Builds the context on first use; concurrent callers wait.
    pub(super) fn get_or_build(&self, input: &ReportInput, scorer: &Scorer) -> Arc<ExplanationContext> {
        Arc::clone(self.0.get_or_init(|| Arc::new(ExplanationContext::new(input, scorer))))
    }
}
