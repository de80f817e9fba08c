//! The segments whose ids a training continues.

use sweetspot_core::{ModelName, ModelVersionAlias, ModelVersionRef};
use sweetspot_model::EarlierSegments;
use sweetspot_store::registry::{Registry, RegistryError};

use crate::api::violations::Violations;

/// The version whose segments a training continues.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum SegmentSource {
    /// The live version, or else the newest one.
    Current,
    /// This version.
    Version(ModelVersionRef),
    /// None: ids begin with 1.
    Nothing,
}

/// Reads the version in a request: absent for the current one, empty for none.
pub(super) fn parse_segment_source(
    segments_from: Option<String>,
    model: Option<&ModelName>,
    problems: &mut Violations,
) -> SegmentSource {
    const FIELD: &str = "config.segments_from";
    let name = match segments_from {
        None => return SegmentSource::Current,
        Some(name) if name.is_empty() => return SegmentSource::Nothing,
        Some(name) => name,
    };
    let version: Option<ModelVersionRef> = problems.parse_name(FIELD, &name);
    if let (Some(version), Some(model)) = (&version, model)
        && version.model() != model
    {
        problems.add("INVALID_NAME", FIELD, format!("{version} is not a version of {model}"));
    }
    version.map_or(SegmentSource::Nothing, SegmentSource::Version)
}

/// Reads the segments of the version; those of a live version are in memory. A current version that cannot be read counts as none, because a training must be
/// able to replace it.
pub(super) fn read_earlier_segments(
    registry: &Registry,
    model: &ModelName,
    source: SegmentSource,
) -> Result<EarlierSegments, RegistryError> {
    let read = |version: &ModelVersionRef| {
        let loaded = registry.resolve(version)?;
        Ok::<_, RegistryError>(loaded.scorer.earlier_segments(loaded.resource.clone()))
    };
    match source {
        SegmentSource::Nothing => Ok(EarlierSegments::default()),
        SegmentSource::Version(version) => read(&version),
        SegmentSource::Current => match current_version(registry, model)? {
            None => Ok(EarlierSegments::default()),
            Some(version) => Ok(read(&version).unwrap_or_else(|error| {
                tracing::warn!(%error, %version, "a training starts without the segments of a version that cannot be read");
                EarlierSegments::default()
            })),
        },
    }
}

/// The live version, or else the newest one.
fn current_version(registry: &Registry, model: &ModelName) -> Result<Option<ModelVersionRef>, RegistryError> {
    let live = ModelVersionRef::Alias(model.clone(), ModelVersionAlias::Live);
    if registry.live(model).is_ok() {
        return Ok(Some(live));
    }
    let newest = registry.versions(model, None, 1)?.pop();
    Ok(newest.map(|record| ModelVersionRef::Number(record.name)))
}
