//! Errors of training.

use sweetspot_core::reportable_error::{ErrorKind, ReportableError};
use sweetspot_core::{AttributeKind, LabelPolicyError, MonotonicityConstraint};
use sweetspot_solver::FitError;
use thiserror::Error;

/// The reason why training produced no model.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum TrainError {
    /// The labels cannot be computed.
    #[error(transparent)]
    Label(#[from] LabelPolicyError),
    /// Too few customers of one label to learn a model.
    #[error(
        "{ideal} ideal and {not_ideal} other customers ({excluded} without a label): at least {needed} of each are \
         required; check the label policy {policy} and which outcomes the mapping names, or add customers"
    )]
    TooFewCustomers {
        /// The number of ideal customers.
        ideal: u64,
        /// The number of other customers.
        not_ideal: u64,
        /// The number of customers without a label.
        excluded: u64,
        /// The required number of customers of each label.
        needed: u64,
        /// The label policy.
        policy: String,
    },
    /// A base rate is given, but all rows have the same label.
    #[error(
        "{ideal} ideal and {not_ideal} other customers: a base_rate of {base_rate} requires some of each, since it \
         corrects the rate at which they were sampled; with hypotheses alone, omit it and set assumed_ideal_rate \
         (train --assumed-ideal-rate)"
    )]
    NoSampleRate {
        /// The base rate.
        base_rate: f64,
        /// The number of ideal customers.
        ideal: u64,
        /// The number of other customers.
        not_ideal: u64,
    },
    /// No attribute can be used.
    #[error("no attribute is left to learn from: {why}")]
    NoAttributes {
        /// Why each attribute was left out.
        why: String,
    },
    /// A named attribute is not in the data.
    #[error("attribute {attribute:?} is to be {purpose}, but is not in the dataset{hint}")]
    UnknownAttribute {
        /// The attribute's name, as given.
        attribute: String,
        /// The purpose of the name: `left out`, `allowed` or `constrained`.
        purpose: &'static str,
        /// A similar name, as ` (did you mean "x"?)`, or empty.
        hint: String,
    },
    /// A monotonicity constraint on an attribute whose values have no order.
    #[error(
        "attribute {attribute:?} cannot be {}, because it is a {}: only numbers and dates can have a monotonicity constraint", direction.as_str(), kind.as_str()
    )]
    NoDirection {
        /// The attribute's name, as in the dataset.
        attribute: String,
        /// The requested constraint.
        direction: MonotonicityConstraint,
        /// The kind of the attribute.
        kind: AttributeKind,
    },
    /// The model would be larger than the supported size.
    #[error(
        "the attributes have {parameters} bins and levels in total, which exceeds the limit of {most}: leave out \
         attributes with very many levels"
    )]
    TooLarge {
        /// The number of bins, levels and items of all attributes.
        parameters: usize,
        /// The maximum.
        most: usize,
    },
    /// The optimizer did not converge.
    #[error(
        "training did not converge in {iterations} steps (gradient {gradient:.1e}): leave out redundant attributes"
    )]
    NotConverged {
        /// The number of steps taken.
        iterations: u32,
        /// The largest component of the last gradient.
        gradient: f64,
    },
    /// The finished model failed its own check.
    #[error("the trained model failed its own check: this is a bug, please report it with the log")]
    Inconsistent,
    /// Training was cancelled.
    #[error("training was cancelled")]
    Cancelled,
}

impl From<FitError> for TrainError {
    fn from(error: FitError) -> Self {
        match error {
            FitError::NotConverged { iterations, gradient } => Self::NotConverged { iterations, gradient },
            FitError::Cancelled => Self::Cancelled,
            FitError::Parameter(_) | FitError::Linfa(_) => Self::Inconsistent,
        }
    }
}

impl ReportableError for TrainError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Label(
                LabelPolicyError::TopShare { .. }
                | LabelPolicyError::BaseRate { .. }
                | LabelPolicyError::NotFinite { .. },
            )
            | Self::UnknownAttribute { .. }
            | Self::NoDirection { .. } => ErrorKind::InvalidArgument,
            Self::Label(LabelPolicyError::NoValues)
            | Self::TooFewCustomers { .. }
            | Self::NoSampleRate { .. }
            | Self::NoAttributes { .. } => ErrorKind::FailedPrecondition,
            Self::TooLarge { .. } => ErrorKind::ResourceExhausted,
            Self::NotConverged { .. } | Self::Inconsistent => ErrorKind::Internal,
            Self::Cancelled => ErrorKind::Cancelled,
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::Label(LabelPolicyError::NoValues) => "NO_VALUES",
            Self::Label(
                LabelPolicyError::TopShare { .. }
                | LabelPolicyError::BaseRate { .. }
                | LabelPolicyError::NotFinite { .. },
            ) => "INVALID_LABEL_POLICY",
            Self::TooFewCustomers { ideal: 0, .. }
            | Self::TooFewCustomers { not_ideal: 0, .. }
            | Self::NoSampleRate { .. } => "ONE_CLASS",
            Self::TooFewCustomers { .. } => "TOO_FEW_CUSTOMERS",
            Self::NoAttributes { .. } => "NO_ATTRIBUTES",
            Self::UnknownAttribute { .. } => "UNKNOWN_ATTRIBUTE",
            Self::NoDirection { .. } => "NO_DIRECTION",
            Self::TooLarge { .. } => "MODEL_TOO_LARGE",
            Self::NotConverged { .. } => "NOT_CONVERGED",
            Self::Inconsistent => "TRAINING_INCONSISTENT",
            Self::Cancelled => "CANCELLED",
        }
    }
}
