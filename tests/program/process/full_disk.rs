//! A server whose disk is full or read-only, from its start or while it runs.

use std::fs;

use tonic::{Code, Status};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use tonic_types::StatusExt as _;

use crate::process::support::Bench;
use crate::process::support::data::{promote, score, send_import, train, wait};
use crate::process::support::server::{Clients, Server};
use crate::process::support::small_disk::SmallDisk;

/// Returns the reason of an error.
pub(super) fn reason(error: &Status) -> (Code, String) {
    (error.code(), error.get_details_error_info().unwrap().reason)
}

fn disk_full() -> (Code, String) {
    (Code::ResourceExhausted, "DISK_FULL".to_owned())
}

/// Imports, trains and promotes a version.
pub(super) async fn make_live(to: &Clients) {
    send_import(to, 1).await.unwrap();
    let run = train(to).await.unwrap();
    let version = wait(to, &run.name).await.unwrap().model_version;
    promote(to, &version).await.unwrap();
}

/// Imports other data each time until an import fails.
async fn import_until_refused(to: &Clients) -> Status {
    for salt in 2..20 {
        if let Err(refused) = send_import(to, salt).await {
            return refused;
        }
    }
    panic!("the disk is never full")
}

/// The reports of whether the store can be changed, starting with the current one.
pub(super) struct StoreHealth {
    reports: tonic::Streaming<tonic_health::pb::HealthCheckResponse>,
}

impl StoreHealth {
    pub(super) async fn watch(server: &Server) -> Self {
        let request = HealthCheckRequest { service: "sweetspot.store".to_owned() };
        let mut client = HealthClient::new(server.channel().await);
        Self { reports: client.watch(request).await.unwrap().into_inner() }
    }

    /// Waits for the next report.
    pub(super) async fn is_writable(&mut self) -> bool {
        self.reports.message().await.unwrap().unwrap().status() == ServingStatus::Serving
    }
}

/// A folder with settings for a store on a disk of eight MiB, of which `min_free` stays free.
fn bench_on_small_disk(min_free: &str) -> Option<(Bench, SmallDisk)> {
    let bench = Bench::empty();
    bench.write("sweetspot.toml", &format!("store = \"small/store\"\n[server]\nmin_free_disk = \"{min_free}\"\n"));
    fs::create_dir(bench.path("small")).unwrap();
    let disk = SmallDisk::mount(&bench.path("small"), "8m")?;
    Some((bench, disk))
}

#[tokio::test]
async fn a_full_disk_refuses_changes_until_there_is_space_again_and_scores_go_on() {
    for pages in [0, 1, 2, 3, 7] {
        let Some((bench, disk)) = bench_on_small_disk("1KiB") else { return };
        let server = Server::start(&bench);
        let to = server.clients().await;
        make_live(&to).await;
        let golden = score(&to, "").await.unwrap();
        disk.fill(pages * 4096);
        assert_eq!(reason(&import_until_refused(&to).await), disk_full(), "{pages} pages were free");
        assert_eq!(score(&to, "").await.unwrap(), golden);
        disk.free();
        let digest = send_import(&to, 20).await.unwrap();
        server.kill();
        let server = Server::start(&bench);
        let to = server.clients().await;
        assert_eq!(score(&to, "").await.unwrap(), golden);
        assert_eq!(send_import(&to, 20).await.unwrap(), digest);
        server.kill();
    }
}

#[tokio::test]
async fn below_the_minimum_versions_can_be_deleted() {
    let Some((bench, _disk)) = bench_on_small_disk("1KiB") else { return };
    let server = Server::start(&bench);
    for salt in 1..3 {
        send_import(&server.clients().await, salt).await.unwrap();
    }
    assert_eq!(server.stop("-TERM").code, Some(0));
    let small = fs::read_to_string(bench.path("sweetspot.toml")).unwrap();
    bench.write("sweetspot.toml", &small.replace("1KiB", "1GiB"));
    let server = Server::start(&bench);
    let refused = send_import(&server.clients().await, 3).await.unwrap_err();
    assert_eq!(reason(&refused), disk_full());
    for part in ["small/store", "MiB free", "1024.0 MiB must be", "server.min_free_disk", "deleting dataset versions"] {
        assert!(refused.message().contains(part), "{refused}");
    }
    assert!(!StoreHealth::watch(&server).await.is_writable().await);
    let before = bench.byte_count("small/store/blobs");
    bench.ok(&format!("data delete 1 --server {}", server.url));
    assert!(bench.byte_count("small/store/blobs") < before);
}

#[tokio::test]
async fn a_server_on_a_full_or_read_only_disk_scores_and_later_takes_changes_again() {
    for read_only in [false, true] {
        let Some((bench, disk)) = bench_on_small_disk("1KiB") else { return };
        let server = Server::start(&bench);
        make_live(&server.clients().await).await;
        let golden = score(&server.clients().await, "").await.unwrap();
        // A run that the next start would record as interrupted.
        train(&server.clients().await).await.unwrap();
        server.kill();
        disk.fill(0);
        disk.set_read_only(read_only);
        let server = Server::start(&bench);
        let to = server.clients().await;
        assert_eq!(score(&to, "").await.unwrap(), golden);
        let mut health = StoreHealth::watch(&server).await;
        assert!(!health.is_writable().await);
        let expected = if read_only { (Code::Unavailable, "STORE_READ_ONLY".to_owned()) } else { disk_full() };
        assert_eq!(reason(&send_import(&to, 2).await.unwrap_err()), expected);
        bench.ok(&format!("healthcheck --ready --server {}", server.url));
        disk.set_read_only(false);
        disk.free();
        assert!(health.is_writable().await);
        send_import(&to, 2).await.unwrap();
        drop((to, health));
        assert_eq!(server.stop("-TERM").code, Some(0));
    }
}
