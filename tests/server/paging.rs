//! Lists in pages, while they grow.

use std::sync::Arc;

use sweetspot::config::Settings;
use sweetspot_proto::v1;
use sweetspot_store::store::MemoryStore;
use tonic::{Code, Status};

use crate::support::gate::{Gate, Reading};
use crate::support::server::{Server, promote, publish, world};
use crate::support::{MODEL, refused};

const OTHER: &str = "workspaces/default/models/other";

/// A list of the model service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum List {
    Runs,
    Versions,
    Promotions,
}

const LISTS: [List; 3] = [List::Runs, List::Versions, List::Promotions];

/// The entries of a page, each by what names it, and the token of the next.
async fn page(
    server: &Server,
    list: List,
    parent: &str,
    page_size: i32,
    page_token: &str,
) -> Result<(Vec<String>, String), Status> {
    let (parent, page_token) = (parent.to_owned(), page_token.to_owned());
    let mut client = server.model();
    Ok(match list {
        List::Runs => {
            let request = v1::ListTrainingRunsRequest { parent, page_size, page_token };
            let page = client.list_training_runs(request).await?.into_inner();
            (page.runs.into_iter().map(|run| run.name).collect(), page.next_page_token)
        }
        List::Versions => {
            let request = v1::ListModelVersionsRequest { parent, page_size, page_token };
            let page = client.list_model_versions(request).await?.into_inner();
            (page.versions.into_iter().map(|version| version.name).collect(), page.next_page_token)
        }
        List::Promotions => {
            let request = v1::ListPromotionsRequest { parent, page_size, page_token };
            let page = client.list_promotions(request).await?.into_inner();
            (page.promotions.into_iter().map(|promotion| promotion.etag).collect(), page.next_page_token)
        }
    })
}

/// A server with some of everything, and a way to add one more of each.
struct Growing {
    server: Server,
    world: sweetspot::app::World,
    gate: Gate,
    grown: u64,
}

impl Growing {
    /// A run of another model holds the worker, so that those of this one wait until they are cancelled.
    async fn new() -> Self {
        let (settings, gate) = (Settings::default(), Gate::over(Arc::new(MemoryStore::new())));
        let world = world(Arc::new(gate.clone()), &settings);
        let server = Server::serve(world.clone(), &settings).await;
        server.import().await;
        gate.set(Reading::Waits);
        server.train(OTHER).await;
        gate.reached().await;
        Self { server, world, gate, grown: 0 }
    }

    /// One more run, while the gate is closed.
    async fn run(&self) {
        let run = self.server.train(MODEL).await;
        let cancel = v1::CancelTrainingRunRequest { name: run.name };
        self.server.model().cancel_training_run(cancel).await.unwrap();
    }

    /// One more version, made live.
    fn version(&mut self) {
        self.grown += 1;
        publish(&self.world, &format!("grown-{}", self.grown));
        promote(&self.world, self.grown);
    }

    /// All that are in a list, in one page.
    async fn all(&self, list: List) -> Vec<String> {
        let (all, token) = page(&self.server, list, MODEL, 500, "").await.unwrap();
        assert_eq!(token, "");
        all
    }
}

#[tokio::test]
async fn a_walk_sees_each_run_once_while_new_ones_come() {
    let growing = Growing::new().await;
    for _ in 0..7 {
        growing.run().await;
    }
    for size in 1..=8 {
        let before = growing.all(List::Runs).await;
        let (mut seen, mut token) = (Vec::new(), String::new());
        loop {
            let (entries, next) = page(&growing.server, List::Runs, MODEL, size, &token).await.unwrap();
            assert!(entries.len() == size as usize || next.is_empty());
            seen.extend(entries);
            if next.is_empty() {
                break;
            }
            token = next;
            if seen.len() < 5 {
                growing.run().await;
            }
        }
        assert_eq!(seen, before, "{size}");
    }
    growing.gate.set(Reading::Open);
}

#[tokio::test]
async fn a_walk_sees_each_version_and_promotion_once_while_new_ones_come() {
    let mut growing = Growing::new().await;
    growing.gate.set(Reading::Open);
    for _ in 0..5 {
        growing.version();
    }
    for list in [List::Versions, List::Promotions] {
        for size in 1..=4 {
            let before = growing.all(list).await;
            let (mut seen, mut token) = (Vec::new(), String::new());
            loop {
                let (entries, next) = page(&growing.server, list, MODEL, size, &token).await.unwrap();
                seen.extend(entries);
                if next.is_empty() {
                    break;
                }
                token = next;
                growing.version();
            }
            assert_eq!(seen, before, "{list:?} {size}");
        }
    }
}

#[tokio::test]
async fn a_token_is_good_for_its_own_list_alone() {
    let mut growing = Growing::new().await;
    for _ in 0..3 {
        growing.run().await;
    }
    growing.gate.set(Reading::Open);
    for _ in 0..3 {
        growing.version();
    }
    let server = &growing.server;
    for from in LISTS {
        let (first, token) = page(server, from, MODEL, 1, "").await.unwrap();
        assert!(!token.is_empty());
        for to in LISTS {
            for parent in [MODEL, OTHER] {
                let result = page(server, to, parent, 1, &token).await;
                if from == to && parent == MODEL {
                    // The size may change on the way, and a token may be used again.
                    let (second, _) = result.unwrap();
                    let (both, _) = page(server, to, parent, 2, "").await.unwrap();
                    assert_eq!([first.clone(), second].concat(), both);
                } else {
                    refused(result, Code::InvalidArgument, "BAD_PAGE_TOKEN");
                }
            }
        }
    }
}

#[tokio::test]
async fn sizes_of_a_page() {
    let mut growing = Growing::new().await;
    growing.gate.set(Reading::Open);
    for _ in 0..51 {
        growing.version();
    }
    let server = &growing.server;
    for (size, expected) in [(0, 50), (1, 1), (49, 49), (50, 50), (51, 51), (500, 51), (501, 51), (i32::MAX, 51)] {
        let (entries, token) = page(server, List::Versions, MODEL, size, "").await.unwrap();
        assert_eq!((entries.len(), token.is_empty()), (expected, expected == 51));
    }
    for size in [-1, i32::MIN] {
        for list in LISTS {
            refused(page(server, list, MODEL, size, "").await, Code::InvalidArgument, "INVALID_PAGE_SIZE");
        }
    }
    let (entries, _) = page(server, List::Versions, MODEL, 500, "").await.unwrap();
    let expected: Vec<_> = (1..=51).rev().map(|number| format!("{MODEL}/versions/{number}")).collect();
    assert_eq!(entries, expected);
}
