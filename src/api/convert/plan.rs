//! What a scoring call asks for besides its accounts.

use std::borrow::Cow;
use std::sync::LazyLock;

use sweetspot_core::VersionRef;
use sweetspot_proto::v1;

use super::filter::{Filter, filter};
use crate::api::limits::{DEFAULT_REASONS, REASONS, STREAM_TOP};
use crate::api::problems::Problems;

/// The version that answers where none is named.
pub(in crate::api) const DEFAULT_VERSION: &str = "workspaces/default/models/default/versions/live";

/// Which reasons are given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::api) enum Reasons {
    None,
    /// The largest so many, largest first.
    Largest(usize),
    /// All of them, in the model's order.
    All,
}

/// How to score.
#[derive(Debug)]
pub(in crate::api) struct Plan {
    pub(in crate::api) version: Cow<'static, VersionRef>,
    pub(in crate::api) reasons: Reasons,
    pub(in crate::api) filter: Filter,
    /// The best so many, best first; nothing: all, in their order.
    pub(in crate::api) top: Option<usize>,
    /// Whether an account with an attribute that nothing reads is rejected.
    pub(in crate::api) rejects_unknown: bool,
}

/// Reads the configuration of a scoring call.
pub(in crate::api) fn plan(config: v1::ScoreConfig, problems: &mut Problems) -> Option<Plan> {
    let v1::ScoreConfig { version, view, reason_count, filter: wire, top_k, unknown_attributes } = config;
    let version = self::version("config.version", &version, problems);
    let view = problems.known("config.view", view);
    let unknown = problems.known("config.unknown_attributes", unknown_attributes);
    if reason_count > REASONS {
        problems.add("TOO_MANY_REASONS", "config.reason_count", format!("at most {REASONS} reasons can be requested"));
    }
    let filter = filter(wire, problems);
    let reasons = match view? {
        v1::ScoreView::Unspecified | v1::ScoreView::Score => Reasons::None,
        v1::ScoreView::TopReasons if reason_count == 0 => Reasons::Largest(DEFAULT_REASONS as usize),
        v1::ScoreView::TopReasons => Reasons::Largest(reason_count as usize),
    };
    let top = if top_k == 0 { None } else { Some(top_k as usize) };
    let rejects_unknown = match unknown? {
        v1::UnknownAttributes::Unspecified | v1::UnknownAttributes::Ignore => false,
        v1::UnknownAttributes::Reject => true,
    };
    Some(Plan { version: version?, reasons, filter, top, rejects_unknown })
}

/// Reads the configuration of a stream: what it keeps to the end is bounded.
pub(in crate::api) fn stream_plan(config: v1::ScoreConfig, problems: &mut Problems) -> Option<Plan> {
    if config.top_k as usize > STREAM_TOP {
        let text = format!("a stream returns at most its {STREAM_TOP} best: omit top_k, and sort the results");
        problems.add("TOO_MANY_ACCOUNTS", "config.top_k", text);
    }
    plan(config, problems)
}

/// What explaining asks for: everything of every account.
pub(in crate::api) fn explaining(version: &str, problems: &mut Problems) -> Option<Plan> {
    let version = self::version("version", version, problems)?;
    Some(Plan { version, reasons: Reasons::All, filter: Filter::default(), top: None, rejects_unknown: false })
}

fn version(field: &str, name: &str, problems: &mut Problems) -> Option<Cow<'static, VersionRef>> {
    static DEFAULT: LazyLock<Option<VersionRef>> = LazyLock::new(|| DEFAULT_VERSION.parse().ok());
    match &*DEFAULT {
        Some(default) if name.is_empty() => Some(Cow::Borrowed(default)),
        _ => problems.name_or(field, name, DEFAULT_VERSION).map(Cow::Owned),
    }
}
