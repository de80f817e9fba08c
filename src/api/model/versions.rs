//! Model versions.

use std::collections::BTreeMap;
use std::sync::Arc;

use prost::Message as _;
use sweetspot_core::{Digest, ModelVersionRef};
use sweetspot_proto::v1;
use sweetspot_store::annotations::Annotations;
use sweetspot_store::registry::{RegistryError, RequestKey, UpdateVersionRequest, VersionRecord};
use tonic::Status;

use super::promotions::parse_numbered_version;
use super::runs::config_of;
use super::{ModelApi, parse_model_name};
use crate::api::convert::annotations::parse_annotations;
use crate::api::convert::score_plan::DEFAULT_VERSION;
use crate::api::convert::version::{version as version_message, version_with_details};
use crate::api::list_filter::{FilterFields, FilteredEntry, ListFilter, ListOrder, read_matching};
use crate::api::pagination::PageRequest;
use crate::api::response::content_budget;
use crate::api::violations::{Violations, truncate_for_message};

impl ModelApi {
    /// Returns a version with its label card, attributes and warnings.
    pub(super) async fn get_model_version(
        &self,
        request: v1::GetModelVersionRequest,
    ) -> Result<v1::GetModelVersionResponse, Status> {
        let v1::GetModelVersionRequest { name } = request;
        let mut problems = Violations::default();
        let name = problems.parse_name_or("name", &name, DEFAULT_VERSION);
        let name: ModelVersionRef = problems.finish(name)?;
        let (registry, jobs) = (Arc::clone(&self.state.registry), self.state.jobs.clone());
        let read = self.pool.run_store(move || {
            let record = registry.version(&name)?;
            // By number: the alias may have moved since.
            let artifact = registry.artifact(&ModelVersionRef::Number(record.name.clone()))?;
            let config = record.run.as_ref().and_then(|run| config_of(&jobs, run));
            Ok::<_, RegistryError>((version_with_details(record, &artifact), config))
        });
        let (version, config) = read.await?;
        let max_bytes = content_budget(self.max_response_bytes);
        // The version matters more than how it came about.
        let version = omit_lists_to_fit(version, max_bytes);
        let config = config.filter(|config| version.encoded_len() + config.encoded_len() <= max_bytes);
        Ok(v1::GetModelVersionResponse { version: Some(version), config })
    }

    /// Changes what is written on a version.
    pub(super) async fn update_model_version(
        &self,
        request: v1::UpdateModelVersionRequest,
    ) -> Result<v1::UpdateModelVersionResponse, Status> {
        let body = update_digest(&request);
        let v1::UpdateModelVersionRequest { name, update_mask, labels, description, owner, etag, request_id } = request;
        let mut problems = Violations::default();
        let version = parse_numbered_version(&name, &mut problems);
        problems.check_request_id(&request_id);
        let fields = update_mask.map(|mask| mask.paths).unwrap_or_default();
        check_update_mask(&fields, &mut problems);
        let annotations = parse_annotations(labels, description, owner, &mut problems);
        let version = problems.finish(version)?;
        let has = |field: &str| fields.iter().any(|path| path == field);
        let Annotations { labels, description, owner } = annotations;
        let update = UpdateVersionRequest {
            version,
            etag,
            labels: Some(labels).filter(|_| has("labels")),
            description: Some(description).filter(|_| has("description")),
            owner: Some(owner).filter(|_| has("owner")),
            request: RequestKey { id: request_id, body },
        };
        let registry = Arc::clone(&self.state.registry);
        let record = self.pool.run_store(move || registry.update_version(&update)).await?;
        Ok(v1::UpdateModelVersionResponse { version: Some(version_message(record)) })
    }

    /// Lists a page of versions, newest first.
    pub(super) async fn list_model_versions(
        &self,
        request: v1::ListModelVersionsRequest,
    ) -> Result<v1::ListModelVersionsResponse, Status> {
        let v1::ListModelVersionsRequest { parent, page_size, page_token, filter, order_by } = request;
        let mut problems = Violations::default();
        let model = parse_model_name("parent", &parent, &mut problems);
        let list = format!("ListModelVersions {filter:?} {order_by:?}");
        let page = PageRequest::parse(&list, &parent, page_size, &page_token, &mut problems);
        let filter = ListFilter::parse(&filter, FILTER_FIELDS, &mut problems);
        let order = ListOrder::parse(&order_by, FILTER_FIELDS.time, &mut problems);
        let ((model, page), (filter, order)) = problems.finish(model.zip(page).zip(filter.zip(order)))?;
        let after: Option<u64> = page.after.as_ref().and_then(|number| number.parse().ok());
        let (registry, limit) = (Arc::clone(&self.state.registry), page.size + 1);
        let read = move |after: Option<&u64>| match order {
            ListOrder::OldestFirst => registry.versions_oldest_first(&model, after.copied(), limit),
            ListOrder::Default | ListOrder::NewestFirst => registry.versions(&model, after.copied(), limit),
        };
        let matches = move |record: &VersionRecord| filter.matches(&filtered_entry(record));
        let read = move || read_matching(limit, after, read, |record| record.name.number, matches);
        let records = self.pool.run_store(read).await?;
        let entries = records.into_iter().map(|record| (record.name.number.to_string(), version_message(record)));
        let (versions, next_page_token) = page.fill(entries, self.max_response_bytes);
        Ok(v1::ListModelVersionsResponse { versions, next_page_token })
    }
}

/// The fields that versions can be filtered by.
const FILTER_FIELDS: FilterFields = FilterFields { has_labels: true, texts: &["alias", "owner"], time: "create_time" };

fn filtered_entry(record: &VersionRecord) -> FilteredEntry<'_> {
    let Annotations { labels, description: _, owner } = &record.annotations;
    let mut texts = vec![("owner", owner.clone())];
    texts.extend(record.aliases.iter().map(|alias| ("alias", alias.to_string())));
    FilteredEntry { labels: Some(labels), texts, time: Some(record.created) }
}

/// The fields of a version that can be changed.
const UPDATABLE_FIELDS: [&str; 3] = ["labels", "description", "owner"];

fn check_update_mask(fields: &[String], problems: &mut Violations) {
    if fields.is_empty() {
        let text = "name the fields to change: labels, description or owner";
        problems.add("INVALID_UPDATE_MASK", "update_mask", text);
    }
    for field in fields.iter().filter(|field| !UPDATABLE_FIELDS.contains(&field.as_str())) {
        let text = format!("{:?} cannot be changed: use labels, description or owner", truncate_for_message(field));
        problems.add("INVALID_UPDATE_MASK", "update_mask", text);
    }
}

/// The digest of a request without its id, independent of the order of the map.
fn update_digest(request: &v1::UpdateModelVersionRequest) -> Digest {
    let mut request = v1::UpdateModelVersionRequest { request_id: String::new(), ..request.clone() };
    let labels: BTreeMap<String, String> = request.labels.drain().collect();
    Digest::new(&[request.encode_to_vec(), format!("{labels:?}").into_bytes()].concat())
}

/// Empties lists of a version until it fits into `max_bytes` bytes, if that is possible, starting with those that are
/// largest and least important to a reader.
fn omit_lists_to_fit(mut version: v1::ModelVersion, max_bytes: usize) -> v1::ModelVersion {
    let leave_out: [fn(&mut v1::ModelVersion); 5] = [
        |version| {
            version.hypotheses.clear();
            version.exclusion_rules.clear();
        },
        |version| version.segments.clear(),
        |version| version.warnings.clear(),
        |version| version.pairs.clear(),
        |version| version.attributes.clear(),
    ];
    for list in leave_out {
        if version.encoded_len() <= max_bytes {
            break;
        }
        list(&mut version);
        version.entries_left_out = true;
    }
    version
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_omitted_until_a_version_fits_its_response() {
        let text = |count| vec!["x".repeat(1_000); count];
        let version = v1::ModelVersion {
            name: "v".to_owned(),
            warnings: text(20),
            exclusion_rules: vec![v1::ExclusionRuleSummary {
                exclusion_rule: Some(v1::ExclusionRule { id: "g".repeat(3_000), ..v1::ExclusionRule::default() }),
                ..v1::ExclusionRuleSummary::default()
            }],
            segments: vec![v1::SegmentSummary { name: "s".repeat(3_000), ..v1::SegmentSummary::default() }],
            attributes: vec![v1::AttributeSummary { attribute: "a".repeat(3_000), ..v1::AttributeSummary::default() }],
            ..v1::ModelVersion::default()
        };
        let kept = |most| {
            let fitted = omit_lists_to_fit(version.clone(), most);
            let lists =
                [fitted.exclusion_rules.len(), fitted.segments.len(), fitted.warnings.len(), fitted.attributes.len()];
            assert_eq!(fitted.entries_left_out, lists != [1, 1, 20, 1]);
            lists
        };
        assert_eq!(kept(40_000), [1, 1, 20, 1]);
        assert_eq!(kept(28_000), [0, 1, 20, 1]);
        assert_eq!(kept(24_000), [0, 0, 20, 1]);
        assert_eq!(kept(5_000), [0, 0, 0, 1]);
        assert_eq!(kept(100), [0; 4]);
    }
}
