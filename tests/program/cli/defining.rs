//! What people agree on, stated and approved by commands: on a store and on a server, in tables and in JSON.

use serde_json::Value;

use crate::cli::made::{ATTRIBUTES, mapping, story};
use crate::cli::support::Bench;

const GATE: &str = "gate add too-small --attribute employees --below 20 --out --because never-bought --by Ann \
                    --until 2999-06-30 --section needs";
const BELIEF: &str = "hypothesis add fintech --attribute sector --is fintech --odds 3 --worth 20 --by Ann";
const FINDING: &str = "finding add may --text They-need-it-by-May --spiced critical_event --account A-17 --by Ben";

fn trained() -> Bench {
    let bench = Bench::empty();
    let story = story(101, 400, 30, -0.4);
    bench.write("map.toml", &mapping(ATTRIBUTES));
    bench.write("c.csv", &story.customers.csv());
    bench.ok("train c.csv --mapping map.toml --promote -q");
    bench
}

fn ids(json: &Value) -> Vec<&str> {
    json.as_array().unwrap().iter().map(|entry| entry["id"].as_str().unwrap()).collect()
}

#[track_caller]
fn narrow(text: &str) -> &str {
    let long: Vec<_> = text.lines().filter(|line| line.chars().count() > 80).collect();
    assert!(long.is_empty(), "wider than 80 columns: {long:#?}");
    text
}

#[test]
fn what_is_stated_is_listed_and_taken_away() {
    let bench = Bench::empty();
    assert_eq!(bench.ok(GATE).stdout, "added gate \"too-small\"\n");
    bench.ok(BELIEF);
    bench.ok(FINDING);
    bench.ok("comment add Ask-two-more --by Cem --about too-small");
    let gates = bench.ok("gate list --json").json();
    assert_eq!(gates[0]["when"], serde_json::json!({ "attribute": "employees", "below": 20.0 }));
    assert_eq!((gates[0]["severity"].as_str(), gates[0]["section"].as_str()), (Some("OUT"), Some("needs")));
    assert_eq!(gates[0]["expires"], "2999-06-30T00:00:00Z");
    assert_eq!(bench.ok("finding list --json").json()[0]["spiced"], "critical_event");
    assert_eq!(bench.ok("hypothesis list --json").json()[0]["odds_ratio"], 3.0);
    assert_eq!(bench.ok("comment list --json").json()[0]["about"], "too-small");
    for (list, word) in
        [("gate", "too-small"), ("hypothesis", "fintech"), ("finding", "critical_event"), ("comment", "Ask-two-more")]
    {
        let text = bench.ok(&format!("{list} list")).stdout;
        assert!(narrow(&text).contains(word), "{text}");
    }
    bench.ok("gate remove too-small");
    assert!(bench.ok("gate list --json").json().as_array().unwrap().is_empty());
    assert_eq!(bench.ok("gate list").stdout, "There are none yet.\n");
    bench.ends("gate remove too-small", 69).says("ENTRY_NOT_FOUND");
}

#[test]
fn a_committee_agrees_and_what_changes_is_told() {
    let bench = trained();
    bench.ok(GATE);
    bench.ends("profile approve --by Ann", 73).says("NOT_IN_REVIEW");
    bench.ok("profile submit --by Ben");
    bench.ok("profile return --by Ann --because too-few-gates");
    bench.ok("profile submit --by Ben");
    assert_eq!(bench.ok("profile approve --by Ann").stdout, "approved as profile version 1\n");
    bench.ok("profile set --category sector=impact_potential --section sector=beliefs --review-on 2999-01-01");
    bench.ok(FINDING);
    let shown = bench.ok("profile show").stdout;
    assert!(narrow(&shown).contains("is draft") && shown.contains("impact_potential"), "{shown}");
    let versions = bench.ok("profile versions --json").json();
    assert_eq!((&versions[0]["number"], &versions[0]["approver"]), (&1.into(), &"Ann".into()));
    let page = bench.ok("report --format md --document definition").stdout;
    assert!(page.contains("| 1 | Ann |") && !page.contains("No version has been approved yet"), "{page}");
    let diff = bench.ok("profile diff 1").stdout;
    let expected = "- Finding \"may\" was added: They-need-it-by-May\n\
                    - The category of \"sector\" is impact_potential instead of what its name\n  suggests.\n\
                    - The section of \"sector\" is beliefs instead of what its name suggests.\n\
                    - The review is due on 2999-01-01 instead of nothing.\n";
    assert_eq!(narrow(&diff), expected);
    bench.ends("profile diff 1 2", 69).says("PROFILE_VERSION_NOT_FOUND");
    bench.ok("profile set --section sector= --no-review");
    assert_eq!(bench.ok("profile show --json").json()["review_date"], "");
}

#[test]
fn files_hold_several() {
    let bench = Bench::empty();
    let when = "when = { attribute = \"employees\", below = 20 }";
    bench.write(
        "g.toml",
        &format!(
            "[[gate]]\nid = \"b\"\n{when}\nseverity = \"out\"\n[[gate]]\nid = \"a\"\n{when}\nseverity = \"caution\"\n"
        ),
    );
    bench.ok("gate add --file g.toml");
    assert_eq!(ids(&bench.ok("gate list --json").json()), ["a", "b"]);
    bench.write("f.toml", "[[finding]]\nid = \"f\"\ntext = \"They need it.\"\nlean = \"positive\"\n");
    bench.ok("finding add --file f.toml");
    assert_eq!(bench.ok("finding list --json").json()[0]["lean"], "positive");
    bench.write("bad.toml", "[[gate]]\nid = \"b\"\nseverty = \"out\"\n");
    bench.ends("gate add --file bad.toml", 3).says("did you mean \"severity\"?");
}

#[test]
fn a_name_that_nothing_knows_is_told_and_held_all_the_same() {
    let bench = trained();
    let hint = "warning: gate \"typo\" refers to attribute \"employes\", which neither a version nor its customers have \
                (did you mean \"employees\"?)";
    bench.ends("gate add typo --attribute employes --below 20 --out", 0).says(hint);
    assert_eq!(ids(&bench.ok("gate list --json").json()), ["typo"]);
    bench.ends("finding add f --text x --account nobody-at-all --segment segment-99", 0).says("segment \"segment-99\"");
    bench
        .ends("hypothesis add h --attribute employes --below 20 --odds 2 --worth 9", 0)
        .says("did you mean \"employees\"?");
    let quiet = bench.ends("gate add right --attribute employees --below 20 --out", 0);
    assert!(!quiet.stderr.contains("warning"), "{}", quiet.stderr);
}

#[test]
fn what_is_wrong_is_told_before_anything_is_opened() {
    let bench = Bench::empty();
    bench.ends("gate add a --attribute x --below 3", 2).says("--out or --caution");
    bench.ends("gate add a --attribute x --out", 2).says("exactly one test is required");
    bench.ends("gate add a --below 3 --out", 2).says("--attribute");
    bench.ends("gate add", 2);
    bench.ends("finding add f --text t --spiced event", 2).says("critical_event");
    bench.ends("gate add a --attribute x --below 3 --out --until soon", 2).says("2027-06-30");
    bench.ends("gate list", 1).says("there is no store");
    assert!(!bench.path("sweetspot-data").exists());
}

#[test]
fn a_server_says_the_same() {
    let bench = trained();
    bench.ok(BELIEF);
    let own = ["hypothesis list", "profile show", "profile versions"].map(|line| bench.ok(line).stdout);
    let server = bench.serve();
    let lines = ["hypothesis list", "profile show", "profile versions"];
    let remote = lines.map(|line| bench.ok(&format!("{line} --server {}", server.url)).stdout);
    assert_eq!(own, remote);
}

#[test]
fn training_takes_in_what_is_held() {
    let bench = trained();
    bench.ok(BELIEF);
    let version = bench.ok("train --mapping map.toml --json").json()["version"].clone();
    assert_eq!(ids(&version["hypotheses"]), ["fintech"]);
    let version = bench.ok("train --mapping map.toml --json --ignore-definition").json()["version"].clone();
    assert!(version["hypotheses"].as_array().unwrap().is_empty());
}
