//! The definition, stated and approved by commands: on a store and on a server, as tables and as JSON.

use serde_json::Value;

use crate::cli::fixtures::{ATTRIBUTES, mapping_toml, synthetic_data};
use crate::cli::support::Bench;

const RULE: &str = "rule add too-small --attribute employees --below 20 --out --because never-bought --by Ann \
                    --until 2999-06-30 --section needs";
const HYPOTHESIS: &str = "hypothesis add fintech --attribute sector --is fintech --odds 3 --worth 20 --by Ann";
const FINDING: &str = "finding add may --text They-need-it-by-May --spiced critical_event --account A-17 --by Ben";

fn trained_bench() -> Bench {
    let bench = Bench::empty();
    let story = synthetic_data(101, 400, 30, -0.4);
    bench.write("map.toml", &mapping_toml(ATTRIBUTES));
    bench.write("c.csv", &story.customers.csv());
    bench.ok("train c.csv --mapping map.toml --promote -q");
    bench
}

fn ids(json: &Value) -> Vec<&str> {
    json.as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["id"].as_str().or_else(|| entry["hypothesis"]["id"].as_str()).unwrap())
        .collect()
}

#[track_caller]
fn assert_narrow(text: &str) -> &str {
    let long: Vec<_> = text.lines().filter(|line| line.chars().count() > 80).collect();
    assert!(long.is_empty(), "wider than 80 columns: {long:#?}");
    text
}

#[test]
fn stated_entries_are_listed_and_removed() {
    let bench = Bench::empty();
    assert_eq!(bench.ok(RULE).stdout, "added exclusion rule \"too-small\"\n");
    bench.ok(HYPOTHESIS);
    bench.ok(FINDING);
    bench.ok("comment add Ask-two-more --by Cem --about too-small");
    let exclusion_rules = bench.ok("rule list --json").json();
    assert_eq!(exclusion_rules[0]["when"], serde_json::json!({ "attribute": "employees", "range": { "lt": 20.0 } }));
    assert_eq!(
        (exclusion_rules[0]["severity"].as_str(), exclusion_rules[0]["section"].as_str()),
        (Some("EXCLUSION_SEVERITY_OUT"), Some("POND_SECTION_NEEDS"))
    );
    assert_eq!(exclusion_rules[0]["expireTime"], "2999-06-30T00:00:00Z");
    assert_eq!(bench.ok("finding list --json").json()[0]["spiced"], "SPICED_PART_CRITICAL_EVENT");
    assert_eq!(bench.ok("hypothesis list --json").json()[0]["hypothesis"]["oddsRatio"], 3.0);
    assert_eq!(bench.ok("comment list --json").json()[0]["about"], "too-small");
    for (list, word) in
        [("rule", "too-small"), ("hypothesis", "fintech"), ("finding", "critical_event"), ("comment", "Ask-two-more")]
    {
        let text = bench.ok(&format!("{list} list")).stdout;
        assert!(assert_narrow(&text).contains(word), "{text}");
    }
    bench.exits_with("rule remove too-small", 2).assert_stderr("--because");
    bench.ok("rule remove too-small --by Ann --because never-used");
    assert!(bench.ok("rule list --json").json().as_array().unwrap().is_empty());
    assert_eq!(bench.ok("rule list").stdout, "There are none yet.\n");
    bench.exits_with("rule remove too-small --by Ann --because x", 69).assert_stderr("ENTRY_NOT_FOUND");
    let record = &bench.ok("comment list --json").json()[1];
    assert_eq!((&record["about"], &record["removal"]), (&"removed exclusion rule too-small".into(), &true.into()));
    assert_eq!((&record["text"], &record["author"]), (&"never-used".into(), &"Ann".into()));
}

#[test]
fn an_approved_definition_shows_later_changes() {
    let bench = trained_bench();
    bench.ok(RULE);
    bench.exits_with("definition approve --by Ann", 73).assert_stderr("NOT_IN_REVIEW");
    bench.ok("definition submit --by Ben");
    bench.ok("definition return --by Ann --because too-few-rules");
    bench.ok("definition submit --by Ben");
    bench.exits_with("definition approve --by Ben", 73).assert_stderr("SELF_APPROVAL");
    let approved = "approved as version 1 of the definition\n\
                    1 comment is open: c-000000003 by Ann on returned to draft (too-few-rules)\n";
    assert_eq!(bench.ok("definition approve --by Ann").stdout, approved);
    bench.ok("definition set --category sector=impact_potential --section sector=beliefs --review-on 2999-01-01");
    bench.ok(FINDING);
    let shown = bench.ok("definition show").stdout;
    assert!(assert_narrow(&shown).contains("is draft") && shown.contains("impact_potential"), "{shown}");
    let versions = bench.ok("definition versions --json").json();
    assert_eq!((&versions[0]["number"], &versions[0]["approver"]), (&"1".into(), &"Ann".into()));
    let page = bench.ok("report --format md --document definition").stdout;
    assert!(page.contains("| 1 | Ann |") && !page.contains("No version has been approved yet"), "{page}");
    let diff = bench.ok("definition diff 1").stdout;
    let expected = "- Finding \"may\" was added: They-need-it-by-May\n\
                    - The category of \"sector\" is impact_potential instead of what its name\n  suggests.\n\
                    - The section of \"sector\" is beliefs instead of what its name suggests.\n\
                    - The review is due on 2999-01-01 instead of nothing.\n";
    assert_eq!(assert_narrow(&diff), expected);
    bench.exits_with("definition diff 1 2", 69).assert_stderr("DEFINITION_VERSION_NOT_FOUND");
    bench.ok("definition set --section sector= --no-review --allow-self-approval true");
    assert!(bench.ok("definition show").stdout.contains("The person who submits it may approve it."));
    assert_eq!(bench.ok("definition show --json").json().get("reviewDate"), None);
}

#[test]
fn several_people_approve_a_definition() {
    let bench = trained_bench();
    bench
        .exits_with("definition set --approvers Ann,ann --required-approvals 2", 67)
        .assert_stderr("INVALID_APPROVERS");
    bench.exits_with("definition set --required-approvals 11", 2).assert_stderr("1..=10");
    let shown = bench.ok("definition set --approvers Cem,Ann,Ben --required-approvals 2").stdout;
    assert!(assert_narrow(&shown).contains("Its approvers are Ann, Ben, Cem; 2 approvals are required."), "{shown}");
    bench.ok("comment add Why? --by Dan --about too-small");
    let submitted = bench.ok("definition submit --by Dan").stdout;
    assert!(assert_narrow(&submitted).contains("It has 0 of 2 approvals."), "{submitted}");
    assert!(submitted.ends_with("\n1 comment is open: c-000000002 by Dan on too-small (Why?)\n"), "{submitted}");
    bench.ok("comment resolve c-000000002 --by Ann --because asked");
    bench.exits_with("comment resolve c-000000002 --by Ann", 73).assert_stderr("COMMENT_NOT_OPEN");
    let comments = bench.ok("comment list").stdout;
    assert!(assert_narrow(&comments).contains("Ann: asked)"), "{comments}");
    bench.exits_with("definition approve --by Eve", 73).assert_stderr("NOT_APPROVER");
    let partial = "1 of 2 approvals; the definition stays in review until 1 more person approves it\n";
    assert_eq!(bench.ok("definition approve --by Ann").stdout, partial);
    let page = bench.ok("report --format md --document definition").stdout;
    assert!(page.contains("It has 1 of 2 approvals, by Ann on ") && page.contains("(resolved by Ann, "), "{page}");
    bench.exits_with("definition approve --by ANN", 73).assert_stderr("ALREADY_APPROVED");
    let shown = bench.ok("definition show").stdout;
    assert!(assert_narrow(&shown).contains("It has 1 of 2 approvals, for version 1 of the model: Ann ("), "{shown}");
    assert_eq!(bench.ok("definition approve --by Ben").stdout, "approved as version 1 of the definition\n");
    let versions = bench.ok("definition versions").stdout;
    assert!(assert_narrow(&versions).contains("Ann (") && versions.contains("Ben ("), "{versions}");
    let shown = bench.ok("definition set --approvers= --required-approvals 1 --json").json();
    assert_eq!((shown.get("approvers"), &shown["state"]), (None, &"STATE_DRAFT".into()));
}

#[test]
fn a_file_adds_several_entries() {
    let bench = Bench::empty();
    let when = "when = { attribute = \"employees\", below = 20 }";
    bench.write(
        "g.toml",
        &format!(
            "[[rule]]\nid = \"b\"\n{when}\nseverity = \"out\"\n[[rule]]\nid = \"a\"\n{when}\nseverity = \"caution\"\n"
        ),
    );
    bench.ok("rule add --file g.toml");
    assert_eq!(ids(&bench.ok("rule list --json").json()), ["a", "b"]);
    bench.write("f.toml", "[[finding]]\nid = \"f\"\ntext = \"They need it.\"\nstance = \"positive\"\n");
    bench.ok("finding add --file f.toml");
    assert_eq!(bench.ok("finding list --json").json()[0]["stance"], "FINDING_STANCE_POSITIVE");
    bench.write("bad.toml", "[[rule]]\nid = \"b\"\nseverty = \"out\"\n");
    bench.exits_with("rule add --file bad.toml", 3).assert_stderr("did you mean \"severity\"?");
}

#[test]
fn an_unknown_attribute_is_warned_about_and_stored() {
    let bench = trained_bench();
    let hint = "warning: exclusion rule \"typo\" refers to attribute \"employes\", which neither a version nor its customers have \
                (did you mean \"employees\"?)";
    bench.exits_with("rule add typo --attribute employes --below 20 --out", 0).assert_stderr(hint);
    assert_eq!(ids(&bench.ok("rule list --json").json()), ["typo"]);
    bench
        .exits_with("finding add f --text x --account nobody-at-all --segment segment-99", 0)
        .assert_stderr("segment \"segment-99\"");
    bench
        .exits_with("hypothesis add h --attribute employes --below 20 --odds 2 --worth 9", 0)
        .assert_stderr("did you mean \"employees\"?");
    let quiet = bench.exits_with("rule add right --attribute employees --below 20 --out", 0);
    assert!(!quiet.stderr.contains("warning"), "{}", quiet.stderr);
}

#[test]
fn a_rule_states_what_it_puts_out_before_it_is_added() {
    let bench = trained_bench();
    let rule = "rule add small --attribute employees --below 150 --out";
    let checked = bench.ok(&format!("{rule} --validate-only")).stdout;
    let (first, effect) = assert_narrow(&checked).split_once('\n').unwrap();
    assert_eq!(first, "valid, not added: exclusion rule \"small\"");
    let one_line = effect.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(one_line.starts_with("\"small\" puts out "), "{effect}");
    assert!(one_line.contains(" the average of ") && one_line.ends_with("(customers of version 1)"), "{effect}");
    assert!(bench.ok("rule list --json").json().as_array().unwrap().is_empty());
    let added = bench.ok(rule).stdout;
    assert_eq!(added.split_once('\n'), Some(("added exclusion rule \"small\"", effect)));
    let page = bench.ok("report --format md --document pond-map").stdout;
    let summary = one_line.trim_start_matches("\"small\" ").trim_end_matches(" (customers of version 1)");
    assert!(page.contains(summary), "{summary}: {page}");
    bench.exits_with(&format!("{rule} --validate-only"), 73).assert_stderr("ENTRY_EXISTS");
    bench.ok("finding add f --text x --validate-only");
    bench.ok("hypothesis add h --attribute employees --below 20 --odds 2 --worth 9 --validate-only");
    for list in ["finding list --json", "hypothesis list --json"] {
        assert!(bench.ok(list).json().as_array().unwrap().is_empty(), "{list}");
    }
    let empty = Bench::empty();
    empty.exits_with(&format!("{rule} --validate-only"), 1).assert_stderr("there is no store");
    assert!(!empty.path("sweetspot-data").exists());
}

#[test]
fn usage_errors_are_reported_before_the_store_is_opened() {
    let bench = Bench::empty();
    bench.exits_with("rule add a --attribute x --below 3", 2).assert_stderr("--out or --caution");
    bench.exits_with("rule add a --attribute x --out", 2).assert_stderr("exactly one test is required");
    bench.exits_with("rule add a --below 3 --out", 2).assert_stderr("--attribute");
    bench.exits_with("rule add", 2);
    bench.exits_with("finding add f --text t --spiced event", 2).assert_stderr("critical_event");
    bench.exits_with("rule add a --attribute x --below 3 --out --until soon", 2).assert_stderr("2027-06-30");
    bench.exits_with("rule list", 1).assert_stderr("there is no store");
    assert!(!bench.path("sweetspot-data").exists());
}

#[test]
fn definition_commands_print_the_same_through_a_server() {
    let bench = trained_bench();
    bench.ok(HYPOTHESIS);
    let own = ["hypothesis list", "definition show", "definition versions"].map(|line| bench.ok(line).stdout);
    let server = bench.serve();
    let lines = ["hypothesis list", "definition show", "definition versions"];
    let remote = lines.map(|line| bench.ok(&format!("{line} --server {}", server.url)).stdout);
    assert_eq!(own, remote);
}

#[test]
fn training_uses_the_entries_of_the_definition() {
    let bench = trained_bench();
    bench.ok(HYPOTHESIS);
    let version = bench.ok("train --mapping map.toml --json").json()["version"].clone();
    assert_eq!(ids(&version["hypotheses"]), ["fintech"]);
    let version = bench.ok("train --mapping map.toml --json --ignore-definition").json()["version"].clone();
    assert_eq!(version.get("hypotheses"), None);
}
