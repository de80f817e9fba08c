//! Names of dataset versions: `workspaces/{w}/datasets/{d}/versions/{n}`.

use std::fmt;
use std::str::FromStr;

use super::resource_name::{DatasetName, Id, InWorkspace, NameError, parse_ids};

/// The name of one numbered import of a dataset.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DatasetVersionName {
    /// The dataset.
    pub dataset: DatasetName,
    /// The version number, from 1.
    pub number: u64,
}

impl InWorkspace for DatasetVersionName {
    fn workspace(&self) -> &Id {
        &self.dataset.workspace
    }
}

impl fmt::Display for DatasetVersionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/versions/{}", self.dataset, self.number)
    }
}

impl FromStr for DatasetVersionName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let form = "workspaces/{workspace}/datasets/{dataset}/versions/{number}";
        let error = || NameError { found: text.to_owned(), form };
        let [workspace, dataset, version] =
            parse_ids(text, ["workspaces", "datasets", "versions"]).ok_or_else(error)?;
        let canonical = !version.as_str().starts_with('0');
        let number = version.as_str().parse().ok().filter(|_| canonical).ok_or_else(error)?;
        Ok(Self { dataset: DatasetName { workspace, dataset }, number })
    }
}

/// A dataset at its current version, or one of its numbered versions.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum DatasetRef {
    /// The current version of the dataset.
    Current(DatasetName),
    /// A numbered version.
    Version(DatasetVersionName),
}

impl DatasetRef {
    /// The dataset.
    #[must_use]
    pub const fn dataset(&self) -> &DatasetName {
        match self {
            Self::Current(dataset) => dataset,
            Self::Version(version) => &version.dataset,
        }
    }
}

impl InWorkspace for DatasetRef {
    fn workspace(&self) -> &Id {
        &self.dataset().workspace
    }
}

impl fmt::Display for DatasetRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Current(dataset) => dataset.fmt(f),
            Self::Version(version) => version.fmt(f),
        }
    }
}

impl FromStr for DatasetRef {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        if text.split('/').nth(4).is_some() {
            return text.parse().map(Self::Version);
        }
        text.parse().map(Self::Current)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_survive_text() {
        for text in ["workspaces/w/datasets/d", "workspaces/w/datasets/d/versions/7"] {
            let name: DatasetRef = text.parse().unwrap();
            assert_eq!(
                (name.to_string(), name.dataset().to_string()),
                (text.to_owned(), "workspaces/w/datasets/d".into())
            );
        }
    }

    #[test]
    fn a_version_is_a_number_from_1() {
        for version in ["0", "01", "live", "-1", "", "99999999999999999999"] {
            let error = format!("workspaces/w/datasets/d/versions/{version}").parse::<DatasetRef>().unwrap_err();
            assert!(error.to_string().contains("versions/{number}"), "{error}");
        }
        assert!("workspaces/w/models/m/versions/1".parse::<DatasetVersionName>().is_err());
    }
}
