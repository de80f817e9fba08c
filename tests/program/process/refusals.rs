//! Conditions under which a server cannot start: it fails at once, with a message and an exit code, and leaves no files
//! behind.

use std::net::TcpListener;

use crate::process::support::Bench;
use crate::process::support::server::Server;

#[test]
fn an_address_in_use_is_reported_and_the_store_is_released() {
    let bench = Bench::empty();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    bench.exits_with(&format!("serve --listen {address}"), 1).assert_stderr(&format!("cannot listen on {address}"));
    Server::start(&bench);
}

#[test]
fn a_remote_address_is_refused_unless_allowed() {
    let bench = Bench::empty();
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:50051"] {
        let run = bench.exits_with(&format!("serve --listen {address}"), 2);
        run.assert_stderr(address).assert_stderr("server.allow_remote");
    }
    bench.write("sweetspot.toml", "[server]\nlisten = \"0.0.0.0:0\"\n");
    bench.exits_with("serve", 2).assert_stderr("sweetspot.toml").assert_stderr("server.allow_remote");
    assert!(!bench.path("sweetspot-data").exists(), "nothing was opened");
}

#[test]
fn a_store_path_that_is_a_file_is_reported() {
    let bench = Bench::empty();
    bench.write("file", "not a folder");
    for line in ["serve --listen 127.0.0.1:0 --store file", "serve --listen 127.0.0.1:0 --store file/below"] {
        let run = bench.exits_with(line, 1);
        run.assert_stderr("error: ").assert_stderr("store file").assert_stderr("cannot").assert_stderr("--store");
        assert!(!run.stderr.contains("panicked"), "{}", run.stderr);
    }
    bench.exits_with("model list --store file", 1).assert_stderr("file");
    assert_eq!(std::fs::read_to_string(bench.path("file")).unwrap(), "not a folder");
}

#[test]
fn a_folder_without_write_permission_is_reported() {
    let bench = Bench::empty();
    let run = bench.exits_with("serve --listen 127.0.0.1:0 --store /dev/null/store", 1);
    run.assert_stderr("store /dev/null/store cannot open its folder (").assert_stderr("--store");
}

#[test]
fn a_folder_instead_of_a_store_file_is_reported() {
    for name in ["lock", "rows/db"] {
        let bench = Bench::empty();
        std::fs::create_dir_all(bench.path("sweetspot-data").join(name)).unwrap();
        let run = bench.exits_with("serve --listen 127.0.0.1:0", 1);
        run.assert_stderr("store sweetspot-data cannot").assert_stderr("--store");
        assert!(!run.stderr.contains("panicked"), "{}", run.stderr);
    }
}

#[test]
fn all_invalid_settings_are_reported_together() {
    let bench = Bench::empty();
    bench.write(
        "sweetspot.toml",
        "stroe = \"x\"\n[server]\ndrain_timeout = \"0s\"\nlisten = 7\n[log]\nformat = \"xml\"\n",
    );
    let run = bench.exits_with("serve", 2);
    for part in ["stroe", "did you mean store?", "server.drain_timeout = \"0s\"", "server.listen", "log.format"] {
        run.assert_stderr(part);
    }
    assert!(!bench.path("sweetspot-data").exists() && !bench.path("x").exists());
}

#[test]
fn unreadable_settings_are_reported() {
    let bench = Bench::empty();
    bench.exits_with("serve --config missing.toml", 2).assert_stderr("missing.toml").assert_stderr("cannot be read");
    bench.write("broken.toml", "[server]\nlisten =\n");
    bench.exits_with("serve --config broken.toml", 2).assert_stderr("broken.toml line 2");
    bench.exits_with("serve --server http://127.0.0.1:1", 2).assert_stderr("--listen");
}
