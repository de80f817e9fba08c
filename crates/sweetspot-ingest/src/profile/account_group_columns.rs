//! Finds the column for `outcome.group`: it identifies the account of a row, if accounts have several rows. Such
//! columns are never attributes.

use std::collections::HashMap;

use sweetspot_core::{AttributeKind, group_thousands};

use super::identifying_columns::{account_id_noun, account_noun, has_rounded_ids, is_coarse, work_domain};
use super::intraclass_correlation::{GroupCorrelation, OutcomeResiduals};
use super::{ColumnRole, InspectedColumn, MappingRemarks};
use crate::mapping::Mapping;
use crate::word_lists::has_any_word;

/// The minimum number of distinct texts in a column that identifies accounts.
const MIN_ACCOUNTS: u64 = 10;
/// The minimum number of distinct ids for a repeated id not to be a code for a type of thing.
const MIN_IDS: u64 = 20;
/// The minimum number of values with at least two rows as evidence, if the column is named like an account.
const MIN_GROUPS_NAMED: u64 = 10;
/// The same for other column names.
const MIN_GROUPS: u64 = 20;
/// The minimum z and correlation of the outcomes within a named account.
const NAMED_THRESHOLD: (f64, f64) = (3.0, 0.1);
/// The same for any other text, which may be a place or a type of product.
const UNNAMED_THRESHOLD: (f64, f64) = (5.0, 0.2);
/// A text with another name than that of an account is a candidate only between these shares of distinct cells.
const UNNAMED_DISTINCT_RANGE: (f64, f64) = (0.1, 0.9);

/// Whether the mapping is proposed, so that the column becomes its group, or given without a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MappingOrigin {
    /// It becomes the group of a proposed mapping.
    Proposed,
    /// A given mapping has no group.
    Missing,
}

/// The evidence from the name of a candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum NameKind {
    Other,
    Account,
    Id,
}

/// A column whose values have several rows.
#[derive(Clone, Copy, Debug)]
struct GroupCandidate {
    place: usize,
    name: NameKind,
    plural: &'static str,
    agreement: Option<GroupCorrelation>,
}

/// Returns the column that should be the group, if any. This column and other columns that identify accounts stop being
/// attributes.
pub(super) fn find(
    columns: &mut [InspectedColumn<'_>],
    mapping: &Mapping,
    labels: Option<&[Option<bool>]>,
    use_of: MappingOrigin,
    remarks: &mut MappingRemarks,
) -> Option<String> {
    let residuals = labels.and_then(|labels| OutcomeResiduals::new(columns, labels));
    let candidates: Vec<GroupCandidate> = candidates(columns, mapping, residuals.as_ref());
    let best = candidates
        .iter()
        .filter(|candidate| candidate.is_group())
        .max_by(|candidate, other| candidate.rank().total_cmp(&other.rank()));
    let group = best.and_then(|best| {
        let column = columns.get_mut(best.place)?;
        let words = best.sentence(column);
        match use_of {
            MappingOrigin::Proposed => remarks.note(format!(
                "{words}: the rows of one are evaluated together (group = {:?}), and figures are for {} not seen before",
                column.name, best.plural
            )),
            // Rows with the same id are a group already.
            MappingOrigin::Missing if column.role == ColumnRole::Id => {}
            MappingOrigin::Missing => remarks.note(format!(
                "{words}: add group = {:?} under [outcome], or a version is evaluated on {} that it has seen",
                column.name, best.plural
            )),
        }
        remarks.comments.insert("group", words.clone());
        if column.role != ColumnRole::Id {
            (column.role, column.reason, column.leak) = (ColumnRole::Group, words, None);
        }
        Some(column.name.to_owned())
    });
    for candidate in &candidates {
        if let Some(column) = columns.get_mut(candidate.place) {
            exclude(column, candidate, remarks);
        }
    }
    for column in columns.iter_mut().filter(|column| column.role == ColumnRole::Attribute) {
        repeated_id(column, remarks);
    }
    if group.is_none()
        && let Some(residuals) = &residuals
    {
        columns.iter().filter_map(|column| work_addresses(column, residuals)).for_each(|note| remarks.note(note));
    }
    group
}

impl GroupCandidate {
    /// Returns whether the column is a group. A repeated id is a group by itself; other texts need evidence from
    /// outcomes.
    fn is_group(&self) -> bool {
        let agrees = |(z, correlation): (f64, f64), min_groups| {
            self.agreement.is_some_and(|agreement| {
                agreement.groups >= min_groups && agreement.z >= z && agreement.correlation >= correlation
            })
        };
        match self.name {
            NameKind::Id => true,
            NameKind::Account => agrees(NAMED_THRESHOLD, MIN_GROUPS_NAMED),
            NameKind::Other => agrees(UNNAMED_THRESHOLD, MIN_GROUPS),
        }
    }

    /// Returns the rank: ids first, then names of accounts, each by the strength of the evidence.
    fn rank(&self) -> f64 {
        let evidence = self.agreement.map_or(0.0, |agreement| agreement.z.clamp(-1e6, 1e6));
        f64::from(self.name as u8) * 1e7 + evidence
    }

    /// Formats a sentence such as `1,500 companies have 6,663 rows, and their outcomes agree more than chance explains
    /// (0.27)`.
    fn sentence(&self, column: &InspectedColumn<'_>) -> String {
        let [values, rows] =
            [column.stats.distinct(), column.stats.present].map(|count| group_thousands(&count.to_string()));
        let agree = self
            .agreement
            .filter(|agreement| agreement.z >= NAMED_THRESHOLD.0 && agreement.correlation >= NAMED_THRESHOLD.1)
            .map(|agreement| {
                format!(", and their outcomes agree more than chance explains ({:.2})", agreement.correlation.min(1.0))
            });
        format!("{values} {} have {rows} rows{}", self.plural, agree.unwrap_or_default())
    }
}

fn candidates(
    columns: &[InspectedColumn<'_>],
    mapping: &Mapping,
    residuals: Option<&OutcomeResiduals>,
) -> Vec<GroupCandidate> {
    let unique = mapping.id.is_some();
    let outcome = |column: &InspectedColumn<'_>| mapping.outcome.columns().any(|(_, name)| name == column.name);
    let open = columns.iter().enumerate().filter(|(_, column)| {
        // Of the attributes, only texts and whole numbers can identify the account.
        matches!(column.kind, AttributeKind::Category | AttributeKind::Number)
            && !outcome(column)
            && column.stats.distinct() < column.stats.present
    });
    let candidate = |(place, column): (usize, &InspectedColumn<'_>)| {
        let (name, plural) = name(column, mapping, unique)?;
        let agreement = residuals
            .and_then(|residuals| residuals.agreement(column.texts.codes(), column.texts.texts_by_code().count()));
        Some(GroupCandidate { place, name, plural, agreement })
    };
    open.filter_map(candidate).collect()
}

/// Returns how a column may identify accounts, and the noun for them.
fn name(column: &InspectedColumn<'_>, mapping: &Mapping, unique: bool) -> Option<(NameKind, &'static str)> {
    let (distinct, share) = (column.stats.distinct(), column.stats.distinct_share());
    let is_id = mapping.id.as_deref() == Some(column.name);
    if let Some(plural) = account_id_noun(column.name).filter(|_| distinct >= MIN_ACCOUNTS || is_id) {
        // A few repeats of an id are numbered when they are read.
        let repeats = share < super::propose::MIN_UNIQUE_SHARE;
        return (repeats && !has_rounded_ids(column)).then_some((NameKind::Id, plural));
    }
    if is_id || column.kind != AttributeKind::Category || distinct < MIN_ACCOUNTS {
        return None;
    }
    if let Some(plural) = account_noun(column.name) {
        return Some((NameKind::Account, plural));
    }
    let (min_distinct, max_distinct) = UNNAMED_DISTINCT_RANGE;
    let spread = (min_distinct..=max_distinct).contains(&share) && !is_coarse(column.name);
    (unique && spread && column.role == ColumnRole::Attribute).then_some((NameKind::Other, "values"))
}

/// Removes a column that identifies accounts from the attributes, because it does not generalize to other accounts.
fn exclude(column: &mut InspectedColumn<'_>, candidate: &GroupCandidate, remarks: &mut MappingRemarks) {
    if candidate.name == NameKind::Other || column.role != ColumnRole::Attribute {
        return;
    }
    column.role = ColumnRole::Identifier;
    column.leak = None;
    let count = group_thousands(&column.stats.distinct().to_string());
    column.reason = format!("it names {count} {}: others have other names", candidate.plural);
    let is_tested = candidate.agreement.is_some_and(|agreement| agreement.groups >= MIN_GROUPS_NAMED)
        && candidate.name == NameKind::Account;
    if is_tested && !candidate.is_group() {
        remarks.note(format!(
            "{:?} names {count} {}, and the outcomes of one agree no more than chance may explain: it is not an \
             attribute, and no group is proposed; name it as group anyway if the rows of one belong together",
            column.name, candidate.plural
        ));
    }
}

/// Removes ids of other things from the attributes, and ids that a spreadsheet has rounded.
fn repeated_id(column: &mut InspectedColumn<'_>, remarks: &mut MappingRemarks) {
    let distinct = column.stats.distinct();
    let rounded = has_rounded_ids(column);
    if !has_any_word(column.name, &["id", "ids", "uuid", "guid"]) || (distinct < MIN_IDS && !rounded) {
        return;
    }
    column.role = ColumnRole::Identifier;
    (column.leak, column.caution) = (None, None);
    let [values, rows] = [distinct, column.stats.present].map(|count| group_thousands(&count.to_string()));
    column.reason = format!("an id that repeats: {values} ids in {rows} rows");
    if rounded {
        column.reason = format!("{values} ids in {rows} rows: they repeat, and look rounded by a spreadsheet");
        remarks.note(format!(
            "{:?} has {}: export the ids as text, because ids of different accounts have become the same",
            column.name, column.reason
        ));
    }
}

/// Returns a note on e-mail addresses of people at one company: a column of their domains would be the group.
fn work_addresses(column: &InspectedColumn<'_>, residuals: &OutcomeResiduals) -> Option<String> {
    if column.kind != AttributeKind::Category || column.stats.share_of_cells(|text| text.contains('@')) < 0.9 {
        return None;
    }
    let mut numbers: HashMap<String, u32> = HashMap::new();
    let mut of_code = Vec::new();
    for text in column.texts.texts_by_code() {
        let next = numbers.len() as u32;
        of_code.push(work_domain(text).map(|domain| *numbers.entry(domain).or_insert(next)));
    }
    let domain = |code: Option<u32>| code.and_then(|code| of_code.get(code as usize).copied().flatten());
    let agreement = residuals.agreement(column.texts.codes().map(domain), numbers.len())?;
    let (z, correlation) = NAMED_THRESHOLD;
    (agreement.groups >= MIN_GROUPS && agreement.z >= z && agreement.correlation >= correlation).then(|| {
        format!(
            "{:?} has addresses of {} domains, and outcomes of one domain agree more than chance explains ({:.2}): \
             add a column with the part after the @ and name it as group, or people of one company are treated as \
             unrelated",
            column.name,
            group_thousands(&numbers.len().to_string()),
            agreement.correlation.min(1.0)
        )
    })
}
