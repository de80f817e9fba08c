//! What a server cannot start on: it says so at once, in words, with a code, and leaves nothing behind.

use std::net::TcpListener;

use crate::process::support::Bench;
use crate::process::support::server::Server;

#[test]
fn a_taken_address_is_told_and_the_store_is_free_again() {
    let bench = Bench::empty();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    bench.ends(&format!("serve --listen {address}"), 1).says(&format!("cannot listen on {address}"));
    Server::start(&bench);
}

#[test]
fn strangers_are_kept_out_unless_allowed() {
    let bench = Bench::empty();
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:50051"] {
        let run = bench.ends(&format!("serve --listen {address}"), 2);
        run.says(address).says("server.allow_remote");
    }
    bench.write("sweetspot.toml", "[server]\nlisten = \"0.0.0.0:0\"\n");
    bench.ends("serve", 2).says("sweetspot.toml").says("server.allow_remote");
    assert!(!bench.path("sweetspot-data").exists(), "nothing was opened");
}

#[test]
fn a_store_that_is_a_file_is_told() {
    let bench = Bench::empty();
    bench.write("file", "not a folder");
    for line in ["serve --listen 127.0.0.1:0 --store file", "serve --listen 127.0.0.1:0 --store file/below"] {
        let run = bench.ends(line, 1);
        run.says("error: ").says("store file").says("cannot").says("--store");
        assert!(!run.stderr.contains("panicked"), "{}", run.stderr);
    }
    bench.ends("model list --store file", 1).says("file");
    assert_eq!(std::fs::read_to_string(bench.path("file")).unwrap(), "not a folder");
}

#[test]
fn a_folder_where_nothing_can_be_made_is_told() {
    let bench = Bench::empty();
    let run = bench.ends("serve --listen 127.0.0.1:0 --store /dev/null/store", 1);
    run.says("store /dev/null/store cannot open its folder (").says("--store");
}

#[test]
fn a_folder_in_the_place_of_a_file_is_told() {
    for name in ["lock", "rows/db"] {
        let bench = Bench::empty();
        std::fs::create_dir_all(bench.path("sweetspot-data").join(name)).unwrap();
        let run = bench.ends("serve --listen 127.0.0.1:0", 1);
        run.says("store sweetspot-data cannot").says("--store");
        assert!(!run.stderr.contains("panicked"), "{}", run.stderr);
    }
}

#[test]
fn everything_wrong_with_the_settings_is_told_at_once() {
    let bench = Bench::empty();
    bench.write("sweetspot.toml", "stroe = \"x\"\n[server]\ndrain_seconds = 0\nlisten = 7\n[log]\nformat = \"xml\"\n");
    let run = bench.ends("serve", 2);
    for part in ["stroe", "did you mean store?", "server.drain_seconds = 0", "server.listen", "log.format"] {
        run.says(part);
    }
    assert!(!bench.path("sweetspot-data").exists() && !bench.path("x").exists());
}

#[test]
fn settings_that_cannot_be_read_are_told() {
    let bench = Bench::empty();
    bench.ends("serve --config missing.toml", 2).says("missing.toml").says("cannot be read");
    bench.write("broken.toml", "[server]\nlisten =\n");
    bench.ends("serve --config broken.toml", 2).says("broken.toml line 2");
    bench.ends("serve --server http://127.0.0.1:1", 2).says("--listen");
}
