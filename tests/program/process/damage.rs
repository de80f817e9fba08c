//! Stores with damaged files: a correct score, the previous version with a warning in the log, or an error; never a
//! wrong score.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

use crate::process::support::Bench;
use crate::process::support::data::{MODEL, score};
use crate::process::support::server::Server;

const SEED: u64 = 20_260_302;

/// A way to damage a file, within its first `used` bytes.
#[derive(Clone, Copy, Debug)]
enum Damage {
    Flip,
    Truncate,
    Zero,
    Remove,
}

const ALL_DAMAGES: [Damage; 4] = [Damage::Flip, Damage::Truncate, Damage::Zero, Damage::Remove];

fn damage(file: &Path, how: Damage, rng: &mut ChaCha8Rng) {
    let mut bytes = fs::read(file).unwrap();
    // sled's file ends with unused space, where damage would have no effect.
    let used = bytes.iter().rposition(|byte| *byte != 0).unwrap() + 1;
    let at = rng.random_range(0..used);
    match how {
        Damage::Flip => bytes[at] ^= 1 << rng.random_range(0..8_u32),
        Damage::Truncate => bytes.truncate(at),
        Damage::Zero => bytes[at..used.min(at + 512)].fill(0),
        Damage::Remove => return fs::remove_file(file).unwrap(),
    }
    fs::write(file, bytes).unwrap();
}

/// A store with two versions, and the score of one account by each of them.
struct UndamagedStore {
    bench: Bench,
    golden: [u64; 2],
    /// Newest first.
    versions: serde_json::Value,
}

fn undamaged_store() -> &'static UndamagedStore {
    static SOUND: OnceLock<UndamagedStore> = OnceLock::new();
    SOUND.get_or_init(|| {
        let bench = Bench::with_models();
        let golden = ["1", "2"].map(|version| {
            let listed = bench.ok(&format!("score prospects.csv --json --version {version}")).stdout;
            log_odds(&listed)
        });
        assert_ne!(golden[0], golden[1]);
        let versions = bench.ok("model list --json").json();
        UndamagedStore { bench, golden, versions }
    })
}

fn log_odds(listed: &str) -> u64 {
    let first: serde_json::Value = serde_json::Deserializer::from_str(listed).into_iter().next().unwrap().unwrap();
    let row = if first.is_array() { first[0].clone() } else { first };
    row["logOdds"].as_f64().unwrap().to_bits()
}

/// Returns the path of the blob of a version's artifact (`artifactSha256`) or data (`dataSha256`).
fn blob_path(bench: &Bench, version: usize, field: &str) -> PathBuf {
    let digest = undamaged_store().versions[2 - version][field].as_str().unwrap();
    let place = bench.path("sweetspot-data").join("blobs").join(&digest[..2]).join(digest);
    assert!(place.is_file(), "{}", place.display());
    place
}

/// Returns the health of a service of this name.
async fn health(server: &Server, service: &str) -> ServingStatus {
    let request = HealthCheckRequest { service: service.to_owned() };
    HealthClient::new(server.channel().await).check(request).await.unwrap().into_inner().status()
}

/// Sets an address for the metrics of a server on this store, and returns it.
fn set_metrics_address(bench: &Bench) -> SocketAddr {
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    bench.write("sweetspot.toml", &format!("server.admin_listen = \"{address}\"\nmetrics.resource_names = true\n"));
    address
}

/// Returns the labels and values of the metric `sweetspot_stand_in`.
fn stand_ins(metrics: SocketAddr) -> Vec<String> {
    let mut socket = TcpStream::connect(metrics).unwrap();
    socket.write_all(b"GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n").unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).unwrap();
    answer.lines().filter_map(|line| line.strip_prefix("sweetspot_stand_in")).map(str::to_owned).collect()
}

/// Returns the number of the version with which a server on this store scores, if any. Checks the score.
fn served_version(bench: &Bench) -> Option<usize> {
    let server = match Server::try_start(bench) {
        Ok(server) => server,
        Err(end) => {
            assert_eq!(end.code, Some(1), "{}", end.stderr);
            end.assert_stderr("error: ").assert_stderr("store");
            return None;
        }
    };
    let scored = bench.run(&format!("score prospects.csv --mapping mapping.toml --json --server {}", server.url));
    if scored.code != Some(0) {
        assert!(scored.code.is_some_and(|code| code > 64), "{scored:?}");
        scored.assert_stderr("error: ");
        server.stop("-TERM");
        return None;
    }
    let bits = log_odds(&scored.stdout);
    let version = undamaged_store().golden.iter().position(|golden| *golden == bits).unwrap() + 1;
    let end = server.stop("-TERM");
    assert_eq!(end.code, Some(0), "{}", end.stderr);
    Some(version)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_live_artifact_falls_back_to_the_one_before_it() {
    let mut rng = ChaCha8Rng::seed_from_u64(SEED);
    for how in ALL_DAMAGES {
        let bench = undamaged_store().bench.copy();
        damage(&blob_path(&bench, 2, "artifactSha256"), how, &mut rng);
        let metrics = set_metrics_address(&bench);
        let server = Server::start(&bench);
        let to = server.clients().await;
        let first = score(&to, &format!("{MODEL}/versions/1")).await.unwrap();
        assert_eq!(score(&to, "").await.unwrap(), first, "{how:?}");
        let line = "score prospects.csv --mapping mapping.toml --json";
        let stood_in = bench.ok(&format!("{line} --version 1 --server {}", server.url));
        assert_eq!(log_odds(&stood_in.stdout), undamaged_store().golden[0], "{how:?}");
        assert_eq!(health(&server, "sweetspot.models").await, ServingStatus::NotServing, "{how:?}");
        assert_eq!(health(&server, "sweetspot.v1.ScoringService").await, ServingStatus::Serving, "{how:?}");
        assert_eq!(stand_ins(metrics), [r#"{workspace="default",model="default",live="2",version="1"} 1"#], "{how:?}");
        for wanted in ["", "--version live"] {
            let told = bench.ok(&format!("{line} --server {} {wanted}", server.url));
            assert_eq!(told.stdout, stood_in.stdout, "{how:?}");
            told.assert_stderr("warning: the live version of")
                .assert_stderr("version 1 is used instead")
                .assert_stderr("BLOB_");
        }
        bench.exits_with(&format!("{line} --server {} --version 2", server.url), 64 + 15).assert_stderr("error: ");
        drop(to);
        let log = server.stop("-TERM").stderr;
        assert!(log.contains("cannot load the live version"), "{how:?}: {log}");
    }
}

#[test]
fn commands_name_the_fallback_version_and_the_way_to_replace_it() {
    let bench = undamaged_store().bench.copy();
    damage(&blob_path(&bench, 2, "artifactSha256"), Damage::Zero, &mut ChaCha8Rng::seed_from_u64(SEED + 6));
    let id = undamaged_store().bench.ok("score prospects.csv --json --top 1 --version 1").json()["accountId"]
        .as_str()
        .unwrap()
        .to_owned();
    for line in ["score prospects.csv -q".to_owned(), format!("explain prospects.csv --id {id} -q")] {
        let expected = undamaged_store().bench.ok(&format!("{line} --version 1"));
        let told = bench.ok(&line);
        assert_eq!(told.stdout, expected.stdout, "{line}");
        told.assert_stderr("version 1 is used instead").assert_stderr("sweetspot model promote 1");
        assert!(told.stderr.lines().all(|line| line.len() <= 80), "{}", told.stderr);
        bench.exits_with(&format!("{line} --version candidate"), 64 + 15).assert_stderr("BLOB_CORRUPT");
    }
    let models = bench.ok("models");
    assert!(models.stdout.contains("2 (damaged)"), "{}", models.stdout);
    assert!(models.stdout.lines().all(|line| line.chars().count() <= 80), "{}", models.stdout);
    let model = &bench.ok("models --json").json()[0];
    assert_eq!(model["standIn"]["version"], format!("{MODEL}/versions/1"));
    let damaged = &model["standIn"]["damagedVersions"][0];
    assert_eq!(damaged["artifactSha256"], undamaged_store().versions[0]["artifactSha256"]);
    bench.ok("model list --json").assert_stderr("answers in its place");
    // The details of a version never come from another one.
    bench.exits_with("model show", 64 + 15).assert_stderr("BLOB_CORRUPT");
    bench.ok("model promote 1 --override signal --reason test");
    assert!(!bench.ok("score prospects.csv").stderr.contains("used instead"));
    assert!(bench.ok("models --json").json()[0].get("standIn").is_none());
}

#[test]
fn a_damaged_previous_artifact_does_not_affect_the_live_version() {
    let mut rng = ChaCha8Rng::seed_from_u64(SEED + 1);
    for how in ALL_DAMAGES {
        let bench = undamaged_store().bench.copy();
        damage(&blob_path(&bench, 1, "artifactSha256"), how, &mut rng);
        assert_eq!(served_version(&bench), Some(2), "{how:?}");
        let refused = bench.run("model promote 1 --override signal --reason test");
        assert_eq!(refused.code, Some(64 + 15), "{how:?}: {refused:?}");
        assert_eq!(served_version(&bench), Some(2), "{how:?}: a damaged version was made live");
    }
}

#[test]
fn no_score_is_given_without_an_undamaged_version() {
    let bench = undamaged_store().bench.copy();
    for version in [1, 2] {
        damage(&blob_path(&bench, version, "artifactSha256"), Damage::Zero, &mut ChaCha8Rng::seed_from_u64(SEED + 2));
    }
    assert_eq!(served_version(&bench), None);
    let refused = bench.exits_with("score prospects.csv --mapping mapping.toml", 64 + 15);
    refused.assert_stderr("LIVE_VERSION_DAMAGED").assert_stderr("versions/1").assert_stderr("versions/2");
    let server = Server::start(&bench);
    bench.exits_with(&format!("healthcheck --ready --server {}", server.url), 1);
    assert_eq!(server.stop("-TERM").code, Some(0));
    // A new version restores service.
    bench.ok("train customers.csv --mapping mapping.toml --seed 9 --promote --override signal --override lost_attributes --reason test");
    bench.ok("score prospects.csv --mapping mapping.toml");
}

#[test]
fn a_damaged_dataset_prevents_training_only() {
    let mut rng = ChaCha8Rng::seed_from_u64(SEED + 3);
    for how in ALL_DAMAGES {
        let bench = undamaged_store().bench.copy();
        damage(&blob_path(&bench, 2, "dataSha256"), how, &mut rng);
        assert_eq!(served_version(&bench), Some(2), "{how:?}");
        let failed = bench.run("train --mapping mapping.toml");
        assert_ne!(failed.code, Some(0), "{how:?}");
        failed.assert_stderr("error: ");
        assert_eq!(served_version(&bench), Some(2), "{how:?}");
        // Importing the same bytes repairs the blob.
        bench.ok("train more.csv --mapping mapping.toml");
    }
}

#[test]
fn damaged_rows_never_change_a_score() {
    let mut rng = ChaCha8Rng::seed_from_u64(SEED + 4);
    for round in 0..16 {
        let bench = undamaged_store().bench.copy();
        let how = [Damage::Flip, Damage::Truncate, Damage::Zero][round % 3];
        damage(&bench.path("sweetspot-data/rows/db"), how, &mut rng);
        // The older version is not served, as if the newer one had never been promoted.
        assert_ne!(served_version(&bench), Some(1), "{how:?}");
    }
}

#[test]
fn files_that_are_not_of_the_store_stay() {
    let bench = undamaged_store().bench.copy();
    let folder = bench.path("sweetspot-data");
    let others = ["README", "rows/notes.txt", "blobs/stray", "blobs/zz/stray"];
    for name in others {
        fs::create_dir_all(folder.join(name).parent().unwrap()).unwrap();
        fs::write(folder.join(name), "not ours").unwrap();
    }
    assert_eq!(served_version(&bench), Some(2));
    assert!(others.iter().all(|name| fs::read(folder.join(name)).unwrap() == b"not ours"));
}

#[tokio::test]
async fn a_damaged_version_asked_for_by_number_is_refused() {
    let bench = undamaged_store().bench.copy();
    damage(&blob_path(&bench, 1, "artifactSha256"), Damage::Flip, &mut ChaCha8Rng::seed_from_u64(SEED + 5));
    let server = Server::start(&bench);
    let refused = score(&server.clients().await, &format!("{MODEL}/versions/1")).await.unwrap_err();
    assert_eq!(refused.code(), tonic::Code::DataLoss, "{refused}");
}
