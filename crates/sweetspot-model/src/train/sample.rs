//! The labelled customers, encoded.

use rayon::prelude::*;
use sweetspot_core::suggest::did_you_mean;
use sweetspot_core::{AccountTable, Column, Customers, Date, LabelCard, Labels, RowWeights, Texts};
use sweetspot_solver::{Design, TermCodes};

use super::beliefs::{Beliefs, honest, standing, untested};
use super::groups::{Groups, numbered};
use super::layout::Layout;
use super::leaks::Gate;
use super::repeats::{LabeledRows, Repeats, may_be_name};
use super::twins::twins;
use super::values_out::{Recurring, recurring};
use super::{TrainError, TrainingSpec, directions};
use crate::encoder::{Counted, Feature, Learned, Resolution, encode_column, fit_feature};

/// Fewest customers of either label.
const FEWEST: u64 = 5;
/// The rate of ideal customers that is assumed where they are too few to tell, unless told otherwise: the default top share.
const DEFAULT_IDEAL_RATE: f64 = 0.2;
/// Fewest customers of either label that raise no warning.
const COMFORTABLE: u64 = 40;
/// Most bins, levels and items of one model.
const MOST_PARAMETERS: usize = 200_000;

/// The customers with a label, ready to learn from.
#[derive(Debug)]
pub(super) struct Sample {
    /// Which customers, as rows of the table.
    pub rows: Vec<usize>,
    /// 0 or 1, one a row of the sample.
    pub labels: Vec<f64>,
    /// Case weights, and what rows of one account count for.
    pub weights: Vec<f64>,
    /// Net values, where known.
    pub values: Vec<Option<f64>>,
    /// Customer since, where known.
    pub since: Vec<Option<Date>>,
    /// Rows of one group stay in one fold.
    pub groups: Vec<Option<usize>>,
    /// What each row counts for where figures are judged, 1 for a row of its own; empty where each counts as one.
    pub worth: Vec<f64>,
    /// An attribute whose values recur in a few rows each, to leave whole values out by.
    pub recurring: Option<Recurring>,
    /// The attributes, in the order of the table.
    pub features: Vec<Feature>,
    /// What is believed.
    pub beliefs: Beliefs,
    /// The slots of the attributes, then of the beliefs.
    pub design: Design,
    /// Their parameters.
    pub layout: Layout,
    /// How the labels came about.
    pub card: LabelCard,
    /// What a row of either label counts for where figures are judged, and by how much log-odds are corrected.
    pub row_weights: RowWeights,
    /// What was left out, one sentence each.
    pub warnings: Vec<String>,
}

impl Sample {
    /// Keeps the labelled customers and encodes every usable attribute; where they are too few, hypotheses alone.
    pub(crate) fn new(spec: &TrainingSpec, customers: &Customers, labels: Labels) -> Result<Self, TrainError> {
        let Labels { ideal, weight, card } = labels;
        let (mut hypotheses, mut warnings) = standing(spec);
        warnings.extend(resampling(&card)?);
        let few = card.ideal.min(card.not_ideal) < FEWEST;
        if few && hypotheses.is_empty() {
            let LabelCard { ideal, not_ideal, excluded, policy, .. } = card;
            return Err(TrainError::TooFewCustomers { ideal, not_ideal, excluded, needed: FEWEST, policy });
        }
        let accounts = customers.accounts();
        let (rows, labels) = labelled(accounts.ids(), &ideal);
        let outcomes = || rows.iter().map(|row| customers.outcomes().get(*row));
        let mut weights: Vec<f64> = rows.iter().filter_map(|row| weight.get(*row).copied()).collect();
        let declared: Vec<Option<&str>> = outcomes().map(|outcome| outcome.group).collect();
        let mut attributes = Attributes { repeats: Repeats::of_groups(numbered(&declared)), ..Attributes::default() };
        if !few {
            warnings.extend(small_sample(&card));
            let statuses: Vec<_> = outcomes().map(|outcome| outcome.status).collect();
            let of = LabeledRows { rows: &rows, labels: &labels, weights: &weights, statuses: &statuses };
            attributes = learn(spec, &usable_columns(spec, accounts)?, of, attributes.repeats)?;
            let gate = Gate::new(of, &attributes.repeats.accounts, &spec.allowed_attributes);
            hypotheses = honest(hypotheses, accounts, &gate, &mut warnings);
        }
        let Attributes { mut learned, columns, repeats, warnings: told } = attributes;
        warnings.extend(told);
        for one in &mut learned {
            one.direction = spec.directions.get(&one.feature.attribute).copied();
            one.feature.format = accounts.format(&one.feature.attribute);
        }
        if let Some(worth) = repeats.fit_weights() {
            weights.iter_mut().zip(worth).for_each(|(weight, worth)| *weight *= worth);
        }
        warnings.extend(untested(&hypotheses, accounts));
        // The base is that of the rows until it is corrected.
        let resampled = card.base_rate.map(|_| card.ideal as f64 / (card.ideal + card.not_ideal).max(1) as f64);
        let assumed_rate = few.then(|| resampled.or(spec.assumed_ideal_rate).unwrap_or(DEFAULT_IDEAL_RATE));
        let beliefs = Beliefs::new(hypotheses, accounts, assumed_rate);
        let layout = Layout::new(&learned).with_beliefs(beliefs.priors(&labels, &weights), beliefs.base());
        let features: Vec<Feature> = learned.into_iter().map(|learned| learned.feature).collect();
        let terms: Vec<TermCodes> =
            features.par_iter().zip(&columns).map(|(feature, column)| encode_column(feature, column, &rows)).collect();
        let twins = if spec.independent_rows { vec![None; rows.len()] } else { twins(&columns, &rows) };
        let groups = Groups::new(&repeats.accounts, &twins);
        warnings.extend(groups.warning());
        let recurring = if spec.independent_rows || few { None } else { recurring(&columns, &rows, &groups.of_row) };
        Ok(Self {
            labels,
            weights,
            values: outcomes().map(|outcome| outcome.net_value()).collect(),
            since: outcomes().map(|outcome| outcome.since).collect(),
            groups: groups.of_row,
            worth: repeats.worth,
            recurring,
            design: Design::new(rows.len(), terms.into_iter().chain(beliefs.encode(accounts, &rows))),
            layout,
            features,
            beliefs,
            rows,
            row_weights: card.row_weights(),
            card,
            warnings,
        })
    }

    /// What a row counts for where figures are judged, above 0 and at most 1.
    pub(super) fn worth(&self, row: usize) -> f64 {
        self.worth.get(row).copied().unwrap_or(1.0)
    }

    /// Whether customers are too few to learn from and to judge by.
    pub(super) fn is_few(&self) -> bool {
        self.beliefs.assumed_rate.is_some()
    }
}

/// What a person should know of resampled rows. Without one of the labels nothing tells how they were resampled.
fn resampling(card: &LabelCard) -> Result<Option<String>, TrainError> {
    match *card {
        LabelCard { base_rate: Some(base_rate), ideal, not_ideal, .. } if ideal.min(not_ideal) == 0 => {
            Err(TrainError::NoSampleRate { base_rate, ideal, not_ideal })
        }
        _ => Ok(card.resampling_caution()),
    }
}

/// The customers with a label and that label, 0 or 1, in the order of their ids: the order of a file means nothing.
fn labelled(ids: &Texts, ideal: &[Option<bool>]) -> (Vec<usize>, Vec<f64>) {
    let mut labelled: Vec<(usize, f64)> =
        ideal.iter().enumerate().filter_map(|(row, label)| Some((row, f64::from(u8::from((*label)?))))).collect();
    labelled.sort_by_key(|(row, _)| ids.get(*row));
    labelled.into_iter().unzip()
}

fn small_sample(card: &LabelCard) -> Vec<String> {
    let fewest = card.ideal.min(card.not_ideal);
    let side = if card.ideal <= card.not_ideal { "ideal" } else { "other" };
    // There are at least so many that a plural is right.
    let warn = format!("only {fewest} {side} customers: expect wide intervals, and train again when there are more");
    if fewest < COMFORTABLE { vec![warn] } else { Vec::new() }
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
    directions::check(&spec.directions, accounts)?;
    let kept = |column: &&Column| !spec.excluded_attributes.contains(&column.name);
    Ok(accounts.columns().iter().filter(kept).collect())
}

/// The attributes that a model learns from.
#[derive(Debug, Default)]
struct Attributes<'a> {
    learned: Vec<Learned>,
    columns: Vec<&'a Column>,
    repeats: Repeats,
    warnings: Vec<String>,
}

/// Learns the attributes, finds rows of one account where nobody declared any, and where there are some learns the attributes again:
/// what counts as a customer has changed.
fn learn<'a>(
    spec: &TrainingSpec,
    usable: &[&'a Column],
    of: LabeledRows<'_>,
    declared: Repeats,
) -> Result<Attributes<'a>, TrainError> {
    let allowed = &spec.allowed_attributes;
    let counted = Counted { rows: of.rows, weights: None };
    let first = fit_features(usable, counted, &Gate::new(of, &[], allowed))?;
    let repeats = if declared.accounts.is_empty() {
        if spec.independent_rows {
            return Ok(Attributes { repeats: declared, ..first });
        }
        let is_kept = |column: &&Column| first.columns.iter().any(|kept| kept.name == column.name);
        let names: Vec<&Column> =
            usable.iter().copied().filter(|column| !is_kept(column) && may_be_name(column, of.rows)).collect();
        Repeats::found(&first.columns, &names, of)
    } else {
        declared.weighed(&first.columns, of)
    };
    if repeats.accounts.is_empty() {
        return Ok(Attributes { warnings: with(first.warnings, &repeats), repeats, ..first });
    }
    let counted = Counted { rows: of.rows, weights: repeats.fit_weights() };
    let gate = Gate::new(of, &repeats.accounts, allowed);
    let again = fit_features(usable, counted, &gate)?;
    Ok(Attributes { warnings: with(again.warnings, &repeats), repeats, ..again })
}

fn with(mut warnings: Vec<String>, repeats: &Repeats) -> Vec<String> {
    warnings.extend(repeats.warnings.iter().cloned());
    warnings
}

fn fit_features<'a>(
    columns: &[&'a Column],
    counted: Counted<'_>,
    gate: &Gate<'_>,
) -> Result<Attributes<'a>, TrainError> {
    let (mut learned, mut kept, mut told) = (Vec::new(), Vec::new(), Vec::new());
    let admit = |column: &&Column| -> Result<(Learned, Option<String>), String> {
        let one = fit_feature(column, counted, Resolution::FINE)
            .map_err(|omitted| format!("attribute {:?} is left out: {}", column.name, omitted.why()))?;
        Ok((one, gate.admit(column)?))
    };
    let admitted: Vec<_> = columns.par_iter().map(admit).collect();
    for (column, admitted) in columns.iter().zip(admitted) {
        match admitted {
            Ok((one, doubt)) => {
                learned.push(one);
                kept.push(*column);
                told.extend(doubt);
            }
            Err(why) => told.push(why),
        }
    }
    if learned.is_empty() {
        let why = if told.is_empty() { "the dataset has none".to_owned() } else { told.join("; ") };
        return Err(TrainError::NoAttributes { why });
    }
    let parameters = learned.iter().map(|one| one.feature.slots()).sum();
    if parameters > MOST_PARAMETERS {
        return Err(TrainError::TooLarge { parameters, most: MOST_PARAMETERS });
    }
    Ok(Attributes { learned, columns: kept, repeats: Repeats::default(), warnings: told })
}
