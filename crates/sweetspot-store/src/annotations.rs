//! What people write on a resource: labels, a description and an owner. Each is a row of its own, because all together
//! are larger than a row.

use std::collections::{BTreeMap, BTreeSet};

use crate::store::{Commit, RowKind, Store, StoreError};

/// The maximum number of labels of a resource.
pub const MAX_LABELS: usize = 32;
/// The maximum length of the key of a label, in bytes.
pub const MAX_LABEL_KEY_BYTES: usize = 63;
/// The maximum length of the value of a label, in bytes.
pub const MAX_LABEL_VALUE_BYTES: usize = 128;
/// The maximum length of a description, in bytes. It fits into a row.
pub const MAX_DESCRIPTION_BYTES: usize = 2000;
/// The maximum length of the name of an owner, in bytes.
pub const MAX_OWNER_BYTES: usize = 128;

const PREFIX: &str = "annotation/";

/// The kind of rows with annotations.
pub(crate) const ROW_KIND: RowKind = RowKind {
    prefix: PREFIX,
    name: "labels and descriptions",
    digests: |row| {
        parse_text(&row.value)?;
        Ok(Vec::new())
    },
};

/// The annotations of a resource. The caller checks their limits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Annotations {
    /// The values of the labels, by key.
    pub labels: BTreeMap<String, String>,
    /// The description; may be empty.
    pub description: String,
    /// The owner; may be empty.
    pub owner: String,
}

impl Annotations {
    /// The rows of the annotations of a resource. Empty texts have no row.
    fn rows(&self, resource: &str) -> BTreeMap<String, Vec<u8>> {
        let texts = [("description", &self.description), ("owner", &self.owner)];
        let texts = texts.into_iter().filter(|(_, text)| !text.is_empty());
        let texts = texts.map(|(part, text)| (format!("{PREFIX}{resource}/{part}"), text.clone().into_bytes()));
        let label =
            |(key, value): (&String, &String)| (format!("{PREFIX}{resource}/label/{key}"), value.clone().into_bytes());
        texts.chain(self.labels.iter().map(label)).collect()
    }
}

/// The prefix of the annotations of a resource and of everything in it.
pub(crate) fn prefix(resource: &str) -> String {
    format!("{PREFIX}{resource}/")
}

/// Reads the annotations of a resource.
///
/// # Errors
/// If the store fails.
pub(crate) fn read(store: &dyn Store, resource: &str) -> Result<Annotations, StoreError> {
    let prefix = prefix(resource);
    let mut annotations = Annotations::default();
    for row in store.scan(&prefix, None, MAX_LABELS + 2)? {
        let value = parse_text(&row.value)?.to_owned();
        match row.key.strip_prefix(&prefix).unwrap_or_default() {
            "description" => annotations.description = value,
            "owner" => annotations.owner = value,
            part => {
                let key = part.strip_prefix("label/").unwrap_or_default();
                annotations.labels.insert(key.to_owned(), value);
            }
        }
    }
    Ok(annotations)
}

fn parse_text(bytes: &[u8]) -> Result<&str, StoreError> {
    std::str::from_utf8(bytes)
        .map_err(|source| StoreError::Backend { action: "read a label", source: Box::new(source) })
}

/// Returns the commit that replaces the annotations `before` of a resource.
pub(crate) fn replace(resource: &str, before: &Annotations, after: &Annotations) -> Commit {
    let (before, after) = (before.rows(resource), after.rows(resource));
    let keys: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let changed = keys.into_iter().filter(|key| before.get(*key) != after.get(*key));
    let writes = changed.map(|key| (key.clone(), after.get(key).cloned())).collect();
    Commit { lease: None, expectations: Vec::new(), writes }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::MemoryStore;

    fn largest() -> Annotations {
        let label = |number: usize| (format!("{number:0>MAX_LABEL_KEY_BYTES$}"), "v".repeat(MAX_LABEL_VALUE_BYTES));
        Annotations {
            labels: (0..MAX_LABELS).map(label).collect(),
            description: "d".repeat(MAX_DESCRIPTION_BYTES),
            owner: "o".repeat(MAX_OWNER_BYTES),
        }
    }

    #[test]
    fn the_largest_annotations_are_stored_and_replaced() {
        let store = MemoryStore::new();
        let small = Annotations { labels: [("a".into(), String::new())].into(), ..Annotations::default() };
        let mut before = Annotations::default();
        for after in [largest(), small, Annotations::default()] {
            store.commit(&replace("r/1", &before, &after)).unwrap();
            assert_eq!(read(&store, "r/1").unwrap(), after);
            assert_eq!(read(&store, "r/10").unwrap(), Annotations::default(), "of another resource");
            before = after;
        }
        assert!(store.scan("", None, 9).unwrap().is_empty());
    }
}
