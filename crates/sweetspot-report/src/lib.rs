//! The documents that teams share, made from customers, a model and a definition.
//!
//! Each document is a view: a struct of figures, made only from a [`ReportInput`]. A view becomes a list of [`Block`]s,
//! and blocks become pages. Deterministic: the same input gives the same bytes. Every figure comes from the data; a
//! document omits, or states as unknown, what the data do not support.

mod attribute_name;
mod chart;
mod chart_data;
pub mod definition;
pub mod diff;
mod document;
mod factor_chart;
mod format;
mod heading_levels;
pub mod html;
pub mod markdown;
mod matching_customers;
mod odds_factor;
pub mod overview;
pub mod pond;
mod proof;
mod proportion;
mod report;
mod report_input;
pub mod review;
pub mod segments;
pub mod summary;
mod tables;
pub mod targets;
mod unanswered_sections;
pub mod value;
pub mod version_comparison;

pub use attribute_name::AttributeName;
pub use chart_data::{DistributionStrip, Dot, WaterfallStep};
pub use document::{
    Align, Axis, Bar, Block, CalloutKind, Card, Chart, ChartKind, ColumnHead, Curve, Panel, PanelLine, PondMapColumn,
    PondMapEntry, RateBar, ReferenceLine, Table, TableCell,
};
pub use format::{format_band, format_count, format_date, format_money, format_number, format_percent, plural};
pub use matching_customers::MatchingCustomers;
pub use odds_factor::Factor;
pub use proof::{
    Acceptance, AttributeInfluence, Criterion, CriterionResult, MissingShares, OutcomeScoreCounts, Proof, Ratio,
    SCORE_BINS, ScoreCounts, TierRow, prospect_chart,
};
pub use proportion::Proportion;
pub use report::{Document, Report, ReportPart, TITLE};
pub use report_input::ReportInput;
pub use tables::{ReportTable, tables};
