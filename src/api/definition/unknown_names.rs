//! Warnings about unknown names in an entry, usually misspellings, before the next training would report them.

use std::sync::Arc;

use sweetspot_core::suggest::did_you_mean;
use sweetspot_core::{
    AccountTable, AttributeKind, ConditionIssue, Customers, DatasetName, ModelName, ModelVersionAlias, ModelVersionRef,
    TextFormat, Vocabulary, condition_issues,
};
use sweetspot_store::registry::LoadedVersion;

use super::DefinitionApi;
use crate::api::AppState;
use crate::api::convert::entry::MentionedNames;

/// Maximum number of warnings in a response.
const MAX_WARNINGS: usize = 50;
/// Describes an unknown name in a warning.
const UNKNOWN_NAME_TEXT: &str = "which neither a version nor its customers have";

impl DefinitionApi {
    /// Returns one sentence for each name that is unknown to the live version (or else the candidate), the customers it
    /// was trained on, and the model's default dataset. Empty if none of these exist. Read errors result in no
    /// warnings, because the entry is already stored.
    pub(super) async fn unknown_name_warnings(&self, model: &ModelName, names: MentionedNames) -> Vec<String> {
        let (parts, model) = (self.state.clone(), model.clone());
        let read =
            move || Ok::<_, sweetspot_store::datasets::DatasetError>(KnownNames::new(&parts, &model).warnings(&names));
        self.pool.run_store(read).await.unwrap_or_default()
    }
}

/// The sources of known names. Each is read only if the earlier ones do not have a name.
struct KnownNames<'p> {
    state: &'p AppState,
    model: &'p ModelName,
    loaded: Option<Arc<LoadedVersion>>,
    /// `None` until they are read.
    customers: Option<Vec<Customers>>,
}

impl<'p> KnownNames<'p> {
    fn new(parts: &'p AppState, model: &'p ModelName) -> Self {
        let version = |alias| parts.registry.resolve(&ModelVersionRef::Alias(model.clone(), alias)).ok();
        let loaded = version(ModelVersionAlias::Live).or_else(|| version(ModelVersionAlias::Candidate));
        Self { state: parts, model, loaded, customers: None }
    }

    fn warnings(mut self, names: &MentionedNames) -> Vec<String> {
        let MentionedNames { subject, conditions, account, segment } = names;
        let doubtful = |known: &Self| conditions.iter().any(|when| !condition_issues(when, known).is_empty());
        if self.loaded.is_none() || doubtful(&self) || !account.is_empty() {
            self.read_customers();
        }
        let unknown = conditions.iter().flat_map(|when| condition_issues(when, &self));
        let mut warnings: Vec<String> =
            unknown.map(|one: ConditionIssue| one.sentence(subject, UNKNOWN_NAME_TEXT)).collect();
        warnings.extend(self.unknown_account(subject, account));
        warnings.extend(self.unknown_segment(subject, segment));
        warnings.truncate(MAX_WARNINGS);
        warnings
    }

    /// Reads the customers that the version was trained on, and those of the model's default dataset.
    fn read_customers(&mut self) {
        let Self { state: parts, model, .. } = self;
        let version = self.loaded.as_ref().map(|loaded| ModelVersionRef::Number(loaded.name.clone()));
        let trained = version.and_then(|version| parts.registry.version(&version).ok()).map(|record| record.data);
        let default = format!("workspaces/{}/datasets/default", model.workspace);
        let default = default.parse().ok().and_then(|name: DatasetName| parts.datasets.record(&name).ok());
        let default = default.map(|record| record.data);
        let distinct = default.filter(|data| trained != Some(*data));
        let digests = trained.into_iter().chain(distinct);
        self.customers = Some(digests.filter_map(|data| parts.datasets.customers(&data).ok()).collect());
    }

    fn tables(&self) -> impl Iterator<Item = &AccountTable> {
        self.customers.iter().flatten().map(Customers::accounts)
    }

    fn unknown_account(&self, subject: &str, account: &str) -> Option<String> {
        let ids = || self.tables().flat_map(|table| table.ids().iter());
        let unknown = !account.is_empty() && ids().next().is_some() && ids().all(|id| id != account);
        let hint = || did_you_mean(account, ids());
        unknown.then(|| format!("{subject} is about account {account:?}, which is not among the customers{}", hint()))
    }

    fn unknown_segment(&self, subject: &str, segment: &str) -> Option<String> {
        let scorer = &self.loaded.as_ref()?.scorer;
        let unknown = !segment.is_empty() && scorer.segment_ids().all(|id| id != segment);
        let hint = || did_you_mean(segment, scorer.segment_ids());
        unknown.then(|| format!("{subject} is about segment {segment:?}, which the version does not have{}", hint()))
    }
}

impl Vocabulary for KnownNames<'_> {
    fn attributes(&self) -> Vec<&str> {
        let version = self.loaded.as_ref().map(|loaded| Vocabulary::attributes(&loaded.scorer));
        version.into_iter().flatten().chain(self.tables().flat_map(Vocabulary::attributes)).collect()
    }

    fn kind(&self, attribute: &str) -> Option<AttributeKind> {
        let version = self.loaded.as_ref().and_then(|loaded| loaded.scorer.kind(attribute));
        version.or_else(|| self.tables().find_map(|table| table.kind(attribute)))
    }

    fn text_format(&self, attribute: &str) -> TextFormat {
        let version = self.loaded.as_ref().map(|loaded| &loaded.scorer);
        let version = version.filter(|scorer| scorer.kind(attribute).is_some());
        let table = || self.tables().find(|table| table.kind(attribute).is_some());
        version
            .map(|scorer| scorer.text_format(attribute))
            .or_else(|| Some(table()?.format(attribute)))
            .unwrap_or_default()
    }

    fn levels(&self, attribute: &str) -> Vec<&str> {
        let version = self.loaded.as_ref().map(|loaded| loaded.scorer.levels(attribute));
        version.into_iter().flatten().chain(self.tables().flat_map(|table| table.levels(attribute))).collect()
    }

    /// Returns true if the customers were read and none has the attribute: its texts cannot be checked then.
    fn has_level(&self, attribute: &str, text: &str) -> bool {
        let version = self.loaded.as_ref().map(|loaded| &loaded.scorer);
        let version = version.filter(|scorer| !scorer.levels(attribute).is_empty());
        let mut tables = self.tables().filter(|table| table.kind(attribute).is_some()).peekable();
        let is_unknown = version.is_none() && self.customers.is_some() && tables.peek().is_none();
        is_unknown
            || version.is_some_and(|scorer| scorer.has_level(attribute, text))
            || tables.any(|table| table.has_level(attribute, text))
    }
}
