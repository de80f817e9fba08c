//! Counts what each workspace uses at a time, so that one cannot use up what all share.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use sweetspot_core::Id;

/// The numbers of something that workspaces use at a time, such as calls. Clones share them.
#[derive(Clone, Debug)]
pub(crate) struct WorkspaceCounts(Arc<Counts>);

#[derive(Debug)]
struct Counts {
    /// The maximum of each workspace; `None` without a limit.
    max: Option<usize>,
    used: Mutex<BTreeMap<Id, usize>>,
}

impl WorkspaceCounts {
    /// Creates counts with a maximum for each workspace; `None` for no limit.
    pub(crate) fn new(max: Option<usize>) -> Self {
        Self(Arc::new(Counts { max, used: Mutex::default() }))
    }

    /// Counts one more for a workspace until the returned value is dropped. `None` if it has the maximum already.
    pub(crate) fn try_acquire(&self, workspace: &Id) -> Option<WorkspacePermit> {
        let Some(max) = self.0.max else { return Some(WorkspacePermit(None)) };
        let mut used = self.0.used.lock().unwrap_or_else(PoisonError::into_inner);
        let count = used.get(workspace).copied().unwrap_or(0);
        if count >= max {
            return None;
        }
        used.insert(workspace.clone(), count + 1);
        Some(WorkspacePermit(Some((Arc::clone(&self.0), workspace.clone()))))
    }
}

/// One of the things that a workspace uses.
#[derive(Debug)]
pub(crate) struct WorkspacePermit(Option<(Arc<Counts>, Id)>);

impl Drop for WorkspacePermit {
    fn drop(&mut self) {
        let Some((counts, workspace)) = &self.0 else { return };
        let mut used = counts.used.lock().unwrap_or_else(PoisonError::into_inner);
        match used.get_mut(workspace) {
            Some(count) if *count > 1 => *count -= 1,
            // The map contains active workspaces only, so that it does not grow.
            _ => drop(used.remove(workspace)),
        }
    }
}

#[cfg(test)]
mod tests {
    use sweetspot_core::WorkspaceName;

    use super::*;

    fn id(name: &str) -> Id {
        format!("workspaces/{name}").parse::<WorkspaceName>().unwrap().workspace
    }

    #[test]
    fn each_workspace_has_its_own_maximum_and_the_counts_of_idle_ones_are_dropped() {
        let counts = WorkspaceCounts::new(Some(2));
        let held = [counts.try_acquire(&id("a")).unwrap(), counts.try_acquire(&id("a")).unwrap()];
        assert!(counts.try_acquire(&id("a")).is_none());
        let other = counts.try_acquire(&id("b")).unwrap();
        drop(held);
        assert!(counts.try_acquire(&id("a")).is_some());
        drop(other);
        assert!(counts.0.used.lock().unwrap().is_empty());
    }

    #[test]
    fn without_a_maximum_nothing_is_counted() {
        let counts = WorkspaceCounts::new(None);
        let _held: Vec<_> = (0..1000).map(|_| counts.try_acquire(&id("a")).unwrap()).collect();
        assert!(counts.0.used.lock().unwrap().is_empty());
    }
}
