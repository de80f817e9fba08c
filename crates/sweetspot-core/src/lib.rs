//! The domain of Sweetspot: accounts, their outcomes, and statements about them.
//!
//! All types are plain values: this crate has no clock, no input or output, and no knowledge of the protocol or the
//! store.

mod account;
mod account_fit;
mod account_review;
mod account_table;
pub mod amount_format;
mod calendar_numbers;
mod code_lists;
mod condition;
mod customers;
mod dataset_version;
mod definition;
mod digest;
mod exclusion_rule_set;
pub mod fault;
mod hypothesis;
mod id_set;
mod interner;
mod label;
mod label_card;
mod leak;
mod mentions;
mod monotonicity_constraint;
pub mod normal;
mod outcomes;
mod packed_cells;
pub mod parse;
mod resource_name;
mod row_weights;
mod sanitize;
mod select_rows;
mod share_phrases;
mod signal;
pub mod suggest;
mod text_arena;
mod text_equality;
pub mod typed_value;

pub use account::{Account, Date, Value, ValueRef};
pub use account_fit::{AttributeNote, Contribution, ContributionKind, DataSupport, Fit, NoteKind, Tier};
pub use account_review::{MAX_QUARTERS, Review, ReviewField};
pub use account_table::{AccountTable, AttributeKind, Column, ColumnData, TableError};
pub use amount_format::{amount, customer_count_phrase, group_thousands, percent};
pub use calendar_numbers::{are_years, date_from_days, date_range_phrase, has_year_bounds, is_year_column};
pub use code_lists::Lists;
pub use condition::{Condition, ConditionIssue, Matcher, Test, Vocabulary, condition_issues};
pub use customers::{Customers, CustomersError, Outcome, OutcomeRef, OutcomeStatus};
pub use dataset_version::{DatasetRef, DatasetVersionName};
pub use definition::{
    Approval, ApprovedVersion, Attribution, Comment, Definition, EditError, Entry, EntryFault, EntryKind,
    ExclusionRule, ExclusionRuleFault, Finding, HypothesisEntry, IcpCategory, MAX_ENTRY_REASON_BYTES,
    MAX_EXCLUSION_RULES, MAX_STATEMENT_BYTES, PondSection, Severity, SpicedPart, Stance, check_exclusion_rules,
    check_person, guess_category,
};
pub use digest::{Digest, DigestBuilder};
pub use exclusion_rule_set::{MatchedExclusionRules, PondSide};
pub use hypothesis::{
    Effect, Hypothesis, HypothesisFault, MAX_HYPOTHESES, Verdict, check_hypotheses, hypothesis_label,
};
pub use id_set::IdSet;
pub use interner::Interner;
pub use label::{CustomWeights, LabelPolicy, LabelPolicyError, LabelPreset, Labels};
pub use label_card::LabelCard;
pub use leak::{Leak, LeakDetector, LeakSeverity, deal_date_word, late_word, name_words, outcome_word};
pub use mentions::mentions_any;
pub use monotonicity_constraint::MonotonicityConstraint;
pub use outcomes::Outcomes;
pub use packed_cells::Cells;
pub use parse::{
    DateOrder, DecimalMark, FLAG_WORDS, TextFormat, parse_date, parse_flag, parse_list, parse_number, possible_dates,
};
pub use resource_name::{
    Alias, DatasetName, Id, ModelName, NameError, RunName, VersionName, VersionRef, WorkspaceName,
};
pub use row_weights::RowWeights;
pub use sanitize::sanitize;
pub use share_phrases::{customers_phrase, known_values_phrase, share_of_customers};
pub use signal::Signal;
pub use text_arena::Texts;
pub use text_equality::{is_blank, level_key};
