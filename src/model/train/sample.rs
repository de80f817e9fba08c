//! The labelled customers, encoded.

use rayon::prelude::*;

use super::beliefs::{Beliefs, honest, standing, untested};
use super::groups::Groups;
use super::layout::Layout;
use super::leaks::Gate;
use super::twins::twins;
use super::{TrainError, TrainingSpec, directions};
use crate::domain::{AccountTable, Column, Customers, Date, LabelCard, Labels, Texts};
use crate::model::design::{Design, TermCodes, encode_column};
use crate::model::encoder::{Feature, Learned, fit_feature};

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
    /// Case weights.
    pub weights: Vec<f64>,
    /// Net values, where known.
    pub values: Vec<Option<f64>>,
    /// Customer since, where known.
    pub since: Vec<Option<Date>>,
    /// Rows of one group stay in one fold.
    pub groups: Vec<Option<usize>>,
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
    /// What was left out, one sentence each.
    pub warnings: Vec<String>,
}

impl Sample {
    /// Keeps the labelled customers and encodes every usable attribute; where they are too few, hypotheses alone.
    pub(crate) fn new(spec: &TrainingSpec, customers: &Customers, labels: Labels) -> Result<Self, TrainError> {
        let Labels { ideal, weight, card } = labels;
        let (mut hypotheses, mut warnings) = standing(spec);
        let few = card.ideal.min(card.not_ideal) < FEWEST;
        if few && hypotheses.is_empty() {
            let LabelCard { ideal, not_ideal, excluded, policy, .. } = card;
            return Err(TrainError::TooFewCustomers { ideal, not_ideal, excluded, needed: FEWEST, policy });
        }
        let accounts = customers.accounts();
        let (rows, labels) = labelled(accounts.ids(), &ideal);
        let outcomes = || rows.iter().map(|row| customers.outcomes().get(*row));
        let (mut learned, mut columns) = (Vec::new(), Vec::new());
        if !few {
            warnings.extend(small_sample(&card));
            let gate = Gate::new(&rows, &labels, &spec.allowed_attributes);
            (learned, columns) = fit_features(&usable_columns(spec, accounts)?, &rows, &gate, &mut warnings)?;
            for one in &mut learned {
                one.direction = spec.directions.get(&one.feature.attribute).copied();
            }
            hypotheses = honest(hypotheses, accounts, &gate, &mut warnings);
        }
        warnings.extend(untested(&hypotheses, accounts));
        let beliefs = Beliefs::new(hypotheses, few.then(|| spec.assumed_ideal_rate.unwrap_or(DEFAULT_IDEAL_RATE)));
        let weights: Vec<f64> = rows.iter().filter_map(|row| weight.get(*row).copied()).collect();
        let layout = Layout::new(&learned).with_beliefs(beliefs.priors(&labels, &weights), beliefs.base());
        let features: Vec<Feature> = learned.into_iter().map(|learned| learned.feature).collect();
        let terms: Vec<TermCodes> =
            features.par_iter().zip(&columns).map(|(feature, column)| encode_column(feature, column, &rows)).collect();
        let declared: Vec<Option<&str>> = outcomes().map(|outcome| outcome.group).collect();
        let groups = Groups::new(&declared, &twins(&columns, &rows));
        warnings.extend(groups.warning());
        Ok(Self {
            labels,
            weights,
            values: outcomes().map(|outcome| outcome.net_value()).collect(),
            since: outcomes().map(|outcome| outcome.since).collect(),
            groups: groups.of_row,
            design: Design::new(rows.len(), terms.into_iter().chain(beliefs.encode(accounts, &rows))),
            layout,
            features,
            beliefs,
            rows,
            card,
            warnings,
        })
    }

    /// Whether customers are too few to learn from and to judge by.
    pub(super) fn is_few(&self) -> bool {
        self.beliefs.assumed_rate.is_some()
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
    for (name, purpose) in mentioned.chain(spec.directions.keys().map(|name| (name, "held to a direction"))) {
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

/// `; did you mean …?`, or nothing where no name is close.
pub(super) fn did_you_mean<'a>(wrong: &str, names: impl Iterator<Item = &'a str>) -> String {
    let close = names.map(|name| (strsim::jaro_winkler(wrong, name), name)).max_by(|a, b| a.0.total_cmp(&b.0));
    close
        .filter(|(likeness, _)| *likeness > 0.8)
        .map_or_else(String::new, |(_, name)| format!("; did you mean {name:?}?"))
}

fn fit_features<'a>(
    columns: &[&'a Column],
    rows: &[usize],
    gate: &Gate<'_>,
    warnings: &mut Vec<String>,
) -> Result<(Vec<Learned>, Vec<&'a Column>), TrainError> {
    let (mut learned, mut kept, mut told) = (Vec::new(), Vec::new(), Vec::new());
    let admit = |column: &&Column| -> Result<(Learned, Option<String>), String> {
        let one = fit_feature(column, rows)
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
    warnings.append(&mut told);
    Ok((learned, kept))
}
