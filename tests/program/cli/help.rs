//! The help of the program.

use crate::cli::support::Bench;

const COMMANDS: [&str; 52] = [
    "",
    "demo",
    "data",
    "data check",
    "data aggregate",
    "data list",
    "data versions",
    "data show",
    "data restore",
    "data delete",
    "data erase",
    "import",
    "train",
    "score",
    "explain",
    "models",
    "workspaces",
    "model",
    "model list",
    "model show",
    "model export",
    "model import",
    "model promote",
    "model rollback",
    "model delete",
    "model label",
    "model describe",
    "model history",
    "model checks",
    "model compare",
    "export-review",
    "hypothesis add",
    "hypothesis list",
    "rule add",
    "finding add",
    "comment add",
    "definition show",
    "definition set",
    "definition approve",
    "definition diff",
    "definition return",
    "store",
    "store stats",
    "store copy",
    "store gc",
    "store check",
    "store repair",
    "store backup",
    "store restore",
    "serve",
    "healthcheck",
    "config show",
];

#[test]
fn help_fits_eighty_columns() {
    let bench = Bench::new();
    for command in COMMANDS {
        let help = bench.ok(&format!("{command} --help")).stdout;
        let long: Vec<_> = help.lines().filter(|line| line.chars().count() > 80).collect();
        assert!(long.is_empty(), "{command}: {long:?}");
    }
}

#[test]
fn the_help_page_is_stable() {
    insta::assert_snapshot!(Bench::new().ok("--help").stdout);
}

#[test]
fn completions_know_the_commands() {
    let script = Bench::new().ok("completions bash").stdout;
    assert!(script.contains("_sweetspot()") && script.contains("healthcheck"), "{script}");
}

#[test]
fn config_show_prints_settings_with_their_origin() {
    let bench = Bench::new();
    bench.write("sweetspot.toml", "[training]\nqueue = 3\n");
    let mut command = bench.command("config show --origin --store here");
    command.env("SWEETSPOT__SERVER__DRAIN_TIMEOUT", "7s");
    let shown = String::from_utf8(command.output().unwrap().stdout).unwrap();
    for (setting, origin) in [
        ("training.queue = 3", "sweetspot.toml"),
        ("server.drain_timeout = \"7s\"", "environment SWEETSPOT__SERVER__DRAIN_TIMEOUT"),
        ("store = \"here\"", "command line"),
        ("log.format = \"text\"", "built in"),
    ] {
        let found = shown.lines().any(|line| line.starts_with(setting) && line.ends_with(origin));
        assert!(found, "{setting} from {origin} is not in:\n{shown}");
    }
    let entries = bench.ok("config show --json").json();
    assert!(entries.as_array().unwrap().iter().any(|entry| entry["key"] == "training.queue" && entry["value"] == "3"));
}

#[test]
fn the_output_of_config_show_is_a_valid_settings_file() {
    let bench = Bench::new();
    let shown = bench.ok("config show").stdout;
    bench.write("sweetspot.toml", &shown);
    assert_eq!(bench.ok("config show").stdout, shown);
}

#[test]
fn an_unknown_setting_is_reported_with_a_suggestion() {
    let bench = Bench::new();
    bench.write("sweetspot.toml", "[server]\nlistn = \"127.0.0.1:1\"\n");
    bench.exits_with("model list", 2).assert_stderr("did you mean server.listen?");
}
