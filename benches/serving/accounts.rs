//! Synthetic customers and prospects with twenty attributes: those of the demonstration and five more.

use std::io::Cursor;

use sweetspot_core::{Account, Digest};
use sweetspot_ingest::{Mapping, ProspectReader, Source, read_customers, synth};
use sweetspot_model::{ModelArtifact, NoProgress, TrainingSpec, train};

const EXTRA_ATTRIBUTES: [&str; 5] = ["founded_year", "offices", "web_visits_90d", "crm_in_use", "last_funding_round"];
const CRMS: [&str; 5] = ["Salesforce", "HubSpot", "Microsoft Dynamics", "Pipedrive", "none"];
const FUNDING_ROUNDS: [&str; 5] = ["bootstrapped", "Seed", "Series A", "Series B or later", "listed"];

/// The mapping of the columns, in TOML.
pub(crate) fn mapping_text() -> String {
    let more = EXTRA_ATTRIBUTES.join("\",\n    \"");
    synth::MAPPING.replacen("\"industry\",", &format!("\"industry\",\n    \"{more}\","), 1)
}

/// Customers with their outcomes, as CSV.
pub(crate) fn customers(count: usize) -> String {
    widen(&synth::customers(1, count))
}

/// Prospects as accounts.
pub(crate) fn prospects(count: usize) -> Vec<Account> {
    let text = widen(&synth::prospects(2, count));
    let prospects = ProspectReader::open(source(text), &mapping()).unwrap();
    let accounts: Vec<Account> = prospects.map(|prospect| prospect.unwrap().unwrap().account).collect();
    assert!(accounts.iter().any(|account| account.attributes.len() == 20), "one has all attributes");
    accounts
}

/// Trains a model of `count` customers.
pub(crate) fn train_model(count: usize) -> ModelArtifact {
    let mapping = mapping();
    let customers = read_customers(source(customers(count)), &mapping).unwrap().customers;
    let spec = TrainingSpec { label_policy: mapping.label, ..TrainingSpec::default() };
    train(&spec, &customers, Digest::new(b"bench"), &NoProgress).unwrap()
}

fn mapping() -> Mapping {
    Mapping::parse(&mapping_text(), "made-up accounts").unwrap()
}

fn source(text: String) -> Source {
    Source::new("made-up.csv", Cursor::new(text))
}

/// Appends the additional columns. Their values are derived from the row number.
fn widen(csv: &str) -> String {
    let mut wide = String::with_capacity(csv.len() * 5 / 4);
    for (number, line) in csv.lines().enumerate() {
        let row = if number == 0 { EXTRA_ATTRIBUTES.join(",") } else { extra_cells(number as u64) };
        wide.extend([line, ",", &row, "\n"]);
    }
    wide
}

fn extra_cells(number: u64) -> String {
    let draw = |salt: u64, below: u64| mix_bits(number * 8 + salt) % below;
    let pick = |list: [&'static str; 5], salt: u64| list.get(draw(salt, 5) as usize).copied().unwrap_or_default();
    let (founded, offices, visits) = (1950 + draw(0, 75), 1 + draw(1, 12) * draw(2, 12), draw(3, 400) * draw(4, 20));
    format!("{founded},{offices},{visits},{},{}", pick(CRMS, 5), pick(FUNDING_ROUNDS, 6))
}

/// Mixes the bits of a number (the finalizer of splitmix64).
fn mix_bits(number: u64) -> u64 {
    let mut bits = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}
