//! The documents that teams share, out of customers, a model and what people agree on.
//!
//! Each document is a view: a struct of figures, made from [`Evidence`] and nothing else. A view becomes a list of
//! [`Block`]s, and blocks become pages. Pure: the same evidence gives the same bytes. Nothing here is drawn from nothing:
//! what no data support is not there, or says so.

mod chart;
pub mod comparison;
pub mod definition;
pub mod diff;
mod document;
mod drawn;
mod evidence;
mod factor;
mod factor_chart;
mod figure;
pub mod html;
mod levels;
pub mod markdown;
pub mod pond;
mod proof;
mod report;
pub mod review;
pub mod segments;
pub mod summary;
pub mod targets;
pub mod value;
mod words;

pub use document::{Align, Axis, Band, Bar, Block, Card, Cell, Chart, ChartKind, Curve, Head, Line, Mark, Table, Tone};
pub use drawn::{Dot, Step, Strip};
pub use evidence::Evidence;
pub use factor::Factor;
pub use figure::Share;
pub use proof::{
    Acceptance, Criterion, MissingShares, Proof, Ratio, SCORE_BINS, ScoreStrip, Scores, TierRow, Verdict,
    beside_customers,
};
pub use report::{Document, Part, Report, TITLE};
pub use words::{band, count, day, money, number, percent, plain, plural};
