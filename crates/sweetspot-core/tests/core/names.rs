//! Resource names round-trip through text, and all other texts are refused.

use std::fmt::Display;
use std::str::FromStr;

use proptest::prelude::*;
use sweetspot_core::{
    DatasetName, ModelName, ModelVersionAlias, ModelVersionName, ModelVersionRef, NameError, RunName,
};

const ID: &str = "[a-z0-9-]{1,63}";
/// The id of a workspace, a model or a dataset; long enough to be no alias.
const CHOSEN_ID: &str = "[a-z][a-z0-9-]{9,62}";

/// Parses a name, which must format as exactly the same text.
fn assert_round_trip<T: FromStr<Err = NameError> + Display>(text: &str) -> T {
    let name: T = text.parse().unwrap();
    assert_eq!(name.to_string(), text);
    name
}

fn assert_refused<T: FromStr<Err = NameError> + std::fmt::Debug>(text: &str) {
    let error = text.parse::<T>().unwrap_err();
    assert_eq!(error.found, text);
    assert!(error.to_string().contains(error.form), "{error}");
}

proptest! {
    #[test]
    fn names_survive_text(workspace in CHOSEN_ID, id in CHOSEN_ID, run in ID, number in 1..=u64::MAX) {
        let model = assert_round_trip::<ModelName>(&format!("workspaces/{workspace}/models/{id}"));
        prop_assert_eq!((model.workspace.as_str(), model.model.as_str()), (workspace.as_str(), id.as_str()));
        let dataset = assert_round_trip::<DatasetName>(&format!("workspaces/{workspace}/datasets/{id}"));
        prop_assert_eq!((&dataset.workspace, &dataset.dataset), (&model.workspace, &model.model));
        let training = assert_round_trip::<RunName>(&format!("{model}/trainingRuns/{run}"));
        prop_assert_eq!((&training.model, training.run.as_str()), (&model, run.as_str()));
        let version = assert_round_trip::<ModelVersionRef>(&format!("{model}/versions/{number}"));
        prop_assert_eq!(version.model(), &model);
        let name = ModelVersionName { model: model.clone(), number };
        prop_assert_eq!(&name.to_string(), &version.to_string());
        prop_assert_eq!(version, ModelVersionRef::Number(name));
        for alias in ModelVersionAlias::ALL {
            let version = assert_round_trip::<ModelVersionRef>(&format!("{model}/versions/{alias}"));
            prop_assert_eq!(version.model(), &model);
            prop_assert_eq!(version, ModelVersionRef::Alias(model.clone(), alias));
        }
    }

    /// Accepted texts format as they were read: each resource has one name.
    #[test]
    fn no_text_panics_and_no_name_has_two_spellings(text in "(workspaces|models|versions|[/a-zA-Z0-9. _-]|\\PC){0,12}") {
        fn one<T: FromStr + Display>(text: &str) {
            if let Ok(name) = text.parse::<T>() {
                assert_eq!(name.to_string(), text);
            }
        }
        let around = format!("workspaces/w/models/m/versions/{text}");
        for text in [&text, &around] {
            one::<ModelName>(text);
            one::<DatasetName>(text);
            one::<RunName>(text);
            one::<ModelVersionRef>(text);
        }
    }

    #[test]
    fn an_id_has_a_closed_alphabet(id in "\\PC{1,6}") {
        let allowed = id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        let allowed = allowed && id.starts_with(|first: char| first.is_ascii_lowercase()) && id != "live";
        prop_assert_eq!(format!("workspaces/{id}/models/m").parse::<ModelName>().is_ok(), allowed);
        prop_assert_eq!(format!("workspaces/w/models/{id}").parse::<ModelName>().is_ok(), allowed);
    }
}

#[test]
fn one_kind_of_name_is_not_another() {
    let (model, dataset) = ("workspaces/w/models/m", "workspaces/w/datasets/d");
    let (run, version) = ("workspaces/w/models/m/trainingRuns/r", "workspaces/w/models/m/versions/1");
    for text in [dataset, run, version] {
        assert_refused::<ModelName>(text);
    }
    for text in [model, run, version] {
        assert_refused::<DatasetName>(text);
    }
    for text in [model, dataset, version] {
        assert_refused::<RunName>(text);
    }
    for text in [model, dataset, run] {
        assert_refused::<ModelVersionRef>(text);
    }
}

#[test]
fn near_misses_are_no_names() {
    for text in ["/workspaces/w/models/m", "workspaces/w/models/m ", "workspaces/w//models/m", "Workspaces/w/models/m"]
    {
        assert_refused::<ModelName>(text);
    }
    for version in ["Live", "latest", "+1", "1.0", "0", "007", "18446744073709551616", ""] {
        assert_refused::<ModelVersionRef>(&format!("workspaces/w/models/m/versions/{version}"));
    }
    let longest = "x".repeat(63);
    assert_round_trip::<ModelName>(&format!("workspaces/{longest}/models/{longest}"));
    assert_refused::<ModelName>(&format!("workspaces/{longest}x/models/m"));
    assert_round_trip::<ModelVersionRef>(&format!("workspaces/w/models/m/versions/{}", u64::MAX));
}

#[test]
fn aliases_are_found_by_their_exact_word() {
    for alias in ModelVersionAlias::ALL {
        assert_eq!(ModelVersionAlias::parse(alias.as_str()), Some(alias));
        assert_eq!(ModelVersionAlias::parse(&alias.as_str().to_uppercase()), None);
    }
    assert_eq!(ModelVersionAlias::parse(""), None);
}
