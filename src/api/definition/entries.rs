//! The methods of hypotheses, exclusion rules and findings.

use sweetspot_core::{Entry, ExclusionRule, Finding, HypothesisEntry};
use sweetspot_proto::v1;
use sweetspot_store::definitions::{DefinitionError, DefinitionSnapshot, Definitions, EditRequest, EntryPath};
use tonic::Status;

use super::approval::{check_required_reason, parse_person};
use super::{ChangeCall, DefinitionApi, parse_model_name, request_digest};
use crate::api::convert::entry::{EntryMessage, parse_entry};
use crate::api::pagination::PageRequest;
use crate::api::violations::Violations;

/// The result of a change to an entry.
struct EntryChange<M> {
    /// The stored entry.
    entry: Option<M>,
    /// The new etag of the definition.
    etag: String,
    /// Warnings about unknown names in the entry.
    warnings: Vec<String>,
    /// The customers that an exclusion rule holds for; `None` for other entries and without customers.
    matching: Option<v1::MatchingCustomers>,
    /// The version or the dataset with these customers; empty if there are none.
    matching_resource: String,
}

/// A change to a definition, or a check of it.
type Change<E> = fn(&Definitions, &EditRequest, E) -> Result<DefinitionSnapshot, DefinitionError>;

/// The method and the paging fields of a list request.
pub(super) struct EntryListRequest {
    pub(super) method: &'static str,
    pub(super) parent: String,
    pub(super) size: i32,
    pub(super) token: String,
    /// The number of an approved version; 0 means the current definition.
    pub(super) definition_version: u64,
}

/// Implements the four methods of a kind of entry. They differ in nothing but their messages; responses may have more of
/// the fields of an [`EntryChange`].
macro_rules! entry_methods {
    ($entry:ident, $one:ident, $many:ident $(, $more:ident)*:
     $create:ident($create_request:ident) -> $create_response:ident;
     $list:ident($list_request:ident) -> $list_response:ident;
     $update:ident($update_request:ident) -> $update_response:ident;
     $delete:ident($delete_request:ident) -> $delete_response:ident;) => {
        impl DefinitionApi {
            pub(super) async fn $create(&self, request: v1::$create_request) -> Result<v1::$create_response, Status> {
                let body = request_digest(&request);
                let v1::$create_request { parent, $one, etag, request_id, validate_only } = request;
                let call =
                    ChangeCall { method: stringify!($create), model: ("parent", parent), etag, request_id, body };
                let add: Change<$entry> = if validate_only { Definitions::preview_add } else { add };
                let change = self.change_entry($one, call, add).await?;
                Ok(v1::$create_response {
                    $one: change.entry,
                    etag: change.etag,
                    warnings: change.warnings,
                    $($more: change.$more,)*
                })
            }

            pub(super) async fn $list(&self, request: v1::$list_request) -> Result<v1::$list_response, Status> {
                let v1::$list_request { parent, page_size: size, page_token: token, definition_version } = request;
                let method = stringify!($list);
                let listing = EntryListRequest { method, parent, size, token, definition_version };
                let ($many, next_page_token, unreadable_ids) = self.list_entries::<$entry>(listing).await?;
                Ok(v1::$list_response { $many, next_page_token, unreadable_ids })
            }

            pub(super) async fn $update(&self, request: v1::$update_request) -> Result<v1::$update_response, Status> {
                let body = request_digest(&request);
                let v1::$update_request { parent, $one, etag, request_id } = request;
                let call =
                    ChangeCall { method: stringify!($update), model: ("parent", parent), etag, request_id, body };
                let change = self.change_entry::<$entry>($one, call, replace).await?;
                Ok(v1::$update_response {
                    $one: change.entry,
                    etag: change.etag,
                    warnings: change.warnings,
                    $($more: change.$more,)*
                })
            }

            pub(super) async fn $delete(&self, request: v1::$delete_request) -> Result<v1::$delete_response, Status> {
                let body = request_digest(&request);
                let v1::$delete_request { parent, id, etag, request_id, author, reason } = request;
                let call =
                    ChangeCall { method: stringify!($delete), model: ("parent", parent), etag, request_id, body };
                Ok(v1::$delete_response { etag: self.delete_entry::<$entry>(call, id, author, reason).await? })
            }
        }
    };
}

entry_methods! { HypothesisEntry, hypothesis, hypotheses:
    create_hypothesis(CreateHypothesisRequest) -> CreateHypothesisResponse;
    list_hypotheses(ListHypothesesRequest) -> ListHypothesesResponse;
    update_hypothesis(UpdateHypothesisRequest) -> UpdateHypothesisResponse;
    delete_hypothesis(DeleteHypothesisRequest) -> DeleteHypothesisResponse;
}

entry_methods! { ExclusionRule, exclusion_rule, exclusion_rules, matching, matching_resource:
    create_exclusion_rule(CreateExclusionRuleRequest) -> CreateExclusionRuleResponse;
    list_exclusion_rules(ListExclusionRulesRequest) -> ListExclusionRulesResponse;
    update_exclusion_rule(UpdateExclusionRuleRequest) -> UpdateExclusionRuleResponse;
    delete_exclusion_rule(DeleteExclusionRuleRequest) -> DeleteExclusionRuleResponse;
}

entry_methods! { Finding, finding, findings:
    create_finding(CreateFindingRequest) -> CreateFindingResponse;
    list_findings(ListFindingsRequest) -> ListFindingsResponse;
    update_finding(UpdateFindingRequest) -> UpdateFindingResponse;
    delete_finding(DeleteFindingRequest) -> DeleteFindingResponse;
}

fn add<E: Entry>(
    definitions: &Definitions,
    edit: &EditRequest,
    entry: E,
) -> Result<DefinitionSnapshot, DefinitionError> {
    Ok(definitions.add(edit, entry)?.snapshot)
}

fn replace<E: Entry>(
    definitions: &Definitions,
    edit: &EditRequest,
    entry: E,
) -> Result<DefinitionSnapshot, DefinitionError> {
    Ok(definitions.replace(edit, entry)?.snapshot)
}

impl DefinitionApi {
    /// Adds, checks or replaces an entry.
    async fn change_entry<E: EntryMessage>(
        &self,
        wire: Option<E::Wire>,
        call: ChangeCall,
        change: Change<E>,
    ) -> Result<EntryChange<E::Wire>, Status> {
        let mut problems = Violations::default();
        let entry: Option<E> = parse_entry(wire, &mut problems);
        let edit = call.edit_request(&mut problems);
        let (edit, entry) = problems.finish(edit.zip(entry))?;
        let (definitions, id) = (self.state.definitions.clone(), entry.id().to_owned());
        let (model, names, exclusion_rule) =
            (edit.model.clone(), entry.mentioned_names(), entry.exclusion_rule().cloned());
        let snapshot = self.pool.run_store(move || change(&definitions, &edit, entry)).await?;
        let warnings = self.unknown_name_warnings(&model, names).await;
        let counted = match exclusion_rule {
            Some(exclusion_rule) => self.count_matching_customers(&model, exclusion_rule).await,
            None => None,
        };
        let (matching, matching_resource) = counted.unzip();
        let entry = snapshot.definition.entry::<E>(&id).cloned();
        let entry = entry.map(|entry| entry.into_wire_of(&model.to_string()));
        let matching_resource = matching_resource.unwrap_or_default();
        Ok(EntryChange { entry, etag: snapshot.etag, warnings, matching, matching_resource })
    }

    /// Deletes an entry, records who did and why, and returns the new etag of the definition.
    async fn delete_entry<E: Entry>(
        &self,
        call: ChangeCall,
        id: String,
        author: String,
        reason: String,
    ) -> Result<String, Status> {
        let mut problems = Violations::default();
        let author = parse_person("author", author, &mut problems);
        check_required_reason(
            &reason,
            "a reason is required: it is all that shows why the entry is gone",
            &mut problems,
        );
        let edit = call.edit_request(&mut problems);
        let edit = problems.finish(edit)?;
        let definitions = self.state.definitions.clone();
        let remove = move || definitions.remove_for_reason::<E>(&edit, &id, &author, &reason);
        Ok(self.pool.run_store(remove).await?.snapshot.etag)
    }

    /// Returns a page of entries, sorted by id, the token of the next page, and on the first page the ids of the entries
    /// that cannot be read.
    pub(super) async fn list_entries<E: EntryMessage>(
        &self,
        listing: EntryListRequest,
    ) -> Result<(Vec<E::Wire>, String, Vec<String>), Status> {
        let EntryListRequest { method, parent, size, token, definition_version } = listing;
        let mut problems = Violations::default();
        let model = parse_model_name("parent", &parent, &mut problems);
        // A token is valid only for the state that it was issued for.
        let list =
            if definition_version == 0 { method.to_owned() } else { format!("{method} of {definition_version}") };
        let page = PageRequest::parse(&list, &parent, size, &token, &mut problems);
        let (model, page) = problems.finish(model.zip(page))?;
        let (definitions, parent) = (self.state.definitions.clone(), model.to_string());
        let read = move || match definition_version {
            0 => definitions.get(&model).map(|current| (current.definition, current.unreadable)),
            number => definitions.version(&model, number).map(|(_, definition)| (definition, Vec::new())),
        };
        let (definition, unreadable) = self.pool.run_store(read).await?;
        let of_this_kind = |path: &EntryPath| path.collection == E::KIND.into() && page.after.is_none();
        let unreadable = unreadable.into_iter().filter(of_this_kind).map(|path| path.id).collect();
        let after = |entry: &&E| page.after.as_deref().is_none_or(|after| entry.id() > after);
        let entries = definition.entries::<E>().iter().filter(after);
        let entries = entries.map(|entry| (entry.id().to_owned(), entry.clone().into_wire_of(&parent)));
        let (entries, next_page_token) = page.fill(entries, self.max_response_bytes);
        Ok((entries, next_page_token, unreadable))
    }
}
