//! The workspaces of a store. A workspace has no row of its own: it exists while it contains a model or a dataset.

use sweetspot_core::WorkspaceName;

use crate::datasets::HEAD_PREFIX;
use crate::registry::MODEL_PREFIX;
use crate::store::{Store, StoreError};

/// The prefixes of the rows whose keys continue with the name of a workspace.
const PREFIXES: [&str; 2] = [MODEL_PREFIX, HEAD_PREFIX];

/// Returns up to `limit` workspaces that come after `after`. Reads one row of each for every prefix.
///
/// # Errors
/// If the store fails.
pub fn list(store: &dyn Store, after: Option<&WorkspaceName>, limit: usize) -> Result<Vec<WorkspaceName>, StoreError> {
    let mut found: Vec<WorkspaceName> = Vec::new();
    while found.len() < limit {
        let Some(next) = next_workspace(store, found.last().or(after))? else { break };
        found.push(next);
    }
    Ok(found)
}

/// Returns the first workspace after this one, in the order of keys.
fn next_workspace(store: &dyn Store, after: Option<&WorkspaceName>) -> Result<Option<WorkspaceName>, StoreError> {
    let mut next: Option<WorkspaceName> = None;
    for prefix in PREFIXES {
        // "0" follows "/", so that this key follows all keys in the workspace.
        let after = after.map(|workspace| format!("{prefix}{workspace}0"));
        if let Some(row) = store.scan(prefix, after.as_deref(), 1)?.first() {
            let name = parse_workspace(row.key.strip_prefix(prefix).unwrap_or_default())?;
            next = next.into_iter().chain([name]).min_by_key(|workspace| format!("{workspace}/"));
        }
    }
    Ok(next)
}

/// Returns the workspace of a name such as `workspaces/w/models/m`.
fn parse_workspace(name: &str) -> Result<WorkspaceName, StoreError> {
    let end = name.match_indices('/').nth(1).map_or(name.len(), |(place, _)| place);
    let workspace = name.get(..end).unwrap_or_default().parse();
    workspace.map_err(|source| StoreError::Backend { action: "read the name of a workspace", source: Box::new(source) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Commit, MemoryStore};

    #[test]
    fn workspaces_of_models_and_datasets_are_listed_once_and_in_pages() {
        let store = MemoryStore::new();
        let names = [
            ("model/", "workspaces/b/models/m"),
            ("model/", "workspaces/b/models/n"),
            ("dataset/", "workspaces/b/datasets/d"),
            ("dataset/", "workspaces/b-1/datasets/d"),
            ("model/", "workspaces/b1/models/m"),
            ("dataset/", "workspaces/a/datasets/d"),
        ];
        let write =
            |commit: Commit, (prefix, name): &(&str, &str)| commit.create(format!("{prefix}{name}"), Vec::new());
        store.commit(&names.iter().fold(Commit::default(), write)).unwrap();
        let names = |after: Option<&WorkspaceName>, limit| -> Vec<String> {
            list(&store, after, limit).unwrap().iter().map(ToString::to_string).collect()
        };
        let all = ["workspaces/a", "workspaces/b-1", "workspaces/b", "workspaces/b1"];
        assert_eq!(names(None, 10), all);
        for (place, name) in all.iter().enumerate() {
            assert_eq!(names(Some(&name.parse().unwrap()), 10), all[place + 1..]);
        }
        assert_eq!(names(None, 2), all[..2]);
    }
}
