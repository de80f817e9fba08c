//! What differs between two states of a profile.

use sweetspot_core::fault::{Fault, FaultKind};
use sweetspot_core::{Alias, Definition, ModelName, VersionName, VersionRef};
use sweetspot_model::{EffectChange, ModelArtifact};
use sweetspot_proto::v1::profile_change::Kind;
use sweetspot_proto::v1::{self};
use sweetspot_report::diff::{Difference, DifferenceKind, ProfileState, differences, odds};
use sweetspot_store::definitions::DefinitionError;
use sweetspot_store::registry::RegistryError;
use tonic::Status;

use super::super::Profile;
use super::model_name;
use crate::api::Parts;
use crate::api::page::Page;
use crate::api::problems::Problems;
use crate::api::status::status;

/// Differences of a page where the request does not say.
const MOST_CHANGES: i32 = 500;

/// A state and the model's version that belongs to it.
struct State {
    definition: Definition,
    model: Option<(VersionName, ModelArtifact)>,
}

impl State {
    fn view(&self) -> ProfileState<'_> {
        let model = self.model.as_ref().map(|(name, artifact)| (name.number, artifact));
        ProfileState { definition: &self.definition, model }
    }

    fn name(&self) -> String {
        self.model.as_ref().map(|(name, _)| name.to_string()).unwrap_or_default()
    }
}

impl Profile {
    /// Tells two states apart.
    pub(in crate::api::profile) async fn differences(
        &self,
        request: v1::DiffProfilesRequest,
    ) -> Result<v1::DiffProfilesResponse, Status> {
        let v1::DiffProfilesRequest { model, from, to, page_size, page_token } = request;
        let mut problems = Problems::default();
        let size = if page_size == 0 { MOST_CHANGES } else { page_size };
        let page = Page::parse("DiffProfiles", &format!("{model} {from} {to}"), size, &page_token, &mut problems);
        let model = model_name("model", &model, &mut problems);
        let (model, page) = problems.check(model.zip(page)).map_err(|fault| status(&fault))?;
        let start = page.after.as_deref().map_or(0, |told| told.parse().unwrap_or(usize::MAX));
        let most = self.most_out;
        let parts = self.parts.clone();
        let read = move || Ok::<_, Unread>((state(&parts, &model, from)?, state(&parts, &model, to)?));
        let (from, to) = self.work.keep(read).await?;
        let told = self.work.compute(move |_| {
            let found = differences(from.view(), to.view());
            let after = found.len().saturating_sub(start);
            let entries = found.into_iter().enumerate().skip(start);
            let (changes, next_page_token) =
                page.fill(entries.map(|(index, one)| ((index + 1).to_string(), change(one))), most);
            let more = after.saturating_sub(changes.len()) as u64;
            let (from_model_version, to_model_version) = (from.name(), to.name());
            v1::DiffProfilesResponse { changes, more, from_model_version, to_model_version, next_page_token }
        });
        told.await
    }
}

/// An approved state; as it stands under number 0, with the live version, or else the candidate, or else none.
fn state(parts: &Parts, model: &ModelName, number: u64) -> Result<State, Unread> {
    if number > 0 {
        let (version, definition) = parts.definitions.version(model, number)?;
        let name = VersionName { model: model.clone(), number: version.version };
        let artifact = parts.registry.artifact(&VersionRef::Number(name.clone()))?;
        return Ok(State { definition, model: Some((name, artifact)) });
    }
    let definition = parts.definitions.get(model)?.definition;
    for alias in [Alias::Live, Alias::Candidate] {
        match parts.registry.version(&VersionRef::Alias(model.clone(), alias)) {
            Ok(record) => {
                let artifact = parts.registry.artifact(&VersionRef::Number(record.name.clone()))?;
                return Ok(State { definition, model: Some((record.name, artifact)) });
            }
            Err(
                RegistryError::NoLiveVersion { .. } | RegistryError::NoModel { .. } | RegistryError::NoVersion { .. },
            ) => (),
            Err(other) => return Err(other.into()),
        }
    }
    Ok(State { definition, model: None })
}

fn change(difference: Difference) -> v1::ProfileChange {
    let Difference { kind, subject, id, sentence, effect: told } = difference;
    let kind = match kind {
        DifferenceKind::Added => Kind::Added,
        DifferenceKind::Removed => Kind::Removed,
        DifferenceKind::Changed => Kind::Changed,
    };
    v1::ProfileChange { kind: kind.into(), subject: subject.to_owned(), id, sentence, effect: told.map(effect) }
}

fn effect(change: EffectChange) -> v1::EffectChange {
    let EffectChange { attribute: _, label, is_amount: _, from, to, customers } = change;
    let ([from, from_low, from_high], [to, to_low, to_high]) = (odds(from), odds(to));
    v1::EffectChange {
        value: label,
        from_odds_ratio: from,
        from_low,
        from_high,
        to_odds_ratio: to,
        to_low,
        to_high,
        customers,
    }
}

/// Why a state cannot be read.
#[derive(Debug, thiserror::Error)]
enum Unread {
    #[error(transparent)]
    Definition(#[from] DefinitionError),
    #[error(transparent)]
    Registry(#[from] RegistryError),
}

impl Fault for Unread {
    fn kind(&self) -> FaultKind {
        match self {
            Self::Definition(source) => source.kind(),
            Self::Registry(source) => source.kind(),
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::Definition(source) => source.reason(),
            Self::Registry(source) => source.reason(),
        }
    }
}
