//! Erases what definitions contain about accounts, also from approved versions.

use std::collections::BTreeSet;

use sweetspot_core::{Definition, Entry as _, Id, ModelName, Test, mentions_any};

use super::approved_versions::{self, APPROVED_PREFIX, version_key};
use super::entry_rows::ENTRY_PREFIX;
use super::row_kinds::model_of;
use super::{Collection, DefinitionError, Definitions, EditRequest, EntryPath, HEAD_PREFIX, codec};
use crate::store::{Commit, RequestKey, StoreError};
use crate::stored::{self, VersionedMessage as _};

/// The number of rows that are read at a time.
const PAGE_ROWS: usize = 256;

/// An entry of a definition, or of an approved version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryName {
    /// The model of the definition.
    pub model: ModelName,
    /// The number of the approved version. `None` for the current definition.
    pub version: Option<u64>,
    /// The entry. `None` for a version that cannot be read.
    pub entry: Option<EntryPath>,
}

/// What was erased from definitions, or would be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DefinitionErasure {
    /// The findings and comments about the accounts.
    pub entries: Vec<EntryName>,
    /// Entries that remain: their texts contain the id of an account, or they cannot be read.
    pub mentions: Vec<EntryName>,
}

impl Definitions {
    /// Removes the findings and comments about accounts from the definitions of a workspace and their approved
    /// versions, which keep their numbers. Approvals stay as they are. With `validate_only`, nothing is removed; with
    /// `mentions_only`, what would be removed counts as a mention.
    ///
    /// # Errors
    /// If the store fails, or the state of a definition cannot be read. What was removed before stays removed.
    pub(crate) fn erase(
        &self,
        workspace: &Id,
        ids: &BTreeSet<String>,
        validate_only: bool,
        mentions_only: bool,
    ) -> Result<DefinitionErasure, DefinitionError> {
        let mut erasure = DefinitionErasure::default();
        for model in self.models(workspace)? {
            self.erase_current(&model, ids, validate_only || mentions_only, &mut erasure)?;
            for number in 1..=self.load(&model)?.approved_versions {
                self.erase_version(&model, number, ids, validate_only || mentions_only, &mut erasure)?;
            }
        }
        if mentions_only {
            erasure.mentions.append(&mut erasure.entries);
        }
        Ok(erasure)
    }

    fn erase_current(
        &self,
        model: &ModelName,
        ids: &BTreeSet<String>,
        validate_only: bool,
        erasure: &mut DefinitionErasure,
    ) -> Result<(), DefinitionError> {
        let loaded = self.load(model)?;
        let entry_name = |entry| EntryName { model: model.clone(), version: None, entry: Some(entry) };
        let about = entries_about(&loaded.entries.definition, ids);
        erasure.mentions.extend(loaded.entries.unreadable.iter().cloned().map(entry_name));
        erasure.mentions.extend(mentions(&loaded.entries.definition, ids).into_iter().map(entry_name));
        if about.is_empty() {
            return Ok(());
        }
        erasure.entries.extend(about.into_iter().map(entry_name));
        if !validate_only {
            let request = RequestKey::none();
            let request = EditRequest { model: model.clone(), method: "erase", etag: String::new(), request };
            self.write(&request, |edited| {
                remove_entries_about(&mut edited.definition, ids);
                Ok(Commit::default())
            })?;
        }
        Ok(())
    }

    fn erase_version(
        &self,
        model: &ModelName,
        number: u64,
        ids: &BTreeSet<String>,
        validate_only: bool,
        erasure: &mut DefinitionErasure,
    ) -> Result<(), DefinitionError> {
        let entry_name = |entry| EntryName { model: model.clone(), version: Some(number), entry };
        let mut definition = match self.version(model, number) {
            Ok((_, definition)) => definition,
            Err(
                DefinitionError::VersionCorrupt { .. }
                | DefinitionError::NoVersion { .. }
                | DefinitionError::Store(StoreError::BlobMissing { .. } | StoreError::BlobCorrupt { .. }),
            ) => {
                erasure.mentions.push(entry_name(None));
                return Ok(());
            }
            Err(other) => return Err(other),
        };
        erasure.mentions.extend(mentions(&definition, ids).into_iter().map(|entry| entry_name(Some(entry))));
        let about = entries_about(&definition, ids);
        if about.is_empty() {
            return Ok(());
        }
        erasure.entries.extend(about.into_iter().map(|entry| entry_name(Some(entry))));
        if !validate_only {
            remove_entries_about(&mut definition, ids);
            self.replace_version(model, number, &definition)?;
        }
        Ok(())
    }

    /// Replaces the content of an approved version, and removes the old one.
    fn replace_version(&self, model: &ModelName, number: u64, definition: &Definition) -> Result<(), DefinitionError> {
        let _one = self.lock();
        let key = version_key(model, number);
        let before = self.store.get(&key)?.unwrap_or_default();
        let (version, old) = approved_versions::decode(&before).map_err(StoreError::from)?;
        let digest = self.store.put_blob(&codec::encode(definition)?)?;
        let row = stored::ApprovedVersion { definition: digest.to_string(), ..version.into() }.to_bytes();
        self.store.commit(&Commit::default().replace(key, Some(before), row))?;
        // Contents contain the number of their version and the time of the approval, so that no other row names this one.
        Ok(self.store.remove_blob(&old)?)
    }

    /// Returns the models of a workspace that have a definition, also one without its head row.
    fn models(&self, workspace: &Id) -> Result<BTreeSet<ModelName>, DefinitionError> {
        let mut models = BTreeSet::new();
        for kind in [HEAD_PREFIX, ENTRY_PREFIX, APPROVED_PREFIX] {
            let prefix = format!("{kind}workspaces/{workspace}/models/");
            let mut after = None::<String>;
            loop {
                let page = self.store.scan(&prefix, after.as_deref(), PAGE_ROWS)?;
                let Some(last) = page.last() else { break };
                after = Some(last.key.clone());
                for row in &page {
                    models.insert(model_of(row).ok_or_else(|| StoreError::Backend {
                        action: "read the model of a definition",
                        source: format!("the key {:?} has none", row.key).into(),
                    })?);
                }
            }
        }
        Ok(models)
    }
}

/// The findings of these accounts, and the comments about them.
fn entries_about(definition: &Definition, ids: &BTreeSet<String>) -> Vec<EntryPath> {
    let findings = definition.findings.iter().filter(|finding| ids.contains(&finding.account_id));
    let comments = definition.comments.iter().filter(|comment| ids.contains(&comment.about));
    let findings = findings.map(|finding| EntryPath::from((Collection::Findings, finding.id())));
    findings.chain(comments.map(|comment| EntryPath::from((Collection::Comments, comment.id())))).collect()
}

fn remove_entries_about(definition: &mut Definition, ids: &BTreeSet<String>) {
    definition.findings.retain(|finding| !ids.contains(&finding.account_id));
    definition.comments.retain(|comment| !ids.contains(&comment.about));
}

/// The other entries whose texts contain one of these ids.
fn mentions(definition: &Definition, ids: &BTreeSet<String>) -> Vec<EntryPath> {
    let Definition { hypotheses, exclusion_rules, findings, comments, committee, round, .. } = definition;
    let mut found = Vec::new();
    let mut check = |collection, id: &str, texts: &[&str]| {
        if texts.iter().any(|text| mentions_any(text, ids)) {
            found.push(EntryPath::from((collection, id)));
        }
    };
    for entry in hypotheses {
        let hypothesis = &entry.hypothesis;
        let mut texts = vec![hypothesis.id.as_str(), &hypothesis.statement, &hypothesis.author, &entry.reason];
        texts.extend(test_texts(&hypothesis.when.test));
        check(Collection::Hypotheses, &hypothesis.id, &texts);
    }
    for rule in exclusion_rules {
        let mut texts = vec![rule.id.as_str(), &rule.statement, &rule.attribution.author, &rule.attribution.reason];
        texts.extend(test_texts(&rule.when.test));
        check(Collection::ExclusionRules, &rule.id, &texts);
    }
    for finding in findings.iter().filter(|finding| !ids.contains(&finding.account_id)) {
        let attribution = &finding.attribution;
        let texts = [
            &finding.id,
            &finding.text,
            &finding.question,
            &finding.segment_id,
            &attribution.author,
            &attribution.reason,
        ];
        check(Collection::Findings, &finding.id, &texts.map(String::as_str));
    }
    for comment in comments.iter().filter(|comment| !ids.contains(&comment.about)) {
        let mut texts = vec![comment.about.as_str(), &comment.text, &comment.author];
        texts.extend(comment.resolution.iter().flat_map(|one| [one.author.as_str(), &one.reason]));
        check(Collection::Comments, &comment.id, &texts);
    }
    let people = committee.approvers.iter().chain(round.approvals.iter().map(|approval| &approval.actor));
    check(Collection::Committee, "", &people.map(String::as_str).collect::<Vec<_>>());
    found
}

fn test_texts(test: &Test) -> impl Iterator<Item = &str> {
    let texts = match test {
        Test::AnyOf(texts) => texts.as_slice(),
        Test::Range { .. } | Test::Present(_) | Test::Flag(_) => &[],
    };
    texts.iter().map(String::as_str)
}
