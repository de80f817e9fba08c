//! The domain of Sweetspot: accounts, their outcomes, and statements about them.
//!
//! All types are plain values: this crate has no clock, no input or output, and no knowledge of the protocol or the
//! store.

mod access;
mod account;
mod account_fit;
mod account_reviews;
mod account_table;
mod calendar_numbers;
mod chance_comparison;
pub mod coerce;
mod column_metadata;
mod condition;
mod contact_data;
mod customers;
mod dataset_version;
mod definition;
mod digest;
mod document_settings;
mod frequency_weights;
mod hashed_id_set;
mod hypothesis;
mod id_mentions;
mod interner;
mod label;
mod label_card;
mod leak;
mod monotonicity_constraint;
mod net_values;
pub mod normal_quantiles;
mod nullable_lists;
mod nullable_vec;
pub mod number_format;
mod outcomes;
pub mod parse;
mod pond_side;
pub mod reportable_error;
mod resource_name;
mod sampling_weights;
mod sanitize;
mod select_rows;
mod share_phrases;
pub mod suggest;
mod text_arena;
mod text_equality;

pub use access::{Role, Scope, ScopeSet, UnknownAccessWord};
pub use account::{Account, Date, Value, ValueRef};
pub use account_fit::{AttributeNote, AttributeNoteKind, Contribution, ContributionKind, DataSupport, Fit, Tier};
pub use account_reviews::{AccountReviews, MAX_QUARTERS, ReviewField};
pub use account_table::{AccountTable, AttributeKind, Column, ColumnData, TableError};
pub use calendar_numbers::{are_years, date_from_days, date_range_phrase, has_year_bounds, is_year_column};
pub use chance_comparison::ChanceComparison;
pub use column_metadata::{ColumnMetadata, MAX_LABEL_BYTES, MAX_UNIT_BYTES};
pub use condition::{Condition, ConditionIssue, Matcher, Test, Vocabulary, condition_issues};
pub use contact_data::{ContactKind, find_contact_data};
pub use customers::{Customers, CustomersError, Outcome, OutcomeRef, OutcomeStatus};
pub use dataset_version::{DatasetRef, DatasetVersionName};
pub use definition::{
    Approval, ApprovalCommittee, ApprovedDefinitionVersion, Attribution, Comment, CommentResolution, Definition,
    DefinitionChangeError, Entry, EntryFault, EntryKind, ExclusionRule, ExclusionRuleFault, Finding, HypothesisEntry,
    IcpCategory, MAX_APPROVERS, MAX_ENTRY_REASON_BYTES, MAX_EXCLUSION_RULES, MAX_RECORDED_REMOVALS,
    MAX_REQUIRED_APPROVALS, MAX_STATEMENT_BYTES, PersonApproval, PondMapSectionKind, ReviewRound, Severity, SpicedPart,
    Stance, check_exclusion_rules, check_person, guess_category,
};
pub use digest::{Digest, DigestBuilder};
pub use document_settings::{DEFAULT_TOP_SHARE, DocumentSettings, MoneyAssumptions, SplitBasis, ValueOptions};
pub use frequency_weights::{FrequencyWeightError, FrequencyWeights, MAX_WEIGHTED_CUSTOMERS};
pub use hashed_id_set::HashedIdSet;
pub use hypothesis::{
    Effect, Hypothesis, HypothesisFault, MAX_HYPOTHESES, Verdict, check_hypotheses, hypothesis_label,
};
pub use id_mentions::mentions_any;
pub use interner::Interner;
pub use label::{ClassWeights, LabelPolicy, LabelPolicyError, LabelPreset, Labels};
pub use label_card::LabelCard;
pub use leak::{Leak, LeakDetector, LeakSeverity, deal_date_word, late_word, name_words, outcome_word};
pub use monotonicity_constraint::MonotonicityConstraint;
pub use nullable_lists::NullableLists;
pub use nullable_vec::NullableVec;
pub use number_format::{amount, customer_count_phrase, group_thousands, percent};
pub use outcomes::Outcomes;
pub use parse::{
    DateOrder, DecimalMark, FLAG_WORDS, TextFormat, parse_date, parse_flag, parse_list, parse_number, possible_dates,
};
pub use pond_side::{MatchedExclusionRules, PondSide};
pub use resource_name::{
    DatasetName, Id, InWorkspace, ModelName, ModelVersionAlias, ModelVersionName, ModelVersionRef, NameError, RunName,
    WorkspaceName,
};
pub use sampling_weights::SamplingWeights;
pub use sanitize::sanitize;
pub use share_phrases::{customers_phrase, known_values_phrase, share_of_customers};
pub use text_arena::Texts;
pub use text_equality::{is_blank, level_key};
