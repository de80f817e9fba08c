//! `data erase`: what it reports, and that the account is gone.

use crate::cli::support::Bench;

#[test]
fn an_erasure_is_planned_and_then_made_and_names_what_remains() {
    let bench = Bench::trained();
    let id = bench.lines("customers.csv")[1].split(',').next().unwrap().to_owned();
    bench.ok(&format!("finding add about --text They-need-it --account {id} --by Ben"));
    bench.ok(&format!("finding add other --text Compare-with:{id} --by Ben"));
    let accounts = || bench.ok("data show --json").json()["accounts"].as_str().unwrap().parse::<u64>().unwrap();
    let before = accounts();
    let planned = bench.ok(&format!("data erase --validate-only {id}")).stdout;
    insta::assert_snapshot!("erasure_planned", planned);
    assert_eq!(accounts(), before);
    bench.write("ids.txt", &format!("{id}\nunknown-account\n"));
    let erased = bench.ok("data erase --ids ids.txt").stdout;
    insta::assert_snapshot!("erasure_made", erased);
    assert!([planned, erased].iter().all(|text| text.lines().all(|line| line.chars().count() <= 80)));
    assert_eq!(accounts(), before - 1);
    let findings = bench.ok("finding list --json").stdout;
    assert!(!findings.contains("They-need-it") && findings.contains("Compare-with"), "{findings}");
    let again = bench.ok(&format!("data erase {id} --json")).json();
    assert_eq!((again["accounts"].as_str(), again["affectedModelVersionCount"].as_str()), (None, Some("1")), "{again}");
    bench.ok("train --mapping mapping.toml");
}

#[test]
fn an_erasure_without_ids_or_from_a_missing_dataset_is_refused() {
    let bench = Bench::trained();
    bench.exits_with("data erase", 2).assert_stderr("<ID>");
    bench.write("ids.txt", "\n");
    bench.exits_with("data erase --ids ids.txt", 67).assert_stderr("account_ids");
    bench.exits_with("data erase --ids missing.txt", 1).assert_stderr("missing.txt");
    bench.exits_with("data erase --dataset missing a", 69).assert_stderr("missing").assert_stderr("DATASET_NOT_FOUND");
}
