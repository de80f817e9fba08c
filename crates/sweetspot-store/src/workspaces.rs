//! The workspaces of a store, and what they contain. A workspace has no row of its own: it exists while it contains a model or a dataset.

use sweetspot_core::{DatasetName, ModelName, WorkspaceName};

use crate::datasets::{DatasetError, Datasets, HEAD_PREFIX};
use crate::registry::{MODEL_PREFIX, ModelRecord, Registry, RegistryError};
use crate::store::{Store, StoreError};

/// The prefixes of the rows whose keys continue with the name of a workspace.
const PREFIXES: [&str; 2] = [MODEL_PREFIX, HEAD_PREFIX];
const PAGE: usize = 256;

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

/// Returns the number of models in a workspace.
///
/// # Errors
/// If the store fails.
pub fn model_count(registry: &Registry, workspace: &WorkspaceName) -> Result<usize, RegistryError> {
    let mut count = 0;
    for_each_model(registry, workspace, |_| {
        count += 1;
        Ok(())
    })?;
    Ok(count)
}

/// Returns the size of all model versions in a workspace, in bytes.
///
/// # Errors
/// If the store fails.
pub fn model_bytes(registry: &Registry, workspace: &WorkspaceName) -> Result<u64, RegistryError> {
    let mut bytes = 0;
    for_each_model(registry, workspace, |model| {
        bytes +=
            registry.versions(&model.name, None, usize::MAX)?.iter().map(|version| version.artifact_bytes).sum::<u64>();
        Ok(())
    })?;
    Ok(bytes)
}

fn for_each_model(
    registry: &Registry,
    workspace: &WorkspaceName,
    mut visit: impl FnMut(&ModelRecord) -> Result<(), RegistryError>,
) -> Result<(), RegistryError> {
    let mut after: Option<ModelName> = None;
    loop {
        let page = registry.models(workspace, after.as_ref(), PAGE)?;
        page.iter().try_for_each(&mut visit)?;
        match page.last() {
            Some(last) if page.len() == PAGE => after = Some(last.name.clone()),
            _ => return Ok(()),
        }
    }
}

/// Returns the size of all dataset versions in a workspace, in bytes.
///
/// # Errors
/// If the store fails.
pub fn dataset_bytes(datasets: &Datasets, workspace: &WorkspaceName) -> Result<u64, DatasetError> {
    let (mut bytes, mut after): (u64, Option<DatasetName>) = (0, None);
    loop {
        let page = datasets.datasets(workspace, after.as_ref(), PAGE)?;
        bytes += page.iter().map(|dataset| dataset.bytes).sum::<u64>();
        match page.last() {
            Some(last) if page.len() == PAGE => after = Some(last.name.clone()),
            _ => return Ok(bytes),
        }
    }
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
