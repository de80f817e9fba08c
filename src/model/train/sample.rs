//! The labelled customers, encoded.

use super::leaks::Gate;
use super::{TrainError, TrainingSpec};
use crate::domain::{AccountTable, Column, Customers, LabelCard, Labels, Outcome};
use crate::model::design::{Design, encode_column};
use crate::model::encoder::{Feature, fit_feature};

/// Fewest customers of either label.
const FEWEST: u64 = 5;
/// Fewest customers of either label that raise no warning.
const COMFORTABLE: u64 = 40;
/// Most parameters of one model: its information matrix is dense.
const MOST_PARAMETERS: usize = 6000;

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
    /// Rows of one group stay in one fold.
    pub groups: Vec<Option<String>>,
    /// The attributes, in the order of the table.
    pub features: Vec<Feature>,
    /// Their slots.
    pub design: Design,
    /// How the labels came about.
    pub card: LabelCard,
    /// What was left out, one sentence each.
    pub warnings: Vec<String>,
}

impl Sample {
    /// Keeps the labelled customers and encodes every usable attribute.
    pub(crate) fn new(spec: &TrainingSpec, customers: &Customers, labels: Labels) -> Result<Self, TrainError> {
        let Labels { ideal, weight, card } = labels;
        if card.ideal < FEWEST || card.not_ideal < FEWEST {
            let LabelCard { ideal, not_ideal, excluded, policy, .. } = card;
            return Err(TrainError::TooFewCustomers { ideal, not_ideal, excluded, needed: FEWEST, policy });
        }
        let labelled = || ideal.iter().enumerate().filter_map(|(row, label)| label.map(|label| (row, label)));
        let rows: Vec<usize> = labelled().map(|(row, _)| row).collect();
        let labels: Vec<f64> = labelled().map(|(_, label)| f64::from(u8::from(label))).collect();
        let outcomes = || rows.iter().filter_map(|row| customers.outcomes().get(*row));
        let mut warnings = small_sample(&card);
        let columns = usable_columns(spec, customers.accounts())?;
        let (features, columns) =
            fit_features(&columns, &rows, &Gate::new(&rows, &labels, &spec.allowed_attributes), &mut warnings)?;
        let terms =
            features.iter().zip(&columns).map(|(feature, column)| encode_column(feature, column, &rows)).collect();
        Ok(Self {
            labels,
            weights: rows.iter().filter_map(|row| weight.get(*row).copied()).collect(),
            values: outcomes().map(Outcome::net_value).collect(),
            groups: outcomes().map(|outcome| outcome.group.clone()).collect(),
            design: Design { rows: rows.len(), terms },
            features,
            rows,
            card,
            warnings,
        })
    }
}

fn small_sample(card: &LabelCard) -> Vec<String> {
    let fewest = card.ideal.min(card.not_ideal);
    let side = if card.ideal <= card.not_ideal { "ideal" } else { "other" };
    let warn = format!("only {fewest} {side} customers: expect wide intervals, and train again when there are more");
    if fewest < COMFORTABLE { vec![warn] } else { Vec::new() }
}

fn usable_columns<'a>(spec: &TrainingSpec, accounts: &'a AccountTable) -> Result<Vec<&'a Column>, TrainError> {
    let excluded = spec.excluded_attributes.iter().map(|name| (name, "left out"));
    let mentioned = excluded.chain(spec.allowed_attributes.iter().map(|name| (name, "allowed")));
    for (name, purpose) in mentioned {
        if accounts.column(name).is_none() {
            let names = accounts.columns().iter().map(|column| column.name.as_str());
            return Err(TrainError::UnknownAttribute {
                attribute: name.clone(),
                purpose,
                hint: did_you_mean(name, names),
            });
        }
    }
    let kept = |column: &&Column| !spec.excluded_attributes.contains(&column.name);
    Ok(accounts.columns().iter().filter(kept).collect())
}

fn did_you_mean<'a>(wrong: &str, names: impl Iterator<Item = &'a str>) -> String {
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
) -> Result<(Vec<Feature>, Vec<&'a Column>), TrainError> {
    let (mut features, mut kept, mut told) = (Vec::new(), Vec::new(), Vec::new());
    for column in columns {
        let fitted = fit_feature(column, rows)
            .map_err(|omitted| format!("attribute {:?} is left out: {}", column.name, omitted.why()));
        match fitted.and_then(|feature| Ok((feature, gate.admit(column)?))) {
            Ok((feature, doubt)) => {
                features.push(feature);
                kept.push(*column);
                told.extend(doubt);
            }
            Err(why) => told.push(why),
        }
    }
    if features.is_empty() {
        let why = if told.is_empty() { "the dataset has none".to_owned() } else { told.join("; ") };
        return Err(TrainError::NoAttributes { why });
    }
    let parameters = features.iter().map(Feature::slots).sum();
    if parameters > MOST_PARAMETERS {
        return Err(TrainError::TooLarge { parameters, most: MOST_PARAMETERS });
    }
    warnings.append(&mut told);
    Ok((features, kept))
}
