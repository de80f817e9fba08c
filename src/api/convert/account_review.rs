//! Converts the account review to messages.

use sweetspot_core::{ColumnMetadata, ReviewField, Verdict};
use sweetspot_proto::v1::{self, review_hypothesis, review_segments, review_table_column};
use sweetspot_report::Proportion;
use sweetspot_report::review::{
    AccountReview, Amounts, AnswerRanking, Breakdown, BreakdownLevel, ColumnMeaning, Committee, CustomerGroup,
    CustomerGroups, FieldCompleteness, GroupedBy, OutcomePart, RankedAnswer, RateOverTime, RatePeriod,
    ReviewHypothesis, ReviewRow, SizeSummary, StatusCounts, Tenure, ValueCorrelation, ValueCorrelations, YearCohort,
};

use crate::messages::review_fields::wire_review_field;

/// Converts the account review.
pub(in crate::api) fn account_review(review: AccountReview) -> v1::AccountReview {
    let AccountReview {
        version,
        as_of,
        currency,
        accounts,
        customers,
        gaps,
        use_cases,
        industries,
        places,
        employees,
        revenue,
        deals,
        kinds,
        tenure,
        status_counts: standing,
        committee,
        win_reasons,
        usage,
        groups,
        trends,
        rate_over_time,
        rule,
        hypotheses,
    } = review;
    let (periods, period_trend_z) = match rate_over_time {
        Ok(RateOverTime { periods, trend_z, length: _ }) => (periods, Some(trend_z)),
        Err(_) => (Vec::new(), None),
    };
    v1::AccountReview {
        version,
        as_of: as_of.to_string(),
        currency: currency.unwrap_or_default(),
        accounts,
        customers,
        gaps: gaps.into_iter().map(gap).collect(),
        use_cases: Some(ranking(use_cases)),
        industries: Some(split(industries)),
        places: Some(split(places)),
        employees: Some(sizes(employees)),
        revenue: Some(sizes(revenue)),
        deals: deals.map(amounts),
        kinds: Some(ranking(kinds)),
        tenure: Some(self::tenure(tenure)),
        standing: Some(self::standing(standing)),
        committee: Some(self::committee(committee)),
        win_reasons: Some(ranking(win_reasons)),
        usage: Some(ranking(usage)),
        segments: Some(customer_groups(groups)),
        trends: Some(self::trends(trends)),
        rule,
        hypotheses: hypotheses.into_iter().map(review_hypothesis).collect(),
        periods: periods.into_iter().map(period).collect(),
        period_trend_z,
    }
}

/// Converts a row of the table.
pub(in crate::api) fn review_row(row: ReviewRow) -> v1::ReviewRow {
    let ReviewRow { account_id, cells } = row;
    v1::ReviewRow { account_id, cells }
}

/// Converts the meaning of a column of the table.
pub(in crate::api) fn table_column(meaning: &ColumnMeaning) -> v1::ReviewTableColumn {
    let ColumnMeaning { review, outcome, attribute, attribute_number, metadata, repeats } = meaning;
    let ColumnMetadata { format, label, unit, is_changeable, is_binned } = metadata;
    let outcome = outcome.map(|part| match part {
        OutcomePart::Status => review_table_column::Outcome::Status,
        OutcomePart::Value => review_table_column::Outcome::Value,
        OutcomePart::CostToServe => review_table_column::Outcome::CostToServe,
        OutcomePart::CostToAcquire => review_table_column::Outcome::CostToAcquire,
        OutcomePart::Since => review_table_column::Outcome::Since,
        OutcomePart::Group => review_table_column::Outcome::Group,
        OutcomePart::Reason => review_table_column::Outcome::Reason,
    });
    let (decimal, date_order) = format.keys();
    v1::ReviewTableColumn {
        review_field: review.map(wire_review_field).unwrap_or_default().into(),
        quarter: review.map_or(0, ReviewField::quarter),
        outcome: outcome.unwrap_or_default().into(),
        attribute_kind: attribute.map(|kind| kind.as_str().to_owned()).unwrap_or_default(),
        attribute_number: u32::try_from(*attribute_number).unwrap_or(u32::MAX),
        decimal,
        date_order,
        repeats: repeats.clone().unwrap_or_default(),
        label: label.clone(),
        unit: unit.clone(),
        is_changeable: *is_changeable,
        is_binned: *is_binned,
    }
}

fn period(period: RatePeriod) -> v1::ReviewPeriod {
    let RatePeriod { name, ideal } = period;
    v1::ReviewPeriod { name, ideal: Some(share(ideal)) }
}

fn share(share: Proportion) -> v1::ReviewShare {
    let (low, high) = share.interval();
    v1::ReviewShare { part: share.part, of: share.total, rate: share.rate(), low, high }
}

fn gap(gap: FieldCompleteness) -> v1::ReviewGap {
    let FieldCompleteness { field, answered, question_number: question, question_text: open } = gap;
    v1::ReviewGap {
        field: field.to_owned(),
        answered: Some(share(answered)),
        question: question.into(),
        open: open.to_owned(),
    }
}

fn ranked(ranked: RankedAnswer) -> v1::ReviewRanked {
    let RankedAnswer { name, share: part } = ranked;
    v1::ReviewRanked { name, share: Some(share(part)) }
}

fn ranking(ranking: AnswerRanking) -> v1::ReviewRanking {
    let AnswerRanking { entries, omitted: others, answered } = ranking;
    v1::ReviewRanking { entries: entries.into_iter().map(ranked).collect(), others, answered: Some(share(answered)) }
}

fn split(split: Breakdown) -> v1::ReviewSplit {
    let Breakdown { levels, omitted: others, answered } = split;
    v1::ReviewSplit { levels: levels.into_iter().map(level).collect(), others, answered: Some(share(answered)) }
}

fn level(level: BreakdownLevel) -> v1::ReviewLevel {
    let BreakdownLevel { name, customers, ideal, value, value_share } = level;
    v1::ReviewLevel { name, customers: Some(share(customers)), ideal: Some(share(ideal)), value, value_share }
}

const fn amounts(amounts: Amounts) -> v1::ReviewAmounts {
    let Amounts { customers, total, average, minimum: least, lower_quartile, median, upper_quartile, maximum: most } =
        amounts;
    v1::ReviewAmounts { customers, total, average, least, lower_quartile, median, upper_quartile, most }
}

fn sizes(sizes: SizeSummary) -> v1::ReviewSizes {
    let SizeSummary { amounts: known, bands } = sizes;
    v1::ReviewSizes { amounts: known.map(amounts), bands: Some(split(bands)) }
}

fn tenure(tenure: Tenure) -> v1::ReviewTenure {
    let Tenure { with_start_day, years, by_year, future_count: later } = tenure;
    let year = |YearCohort { year, customers, churn }| v1::ReviewYear {
        year: i32::from(year),
        customers,
        churn: Some(share(churn)),
    };
    let by_year = by_year.into_iter().map(year).collect();
    v1::ReviewTenure { with_start_day: Some(share(with_start_day)), years: years.map(amounts), by_year, later }
}

fn standing(standing: StatusCounts) -> v1::ReviewStanding {
    let StatusCounts { active, churned, lost, unknown, churn, churn_reasons } = standing;
    let (churn, churn_reasons) = (Some(share(churn)), Some(ranking(churn_reasons)));
    v1::ReviewStanding { active, churned, lost, unknown, churn, churn_reasons }
}

fn committee(committee: Committee) -> v1::ReviewCommittee {
    let Committee { decision_makers, several_decision_makers: several, decision_maker_titles, influencer_titles } =
        committee;
    v1::ReviewCommittee {
        decision_makers: decision_makers.map(amounts),
        several: Some(share(several)),
        decision_maker_titles: Some(ranking(decision_maker_titles)),
        influencer_titles: Some(ranking(influencer_titles)),
    }
}

fn customer_groups(by_name: CustomerGroups) -> v1::ReviewSegments {
    // The use cases of all customers are part of the answer to the first question.
    let CustomerGroups { grouped_by, groups, count, use_cases: _, features, differing_count: different } = by_name;
    let grouped_by = match grouped_by {
        GroupedBy::Industry => review_segments::By::Industry,
        GroupedBy::UseCase => review_segments::By::UseCase,
        GroupedBy::Nothing => review_segments::By::Unspecified,
    };
    let group = |CustomerGroup { name, customers, use_case, concentration, feature }| v1::ReviewSegment {
        name,
        customers,
        use_case: use_case.map(ranked),
        concentration,
        feature: feature.map(ranked),
    };
    let segments = groups.into_iter().map(group).collect();
    v1::ReviewSegments { by: grouped_by.into(), segments, count, features: Some(ranking(features)), different }
}

fn trends(report_trends: ValueCorrelations) -> v1::ReviewTrends {
    let ValueCorrelations { trends, examined_count: looked_at, standing_out_count: standing_out, overall } =
        report_trends;
    let trend = |ValueCorrelation { attribute, value, ideal, rest, stands_out, average_value }| v1::ReviewTrend {
        attribute: attribute.key,
        value,
        ideal: Some(share(ideal)),
        rest: Some(share(rest)),
        above: stands_out,
        average_value,
    };
    let trends = trends.into_iter().map(trend).collect();
    v1::ReviewTrends { trends, looked_at, standing_out, overall: Some(share(overall)) }
}

fn review_hypothesis(hypothesis: ReviewHypothesis) -> v1::ReviewHypothesis {
    let ReviewHypothesis { label, author, expected_odds_ratio, verdict, ideal, observed_odds_ratio: found } =
        hypothesis;
    let verdict = match verdict {
        Some(Verdict::Supported) => review_hypothesis::Verdict::Supported,
        Some(Verdict::Refuted) => review_hypothesis::Verdict::Refuted,
        Some(Verdict::NotEnoughData) => review_hypothesis::Verdict::NotEnoughData,
        None => review_hypothesis::Verdict::Unspecified,
    };
    let (odds, low, high) = found.map_or((None, None, None), |(odds, low, high)| (Some(odds), Some(low), Some(high)));
    v1::ReviewHypothesis {
        label,
        author,
        stated_odds_ratio: expected_odds_ratio,
        verdict: verdict.into(),
        ideal: Some(share(ideal)),
        found: odds,
        found_low: low,
        found_high: high,
    }
}
