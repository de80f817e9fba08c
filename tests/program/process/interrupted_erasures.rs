//! An erasure that is killed in the middle: each dataset version is as before or without the account, and repeating the
//! erasure completes it.

use std::fs;
use std::path::PathBuf;
use std::thread;

use sweetspot_proto::v1;

use crate::process::backups::block;
use crate::process::starts::{MAX_CALLS, can_trace, run_tampered};
use crate::process::support::data::import;
use crate::process::support::server::{Clients, Server};
use crate::process::support::{Bench, files_in};

const DATASETS: [&str; 2] = ["workspaces/default/datasets/first", "workspaces/default/datasets/second"];

/// Imports customers into each dataset. Returns the paths of their files.
async fn import_all(bench: &Bench, to: &Clients) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for (salt, dataset) in DATASETS.into_iter().enumerate() {
        let message = v1::ImportAccountsRequest { dataset: dataset.to_owned(), ..import(salt) };
        let answer = to.datasets.clone().import_accounts(tokio_stream::iter([message])).await.unwrap().into_inner();
        files.push(bench.path("sweetspot-data/blobs").join(&answer.data_sha256[..2]).join(answer.data_sha256));
    }
    files
}

/// The number of accounts of each dataset.
async fn accounts(to: &Clients) -> Vec<u64> {
    let mut counts = Vec::new();
    for dataset in DATASETS {
        let request = v1::GetDatasetRequest { name: dataset.to_owned() };
        counts.push(to.datasets.clone().get_dataset(request).await.unwrap().into_inner().dataset.unwrap().accounts);
    }
    counts
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_killed_between_two_datasets_has_erased_one_and_a_repetition_erases_the_other() {
    let bench = Bench::empty();
    let server = Server::start(&bench);
    let to = server.clients().await;
    let files = import_all(&bench, &to).await;
    let before = accounts(&to).await;
    let content = block(&files[1]);
    let request = v1::EraseAccountsRequest {
        account_ids: vec!["a-7".to_owned()],
        request_id: "6f1d3c52-9a0e-4c3b-8d17-2f60a1b7c9e4".to_owned(),
        ..Default::default()
    };
    let (mut client, first) = (to.datasets.clone(), request.clone());
    let erasure = tokio::spawn(async move { client.erase_accounts(first).await });
    // The old file is removed last, and then the erasure waits for the file of the second dataset.
    while files[0].exists() {
        thread::yield_now();
    }
    server.kill();
    erasure.await.unwrap().unwrap_err();
    fs::remove_file(&files[1]).unwrap();
    fs::write(&files[1], content).unwrap();
    let server = Server::start(&bench);
    let to = server.clients().await;
    assert_eq!(
        accounts(&to).await,
        [before[0] - 1, before[1]],
        "one dataset is without the account, and one as before"
    );
    let answer = to.datasets.clone().erase_accounts(request.clone()).await.unwrap().into_inner();
    assert_eq!((answer.accounts, answer.dataset_versions), (1, 1), "what the first attempt had left");
    assert_eq!(accounts(&to).await, before.iter().map(|count| count - 1).collect::<Vec<_>>());
    assert!(files.iter().all(|file| !file.exists()));
    let repeated = to.datasets.clone().erase_accounts(request).await.unwrap().into_inner();
    assert_eq!((repeated.accounts, repeated.dataset_versions), (1, 1));
    assert_eq!(server.stop("-TERM").code, Some(0));
}

const ERASED: &str = "secret-account-7";

/// A store with 40 customers, and a finding about the one to erase.
fn store() -> Bench {
    let bench = Bench::empty();
    let row = |row: usize| format!("secret-account-{row},{},{}\n", row * 37 % 90, ["won", "lost"][row * 5 % 7 % 2]);
    let rows: String = (0..40).map(row).collect();
    bench.write("c.csv", &format!("id,size,stage\n{rows}"));
    let outcome = "[outcome]\nstatus = { column = \"stage\", won = [\"won\"], lost = [\"lost\"] }\n";
    bench.write("m.toml", &format!("id = \"id\"\nattributes = [\"size\"]\n{outcome}[label]\npolicy = \"won\"\n"));
    bench.ok("import c.csv --mapping m.toml");
    bench.ok(&format!("finding add f --text They-need-it --account {ERASED} --by Ben"));
    bench
}

/// Whether the account is erased. A second start agrees with the first.
fn is_erased(bench: &Bench, state: &str) -> bool {
    let counts = [0, 1].map(|_| bench.ok("data show --json").json()["accounts"].as_str().unwrap().to_owned());
    assert!(counts == ["40", "40"] || counts == ["39", "39"], "{state}: {counts:?}");
    counts[0] == "39"
}

#[track_caller]
fn assert_complete(bench: &Bench, state: &str) {
    assert!(is_erased(bench, state), "{state}");
    assert!(!bench.ok("finding list --json").stdout.contains("They-need-it"), "{state}");
    let has_id = |file: &PathBuf| fs::read(file).unwrap().windows(ERASED.len()).any(|part| part == ERASED.as_bytes());
    let files: Vec<PathBuf> = files_in(&bench.path("sweetspot-data")).into_iter().filter(has_id).collect();
    assert!(files.is_empty(), "{state}: {files:?}");
}

#[test]
fn an_erasure_killed_at_any_system_call_is_complete_if_it_is_acknowledged_and_can_be_repeated_if_not() {
    if !can_trace() {
        return;
    }
    let store = store();
    let erase = format!("data erase {ERASED}");
    let (mut kept, mut erased) = (0, 0);
    for calls in ["write", "pwrite64", "fsync", "rename,?renameat", "unlink,?unlinkat"] {
        for number in 1.. {
            assert!(number < MAX_CALLS, "{calls} never ends");
            let bench = store.copy();
            let run = run_tampered(&bench, &erase, calls, "signal=KILL", number);
            let state = format!("killed at {calls} {number}");
            if run.code == Some(0) {
                assert_complete(&bench, &state);
                break;
            }
            if is_erased(&bench, &state) {
                erased += 1;
            } else {
                kept += 1;
            }
            bench.ok(&erase);
            assert_complete(&bench, &state);
        }
    }
    assert!(kept > 5 && erased > 5, "{kept} kills were before the change of the dataset, and {erased} after it");
}
