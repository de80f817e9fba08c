//! What Sweetspot is about: accounts, what happened to them, and what is said about them.
//!
//! Pure values: no clock, no input or output, nothing of the wire or of the store.

pub mod amount;
mod calendar;
mod cells;
mod condition;
mod customers;
mod dataset_version;
mod definition;
mod digest;
mod direction;
pub mod fault;
mod fired;
mod fit;
mod frequency;
mod hypothesis;
mod id_set;
mod interner;
mod label;
mod label_card;
mod leak;
mod level;
mod lists;
mod name;
pub mod normal;
mod outcomes;
pub mod parse;
pub mod reading;
mod review;
mod row_weights;
mod signal;
pub mod suggest;
mod table;
mod texts;
mod value;
mod visible;

pub use amount::{amount, grouped, percent, subjects};
pub use calendar::{are_years, days, has_year_bounds, holds_years, range_of_days};
pub use cells::Cells;
pub use condition::{Condition, Matcher, Test, Unknown, Vocabulary, unknown_names};
pub use customers::{Customers, CustomersError, Outcome, OutcomeRef, Status};
pub use dataset_version::{DatasetRef, DatasetVersionName};
pub use definition::{
    Approval, ApprovedVersion, Category, Comment, Definition, EditError, Entry, EntryFault, EntryKind, Finding, Gate,
    GateFault, HeldHypothesis, Lean, MOST_GATES, MOST_REASON_BYTES, MOST_STATEMENT_BYTES, PondSection, Severity,
    Spiced, Statement, check_gates, check_person, guess,
};
pub use digest::Digest;
pub use direction::Direction;
pub use fired::{Fired, PondSide};
pub use fit::{Contribution, ContributionKind, Evidence, Fit, Note, NoteKind, Tier};
pub use frequency::{any_value, share_of_customers, whom};
pub use hypothesis::{
    Effect, Hypothesis, HypothesisFault, MOST_HYPOTHESES, Verdict, check_hypotheses, hypothesis_label,
};
pub use id_set::IdSet;
pub use interner::Interner;
pub use label::{CustomWeights, LabelError, LabelPolicy, LabelPreset, Labels};
pub use label_card::LabelCard;
pub use leak::{Leak, LeakGuard, LeakSeverity, deal_date_word, late_word, outcome_word, words};
pub use level::{is_blank, level_key};
pub use lists::Lists;
pub use name::{Alias, DatasetName, Id, ModelName, NameError, RunName, VersionName, VersionRef};
pub use outcomes::Outcomes;
pub use parse::{
    DateOrder, DecimalMark, FLAG_WORDS, TextFormat, days_of, parse_date, parse_flag, parse_list, parse_number,
};
pub use review::{MOST_QUARTERS, Review, ReviewField};
pub use row_weights::RowWeights;
pub use signal::Signal;
pub use table::{AccountTable, Column, ColumnData, Kind, TableError};
pub use texts::Texts;
pub use value::{Account, Date, Value, ValueRef};
pub use visible::visible;
