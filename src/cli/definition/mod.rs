//! The entries of a definition: flags, requests, and output.

pub(super) mod approval_text;
pub(super) mod entry_args;
pub(super) mod enum_words;
pub(super) mod text;

use sweetspot_proto::json::JsonMessage;
use sweetspot_proto::v1;
use uuid::Uuid;

use self::entry_args::RemovalArgs;
use super::client::{Client, MissingStore, request};
use super::context::Context;
use super::exit::CliError;
use super::output::wrap;
use super::version_lookup;

/// The number of entries per page.
pub(super) const PAGE_SIZE: i32 = 500;

/// Reads a list page by page; `page` takes a page token, and returns entries and the token of the next page.
///
/// # Errors
/// Returns the first error of a page.
pub(super) async fn list_all<T>(
    client: &mut Client,
    mut page: impl AsyncFnMut(&mut Client, String) -> Result<(Vec<T>, String), CliError>,
) -> Result<Vec<T>, CliError> {
    let (mut found, mut token) = (Vec::new(), String::new());
    loop {
        let (entries, next) = page(client, token).await?;
        found.extend(entries);
        if next.is_empty() {
            return Ok(found);
        }
        token = next;
    }
}

/// A created entry, or a checked one.
pub(super) struct CreatedEntry<E> {
    /// The entry as stored, or as it would be.
    entry: Option<E>,
    /// The warnings of the server.
    warnings: Vec<String>,
    /// What an exclusion rule does to the customers; empty if it is not known, and for other entries.
    effect: String,
}

/// A kind of entry with its requests.
pub(super) trait EntryRequests: JsonMessage + Sized {
    /// The kind in messages, such as `exclusion rule`.
    const KIND: &'static str;

    /// The id of the entry.
    fn id(&self) -> &str;

    /// Formats entries as a table. `attributes` are those of the version whose kinds apply; empty without a version.
    fn table(entries: &[Self], attributes: &[v1::AttributeSummary]) -> String;

    /// Creates the entry, or only checks it.
    async fn create(
        self,
        client: &mut Client,
        parent: String,
        validate_only: bool,
    ) -> Result<CreatedEntry<Self>, CliError>;

    /// Returns a page of entries, and the token of the next page.
    async fn list(client: &mut Client, parent: String, page_token: String) -> Result<(Vec<Self>, String), CliError>;

    /// Deletes an entry.
    async fn delete(client: &mut Client, parent: String, removal: RemovalArgs) -> Result<(), CliError>;
}

/// Implements [`EntryRequests`]. The kinds differ in nothing but their messages.
macro_rules! entry_messages {
    ($($entry:ident, $kind:literal, $one:ident, $many:ident, $id:expr, $table:expr,
       $create:ident($create_request:ident, $effect:expr), $list:ident($list_request:ident),
       $delete:ident($delete_request:ident);)*) => {
        $(impl EntryRequests for v1::$entry {
            const KIND: &'static str = $kind;

            fn id(&self) -> &str {
                let id: fn(&Self) -> &str = $id;
                id(self)
            }

            fn table(entries: &[Self], attributes: &[v1::AttributeSummary]) -> String {
                $table(entries, attributes)
            }

            async fn create(
                self,
                client: &mut Client,
                parent: String,
                validate_only: bool,
            ) -> Result<CreatedEntry<Self>, CliError> {
                let (etag, request_id) = (String::new(), Uuid::new_v4().to_string());
                let message = v1::$create_request { parent, $one: Some(self), etag, request_id, validate_only };
                let answer = client.definitions.$create(request(message)).await;
                let stored = client.response(answer)?;
                let effect = $effect(&stored);
                Ok(CreatedEntry { entry: stored.$one, warnings: stored.warnings, effect })
            }

            async fn list(
                client: &mut Client,
                parent: String,
                page_token: String,
            ) -> Result<(Vec<Self>, String), CliError> {
                let message = v1::$list_request { parent, page_size: PAGE_SIZE, page_token, definition_version: 0 };
                let answer = client.definitions.$list(request(message)).await;
                client.response(answer).map(|page| (page.$many, page.next_page_token))
            }

            async fn delete(client: &mut Client, parent: String, removal: RemovalArgs) -> Result<(), CliError> {
                let (etag, request_id) = (String::new(), Uuid::new_v4().to_string());
                let RemovalArgs { id, by: author, because: reason } = removal;
                let message = v1::$delete_request { parent, id, etag, request_id, author, reason };
                let answer = client.definitions.$delete(request(message)).await;
                client.response(answer).map(drop)
            }
        })*
    };
}

entry_messages! {
    HypothesisEntry, "hypothesis", hypothesis, hypotheses,
    |entry| entry.hypothesis.as_ref().map_or("", |hypothesis| &hypothesis.id), text::hypotheses_text,
    create_hypothesis(CreateHypothesisRequest, |_: &_| String::new()), list_hypotheses(ListHypothesesRequest),
    delete_hypothesis(DeleteHypothesisRequest);

    ExclusionRule, "exclusion rule", exclusion_rule, exclusion_rules, |entry| &entry.id, text::rules_text,
    create_exclusion_rule(CreateExclusionRuleRequest, rule_effect), list_exclusion_rules(ListExclusionRulesRequest),
    delete_exclusion_rule(DeleteExclusionRuleRequest);

    Finding, "finding", finding, findings, |entry| &entry.id, |findings: &[v1::Finding], _: &[_]| text::findings_text(findings),
    create_finding(CreateFindingRequest, |_: &_| String::new()), list_findings(ListFindingsRequest),
    delete_finding(DeleteFindingRequest);
}

/// An operation on the entries of one kind.
pub(super) enum EntryOperation<E> {
    /// Creates entries, or only checks each of them, and prints them. The first error ends the command; entries before
    /// it are stored.
    Add {
        /// The entries.
        entries: Vec<E>,
        /// Whether to store nothing.
        validate_only: bool,
    },
    /// Prints all entries.
    List,
    /// Deletes an entry.
    Remove(RemovalArgs),
}

impl<E: EntryRequests> EntryOperation<E> {
    /// Runs the operation. Only adding creates a store.
    ///
    /// # Errors
    /// Returns an error if the server refuses a request, or if stdout cannot be written.
    pub(super) async fn run(self, context: &Context) -> Result<(), CliError> {
        let mode = match self {
            Self::Add { validate_only: false, .. } => MissingStore::Create,
            Self::Add { .. } | Self::List | Self::Remove(_) => MissingStore::Refuse,
        };
        let work = async |client: &mut Client| match self {
            Self::Add { entries, validate_only } => add_entries(client, context, entries, validate_only).await,
            Self::List => list_entries::<E>(client, context).await,
            Self::Remove(removal) => remove_entry::<E>(client, context, removal).await,
        };
        context.with_client(mode, work).await
    }
}

async fn add_entries<E: EntryRequests>(
    client: &mut Client,
    context: &Context,
    entries: Vec<E>,
    validate_only: bool,
) -> Result<(), CliError> {
    let (mut added, mut effects) = (Vec::new(), Vec::new());
    for entry in entries {
        let parent = context.names.model.to_string();
        let CreatedEntry { entry, warnings, effect } = entry.create(client, parent, validate_only).await?;
        for warning in warnings {
            context.out.warn(&format!("warning: {warning}"));
        }
        let entry = entry.ok_or_else(|| missing_field(E::KIND))?;
        if !effect.is_empty() {
            effects.push(format!("{:?} {effect}", entry.id()));
        }
        added.push(entry);
    }
    if context.out.json {
        for effect in effects {
            context.out.note(&effect);
        }
        return context.out.print_json_list(&added);
    }
    let ids: Vec<_> = added.iter().map(|entry| format!("{:?}", entry.id())).collect();
    let done = if validate_only { "valid, not added:" } else { "added" };
    let first = format!("{done} {} {}", E::KIND, ids.join(", "));
    let lines = std::iter::once(first).chain(effects.iter().map(|effect| wrap(effect, 0, 2)));
    context.out.print_text(&lines.collect::<Vec<_>>().join("\n"))
}

/// What an exclusion rule does to the customers, with the version or the dataset that has them.
fn rule_effect(stored: &v1::CreateExclusionRuleResponse) -> String {
    let Some(matching) = &stored.matching else { return String::new() };
    let source = match stored.matching_resource.rsplit_once('/') {
        Some((parent, number)) if parent.ends_with("/versions") => format!("version {number}"),
        Some((_, dataset)) => format!("dataset {dataset}"),
        None => return matching.summary.clone(),
    };
    format!("{} (customers of {source})", matching.summary)
}

async fn list_entries<E: EntryRequests>(client: &mut Client, context: &Context) -> Result<(), CliError> {
    let parent = context.names.model.to_string();
    let page = async |client: &mut Client, page_token| E::list(client, parent.clone(), page_token).await;
    let entries: Vec<E> = list_all(client, page).await?;
    if context.out.json {
        return context.out.print_json_list(&entries);
    }
    let attributes = version_lookup::known_attributes(client, context).await;
    context.out.print_text(&E::table(&entries, &attributes))
}

async fn remove_entry<E: EntryRequests>(
    client: &mut Client,
    context: &Context,
    removal: RemovalArgs,
) -> Result<(), CliError> {
    let id = removal.id.clone();
    E::delete(client, context.names.model.to_string(), removal).await?;
    if context.out.json {
        return context.out.print_json(&serde_json::json!({ "removed": id }));
    }
    context.out.print_text(&format!("removed {} {id:?}", E::KIND))
}

/// Returns the error of a response that lacks a field.
pub(super) fn missing_field(what: &str) -> CliError {
    CliError::Failed(format!("the server's response has no {what}: check that the server has the same release"))
}
