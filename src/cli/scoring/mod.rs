//! Scores a list of any length: split into requests, pinned to one version, and merged again.

mod batch;
mod batch_reader;
mod encoded_request;
mod score_output;
mod score_stream;
mod top_rows;

pub(crate) use batch::{AccountBatch, BatchLimits};
pub(crate) use batch_reader::BatchReader;
pub(crate) use encoded_request::EncodedRequest;
pub(crate) use score_output::{COLUMNS, ScoredRow, csv_cells, probability_text, reasons_text, row_json};
pub(crate) use score_stream::{BatchIo, ScoreStream};
pub(crate) use top_rows::TopRows;
