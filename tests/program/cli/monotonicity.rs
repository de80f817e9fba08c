//! Monotonicity constraints in the output of the command line.

use crate::cli::support::Bench;

#[test]
fn monotonicity_constraints_are_requested_enforced_and_shown() {
    let bench = Bench::new();
    let run = bench.ok(
        "train customers.csv --mapping mapping.toml --increasing employees --decreasing revenue_eur --increasing growth_percent",
    );
    let shown = bench.ok("model show candidate");
    for text in [&run.stdout, &shown.stdout] {
        assert!(text.contains("Monotonicity constraints"), "{text}");
        assert!(text.contains("  employees: more never lowers the fit\n"), "{text}");
        assert!(text.contains("  revenue_eur: more never raises the fit\n"), "{text}");
        assert!(text.contains("  growth_percent: more never lowers the fit\n"), "{text}");
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    }
    let card = bench.ok("model show candidate --json").json();
    for (name, direction) in [("employees", 1.0), ("revenue_eur", -1.0), ("growth_percent", 1.0)] {
        let attributes = card["attributes"].as_array().unwrap();
        let attribute = attributes.iter().find(|attribute| attribute["attribute"] == name).unwrap();
        assert_eq!(attribute["direction"], if direction > 0.0 { "increasing" } else { "decreasing" });
        let slots = attribute["slots"].as_array().unwrap();
        let bins = slots[..slots.len() - 1].iter().map(|slot| direction * slot["log_odds"].as_f64().unwrap());
        assert!(bins.is_sorted(), "{attribute}");
    }
}

#[test]
fn the_version_json_has_the_monotonicity_constraint() {
    let bench = Bench::new();
    let version = bench.ok("train customers.csv --mapping mapping.toml --increasing employees --json").json();
    let attributes = version["version"]["attributes"].as_array().unwrap();
    for attribute in attributes {
        let direction = (attribute["attribute"] == "employees").then_some("DIRECTION_INCREASING");
        assert_eq!(attribute["direction"].as_str(), direction, "{attribute}");
    }
    let plain = bench.ok("train --mapping mapping.toml");
    assert!(!plain.stdout.contains("Monotonicity constraints"), "{}", plain.stdout);
}

#[test]
fn invalid_monotonicity_options_are_refused() {
    let bench = Bench::new();
    bench.ok("import customers.csv --mapping mapping.toml");
    bench
        .exits_with("train --increasing employees --decreasing employees", 64 + 3)
        .assert_stderr("[INVALID_DIRECTION]")
        .assert_stderr("config.decreasing_attributes[0]");
    bench
        .exits_with("train --increasing industry", 64 + 3)
        .assert_stderr("[NO_DIRECTION]")
        .assert_stderr("it is a category");
    bench
        .exits_with("train --decreasing employes", 64 + 3)
        .assert_stderr("[UNKNOWN_ATTRIBUTE]")
        .assert_stderr("did you mean \"employees\"?");
    bench.exits_with("train --increasing", 2);
}
