//! The names of what rows describe, from their keys.

/// Returns what a row of a kind describes, such as `model version workspaces/w/models/m/versions/3`.
pub(crate) fn described_resource(row_kind: &str, key: &str) -> String {
    let name = key.split_once('/').map_or(key, |(_, name)| name);
    let numbered = || {
        let (owner, number) = name.rsplit_once('/')?;
        Some((owner, number.parse::<u64>().ok()?))
    };
    let text = match row_kind {
        "model versions" => numbered().map(|(model, number)| format!("model version {model}/versions/{number}")),
        // The newest version has the smallest key.
        "dataset versions" => {
            numbered().map(|(dataset, number)| format!("dataset version {dataset}/versions/{}", u64::MAX - number))
        }
        "approved definitions" => numbered().map(|(model, number)| format!("approved definition {number} of {model}")),
        "models" => Some(format!("model {name}")),
        "datasets" => Some(format!("dataset {name}")),
        "definitions" => Some(format!("definition of {name}")),
        "training runs" => Some(format!("training run {}", name.strip_prefix("run/").unwrap_or(name))),
        _ => None,
    };
    text.unwrap_or_else(|| format!("record {key}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_is_named_as_in_the_api() {
        let inverted = u64::MAX - 7;
        for (kind, key, expected) in [
            (
                "model versions",
                "version/workspaces/w/models/m/00000000000000000003".to_owned(),
                "model version workspaces/w/models/m/versions/3",
            ),
            (
                "dataset versions",
                format!("dataset-version/workspaces/w/datasets/d/{inverted:020}"),
                "dataset version workspaces/w/datasets/d/versions/7",
            ),
            (
                "approved definitions",
                "profile/workspaces/w/models/m/00000000000000000002".to_owned(),
                "approved definition 2 of workspaces/w/models/m",
            ),
            ("definitions", "definition/workspaces/w/models/m".to_owned(), "definition of workspaces/w/models/m"),
            ("training runs", "jobs/run/w/m/r".to_owned(), "training run w/m/r"),
            ("model versions", "version/x".to_owned(), "record version/x"),
            ("promotions", "promotion/x/1".to_owned(), "record promotion/x/1"),
        ] {
            assert_eq!(described_resource(kind, &key), expected);
        }
    }
}
