//! The words for invented companies.

use super::seeded_rng::SeededRng;

const STARTS: [&str; 24] = [
    "Alder", "Bright", "Cedar", "Delta", "Ember", "Fjord", "Gran", "Harbor", "Iron", "Juni", "Kestrel", "Lumen",
    "Mari", "North", "Oak", "Pine", "Quarry", "River", "Stone", "Tern", "Umber", "Vale", "Wind", "Zenit",
];
const MIDDLES: [&str; 16] = [
    "bridge", "field", "ford", "gate", "haven", "land", "line", "mark", "mont", "path", "point", "port", "side",
    "stead", "ward", "way",
];
const ENDS: [&str; 8] = ["AG", "GmbH", "Group", "Inc", "Ltd", "Partners", "SA", "Systems"];

/// Returns the name of a company that does not exist.
pub(super) fn company_name(draw: &mut SeededRng) -> String {
    format!("{}{} {}", draw.choice(&STARTS), draw.choice(&MIDDLES), draw.choice(&ENDS))
}

/// Industries with their weights.
pub(super) const INDUSTRIES: [(&str, f64); 7] = [
    ("Logistics", 0.18),
    ("Fintech", 0.15),
    ("Manufacturing", 0.2),
    ("Retail", 0.17),
    ("Healthcare", 0.12),
    ("Software", 0.11),
    ("Construction", 0.07),
];

/// Countries with their region and weight.
pub(super) const COUNTRIES: [((&str, &str), f64); 8] = [
    (("Germany", "DACH"), 0.24),
    (("Switzerland", "DACH"), 0.12),
    (("Austria", "DACH"), 0.08),
    (("France", "Western Europe"), 0.16),
    (("Netherlands", "Western Europe"), 0.1),
    (("United Kingdom", "UK & Ireland"), 0.16),
    (("Sweden", "Nordics"), 0.08),
    (("Denmark", "Nordics"), 0.06),
];

/// Technologies with the share of companies that use them.
pub(super) const TECHNOLOGIES: [(&str, f64); 10] = [
    ("SAP", 0.3),
    ("Salesforce", 0.4),
    ("Slack", 0.45),
    ("Snowflake", 0.22),
    ("AWS", 0.42),
    ("Azure", 0.35),
    ("HubSpot", 0.25),
    ("Oracle", 0.2),
    ("Kafka", 0.15),
    ("Excel only", 0.1),
];

pub(super) const USE_CASES: [&str; 5] =
    ["Route planning", "Fraud checks", "Demand forecasting", "Quality control", "Reporting"];
pub(super) const SITUATIONS: [&str; 4] = ["Growing team", "Merging two systems", "New management", "Business as usual"];
pub(super) const PAINS: [&str; 5] =
    ["Manual work", "Late deliveries", "Audit findings", "Tool sprawl", "No clear pain"];
pub(super) const IMPACTS: [&str; 4] = ["Cost", "Revenue", "Risk", "Convenience"];
pub(super) const CRITICAL_EVENTS: [&str; 4] = ["Contract ends", "New regulation", "Peak season", "No event"];
pub(super) const DECISIONS: [&str; 3] = ["Committee", "Department head", "Founder"];
pub(super) const WIN_REASONS: [&str; 4] = ["Fast start", "Fits our stack", "Price", "References"];
pub(super) const LOSS_REASONS: [&str; 4] = ["Chose a competitor", "No budget", "No decision", "Too complex"];
pub(super) const CHURN_REASONS: [&str; 4] = ["Champion left", "Price", "Not used enough", "Company closed"];
