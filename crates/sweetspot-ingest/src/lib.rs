//! Files of accounts: from CSV, JSON Lines, Parquet or a workbook and a mapping to domain values, every fault reported with its row.
//!
//! A [`Mapping`] says what the columns mean. [`read_customers`] reads history for training, [`Prospects`] streams a
//! list for scoring, [`profile`] looks at a file of which nothing is known yet and proposes a mapping.
//! [`read_hypotheses`] reads what people believe, [`read_gates`] the rules they set, [`read_findings`] what they learned.
//! Nothing here prints, and nothing grows beyond the bounds in `limits`.

mod beliefs;
mod column;
mod error;
mod history;
mod id_column;
mod limits;
mod mapping;
mod profile;
mod prospects;
mod source;
mod suggest;
pub mod synth;

pub use beliefs::{
    BeliefsError, parse_findings, parse_gates, parse_hypotheses, read_findings, read_gates, read_hypotheses,
};
pub use error::IngestError;
pub use history::{History, read_customers};
pub use id_column::{IdColumn, is_id_heading};
pub use limits::{MAX_CELL_BYTES, MAX_COLUMNS, MAX_ID_BYTES, MAX_REJECTS, MAX_TEXT_BYTES, MAX_UNPACKED_BYTES};
pub use mapping::{Attributes, ColumnSettings, Mapping, MappingError, OutcomeColumns, StatusColumn, UndecidedColumn};
pub use profile::{ColumnProfile, FileProfile, Verdict, profile};
pub use prospects::{KnownAttribute, Prospect, Prospects};
pub use source::{FileOptions, Reject, Source, SourceProgress};
pub use suggest::listing;
