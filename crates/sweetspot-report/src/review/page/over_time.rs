//! The rate of ideal accounts over time, as part of question 13.

use super::super::{AccountReview, Block, ColumnHead, MissingRateOverTime, RateOverTime, RatePeriod};
use super::tables::{count_cell, finding, rate_cell, table};
use crate::{CalloutKind, Proportion, format_count, format_percent};

/// Adds the rate by period, or one sentence on why there is none.
pub(super) fn add(page: &mut Vec<Block>, review: &AccountReview) {
    // Without any value of an attribute or any label, the question is listed as open.
    if review.trends.examined_count == 0 {
        return;
    }
    let rates = match &review.rate_over_time {
        Ok(rates) => rates,
        Err(missing) => return page.push(Block::Text(reason(*missing))),
    };
    finding(page, trend(rates));
    let row =
        |period: &RatePeriod| vec![period.name.as_str().into(), count_cell(period.ideal), rate_cell(period.ideal)];
    let columns = vec![
        ColumnHead::text(rates.length.as_str()),
        ColumnHead::figure("ideal accounts"),
        ColumnHead::figure("ideal rate (95% interval)"),
    ];
    let caption = "Ideal accounts by the day since which they are customers, or else that of the decision";
    table(page, caption.to_owned(), columns, rates.periods.iter().map(row).collect());
    let text = "Recent accounts have had less time to renew, to grow or to leave, so their rate may still change.";
    page.push(Block::Callout(CalloutKind::Caution, text.to_owned()));
}

fn trend(rates: &RateOverTime) -> String {
    let rate = |period: Option<&RatePeriod>| {
        let (name, rate) = period.map(|period| (period.name.clone(), period.ideal.rate())).unwrap_or_default();
        format!("{} ({name})", rate.map(format_percent).unwrap_or_default())
    };
    let ends =
        format!("{} in the first period and {} in the last", rate(rates.periods.first()), rate(rates.periods.last()));
    match rates.is_rising() {
        Some(true) => format!("Over time, the ideal rate rises beyond chance: {ends}."),
        Some(false) => format!("Over time, the ideal rate falls beyond chance: {ends}."),
        None => format!("Over time, the ideal rate neither rises nor falls beyond chance: {ends}."),
    }
}

fn reason(missing: MissingRateOverTime) -> String {
    let dated = |share: Proportion| format!("{} of {}", format_count(share.part), format_count(share.total));
    match missing {
        MissingRateOverTime::FewDates(ideal, others) => format!(
            "Whether the ideal rate changes over time cannot be seen: {} ideal accounts and {} others have a date.",
            dated(ideal),
            dated(others)
        ),
        MissingRateOverTime::FewPeriods => {
            "Whether the ideal rate changes over time cannot be seen: the dates do not fill two periods with ten accounts each."
                .to_owned()
        }
    }
}
