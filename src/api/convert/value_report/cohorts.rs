//! Converts cohorts of customers on either side of a threshold to messages.

use sweetspot_proto::v1;
use sweetspot_report::value::{Cohort, Cohorts, Quarter};

use super::estimate::{estimate, share};
use crate::messages::enums::WireEnum as _;

pub(super) fn cohorts(cohorts: Cohorts) -> v1::ValueCohorts {
    let Cohorts {
        basis,
        threshold,
        threshold_count: tried,
        difference,
        is_by_growth: by_growth,
        excluded_count: without,
        quarters,
        lower,
        upper,
    } = cohorts;
    v1::ValueCohorts {
        basis: basis.wire().into(),
        threshold,
        tried,
        difference,
        by_growth,
        without,
        quarters: quarters.into(),
        lower: Some(cohort(lower)),
        upper: Some(cohort(upper)),
    }
}

fn cohort(cohort: Cohort) -> v1::ValueCohort {
    let Cohort { customers, share_of_value, mean_value, quarters, complete, growth, churned, ideal } = cohort;
    v1::ValueCohort {
        customers,
        share_of_value,
        mean_value: mean_value.map(estimate),
        quarters: quarters.into_iter().map(quarter).collect(),
        complete,
        growth: growth.map(estimate),
        churned: Some(share(churned)),
        ideal: Some(share(ideal)),
    }
}

fn quarter(quarter: Quarter) -> v1::ValueQuarter {
    let Quarter { quarter, customers, mean, mean_of_complete } = quarter;
    v1::ValueQuarter { quarter: quarter.into(), customers, mean: mean.map(estimate), mean_of_complete }
}
