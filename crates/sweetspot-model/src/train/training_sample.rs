//! The labeled customers, encoded.

use rayon::prelude::*;
use sweetspot_core::suggest::did_you_mean;
use sweetspot_core::{AccountTable, Column, Customers, Date, LabelCard, Labels, SamplingWeights, Texts};
use sweetspot_solver::{Design, EncodedTerm};

use super::duplicates::find_duplicates;
use super::fit::MAX_DRAFT_CUSTOMERS;
use super::groups::{RowGroups, number_groups};
use super::hypotheses::{HypothesisSet, unexpired_hypotheses, unknown_name_warnings, without_leaks};
use super::leaks::LeakFilter;
use super::leave_values_out::{RecurringValues, find_recurring};
use super::parameter_layout::ParameterLayout;
use super::repeats::{AccountRepeats, LabeledRows, is_name_column};
use super::row_classes::RowClasses;
use super::row_counts::RowCounts;
use super::{TrainError, TrainingSpec, monotonicity};
use crate::encoder::{Feature, FittedFeature, Resolution, WeightedRows, encode_column, fit_feature};

/// The minimum number of customers of each label.
const MIN_CUSTOMERS: u64 = 5;
/// The default rate of ideal customers if there are too few to estimate it: the default top share.
const DEFAULT_IDEAL_RATE: f64 = 0.2;
/// The minimum number of customers of each label that raises no warning.
const MIN_WITHOUT_WARNING: u64 = 40;
/// The maximum number of bins, levels and items of one model.
const MAX_PARAMETERS: usize = 200_000;

/// The labeled customers, ready for training.
#[derive(Debug)]
pub(super) struct Sample {
    /// The customers, as rows of the table.
    pub rows: Vec<usize>,
    /// The label of each row of the sample, 0 or 1.
    pub labels: Vec<f64>,
    /// The number of customers that each row stands for.
    pub counts: RowCounts,
    /// The case weight of one customer of each row, including the weights of rows of one account.
    pub unit_weights: Vec<f64>,
    /// Case weights, of all customers of a row together.
    pub weights: Vec<f64>,
    /// The classes of equal rows, if there are enough customers for fits to use each class once.
    pub classes: Option<RowClasses>,
    /// Net values, if known.
    pub values: Vec<Option<f64>>,
    /// The dates on which accounts became customers, if known.
    pub since: Vec<Option<Date>>,
    /// The group of each row; rows of one group stay in one fold.
    pub groups: Vec<Option<usize>>,
    /// The weight of each row in metrics, 1 for a single row; empty if each row has weight one.
    pub repeat_weights: Vec<f64>,
    /// An attribute whose values recur in a few rows each, for leaving whole values out.
    pub recurring_values: Option<RecurringValues>,
    /// The attributes, in the order of the table.
    pub features: Vec<Feature>,
    /// The hypotheses.
    pub hypothesis_set: HypothesisSet,
    /// The slots of the attributes, followed by those of the hypotheses.
    pub design: Design,
    /// The parameters of the design.
    pub layout: ParameterLayout,
    /// The label card.
    pub card: LabelCard,
    /// The weight of a row of each label in metrics, and the correction of log-odds.
    pub row_weights: SamplingWeights,
    /// What was left out, one sentence each.
    pub warnings: Vec<String>,
}

impl Sample {
    /// Selects the labeled customers and encodes each usable attribute; with too few customers, hypotheses alone.
    ///
    /// # Errors
    /// If there are too few customers and no hypotheses, or no usable attribute.
    pub(crate) fn new(spec: &TrainingSpec, customers: &Customers, labels: Labels) -> Result<Self, TrainError> {
        let Labels { ideal, weights: weight, card } = labels;
        let (mut hypotheses, mut warnings) = unexpired_hypotheses(spec);
        warnings.extend(resampling_warning(&card)?);
        let few = card.ideal.min(card.not_ideal) < MIN_CUSTOMERS;
        if few && hypotheses.is_empty() {
            return Err(too_few_customers(card));
        }
        let accounts = customers.accounts();
        let (rows, labels) = labeled_rows(accounts.ids(), &ideal);
        let counts = RowCounts::new(customers.weights(), &rows);
        // The customers that a weighted row stands for are accounts of their own.
        let independent = spec.independent_rows || counts.are_weighted();
        let outcomes = || rows.iter().map(|row| customers.outcomes().get(*row));
        let label_weights: Vec<f64> = rows.iter().filter_map(|row| weight.get(*row).copied()).collect();
        let repeats = repeats_of_groups(outcomes().map(|outcome| outcome.group));
        let mut attributes = FittedAttributes { repeats, ..FittedAttributes::default() };
        if !few {
            warnings.extend(small_sample_warning(&card));
            let statuses = &outcomes().map(|outcome| outcome.status).collect::<Vec<_>>();
            let labeled = LabeledRows { rows: &rows, labels: &labels, weights: &label_weights, statuses };
            let source = AttributeSource { spec, accounts, labeled, counts: &counts, independent };
            attributes = fit_attributes(source, &usable_columns(spec, accounts)?, attributes.repeats)?;
            let filter = LeakFilter::new(labeled, &counts, &attributes.repeats.accounts, &spec.allowed_attributes);
            hypotheses = without_leaks(hypotheses, accounts, &filter, &mut warnings);
        }
        warnings.append(&mut attributes.warnings);
        let FittedAttributes { features: mut learned, columns, repeats, .. } = attributes;
        complete_features(&mut learned, spec, accounts);
        let unit_weights = unit_weights(label_weights, &repeats);
        let weights = row_weights(&unit_weights, &counts);
        warnings.extend(unknown_name_warnings(&hypotheses, accounts));
        let assumed_rate = few.then(|| assumed_ideal_rate(spec, &card));
        let stated_hypotheses = HypothesisSet::new(hypotheses, accounts, assumed_rate);
        let layout = ParameterLayout::new(&learned)
            .with_hypotheses(stated_hypotheses.priors(&labels, &weights), stated_hypotheses.base_prior());
        let features: Vec<Feature> = learned.into_iter().map(|learned| learned.feature).collect();
        let terms: Vec<EncodedTerm> =
            features.par_iter().zip(&columns).map(|(feature, column)| encode_column(feature, column, &rows)).collect();
        let (groups, recurring) = group_rows(&columns, &rows, &repeats, independent);
        warnings.extend(groups.duplicate_warning());
        let design = Design::new(rows.len(), terms.into_iter().chain(stated_hypotheses.encode_rows(accounts, &rows)));
        Ok(Self {
            classes: (counts.total() > MAX_DRAFT_CUSTOMERS).then(|| RowClasses::new(&design, &labels, &unit_weights)),
            labels,
            counts,
            unit_weights,
            weights,
            values: outcomes().map(|outcome| outcome.net_value()).collect(),
            since: outcomes().map(|outcome| outcome.since).collect(),
            groups: groups.group_by_row,
            repeat_weights: repeats.row_weights,
            recurring_values: recurring.filter(|_| !few),
            design,
            layout,
            features,
            hypothesis_set: stated_hypotheses,
            rows,
            row_weights: card.row_weights(),
            card,
            warnings,
        })
    }

    /// The weight of a row in metrics, in (0, 1].
    pub(super) fn repeat_weight(&self, row: usize) -> f64 {
        self.repeat_weights.get(row).copied().unwrap_or(1.0)
    }

    /// Whether there are too few customers to learn from and to evaluate.
    pub(super) fn is_few(&self) -> bool {
        self.hypothesis_set.assumed_rate.is_some()
    }
}

/// The case weight of one customer of each row: that of its label, times that of its account.
fn unit_weights(mut label_weights: Vec<f64>, repeats: &AccountRepeats) -> Vec<f64> {
    let repeat_weights = repeats.fit_weights().into_iter().flatten();
    label_weights.iter_mut().zip(repeat_weights).for_each(|(weight, repeat_weight)| *weight *= repeat_weight);
    label_weights
}

/// The accounts of rows with these groups.
fn repeats_of_groups<'a>(groups: impl Iterator<Item = Option<&'a str>>) -> AccountRepeats {
    AccountRepeats::from_groups(number_groups(&groups.collect::<Vec<_>>()))
}

/// The case weight of each row: that of one customer, times their number.
fn row_weights(unit_weights: &[f64], counts: &RowCounts) -> Vec<f64> {
    unit_weights.iter().zip(counts.iter()).map(|(weight, count)| weight * count as f64).collect()
}

/// The error for fewer customers than a model can learn from.
fn too_few_customers(card: LabelCard) -> TrainError {
    let LabelCard { ideal, not_ideal, excluded, policy, .. } = card;
    TrainError::TooFewCustomers { ideal, not_ideal, excluded, needed: MIN_CUSTOMERS, policy }
}

/// The groups of the rows, and the values that recur in a few rows each. Independent rows have neither.
fn group_rows(
    columns: &[&Column],
    rows: &[usize],
    repeats: &AccountRepeats,
    independent: bool,
) -> (RowGroups, Option<RecurringValues>) {
    let duplicates = if independent { vec![None; rows.len()] } else { find_duplicates(columns, rows) };
    let groups = RowGroups::new(&repeats.accounts, &duplicates);
    let recurring = if independent { None } else { find_recurring(columns, rows, &groups.group_by_row) };
    (groups, recurring)
}

/// The ideal rate of a version without enough customers to learn it from.
fn assumed_ideal_rate(spec: &TrainingSpec, card: &LabelCard) -> f64 {
    // The base has the rate of the rows until it is corrected.
    let resampled = card.base_rate.map(|_| card.ideal as f64 / (card.ideal + card.not_ideal).max(1) as f64);
    resampled.or(spec.assumed_ideal_rate).unwrap_or(DEFAULT_IDEAL_RATE)
}

/// The warning about resampled rows. Without one of the labels the resampling is unknown, which is an error.
fn resampling_warning(card: &LabelCard) -> Result<Option<String>, TrainError> {
    match *card {
        LabelCard { base_rate: Some(base_rate), ideal, not_ideal, .. } if ideal.min(not_ideal) == 0 => {
            Err(TrainError::NoSampleRate { base_rate, ideal, not_ideal })
        }
        _ => Ok(card.resampling_caution()),
    }
}

/// The labeled customers and their labels, 0 or 1, in the order of their ids: the order of the file has no effect.
fn labeled_rows(ids: &Texts, ideal: &[Option<bool>]) -> (Vec<usize>, Vec<f64>) {
    let mut labeled: Vec<(usize, f64)> =
        ideal.iter().enumerate().filter_map(|(row, label)| Some((row, f64::from(u8::from((*label)?))))).collect();
    labeled.sort_by_key(|(row, _)| ids.get(*row));
    labeled.into_iter().unzip()
}

fn small_sample_warning(card: &LabelCard) -> Vec<String> {
    let fewest = card.ideal.min(card.not_ideal);
    let side = if card.ideal <= card.not_ideal { "ideal" } else { "other" };
    // There are always enough customers for the plural to be right.
    let warn = format!("only {fewest} {side} customers: expect wide intervals, and train again when there are more");
    if fewest < MIN_WITHOUT_WARNING { vec![warn] } else { Vec::new() }
}

fn usable_columns<'a>(spec: &TrainingSpec, accounts: &'a AccountTable) -> Result<Vec<&'a Column>, TrainError> {
    let excluded = spec.excluded_attributes.iter().map(|name| (name, "left out"));
    let mentioned = excluded.chain(spec.allowed_attributes.iter().map(|name| (name, "allowed")));
    for (name, purpose) in mentioned.chain(spec.directions.keys().map(|name| (name, "constrained"))) {
        if accounts.column(name).is_none() {
            let names = accounts.columns().iter().map(|column| column.name.as_str());
            return Err(TrainError::UnknownAttribute {
                attribute: name.clone(),
                purpose,
                hint: did_you_mean(name, names),
            });
        }
    }
    monotonicity::check_directions(&spec.directions, accounts)?;
    let is_included = |column: &&Column| !spec.excluded_attributes.contains(&column.name);
    Ok(accounts.columns().iter().filter(is_included).collect())
}

/// Adds to each feature what the training and the dataset say about its attribute.
fn complete_features(features: &mut [FittedFeature], spec: &TrainingSpec, accounts: &AccountTable) {
    for feature in features {
        feature.direction = spec.directions.get(&feature.feature.attribute).copied();
        feature.feature.format = accounts.format(&feature.feature.attribute);
    }
}

/// The attributes that a model learns from.
#[derive(Debug, Default)]
struct FittedAttributes<'a> {
    features: Vec<FittedFeature>,
    columns: Vec<&'a Column>,
    repeats: AccountRepeats,
    warnings: Vec<String>,
}

/// What attributes are fitted to.
#[derive(Clone, Copy)]
struct AttributeSource<'a> {
    spec: &'a TrainingSpec,
    accounts: &'a AccountTable,
    labeled: LabeledRows<'a>,
    counts: &'a RowCounts,
    /// Whether equal rows are different accounts.
    independent: bool,
}

/// Fits the encoders of the attributes, detects rows of one account if none are declared, and if there are any, fits
/// the encoders again, because the weights of the rows have changed.
fn fit_attributes<'a>(
    source: AttributeSource<'_>,
    usable: &[&'a Column],
    declared: AccountRepeats,
) -> Result<FittedAttributes<'a>, TrainError> {
    let AttributeSource { spec, labeled, counts, independent, .. } = source;
    let allowed = &spec.allowed_attributes;
    let weights = counts.as_weights();
    let counted = WeightedRows { rows: labeled.rows, weights: weights.as_deref() };
    let first = fit_features(source, usable, counted, &LeakFilter::new(labeled, counts, &[], allowed))?;
    let repeats = if declared.accounts.is_empty() {
        if independent {
            return Ok(FittedAttributes { repeats: declared, ..first });
        }
        let is_kept = |column: &&Column| first.columns.iter().any(|included| included.name == column.name);
        let names: Vec<&Column> =
            usable.iter().copied().filter(|column| !is_kept(column) && is_name_column(column, labeled.rows)).collect();
        AccountRepeats::detect(&first.columns, &names, labeled)
    } else {
        declared.with_weights(&first.columns, labeled)
    };
    if repeats.accounts.is_empty() {
        return Ok(FittedAttributes { warnings: append_warnings(first.warnings, &repeats), repeats, ..first });
    }
    let counted = WeightedRows { rows: labeled.rows, weights: repeats.fit_weights() };
    let exclusion_rule = LeakFilter::new(labeled, counts, &repeats.accounts, allowed);
    let again = fit_features(source, usable, counted, &exclusion_rule)?;
    Ok(FittedAttributes { warnings: append_warnings(again.warnings, &repeats), repeats, ..again })
}

fn append_warnings(mut warnings: Vec<String>, repeats: &AccountRepeats) -> Vec<String> {
    warnings.extend(repeats.warnings.iter().cloned());
    warnings
}

fn fit_features<'a>(
    source: AttributeSource<'_>,
    columns: &[&'a Column],
    weighted_rows: WeightedRows<'_>,
    leak_filter: &LeakFilter<'_>,
) -> Result<FittedAttributes<'a>, TrainError> {
    let (mut learned, mut attribute_columns, mut notices) = (Vec::new(), Vec::new(), Vec::new());
    let admit = |column: &&Column| -> Result<(FittedFeature, Option<String>), String> {
        let is_binned = source.accounts.is_binned(&column.name);
        let resolution = if is_binned { Resolution::BINNED } else { Resolution::FINE };
        let feature = fit_feature(column, weighted_rows, resolution)
            .map_err(|omitted| format!("attribute {:?} is left out: {}", column.name, omitted.message()))?;
        Ok((feature, leak_filter.check(column)?))
    };
    let admitted: Vec<_> = columns.par_iter().map(admit).collect();
    for (column, admitted) in columns.iter().zip(admitted) {
        match admitted {
            Ok((feature, doubt)) => {
                learned.push(feature);
                attribute_columns.push(*column);
                notices.extend(doubt);
            }
            Err(why) => notices.push(why),
        }
    }
    if learned.is_empty() {
        let why = if notices.is_empty() { "the dataset has none".to_owned() } else { notices.join("; ") };
        return Err(TrainError::NoAttributes { why });
    }
    let parameters = learned.iter().map(|feature| feature.feature.slot_count()).sum();
    if parameters > MAX_PARAMETERS {
        return Err(TrainError::TooLarge { parameters, most: MAX_PARAMETERS });
    }
    Ok(FittedAttributes {
        features: learned,
        columns: attribute_columns,
        repeats: AccountRepeats::default(),
        warnings: notices,
    })
}
