//! Reads the configuration of scoring calls.

use std::borrow::Cow;
use std::sync::LazyLock;

use sweetspot_core::ModelVersionRef;
use sweetspot_proto::v1;

use super::account_filter::{AccountFilter, parse_filter};
use crate::access::Call;
use crate::api::limits::{DEFAULT_REASONS, MAX_REASONS, MAX_STREAM_TOP_K};
use crate::api::violations::Violations;

/// The version for requests that name none.
pub(in crate::api) const DEFAULT_VERSION: &str = "workspaces/default/models/default/versions/live";

/// The reasons to return.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::api) enum ReasonSelection {
    None,
    /// At most this number of reasons, largest first.
    Largest(usize),
    /// All reasons, in the model's order.
    All,
}

/// The parameters of a scoring call.
#[derive(Debug)]
pub(in crate::api) struct ScorePlan {
    pub(in crate::api) version: Cow<'static, ModelVersionRef>,
    pub(in crate::api) reasons: ReasonSelection,
    pub(in crate::api) filter: AccountFilter,
    /// The number of best accounts to return, best first. `None` returns all, in request order.
    pub(in crate::api) top_k: Option<usize>,
    /// Whether an account with an unknown attribute is rejected.
    pub(in crate::api) rejects_unknown: bool,
    /// Whether scores have no issues of attributes without a value.
    pub(in crate::api) omits_missing_issues: bool,
}

/// Reads the configuration of a scoring call.
pub(in crate::api) fn parse_plan(config: v1::ScoreConfig, problems: &mut Violations) -> Option<ScorePlan> {
    let v1::ScoreConfig {
        version,
        view,
        reason_count,
        filter: wire,
        top_k,
        unknown_attributes,
        omit_missing_issues: omits_missing_issues,
    } = config;
    let version = self::parse_version("config.version", &version, problems);
    let view = problems.parse_enum("config.view", view);
    let unknown = problems.parse_enum("config.unknown_attributes", unknown_attributes);
    if reason_count > MAX_REASONS {
        problems.add(
            "TOO_MANY_REASONS",
            "config.reason_count",
            format!("at most {MAX_REASONS} reasons can be requested"),
        );
    }
    let filter = parse_filter(wire, problems);
    let reasons = match view? {
        v1::ScoreView::Unspecified | v1::ScoreView::Score => ReasonSelection::None,
        v1::ScoreView::TopReasons if reason_count == 0 => ReasonSelection::Largest(DEFAULT_REASONS as usize),
        v1::ScoreView::TopReasons => ReasonSelection::Largest(reason_count as usize),
    };
    let top = if top_k == 0 { None } else { Some(top_k as usize) };
    let rejects_unknown = match unknown? {
        v1::UnknownAttributes::Unspecified | v1::UnknownAttributes::Ignore => false,
        v1::UnknownAttributes::Reject => true,
    };
    Some(ScorePlan { version: version?, reasons, filter, top_k: top, rejects_unknown, omits_missing_issues })
}

/// Reads the configuration of a stream, and checks the limit on the best accounts that it holds in memory.
pub(in crate::api) fn parse_stream_plan(config: v1::ScoreConfig, problems: &mut Violations) -> Option<ScorePlan> {
    if config.top_k as usize > MAX_STREAM_TOP_K {
        let text = format!("a stream returns at most its {MAX_STREAM_TOP_K} best: omit top_k, and sort the results");
        problems.add("TOO_MANY_ACCOUNTS", "config.top_k", text);
    }
    parse_plan(config, problems)
}

/// The parameters of an explain call: all reasons of all accounts.
pub(in crate::api) fn parse_explain_plan(version: &str, problems: &mut Violations) -> Option<ScorePlan> {
    let version = self::parse_version("version", version, problems)?;
    Some(ScorePlan {
        version,
        reasons: ReasonSelection::All,
        filter: AccountFilter::default(),
        top_k: None,
        rejects_unknown: false,
        omits_missing_issues: false,
    })
}

fn parse_version(field: &str, name: &str, problems: &mut Violations) -> Option<Cow<'static, ModelVersionRef>> {
    static DEFAULT: LazyLock<Option<ModelVersionRef>> = LazyLock::new(|| DEFAULT_VERSION.parse().ok());
    match &*DEFAULT {
        Some(default) if name.is_empty() && Call::own_workspace().is_none() => Some(Cow::Borrowed(default)),
        _ => problems.parse_name_or(field, name, DEFAULT_VERSION).map(Cow::Owned),
    }
}
