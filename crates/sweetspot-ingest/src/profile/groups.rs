//! Columns that name the account of a row, where accounts have several rows: evidence for `group`, never attributes.

use std::collections::HashMap;

use sweetspot_core::{Kind, grouped};

use super::agreement::{Agreement, Residuals};
use super::names::{accounts_named, ids_of_accounts, is_coarse, look_rounded, work_domain};
use super::words::has_any;
use super::{Look, Remarks, Verdict};
use crate::mapping::Mapping;

/// Fewest distinct texts of a column that names accounts.
const MIN_ACCOUNTS: u64 = 10;
/// From this many distinct ids on, an id that repeats is no kind of thing.
const MIN_IDS: u64 = 20;
/// Fewest values with two rows or more that prove something, where the name says that they are accounts.
const MIN_GROUPS_NAMED: u64 = 10;
/// The same where the name does not.
const MIN_GROUPS: u64 = 20;
/// Standard errors and correlation from which on outcomes of a named account go together.
const NAMED: (f64, f64) = (3.0, 0.1);
/// The same of any other text, which may as well be a place or a kind of product.
const UNNAMED: (f64, f64) = (5.0, 0.2);
/// A text with another name than an account's is looked at between these shares of distinct cells only.
const UNNAMED_DISTINCT: (f64, f64) = (0.1, 0.9);

/// What becomes of the column that is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    /// It is the group of a proposed mapping.
    Proposed,
    /// A given mapping has no group.
    Missing,
}

/// What makes a column a candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Name {
    Other,
    Account,
    Id,
}

/// A column whose values have several rows.
#[derive(Clone, Copy, Debug)]
struct Candidate {
    place: usize,
    name: Name,
    plural: &'static str,
    agreement: Option<Agreement>,
}

/// The column that should be the group, if there is one; it and other columns that name accounts stop being attributes.
pub(super) fn find(
    looks: &mut [Look<'_>],
    mapping: &Mapping,
    labels: Option<&[Option<bool>]>,
    use_of: Use,
    remarks: &mut Remarks,
) -> Option<String> {
    let residuals = labels.and_then(|labels| Residuals::new(looks, labels));
    let candidates: Vec<Candidate> = candidates(looks, mapping, residuals.as_ref());
    let best = candidates.iter().filter(|one| one.is_group()).max_by(|one, other| one.rank().total_cmp(&other.rank()));
    let column = best.and_then(|best| {
        let look = looks.get_mut(best.place)?;
        let words = best.words(look);
        match use_of {
            Use::Proposed => remarks.note(format!(
                "{words}: the rows of one are evaluated together (group = {:?}), and figures are for {} not seen before",
                look.name, best.plural
            )),
            // Rows with one id are one group as they are.
            Use::Missing if look.verdict == Verdict::Id => {}
            Use::Missing => remarks.note(format!(
                "{words}: add group = {:?} under [outcome], or a version is evaluated on {} that it has seen",
                look.name, best.plural
            )),
        }
        remarks.comments.insert("group", words.clone());
        if look.verdict != Verdict::Id {
            (look.verdict, look.reason, look.leak) = (Verdict::Group, words, None);
        }
        Some(look.name.to_owned())
    });
    for one in &candidates {
        if let Some(look) = looks.get_mut(one.place) {
            leave_out(look, one, remarks);
        }
    }
    for look in looks.iter_mut().filter(|look| look.verdict == Verdict::Attribute) {
        repeated_id(look, remarks);
    }
    if column.is_none()
        && let Some(residuals) = &residuals
    {
        looks.iter().filter_map(|look| work_addresses(look, residuals)).for_each(|note| remarks.note(note));
    }
    column
}

impl Candidate {
    /// An id that repeats is a group as it is; other texts only where outcomes say so.
    fn is_group(&self) -> bool {
        let goes_together = |(z, correlation): (f64, f64), fewest| {
            self.agreement.is_some_and(|one| one.groups >= fewest && one.z >= z && one.correlation >= correlation)
        };
        match self.name {
            Name::Id => true,
            Name::Account => goes_together(NAMED, MIN_GROUPS_NAMED),
            Name::Other => goes_together(UNNAMED, MIN_GROUPS),
        }
    }

    /// Ids first, then names of accounts, each by the strength of the evidence.
    fn rank(&self) -> f64 {
        let evidence = self.agreement.map_or(0.0, |one| one.z.clamp(-1e6, 1e6));
        f64::from(self.name as u8) * 1e7 + evidence
    }

    /// `1,500 companies have 6,663 rows, and their outcomes agree more than chance explains (0.27)`.
    fn words(&self, look: &Look<'_>) -> String {
        let [values, rows] = [look.facts.distinct(), look.facts.present].map(|count| grouped(&count.to_string()));
        let agree = self.agreement.filter(|one| one.z >= NAMED.0 && one.correlation >= NAMED.1).map(|one| {
            format!(", and their outcomes agree more than chance explains ({:.2})", one.correlation.min(1.0))
        });
        format!("{values} {} have {rows} rows{}", self.plural, agree.unwrap_or_default())
    }
}

fn candidates(looks: &[Look<'_>], mapping: &Mapping, residuals: Option<&Residuals>) -> Vec<Candidate> {
    let unique = mapping.id.is_some();
    let outcome = |look: &Look<'_>| mapping.outcome.columns().any(|(_, column)| column == look.name);
    let open = looks.iter().enumerate().filter(|(_, look)| {
        // Of what is known of the account, only texts and whole numbers can name it.
        matches!(look.kind, Kind::Category | Kind::Number)
            && !outcome(look)
            && look.facts.distinct() < look.facts.present
    });
    let candidate = |(place, look): (usize, &Look<'_>)| {
        let (name, plural) = name(look, mapping, unique)?;
        let agreement =
            residuals.and_then(|residuals| residuals.agreement(look.texts.codes(), look.texts.by_code().count()));
        Some(Candidate { place, name, plural, agreement })
    };
    open.filter_map(candidate).collect()
}

/// Whether a column may name accounts, and what to call them.
fn name(look: &Look<'_>, mapping: &Mapping, unique: bool) -> Option<(Name, &'static str)> {
    let (distinct, share) = (look.facts.distinct(), look.facts.distinct_share());
    let is_id = mapping.id.as_deref() == Some(look.name);
    if let Some(plural) = ids_of_accounts(look.name).filter(|_| distinct >= MIN_ACCOUNTS || is_id) {
        // A few repeats of an id are numbered where they are read.
        let repeats = share < super::propose::UNIQUE;
        return (repeats && !look_rounded(look)).then_some((Name::Id, plural));
    }
    if is_id || look.kind != Kind::Category || distinct < MIN_ACCOUNTS {
        return None;
    }
    if let Some(plural) = accounts_named(look.name) {
        return Some((Name::Account, plural));
    }
    let (least, most) = UNNAMED_DISTINCT;
    let spread = (least..=most).contains(&share) && !is_coarse(look.name);
    (unique && spread && look.verdict == Verdict::Attribute).then_some((Name::Other, "values"))
}

/// What names accounts says nothing about accounts with another name.
fn leave_out(look: &mut Look<'_>, candidate: &Candidate, remarks: &mut Remarks) {
    if candidate.name == Name::Other || look.verdict != Verdict::Attribute {
        return;
    }
    look.verdict = Verdict::Identifier;
    look.leak = None;
    let count = grouped(&look.facts.distinct().to_string());
    look.reason = format!("it names {count} {}: others have other names", candidate.plural);
    let judged =
        candidate.agreement.is_some_and(|one| one.groups >= MIN_GROUPS_NAMED) && candidate.name == Name::Account;
    if judged && !candidate.is_group() {
        remarks.note(format!(
            "{:?} names {count} {}, and the outcomes of one agree no more than chance may explain: it is not an \
             attribute, and no group is proposed; name it as group anyway if the rows of one belong together",
            look.name, candidate.plural
        ));
    }
}

/// An id of other things is no attribute either, nor is one that a spreadsheet has rounded.
fn repeated_id(look: &mut Look<'_>, remarks: &mut Remarks) {
    let distinct = look.facts.distinct();
    let rounded = look_rounded(look);
    if !has_any(look.name, &["id", "ids", "uuid", "guid"]) || (distinct < MIN_IDS && !rounded) {
        return;
    }
    look.verdict = Verdict::Identifier;
    (look.leak, look.caution) = (None, None);
    let [values, rows] = [distinct, look.facts.present].map(|count| grouped(&count.to_string()));
    look.reason = format!("an id that repeats: {values} ids in {rows} rows");
    if rounded {
        look.reason = format!("{values} ids in {rows} rows: they repeat, and look rounded by a spreadsheet");
        remarks.note(format!(
            "{:?} has {}: export the ids as text, because ids of different accounts have become the same",
            look.name, look.reason
        ));
    }
}

/// What the e-mail addresses of people at one company say: a column of their domains would be the group.
fn work_addresses(look: &Look<'_>, residuals: &Residuals) -> Option<String> {
    if look.kind != Kind::Category || look.facts.share(|text| text.contains('@')) < 0.9 {
        return None;
    }
    let mut numbers: HashMap<String, u32> = HashMap::new();
    let mut of_code = Vec::new();
    for text in look.texts.by_code() {
        let next = numbers.len() as u32;
        of_code.push(work_domain(text).map(|domain| *numbers.entry(domain).or_insert(next)));
    }
    let domain = |code: Option<u32>| code.and_then(|code| of_code.get(code as usize).copied().flatten());
    let agreement = residuals.agreement(look.texts.codes().map(domain), numbers.len())?;
    let (z, correlation) = NAMED;
    (agreement.groups >= MIN_GROUPS && agreement.z >= z && agreement.correlation >= correlation).then(|| {
        format!(
            "{:?} has addresses of {} domains, and outcomes of one domain agree more than chance explains ({:.2}): \
             add a column with the part after the @ and name it as group, or people of one company are treated as \
             unrelated",
            look.name,
            grouped(&numbers.len().to_string()),
            agreement.correlation.min(1.0)
        )
    })
}
