//! Resource names and their short forms on the command line.

use sweetspot_core::{DatasetName, ModelName, ModelVersionRef};

use super::exit::CliError;

/// The workspace, model and dataset that a command works on.
#[derive(Clone, Debug)]
pub(crate) struct ResourceNames {
    /// The model.
    pub(crate) model: ModelName,
    /// The dataset.
    pub(crate) dataset: DatasetName,
}

impl ResourceNames {
    /// Parses the ids.
    ///
    /// # Errors
    /// Returns an error if one of them is invalid.
    pub(crate) fn parse(workspace: &str, model: &str, dataset: &str) -> Result<Self, CliError> {
        let wrong = |what: &str, found: &str| {
            CliError::Usage(format!(
                "{what} {found:?} is not an id: use 1 to 63 characters of a-z, 0-9 and -, beginning with a letter"
            ))
        };
        let id = |what, found: &str| {
            let form = format!("workspaces/{found}/models/{found}");
            form.parse::<ModelName>().map(|_| ()).map_err(|_| wrong(what, found))
        };
        id("workspace", workspace)?;
        let unreadable = |what, found| move |_| wrong(what, found);
        let model_name =
            format!("workspaces/{workspace}/models/{model}").parse().map_err(unreadable("model", model))?;
        let dataset_name =
            format!("workspaces/{workspace}/datasets/{dataset}").parse().map_err(unreadable("dataset", dataset))?;
        Ok(Self { model: model_name, dataset: dataset_name })
    }

    /// Parses a version: a number, an alias or a full name.
    ///
    /// # Errors
    /// Returns an error if the text is none of these.
    pub(crate) fn version(&self, text: &str) -> Result<ModelVersionRef, CliError> {
        let full = if text.contains('/') { text.to_owned() } else { format!("{}/versions/{text}", self.model) };
        full.parse().map_err(|_| {
            let forms = "a number, live, candidate, previous, or a full name";
            CliError::Usage(format!("{text:?} is not a version: use {forms} such as {}/versions/1", self.model))
        })
    }
}

/// Returns the last segment of a name, which identifies a resource within one model.
pub(crate) fn short_name(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn version_references_are_parsed_in_every_spelling() {
        let names = ResourceNames::parse("w", "m", "d").unwrap();
        for (text, name) in [
            ("3", "workspaces/w/models/m/versions/3"),
            ("candidate", "workspaces/w/models/m/versions/candidate"),
            ("workspaces/a/models/b/versions/previous", "workspaces/a/models/b/versions/previous"),
        ] {
            assert_eq!(names.version(text).unwrap().to_string(), name);
        }
        for text in ["", "newest", "0", "-1", "a/b"] {
            assert!(matches!(names.version(text), Err(CliError::Usage(_))), "{text}");
        }
    }

    #[test]
    fn the_error_names_the_invalid_id() {
        for (workspace, model, dataset, wrong) in
            [("W", "m", "d", "workspace \"W\""), ("w", "a/b", "d", "model \"a/b\""), ("w", "m", "", "dataset \"\"")]
        {
            let error = ResourceNames::parse(workspace, model, dataset).unwrap_err().to_string();
            assert!(error.starts_with(wrong), "{error}");
        }
        assert_eq!(short_name("workspaces/w/models/m/versions/12"), "12");
    }
}
