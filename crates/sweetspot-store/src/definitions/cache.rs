//! The definitions that were read last, decoded, so that reading one costs a row.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sweetspot_core::ModelName;

use super::loaded::LoadedDefinition;

/// The maximum total size of the cached definitions, as stored. Decoded, they take a few times as much.
const MAX_CACHED_BYTES: usize = 8 << 20;
/// The maximum number of cached definitions.
const MAX_CACHED: usize = 64;

/// A cache of definitions, most recently used first.
#[derive(Debug, Default)]
pub(super) struct DefinitionCache(Mutex<VecDeque<(ModelName, Arc<LoadedDefinition>)>>);

impl DefinitionCache {
    /// The definition of a model whose head row has these bytes.
    pub(super) fn get(&self, model: &ModelName, head: &[u8]) -> Option<Arc<LoadedDefinition>> {
        let mut cached = self.lock();
        let place =
            cached.iter().position(|(name, loaded)| name == model && loaded.head_bytes.as_deref() == Some(head))?;
        let found = cached.remove(place)?;
        let loaded = Arc::clone(&found.1);
        cached.push_front(found);
        Some(loaded)
    }

    /// Replaces the definition of a model, and removes the least recently used ones beyond the limits.
    pub(super) fn put(&self, model: &ModelName, loaded: &Arc<LoadedDefinition>) {
        let mut cached = self.lock();
        cached.retain(|(name, _)| name != model);
        cached.push_front((model.clone(), Arc::clone(loaded)));
        let mut bytes = 0;
        let mut count = 0;
        for (_, loaded) in cached.iter().take(MAX_CACHED) {
            bytes += loaded.entries.bytes();
            if bytes > MAX_CACHED_BYTES {
                break;
            }
            count += 1;
        }
        cached.truncate(count);
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<(ModelName, Arc<LoadedDefinition>)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
