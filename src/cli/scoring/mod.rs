//! Scores a list of any length: split into requests, pinned to one version, and merged again.

mod batch;
mod ranking;
mod row;
mod score_stream;

pub(crate) use batch::{AccountBatch, BatchLimits};
pub(crate) use ranking::TopRows;
pub(crate) use row::{COLUMNS, ScoredRow, csv_cells, pond_side, probability_text, reasons_text, row_json, tier};
pub(crate) use score_stream::{BatchIo, ScoreStream};
