//! Writes companies as CSV, with the gaps that such tables have.

use super::HistoryOptions;
use super::company::Company;
use super::outcome::{CustomerPeriod, SimulatedOutcome, SimulatedStatus};
use super::review;
use super::seeded_rng::SeededRng;

const ATTRIBUTE_COLUMNS: [&str; 18] = [
    "company_id",
    "company",
    "industry",
    "employees",
    "revenue_eur",
    "growth_percent",
    "country",
    "region",
    "technologies",
    "use_case",
    "skilled_staff_percent",
    "decision_makers",
    "situation",
    "pain",
    "impact",
    "critical_event",
    "decision",
    "notes",
];
const OUTCOME_COLUMNS: [&str; 9] = [
    "status",
    "deal_size_eur",
    "client_since",
    "lifetime_value_eur",
    "cost_to_serve_eur",
    "cost_to_acquire_eur",
    "win_reason",
    "loss_reason",
    "churn_reason",
];

const NOTES: [&str; 4] = [
    "Met at a trade fair, asked for a call back",
    "Came through the web site; said \"next quarter\"",
    "Introduced by a customer, friendly, busy",
    "Cold call, took the meeting",
];

/// Returns the header line.
pub(super) fn header(with_outcome: bool) -> String {
    let (outcome_cells, review_cells): (&[&str], &[&str]) =
        if with_outcome { (&OUTCOME_COLUMNS, &review::COLUMNS) } else { (&[], &[]) };
    let names: Vec<&str> = ATTRIBUTE_COLUMNS.iter().chain(outcome_cells).chain(review_cells).copied().collect();
    names.join(",") + "\n"
}

/// Adds a row. Some cells are left empty, as people do.
pub(super) fn row(
    out: &mut String,
    company: &Company,
    simulated: Option<(&SimulatedOutcome, Vec<String>, HistoryOptions)>,
    draw: &mut SeededRng,
) {
    let Company { id, name, industry, employees, revenue, growth, country, region, technologies, .. } = company;
    let mut gap = |text: String, share: f64| if draw.chance(share) { String::new() } else { text };
    let mut cells = vec![
        id.clone(),
        name.clone(),
        gap((*industry).to_owned(), 0.02),
        gap(employees.to_string(), 0.04),
        gap(revenue.to_string(), 0.25),
        gap(growth.to_string(), 0.3),
        (*country).to_owned(),
        (*region).to_owned(),
        gap(technologies.join("; "), 0.08),
        gap(company.use_case.to_owned(), 0.05),
        gap(company.skilled.to_string(), 0.1),
        gap(company.decision_makers.to_string(), 0.15),
        gap(company.situation.to_owned(), 0.2),
        gap(company.pain.to_owned(), 0.12),
        gap(company.impact.to_owned(), 0.15),
        gap(company.critical_event.to_owned(), 0.15),
        gap(company.decision.to_owned(), 0.1),
    ];
    cells.push(if draw.chance(0.3) { draw.choice(&NOTES).to_owned() } else { String::new() });
    if let Some((simulated, review, options)) = simulated {
        outcome(&mut cells, simulated, options, draw);
        cells.extend(review);
    }
    let cells: Vec<String> = cells.into_iter().map(quoted_cell).collect();
    out.push_str(&cells.join(","));
    out.push('\n');
}

fn outcome(cells: &mut Vec<String>, simulated: &SimulatedOutcome, options: HistoryOptions, draw: &mut SeededRng) {
    let SimulatedOutcome {
        status,
        deal_size,
        decided,
        history,
        win_reason,
        loss_reason,
        churn_reason,
        cost_to_acquire,
    } = simulated;
    let (serve_known, acquire_known) = (draw.chance(0.8), draw.chance(0.7));
    let custom = |field: fn(&CustomerPeriod) -> String| history.as_ref().map_or_else(String::new, field);
    let status = match status {
        SimulatedStatus::Won => "won",
        SimulatedStatus::Lost => "lost",
        SimulatedStatus::Churned => "churned",
    };
    cells.extend([
        status.to_owned(),
        deal_size.to_string(),
        if history.is_some() || options.has_loss_dates { decided.to_string() } else { String::new() },
        custom(|custom| custom.lifetime_value.to_string()),
        if serve_known { custom(|custom| custom.cost_to_serve.to_string()) } else { String::new() },
        if acquire_known { cost_to_acquire.to_string() } else { String::new() },
        (*win_reason).to_owned(),
        (*loss_reason).to_owned(),
        (*churn_reason).to_owned(),
    ]);
}

fn quoted_cell(text: String) -> String {
    if text.contains(['"', ',', '\n']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}
