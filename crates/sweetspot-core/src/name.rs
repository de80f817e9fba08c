//! Resource names: `workspaces/{w}/models/{m}/versions/{n}` and its relatives.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// A text is not the name it should be.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{found:?} is not of the form {form}; an id has 1 to 63 characters of a-z, 0-9 and -")]
pub struct NameError {
    /// What was given.
    pub found: String,
    /// What was expected.
    pub form: &'static str,
}

/// One segment of a name: 1 to 63 of `a-z`, `0-9` and `-`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id(String);

impl Id {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn parse(text: &str) -> Option<Self> {
        let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        ((1..=63).contains(&text.len()) && text.bytes().all(allowed)).then(|| Self(text.to_owned()))
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The parts of `text` between the fixed words of `form`, such as `["workspaces", "models"]`.
pub(super) fn ids<const N: usize>(text: &str, words: [&str; N]) -> Option<[Id; N]> {
    let mut segments = text.split('/');
    let mut found = Vec::with_capacity(N);
    for word in words {
        if segments.next()? != word {
            return None;
        }
        found.push(Id::parse(segments.next()?)?);
    }
    if segments.next().is_some() {
        return None;
    }
    found.try_into().ok()
}

macro_rules! child_of_workspace {
    ($(#[$doc:meta])* $name:ident, $word:literal, $field:ident, $form:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name {
            /// The tenant.
            pub workspace: Id,
            /// The id within the workspace.
            pub $field: Id,
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
                let [workspace, $field] = ids(text, ["workspaces", $word]).ok_or_else(error)?;
                Ok(Self { workspace, $field })
            }
        }
    };
}

child_of_workspace!(
    /// A line of model versions for one ICP.
    ModelName, "models", model, "workspaces/{workspace}/models/{model}"
);
child_of_workspace!(
    /// A set of customers.
    DatasetName, "datasets", dataset, "workspaces/{workspace}/datasets/{dataset}"
);

/// One training run of a model.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RunName {
    /// The model it trains.
    pub model: ModelName,
    /// The id within the model.
    pub run: Id,
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
        let [workspace, model, run] = ids(text, ["workspaces", "models", "trainingRuns"]).ok_or_else(error)?;
        Ok(Self { model: ModelName { workspace, model }, run })
    }
}

/// A movable name for a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Alias {
    /// The version that answers when none is named.
    Live,
    /// The newest trained version.
    Candidate,
    /// The version that was live before.
    Previous,
}

impl Alias {
    /// Every alias.
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

    /// The alias of this name, if there is one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|alias| alias.as_str() == text)
    }
}

impl fmt::Display for Alias {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One immutable, numbered version of a model.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VersionName {
    /// The model.
    pub model: ModelName,
    /// Its number, from 1.
    pub number: u64,
}

impl fmt::Display for VersionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/versions/{}", self.model, self.number)
    }
}

/// A version named by its number or by an alias.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum VersionRef {
    /// By number.
    Number(VersionName),
    /// By alias.
    Alias(ModelName, Alias),
}

impl VersionRef {
    /// The model it belongs to.
    #[must_use]
    pub const fn model(&self) -> &ModelName {
        match self {
            Self::Number(version) => &version.model,
            Self::Alias(model, _) => model,
        }
    }
}

impl fmt::Display for VersionRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(version) => version.fmt(f),
            Self::Alias(model, alias) => write!(f, "{model}/versions/{alias}"),
        }
    }
}

impl FromStr for VersionRef {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let form = "workspaces/{workspace}/models/{model}/versions/{number, live, candidate or previous}";
        let error = || NameError { found: text.to_owned(), form };
        let [workspace, model, version] = ids(text, ["workspaces", "models", "versions"]).ok_or_else(error)?;
        let model = ModelName { workspace, model };
        if let Some(alias) = Alias::parse(version.as_str()) {
            return Ok(Self::Alias(model, alias));
        }
        let canonical = !version.as_str().starts_with('0');
        let number = version.as_str().parse().ok().filter(|_| canonical).ok_or_else(error)?;
        Ok(Self::Number(VersionName { model, number }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_survive_text() {
        for text in ["workspaces/default/models/default/versions/7", "workspaces/a-1/models/b/versions/live"] {
            assert_eq!(text.parse::<VersionRef>().unwrap().to_string(), text);
        }
        let run = "workspaces/w/models/m/trainingRuns/r-1";
        assert_eq!(run.parse::<RunName>().unwrap().to_string(), run);
    }

    #[test]
    fn wrong_names_are_told_the_form() {
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
        for version in ["0", "01", "newest", "-1", "99999999999999999999"] {
            assert!(format!("workspaces/w/models/m/versions/{version}").parse::<VersionRef>().is_err(), "{version}");
        }
        assert!(format!("workspaces/{}/models/m", "a".repeat(64)).parse::<ModelName>().is_err());
    }
}
