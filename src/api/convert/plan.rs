//! What a scoring call asks for besides its accounts.

use super::filter::{Filter, filter};
use crate::api::limits::{DEFAULT_REASONS, REASONS};
use crate::api::problems::Problems;
use crate::domain::VersionRef;
use crate::generated::v1;

/// The version that answers where none is named.
pub(in crate::api) const DEFAULT_VERSION: &str = "workspaces/default/models/default/versions/live";

/// How to score.
#[derive(Debug)]
pub(in crate::api) struct Plan {
    pub(in crate::api) version: VersionRef,
    /// How many reasons; nothing: no reasons.
    pub(in crate::api) reasons: Option<usize>,
    pub(in crate::api) filter: Filter,
    /// The best so many, best first; nothing: all, in their order.
    pub(in crate::api) top: Option<usize>,
}

/// Reads the configuration of a scoring call; none is the default one.
pub(in crate::api) fn plan(config: Option<v1::ScoreConfig>, problems: &mut Problems) -> Option<Plan> {
    let v1::ScoreConfig { version, view, reason_count, filter: wire, top_k } = config.unwrap_or_default();
    let version = problems.name_or("config.version", &version, DEFAULT_VERSION);
    let view = problems.known("config.view", view);
    if reason_count > REASONS {
        problems.add("TOO_MANY_REASONS", "config.reason_count", format!("at most {REASONS} reasons are given"));
    }
    let filter = filter(wire, problems);
    let reasons = match view? {
        v1::ScoreView::Unspecified | v1::ScoreView::Score => None,
        v1::ScoreView::TopReasons if reason_count == 0 => Some(DEFAULT_REASONS as usize),
        v1::ScoreView::TopReasons => Some(reason_count as usize),
    };
    let top = if top_k == 0 { None } else { Some(top_k as usize) };
    Some(Plan { version: version?, reasons, filter, top })
}
