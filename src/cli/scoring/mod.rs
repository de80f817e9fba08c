//! Scoring a list of any length: cut into requests, pinned to one version, put together again.

mod batch;
mod flow;
mod ranking;
mod row;

pub(crate) use batch::{Batch, Room};
pub(crate) use flow::{Ends, Flow};
pub(crate) use ranking::Ranking;
pub(crate) use row::{COLUMNS, ScoredRow, line, pond_side, probability_text, reasons_text, record, tier};
