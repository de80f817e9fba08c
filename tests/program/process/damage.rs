//! Stores with damaged files: a right score, the version before with a word in the log, or a refusal; never a wrong score.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use crate::process::support::Bench;
use crate::process::support::data::{MODEL, score};
use crate::process::support::server::Server;

const SEED: u64 = 20_260_302;

/// A way to damage a file, somewhere in its first `used` bytes.
#[derive(Clone, Copy, Debug)]
enum Damage {
    Flip,
    Truncate,
    Zero,
    Remove,
}

const ALL: [Damage; 4] = [Damage::Flip, Damage::Truncate, Damage::Zero, Damage::Remove];

fn damage(file: &Path, how: Damage, rng: &mut ChaCha8Rng) {
    let mut bytes = fs::read(file).unwrap();
    // sled's file ends with room for more; damage there would be none.
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

/// A store with two versions, and what each of them makes of one account.
struct Sound {
    bench: Bench,
    golden: [u64; 2],
    /// Newest first.
    versions: serde_json::Value,
}

fn sound() -> &'static Sound {
    static SOUND: OnceLock<Sound> = OnceLock::new();
    SOUND.get_or_init(|| {
        let bench = Bench::with_models();
        let golden = ["1", "2"].map(|version| {
            let listed = bench.ok(&format!("score prospects.csv --json --version {version}")).stdout;
            log_odds(&listed)
        });
        assert_ne!(golden[0], golden[1]);
        let versions = bench.ok("model list --json").json();
        Sound { bench, golden, versions }
    })
}

fn log_odds(listed: &str) -> u64 {
    let first: serde_json::Value = serde_json::Deserializer::from_str(listed).into_iter().next().unwrap().unwrap();
    let row = if first.is_array() { first[0].clone() } else { first };
    row["log_odds"].as_f64().unwrap().to_bits()
}

/// The blob of a version's artifact (`artifact_sha256`) or data (`data_sha256`).
fn blob(bench: &Bench, version: usize, field: &str) -> PathBuf {
    let digest = sound().versions[2 - version][field].as_str().unwrap();
    let place = bench.path("sweetspot-data").join("blobs").join(&digest[..2]).join(digest);
    assert!(place.is_file(), "{}", place.display());
    place
}

/// What a server on this store makes of it: the number of the version that scored, if any did. Checks the score.
fn served(bench: &Bench) -> Option<usize> {
    let server = match Server::try_start(bench) {
        Ok(server) => server,
        Err(end) => {
            assert_eq!(end.code, Some(1), "{}", end.stderr);
            end.says("error: ").says("store");
            return None;
        }
    };
    let scored = bench.run(&format!("score prospects.csv --mapping mapping.toml --json --server {}", server.url));
    if scored.code != Some(0) {
        assert!(scored.code.is_some_and(|code| code > 64), "{scored:?}");
        scored.says("error: ");
        server.stop("-TERM");
        return None;
    }
    let bits = log_odds(&scored.stdout);
    let version = sound().golden.iter().position(|golden| *golden == bits).unwrap() + 1;
    let end = server.stop("-TERM");
    assert_eq!(end.code, Some(0), "{}", end.stderr);
    Some(version)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_live_artifact_falls_back_to_the_one_before_it() {
    let mut rng = ChaCha8Rng::seed_from_u64(SEED);
    for how in ALL {
        let bench = sound().bench.copy();
        damage(&blob(&bench, 2, "artifact_sha256"), how, &mut rng);
        let server = Server::start(&bench);
        assert!(server.said.contains("cannot load the live version"), "{how:?}: {}", server.said);
        let to = server.clients().await;
        let first = score(&to, &format!("{MODEL}/versions/1")).await.unwrap();
        assert_eq!(score(&to, "").await.unwrap(), first, "{how:?}");
        let line = "score prospects.csv --mapping mapping.toml --json";
        let stood_in = bench.ok(&format!("{line} --version 1 --server {}", server.url));
        assert_eq!(log_odds(&stood_in.stdout), sound().golden[0], "{how:?}");
        for wanted in ["", "--version live"] {
            let told = bench.ok(&format!("{line} --server {} {wanted}", server.url));
            assert_eq!(told.stdout, stood_in.stdout, "{how:?}");
            told.says("warning: the live version of").says("version 1 is used instead").says("BLOB_");
        }
        bench.ends(&format!("{line} --server {} --version 2", server.url), 64 + 15).says("error: ");
    }
}

#[test]
fn commands_on_a_store_say_which_version_stands_in_and_how_to_end_that() {
    let bench = sound().bench.copy();
    damage(&blob(&bench, 2, "artifact_sha256"), Damage::Zero, &mut ChaCha8Rng::seed_from_u64(SEED + 6));
    let id =
        sound().bench.ok("score prospects.csv --json --top 1 --version 1").json()["id"].as_str().unwrap().to_owned();
    for line in ["score prospects.csv -q".to_owned(), format!("explain prospects.csv --id {id} -q")] {
        let expected = sound().bench.ok(&format!("{line} --version 1"));
        let told = bench.ok(&line);
        assert_eq!(told.stdout, expected.stdout, "{line}");
        told.says("version 1 is used instead").says("sweetspot model promote 1");
        assert!(told.stderr.lines().all(|line| line.len() <= 80), "{}", told.stderr);
        bench.ends(&format!("{line} --version candidate"), 64 + 15).says("BLOB_CORRUPT");
    }
    // What a version is, is told of the version itself and of no other.
    bench.ends("model show", 64 + 15).says("BLOB_CORRUPT");
    bench.ok("model promote 1 --override signal --reason test");
    assert!(!bench.ok("score prospects.csv").stderr.contains("used instead"));
}

#[test]
fn a_damaged_previous_artifact_leaves_live_alone() {
    let mut rng = ChaCha8Rng::seed_from_u64(SEED + 1);
    for how in ALL {
        let bench = sound().bench.copy();
        damage(&blob(&bench, 1, "artifact_sha256"), how, &mut rng);
        assert_eq!(served(&bench), Some(2), "{how:?}");
        let refused = bench.run("model promote 1 --override signal --reason test");
        assert_eq!(refused.code, Some(64 + 15), "{how:?}: {refused:?}");
        assert_eq!(served(&bench), Some(2), "{how:?}: a damaged version was made live");
    }
}

#[test]
fn without_a_sound_version_there_is_no_score() {
    let bench = sound().bench.copy();
    for version in [1, 2] {
        damage(&blob(&bench, version, "artifact_sha256"), Damage::Zero, &mut ChaCha8Rng::seed_from_u64(SEED + 2));
    }
    assert_eq!(served(&bench), None);
    // A new version brings it back.
    bench.ok("train customers.csv --mapping mapping.toml --seed 9 --promote --override signal --override lost_attributes --reason test");
    bench.ok("score prospects.csv --mapping mapping.toml");
}

#[test]
fn a_damaged_dataset_costs_trainings_alone() {
    let mut rng = ChaCha8Rng::seed_from_u64(SEED + 3);
    for how in ALL {
        let bench = sound().bench.copy();
        damage(&blob(&bench, 2, "data_sha256"), how, &mut rng);
        assert_eq!(served(&bench), Some(2), "{how:?}");
        let failed = bench.run("train --mapping mapping.toml");
        assert_ne!(failed.code, Some(0), "{how:?}");
        failed.says("error: ");
        assert_eq!(served(&bench), Some(2), "{how:?}");
        // The same bytes again heal it.
        bench.ok("train more.csv --mapping mapping.toml");
    }
}

#[test]
fn damaged_rows_never_make_a_wrong_score() {
    let mut rng = ChaCha8Rng::seed_from_u64(SEED + 4);
    for round in 0..16 {
        let bench = sound().bench.copy();
        let how = [Damage::Flip, Damage::Truncate, Damage::Zero][round % 3];
        damage(&bench.path("sweetspot-data/rows/db"), how, &mut rng);
        served(&bench);
    }
}

#[test]
fn files_of_others_are_left_alone() {
    let bench = sound().bench.copy();
    let folder = bench.path("sweetspot-data");
    let others = ["README", "rows/notes.txt", "blobs/stray", "blobs/zz/stray"];
    for name in others {
        fs::create_dir_all(folder.join(name).parent().unwrap()).unwrap();
        fs::write(folder.join(name), "not ours").unwrap();
    }
    assert_eq!(served(&bench), Some(2));
    assert!(others.iter().all(|name| fs::read(folder.join(name)).unwrap() == b"not ours"));
}

#[tokio::test]
async fn a_damaged_version_asked_for_by_number_is_refused() {
    let bench = sound().bench.copy();
    damage(&blob(&bench, 1, "artifact_sha256"), Damage::Flip, &mut ChaCha8Rng::seed_from_u64(SEED + 5));
    let server = Server::start(&bench);
    let refused = score(&server.clients().await, &format!("{MODEL}/versions/1")).await.unwrap_err();
    assert_eq!(refused.code(), tonic::Code::DataLoss, "{refused}");
}
