//! The differences between two states of a definition.

use sweetspot_core::reportable_error::{ErrorKind, ReportableError};
use sweetspot_core::{Definition, ModelName, ModelVersionAlias, ModelVersionName, ModelVersionRef};
use sweetspot_model::{EffectChange, ModelArtifact};
use sweetspot_proto::v1;
use sweetspot_report::diff::{ProfileDifference, ProfileState, differences, odds};
use sweetspot_store::definitions::DefinitionError;
use sweetspot_store::registry::RegistryError;
use tonic::Status;

use super::DefinitionApi;
use super::parse_model_name;
use crate::api::AppState;
use crate::api::pagination::PageRequest;
use crate::api::violations::Violations;
use crate::messages::enums::WireEnum as _;

/// Default number of differences per page.
const DEFAULT_PAGE_SIZE: i32 = 500;

/// A state with its model version.
struct ComparedState {
    definition: Definition,
    model: Option<(ModelVersionName, ModelArtifact)>,
}

impl ComparedState {
    fn definition_state(&self) -> ProfileState<'_> {
        let model = self.model.as_ref().map(|(name, artifact)| (name.number, artifact));
        ProfileState { definition: &self.definition, model }
    }

    fn model_version_name(&self) -> String {
        self.model.as_ref().map(|(name, _)| name.to_string()).unwrap_or_default()
    }
}

impl DefinitionApi {
    /// Lists the differences between two states.
    pub(super) async fn diff_definitions(
        &self,
        request: v1::DiffDefinitionsRequest,
    ) -> Result<v1::DiffDefinitionsResponse, Status> {
        let v1::DiffDefinitionsRequest { model, from, to, page_size, page_token } = request;
        let mut problems = Violations::default();
        let size = if page_size == 0 { DEFAULT_PAGE_SIZE } else { page_size };
        let page =
            PageRequest::parse("DiffDefinitions", &format!("{model} {from} {to}"), size, &page_token, &mut problems);
        let model = parse_model_name("model", &model, &mut problems);
        let (model, page) = problems.finish(model.zip(page))?;
        let start = page.after.as_deref().map_or(0, |token| token.parse().unwrap_or(usize::MAX));
        let max_bytes = self.max_response_bytes;
        let state = self.state.clone();
        let read =
            move || Ok::<_, StateReadError>((read_state(&state, &model, from)?, read_state(&state, &model, to)?));
        let (from, to) = self.pool.run_store(read).await?;
        let response = self.pool.compute(move |_| {
            let found = differences(from.definition_state(), to.definition_state());
            let after = found.len().saturating_sub(start);
            let entries = found.into_iter().enumerate().skip(start);
            let (changes, next_page_token) =
                page.fill(entries.map(|(index, one)| ((index + 1).to_string(), wire_change(one))), max_bytes);
            let more = after.saturating_sub(changes.len()) as u64;
            let (from_model_version, to_model_version) = (from.model_version_name(), to.model_version_name());
            v1::DiffDefinitionsResponse { changes, more, from_model_version, to_model_version, next_page_token }
        });
        response.await
    }
}

/// Reads an approved version, or the current definition for number 0 with the live version, or else the candidate, if
/// any.
fn read_state(state: &AppState, model: &ModelName, number: u64) -> Result<ComparedState, StateReadError> {
    if number > 0 {
        let (version, definition) = state.definitions.version(model, number)?;
        let name = ModelVersionName { model: model.clone(), number: version.version };
        let artifact = state.registry.artifact(&ModelVersionRef::Number(name.clone()))?;
        return Ok(ComparedState { definition, model: Some((name, artifact)) });
    }
    let definition = state.definitions.get(model)?.definition;
    for alias in [ModelVersionAlias::Live, ModelVersionAlias::Candidate] {
        match state.registry.version(&ModelVersionRef::Alias(model.clone(), alias)) {
            Ok(record) => {
                let artifact = state.registry.artifact(&ModelVersionRef::Number(record.name.clone()))?;
                return Ok(ComparedState { definition, model: Some((record.name, artifact)) });
            }
            Err(
                RegistryError::NoLiveVersion { .. } | RegistryError::NoModel { .. } | RegistryError::NoVersion { .. },
            ) => (),
            Err(other) => return Err(other.into()),
        }
    }
    Ok(ComparedState { definition, model: None })
}

fn wire_change(difference: ProfileDifference) -> v1::DefinitionChange {
    let ProfileDifference { kind, subject, id, sentence, effect } = difference;
    v1::DefinitionChange {
        kind: kind.wire().into(),
        subject: subject.to_owned(),
        id,
        sentence,
        effect: effect.map(wire_effect),
    }
}

fn wire_effect(change: EffectChange) -> v1::EffectChange {
    let EffectChange { attribute: _, label, is_amount: _, before: from, after: to, customers } = change;
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
enum StateReadError {
    #[error(transparent)]
    Definition(#[from] DefinitionError),
    #[error(transparent)]
    Registry(#[from] RegistryError),
}

impl ReportableError for StateReadError {
    fn kind(&self) -> ErrorKind {
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
