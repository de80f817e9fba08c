//! The warnings of `data check` on columns that would mislead the model.

use std::fmt::Write as _;

use crate::cli::support::Bench;

/// Three contacts of each of forty companies; the same random outcome for all three.
fn contacts() -> String {
    let mut text = "Contact ID,Company Name,Industry,Employees,Created Date,Zip Code,Amount,Stage\n".to_owned();
    for row in 0..120_u64 {
        let company = row % 40;
        let coin = company.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 63;
        let industry = ["food", "steel", "energy"][company as usize % 3];
        let stage = if coin == 0 { "Closed Won" } else { "Closed Lost" };
        writeln!(
            text,
            "c{row},Firm {company},{industry},{},2023-0{}-11,80{:03},{},{stage}",
            100 + company * 37,
            1 + row % 9,
            row * 7 % 400,
            1000 + row * 13
        )
        .unwrap();
    }
    text
}

#[test]
fn a_data_check_describes_columns_and_next_steps() {
    let bench = Bench::empty();
    bench.write("c.csv", &contacts());
    let run = bench.ok("data check c.csv -o m.toml");
    assert!(run.stdout.lines().all(|line| line.chars().count() <= 80), "{}", run.stdout);
    let text = run.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    for part in [
        "Left out for what they are: - Created Date: its name refers to the deal (\"created\")",
        "- Zip Code: a key of places",
        "Before you train: - 40 companies have 120 rows, and their outcomes agree more than chance explains",
        "(group = \"Company Name\")",
        "value = \"Amount\" by its name is the amount of one deal",
        "lost rows have an amount in \"Amount\"",
    ] {
        assert!(text.contains(part), "{part} is not in:\n{text}");
    }
    let mapping = bench.read("m.toml");
    assert!(mapping.contains("\ngroup = \"Company Name\"\n"), "{mapping}");
    let json = bench.ok("data check c.csv --json").json();
    assert_eq!(json["notes"].as_array().unwrap().len(), 3);
    let verdict = |place: usize| json["columns"][place]["looksLike"].as_str().unwrap().to_owned();
    assert_eq!([1, 4, 5].map(verdict), ["group", "deal date", "place key"]);
}

#[test]
fn random_outcomes_show_no_skill_with_the_proposed_mapping() {
    let bench = Bench::empty();
    bench.write("c.csv", &contacts());
    bench.ok("data check c.csv -o m.toml -q");
    let claimed = |mapping: &str| {
        let version = bench.ok(&format!("train c.csv --mapping {mapping} --json")).json();
        version["version"]["evaluation"]["auc"].as_f64().unwrap()
    };
    assert!(claimed("m.toml") <= 0.75, "{}", claimed("m.toml"));
}

#[test]
fn a_version_that_depends_on_a_deal_date_warns() {
    let bench = Bench::empty();
    let mut text = "id,engage_date,size,Stage\n".to_owned();
    for row in 0..400_u32 {
        let (year, stage) = if (row * 7) % 10 < 5 { (2016, "Won") } else { (2019, "Lost") };
        // One row in five has the opposite outcome.
        let stage = if row % 5 == 0 { "Won" } else { stage };
        writeln!(text, "o{row},{year}-0{}-1{},{},{stage}", 1 + row % 9, row % 8, row % 17).unwrap();
    }
    bench.write("c.csv", &text);
    bench.write(
        "m.toml",
        "id = \"id\"\nattributes = [\"engage_date\", \"size\"]\n[outcome]\nstatus = { column = \"Stage\", won = [\"Won\"], lost = [\"Lost\"] }\n[label]\npolicy = \"won\"\n",
    );
    let text = bench.ok("train c.csv --mapping m.toml").stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("attribute \"engage_date\" is among those that matter most"), "{text}");
}
