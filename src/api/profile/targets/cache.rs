//! What the lists of one version need, made for the first of them.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use sweetspot_model::Scorer;
use sweetspot_report::Evidence;
use sweetspot_report::targets::Prepared;

/// Of the version that was asked for last.
#[derive(Debug, Default)]
pub(in crate::api::profile) struct Cache(Mutex<Option<(String, Kept)>>);

/// Of one version, made or not.
#[derive(Clone, Debug, Default)]
pub(super) struct Kept(Arc<OnceLock<Arc<Prepared>>>);

impl Cache {
    /// That of a version; of another one than last, nothing is made yet.
    pub(super) fn get(&self, version: &str) -> Kept {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, found)) = kept.as_ref().filter(|(name, _)| name == version) {
            return found.clone();
        }
        let fresh = Kept::default();
        *kept = Some((version.to_owned(), fresh.clone()));
        fresh
    }
}

impl Kept {
    /// Makes it, if nobody has; who comes meanwhile waits.
    pub(super) fn make(&self, evidence: &Evidence, scorer: &Scorer) -> Arc<Prepared> {
        Arc::clone(self.0.get_or_init(|| Arc::new(Prepared::new(evidence, scorer))))
    }
}
