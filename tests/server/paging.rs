//! Pagination of lists that grow.

use std::sync::Arc;

use sweetspot::config::Settings;
use sweetspot_proto::v1;
use sweetspot_store::store::MemoryStore;
use tonic::{Code, Status};

use crate::support::server::{TestServer, promote, publish, world};
use crate::support::store_barrier::{BlobAccess, StoreBarrier};
use crate::support::{MODEL, assert_refused};

const OTHER_MODEL: &str = "workspaces/default/models/other";

/// A list of the model service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PagedList {
    Runs,
    Versions,
    Promotions,
}

const LISTS: [PagedList; 3] = [PagedList::Runs, PagedList::Versions, PagedList::Promotions];

/// The keys of the entries of a page, and the token of the next one.
async fn page(
    server: &TestServer,
    list: PagedList,
    parent: &str,
    page_size: i32,
    page_token: &str,
) -> Result<(Vec<String>, String), Status> {
    let (parent, page_token) = (parent.to_owned(), page_token.to_owned());
    let mut client = server.model();
    Ok(match list {
        PagedList::Runs => {
            let request = v1::ListTrainingRunsRequest { parent, page_size, page_token, ..Default::default() };
            let page = client.list_training_runs(request).await?.into_inner();
            (page.runs.into_iter().map(|run| run.name).collect(), page.next_page_token)
        }
        PagedList::Versions => {
            let request = v1::ListModelVersionsRequest { parent, page_size, page_token, ..Default::default() };
            let page = client.list_model_versions(request).await?.into_inner();
            (page.versions.into_iter().map(|version| version.name).collect(), page.next_page_token)
        }
        PagedList::Promotions => {
            let request = v1::ListPromotionsRequest { parent, page_size, page_token };
            let page = client.list_promotions(request).await?.into_inner();
            (page.promotions.into_iter().map(|promotion| promotion.etag).collect(), page.next_page_token)
        }
    })
}

/// A server with entries in every list, and a way to add more.
struct GrowingModel {
    server: TestServer,
    world: sweetspot::app::App,
    barrier: StoreBarrier,
    grown: u64,
}

impl GrowingModel {
    /// A run of another model occupies the worker, so that the runs of this one are queued until they are canceled.
    async fn new() -> Self {
        let (settings, barrier) = (Settings::default(), StoreBarrier::new(Arc::new(MemoryStore::new())));
        let world = world(Arc::new(barrier.clone()), &settings);
        let server = TestServer::serve(world.clone(), &settings).await;
        server.import().await;
        barrier.set_access(BlobAccess::Blocked);
        server.train(OTHER_MODEL).await;
        barrier.wait_for_reader().await;
        Self { server, world, barrier, grown: 0 }
    }

    /// Adds a run while the barrier is closed.
    async fn add_run(&self) {
        let run = self.server.train(MODEL).await;
        let cancel = v1::CancelTrainingRunRequest { name: run.name };
        self.server.model().cancel_training_run(cancel).await.unwrap();
    }

    /// Adds a version and makes it live.
    fn add_version(&mut self) {
        self.grown += 1;
        publish(&self.world, &format!("grown-{}", self.grown));
        promote(&self.world, self.grown);
    }

    /// Returns all entries of a list in one page.
    async fn list_all(&self, list: PagedList) -> Vec<String> {
        let (all, token) = page(&self.server, list, MODEL, 500, "").await.unwrap();
        assert_eq!(token, "");
        all
    }
}

#[tokio::test]
async fn paging_returns_each_run_once_while_runs_are_added() {
    let growing = GrowingModel::new().await;
    for _ in 0..7 {
        growing.add_run().await;
    }
    for size in 1..=8 {
        let before = growing.list_all(PagedList::Runs).await;
        let (mut seen, mut token) = (Vec::new(), String::new());
        loop {
            let (entries, next) = page(&growing.server, PagedList::Runs, MODEL, size, &token).await.unwrap();
            assert!(entries.len() == size as usize || next.is_empty());
            seen.extend(entries);
            if next.is_empty() {
                break;
            }
            token = next;
            if seen.len() < 5 {
                growing.add_run().await;
            }
        }
        assert_eq!(seen, before, "{size}");
    }
    growing.barrier.set_access(BlobAccess::Open);
}

#[tokio::test]
async fn paging_returns_each_version_and_promotion_once_while_versions_are_added() {
    let mut growing = GrowingModel::new().await;
    growing.barrier.set_access(BlobAccess::Open);
    for _ in 0..5 {
        growing.add_version();
    }
    for list in [PagedList::Versions, PagedList::Promotions] {
        for size in 1..=4 {
            let before = growing.list_all(list).await;
            let (mut seen, mut token) = (Vec::new(), String::new());
            loop {
                let (entries, next) = page(&growing.server, list, MODEL, size, &token).await.unwrap();
                seen.extend(entries);
                if next.is_empty() {
                    break;
                }
                token = next;
                growing.add_version();
            }
            assert_eq!(seen, before, "{list:?} {size}");
        }
    }
}

#[tokio::test]
async fn a_page_token_is_valid_for_one_list() {
    let mut growing = GrowingModel::new().await;
    for _ in 0..3 {
        growing.add_run().await;
    }
    growing.barrier.set_access(BlobAccess::Open);
    for _ in 0..3 {
        growing.add_version();
    }
    let server = &growing.server;
    for from in LISTS {
        let (first, token) = page(server, from, MODEL, 1, "").await.unwrap();
        assert!(!token.is_empty());
        for to in LISTS {
            for parent in [MODEL, OTHER_MODEL] {
                let result = page(server, to, parent, 1, &token).await;
                if from == to && parent == MODEL {
                    // The page size may change between pages, and a token may be reused.
                    let (second, _) = result.unwrap();
                    let (both, _) = page(server, to, parent, 2, "").await.unwrap();
                    assert_eq!([first.clone(), second].concat(), both);
                } else {
                    assert_refused(result, Code::InvalidArgument, "BAD_PAGE_TOKEN");
                }
            }
        }
    }
}

#[tokio::test]
async fn page_sizes_have_a_default_and_a_maximum() {
    let mut growing = GrowingModel::new().await;
    growing.barrier.set_access(BlobAccess::Open);
    for _ in 0..51 {
        growing.add_version();
    }
    let server = &growing.server;
    for (size, expected) in [(0, 50), (1, 1), (49, 49), (50, 50), (51, 51), (500, 51), (501, 51), (i32::MAX, 51)] {
        let (entries, token) = page(server, PagedList::Versions, MODEL, size, "").await.unwrap();
        assert_eq!((entries.len(), token.is_empty()), (expected, expected == 51));
    }
    for size in [-1, i32::MIN] {
        for list in LISTS {
            assert_refused(page(server, list, MODEL, size, "").await, Code::InvalidArgument, "INVALID_PAGE_SIZE");
        }
    }
    let (entries, _) = page(server, PagedList::Versions, MODEL, 500, "").await.unwrap();
    let expected: Vec<_> = (1..=51).rev().map(|number| format!("{MODEL}/versions/{number}")).collect();
    assert_eq!(entries, expected);
}
