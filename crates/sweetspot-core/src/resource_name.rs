//! Resource names, such as `workspaces/{w}/models/{m}/versions/{n}`.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// An error for a text that is not a name of the expected form.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error(
    "{found:?} is not of the form {form}; an id has 1 to 63 characters of a-z, 0-9 and -, begins with a letter, and is \
     none of live, candidate and previous"
)]
pub struct NameError {
    /// The given text.
    pub found: String,
    /// The expected form.
    pub form: &'static str,
}

/// One segment of a name: 1 to 63 characters of `a-z`, `0-9` and `-`. The id of a workspace, a model or a dataset begins
/// with a letter, and is no alias of a version.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id(String);

impl Id {
    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Reads the id that follows a word, such as `models`.
    fn parse(word: &str, text: &str) -> Option<Self> {
        let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        let is_chosen = ["workspaces", "models", "datasets"].contains(&word);
        let is_free =
            || text.starts_with(|first: char| first.is_ascii_lowercase()) && ModelVersionAlias::parse(text).is_none();
        let valid = (1..=63).contains(&text.len()) && text.bytes().all(allowed) && (!is_chosen || is_free());
        valid.then(|| Self(text.to_owned()))
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Returns the ids of `text` that follow the fixed words, such as `["workspaces", "models"]`.
pub(super) fn parse_ids<const N: usize>(text: &str, words: [&str; N]) -> Option<[Id; N]> {
    let mut segments = text.split('/');
    let mut found = Vec::with_capacity(N);
    for word in words {
        if segments.next()? != word {
            return None;
        }
        found.push(Id::parse(word, segments.next()?)?);
    }
    if segments.next().is_some() {
        return None;
    }
    found.try_into().ok()
}

/// A name of something in a workspace, or of a workspace.
pub trait InWorkspace {
    /// The workspace.
    fn workspace(&self) -> &Id;
}

/// The name of a workspace: the namespace of models and datasets.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WorkspaceName {
    /// The id.
    pub workspace: Id,
}

impl InWorkspace for WorkspaceName {
    fn workspace(&self) -> &Id {
        &self.workspace
    }
}

impl fmt::Display for WorkspaceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "workspaces/{}", self.workspace)
    }
}

impl FromStr for WorkspaceName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let error = || NameError { found: text.to_owned(), form: "workspaces/{workspace}" };
        let [workspace] = parse_ids(text, ["workspaces"]).ok_or_else(error)?;
        Ok(Self { workspace })
    }
}

macro_rules! child_of_workspace {
    ($(#[$doc:meta])* $name:ident, $word:literal, $field:ident, $form:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name {
            /// The workspace.
            pub workspace: Id,
            /// The id within the workspace.
            pub $field: Id,
        }

        impl InWorkspace for $name {
            fn workspace(&self) -> &Id {
                &self.workspace
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!("workspaces/{}/", $word, "/{}"), self.workspace, self.$field)
            }
        }

        impl FromStr for $name {
            type Err = NameError;

            fn from_str(text: &str) -> Result<Self, NameError> {
                let error = || NameError { found: text.to_owned(), form: $form };
                let [workspace, $field] = parse_ids(text, ["workspaces", $word]).ok_or_else(error)?;
                Ok(Self { workspace, $field })
            }
        }
    };
}

child_of_workspace!(
    /// The name of a model: a series of versions for one ideal customer profile.
    ModelName, "models", model, "workspaces/{workspace}/models/{model}"
);
child_of_workspace!(
    /// The name of a dataset: a set of customers.
    DatasetName, "datasets", dataset, "workspaces/{workspace}/datasets/{dataset}"
);

/// The name of one training run of a model.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RunName {
    /// The model that it trains.
    pub model: ModelName,
    /// The id within the model.
    pub run: Id,
}

impl InWorkspace for RunName {
    fn workspace(&self) -> &Id {
        &self.model.workspace
    }
}

impl fmt::Display for RunName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/trainingRuns/{}", self.model, self.run)
    }
}

impl FromStr for RunName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let form = "workspaces/{workspace}/models/{model}/trainingRuns/{run}";
        let error = || NameError { found: text.to_owned(), form };
        let [workspace, model, run] = parse_ids(text, ["workspaces", "models", "trainingRuns"]).ok_or_else(error)?;
        Ok(Self { model: ModelName { workspace, model }, run })
    }
}

/// A movable name for a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ModelVersionAlias {
    /// The version that is used by default.
    Live,
    /// The version that training published last.
    Candidate,
    /// The version that was live before.
    Previous,
}

impl ModelVersionAlias {
    /// All aliases.
    pub const ALL: [Self; 3] = [Self::Live, Self::Candidate, Self::Previous];

    /// The alias as written in a name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Candidate => "candidate",
            Self::Previous => "previous",
        }
    }

    /// The alias with this name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|alias| alias.as_str() == text)
    }
}

impl fmt::Display for ModelVersionAlias {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The name of one immutable, numbered version of a model.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModelVersionName {
    /// The model.
    pub model: ModelName,
    /// The version number, from 1.
    pub number: u64,
}

impl fmt::Display for ModelVersionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/versions/{}", self.model, self.number)
    }
}

/// A version, named by its number or by an alias.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ModelVersionRef {
    /// A version number.
    Number(ModelVersionName),
    /// An alias of a model.
    Alias(ModelName, ModelVersionAlias),
}

impl ModelVersionRef {
    /// The model it belongs to.
    #[must_use]
    pub const fn model(&self) -> &ModelName {
        match self {
            Self::Number(version) => &version.model,
            Self::Alias(model, _) => model,
        }
    }
}

impl InWorkspace for ModelVersionRef {
    fn workspace(&self) -> &Id {
        &self.model().workspace
    }
}

impl fmt::Display for ModelVersionRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(version) => version.fmt(f),
            Self::Alias(model, alias) => write!(f, "{model}/versions/{alias}"),
        }
    }
}

impl FromStr for ModelVersionRef {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let form = "workspaces/{workspace}/models/{model}/versions/{number, live, candidate or previous}";
        let error = || NameError { found: text.to_owned(), form };
        let [workspace, model, version] = parse_ids(text, ["workspaces", "models", "versions"]).ok_or_else(error)?;
        let model = ModelName { workspace, model };
        if let Some(alias) = ModelVersionAlias::parse(version.as_str()) {
            return Ok(Self::Alias(model, alias));
        }
        let canonical = !version.as_str().starts_with('0');
        let number = version.as_str().parse().ok().filter(|_| canonical).ok_or_else(error)?;
        Ok(Self::Number(ModelVersionName { model, number }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_survive_text() {
        for text in ["workspaces/default/models/default/versions/7", "workspaces/a-1/models/b/versions/live"] {
            assert_eq!(text.parse::<ModelVersionRef>().unwrap().to_string(), text);
        }
        assert_eq!("workspaces/w".parse::<WorkspaceName>().unwrap().to_string(), "workspaces/w");
        let run = "workspaces/w/models/m/trainingRuns/r-1";
        assert_eq!(run.parse::<RunName>().unwrap().to_string(), run);
    }

    #[test]
    fn an_invalid_name_is_reported_with_its_form() {
        for text in [
            "",
            "workspaces/w/models",
            "workspaces/W/models/m",
            "workspaces/w/models/m/",
            "models/m",
            "workspaces//models/m",
        ] {
            let error = text.parse::<ModelName>().unwrap_err();
            assert!(error.to_string().contains("workspaces/{workspace}/models/{model}"), "{error}");
        }
        for id in ["-", "1", "1a", "-a", "live", "candidate", "previous"] {
            assert!(format!("workspaces/{id}/models/m").parse::<ModelName>().is_err(), "{id}");
            assert!(format!("workspaces/w/models/{id}").parse::<ModelName>().is_err(), "{id}");
            assert!(format!("workspaces/w/datasets/{id}").parse::<DatasetName>().is_err(), "{id}");
        }
        for version in ["0", "01", "newest", "-1", "99999999999999999999"] {
            assert!(
                format!("workspaces/w/models/m/versions/{version}").parse::<ModelVersionRef>().is_err(),
                "{version}"
            );
        }
        assert!(format!("workspaces/{}/models/m", "a".repeat(64)).parse::<ModelName>().is_err());
    }
}
