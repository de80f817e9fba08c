//! Reads files of accounts: turns CSV, JSON Lines, Parquet or a workbook, together with a mapping, into domain values.
//! Every error is reported with its row.
//!
//! A [`Mapping`] defines the meaning of the columns. [`read_customers`] reads history for training, [`ProspectReader`]
//! streams a list for scoring, and [`profile`] inspects an unknown file and proposes a mapping. [`read_hypotheses`],
//! [`read_exclusion_rules`] and [`read_findings`] read the entries of a definition. Nothing in this crate prints, and
//! memory use stays within the bounds in `limits`.

mod column;
mod column_role;
mod definition_files;
mod error;
mod history;
mod id_column;
mod limits;
mod list_cells;
mod mapping;
mod profile;
mod prospects;
mod quoted_list;
mod source;
pub mod synth;
mod word_lists;

pub use column_role::{ColumnProfile, ColumnRole};
pub use definition_files::{
    DefinitionFileError, parse_exclusion_rules, parse_findings, parse_hypotheses, read_exclusion_rules, read_findings,
    read_hypotheses,
};
pub use error::IngestError;
pub use history::{History, read_customers};
pub use id_column::{IdColumnReader, is_id_heading};
pub use limits::{MAX_CELL_BYTES, MAX_COLUMNS, MAX_ID_BYTES, MAX_REJECTS, MAX_TEXT_BYTES, MAX_UNPACKED_BYTES};
pub use mapping::{
    Aggregation, AttributeSelection, ColumnSettings, Mapping, MappingError, OpenRowsColumn, OutcomeColumns,
    StatusColumn,
};
pub use profile::{FileProfile, profile};
pub use prospects::{KnownAttribute, Prospect, ProspectReader};
pub use quoted_list::quoted_list;
pub use source::{FileOptions, Reject, Source, SourceProgress};
