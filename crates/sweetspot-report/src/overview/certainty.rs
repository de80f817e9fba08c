//! The panel on how sure a version is.

use super::blocks::is_little_lost;
use super::usability::hundredths;
use super::{Overview, Usability};
use crate::document::{Panel, PanelLine};
use crate::format::to_sentence;
use crate::proof::{MIN_IDEAL_CAPTURED, ratio_text};
use crate::{Acceptance, Criterion, CriterionResult, Ratio, TierRow, format_percent};

/// How sure the version is, and what is not known.
pub(super) fn panel(overview: &Overview) -> Panel {
    let Overview { usability, usability_reason, unknowns, .. } = overview;
    let lines = [
        best_tiers(overview).filter(|_| usability.can_rank()),
        best_against_worst(overview).filter(|_| usability.can_rank()),
        unordered_tiers(overview).filter(|_| usability.can_rank()),
        (!unknowns.is_empty())
            .then(|| PanelLine { lead: "Not known yet".to_owned(), text: to_sentence(&unknowns.join("; ")) }),
    ];
    let Acceptance { ideal_captured, ratio, .. } = &overview.acceptance;
    let misses = [ideal_captured, ratio].iter().filter(|target| target.result == CriterionResult::NotMet).count();
    let (label, advice) = match usability {
        Usability::Usable if misses > 0 => {
            let what = if misses > 1 { "both tests" } else { "one of the tests" };
            (
                "limited",
                format!("Good enough for the order of calls, not for dropping accounts: it fails {what} below. "),
            )
        }
        Usability::Usable if [ideal_captured, ratio].iter().all(|target| target.result == CriterionResult::Met) => (
            "good",
            format!(
                "Use it for {}: it passes both tests below. ",
                if is_little_lost(overview) { "whom to call and whom to skip" } else { "the order of calls" }
            ),
        ),
        Usability::Usable => (
            "usable",
            "Use it for the order of calls: more customers must show whether it passes both tests below. ".to_owned(),
        ),
        Usability::Weak => ("weak", "Try it on a few accounts before you rely on it. ".to_owned()),
        Usability::NotUsable => ("not usable", String::new()),
        Usability::Untested => ("not tested", String::new()),
    };
    Panel {
        title: format!("How sure: {label}"),
        lead: Some(format!("{advice}{usability_reason}")),
        lines: lines.into_iter().flatten().collect(),
    }
}

/// What tiers A and B hold, with what is possible at most if that is less than required.
fn best_tiers(overview: &Overview) -> Option<PanelLine> {
    let Acceptance { inside, ideal_captured, .. } = &overview.acceptance;
    let (inside, captured) = (inside.observed?.value, ideal_captured.observed?);
    let possible = inside / overview.all.weighted_rate(overview.weights)?;
    let limit = if possible < MIN_IDEAL_CAPTURED {
        format!("; they can hold at most {}", format_percent(possible))
    } else {
        String::new()
    };
    let text = format!(
        "the best {} of the accounts (tiers A and B) hold {} of the ideal ones ({} to {}); needed: {}{limit}.",
        format_percent(inside),
        format_percent(captured.value),
        format_percent(captured.low),
        format_percent(captured.high),
        ideal_captured.requirement.trim_end_matches(" of them")
    );
    Some(PanelLine { lead: test_name(1, ideal_captured), text })
}

fn best_against_worst(overview: &Overview) -> Option<PanelLine> {
    let criterion = &overview.acceptance.ratio;
    let Ratio { value, low, high } = criterion.observed?;
    let times = |ratio: f64| ratio_text(ratio).trim_end_matches('×').to_owned();
    let text = format!(
        "accounts in tier A are ideal {} times as often as those in D ({} to {}); needed: {} times.",
        times(value),
        times(low),
        times(high),
        criterion.requirement.trim_end_matches('×')
    );
    Some(PanelLine { lead: test_name(2, criterion), text })
}

/// `Test 1, passed`.
fn test_name(number: u8, criterion: &Criterion) -> String {
    let result = match criterion.result {
        CriterionResult::Met => "passed",
        CriterionResult::NotMet => "failed",
        CriterionResult::Inconclusive | CriterionResult::Unknown => "not certain yet",
    };
    format!("Test {number}, {result}")
}

/// The tiers that are worse than the next one.
fn unordered_tiers(overview: &Overview) -> Option<PanelLine> {
    let rated: Vec<(&TierRow, f64)> =
        overview.tiers.iter().filter_map(|tier| Some((tier, tier.ideal.weighted_rate(tier.weights)?))).collect();
    let worse = rated.windows(2).filter_map(|pair| match pair {
        [(better, rate), (next, next_rate)] if rate < next_rate => Some(format!(
            "tier {} has a lower rate of ideal accounts than tier {}: {} in 100 against {}; treat them as one",
            better.tier.letter(),
            next.tier.letter(),
            hundredths(*rate),
            hundredths(*next_rate)
        )),
        _ => None,
    });
    let worse: Vec<String> = worse.collect();
    (!worse.is_empty()).then(|| PanelLine { lead: "Not in order".to_owned(), text: to_sentence(&worse.join("; ")) })
}
