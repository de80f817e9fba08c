//! Made-up customers and prospects with twenty attributes: those of the demonstration, and five more.

use std::io::Cursor;

use sweetspot_core::{Account, Digest};
use sweetspot_ingest::{Mapping, Prospects, Source, read_customers, synth};
use sweetspot_model::{ModelArtifact, TrainingSpec, Unattended, train};

const MORE: [&str; 5] = ["founded_year", "offices", "web_visits_90d", "crm_in_use", "last_funding_round"];
const CRMS: [&str; 5] = ["Salesforce", "HubSpot", "Microsoft Dynamics", "Pipedrive", "none"];
const ROUNDS: [&str; 5] = ["bootstrapped", "Seed", "Series A", "Series B or later", "listed"];

/// What the columns mean, in TOML.
pub(crate) fn mapping_text() -> String {
    let more = MORE.join("\",\n    \"");
    synth::MAPPING.replacen("\"industry\",", &format!("\"industry\",\n    \"{more}\","), 1)
}

/// Customers with their outcomes, as CSV.
pub(crate) fn customers(count: usize) -> String {
    widen(&synth::customers(1, count))
}

/// Prospects as accounts.
pub(crate) fn prospects(count: usize) -> Vec<Account> {
    let text = widen(&synth::prospects(2, count));
    let prospects = Prospects::open(source(text), &mapping()).unwrap();
    let accounts: Vec<Account> = prospects.map(|prospect| prospect.unwrap().unwrap().account).collect();
    assert!(accounts.iter().any(|account| account.attributes.len() == 20), "somebody has every attribute");
    accounts
}

/// A model of that many customers.
pub(crate) fn model(count: usize) -> ModelArtifact {
    let mapping = mapping();
    let customers = read_customers(source(customers(count)), &mapping).unwrap().customers;
    let spec = TrainingSpec { label_policy: mapping.label, ..TrainingSpec::default() };
    train(&spec, &customers, Digest::of(b"bench"), &Unattended).unwrap()
}

fn mapping() -> Mapping {
    Mapping::parse(&mapping_text(), "made-up accounts").unwrap()
}

fn source(text: String) -> Source {
    Source::new("made-up.csv", Cursor::new(text))
}

/// Appends the further columns. What they hold follows from the row's number alone.
fn widen(csv: &str) -> String {
    let mut wide = String::with_capacity(csv.len() * 5 / 4);
    for (number, line) in csv.lines().enumerate() {
        let row = if number == 0 { MORE.join(",") } else { more(number as u64) };
        wide.extend([line, ",", &row, "\n"]);
    }
    wide
}

fn more(number: u64) -> String {
    let draw = |salt: u64, below: u64| mix(number * 8 + salt) % below;
    let pick = |list: [&'static str; 5], salt: u64| list.get(draw(salt, 5) as usize).copied().unwrap_or_default();
    let (founded, offices, visits) = (1950 + draw(0, 75), 1 + draw(1, 12) * draw(2, 12), draw(3, 400) * draw(4, 20));
    format!("{founded},{offices},{visits},{},{}", pick(CRMS, 5), pick(ROUNDS, 6))
}

/// Scrambles a number (the finisher of splitmix64).
fn mix(number: u64) -> u64 {
    let mut bits = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}
