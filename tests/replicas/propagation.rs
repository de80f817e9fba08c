//! Changes through one server reach all others.

use std::time::{Duration, Instant};

use sweetspot_proto::v1;

use crate::ALONE;
use crate::cluster::{Cluster, LIMIT};
use crate::data::{MODEL, promote, send_import, train, wait};
use crate::load::Load;

const PROMOTIONS: usize = 12;

#[tokio::test(flavor = "multi_thread")]
async fn a_promotion_through_any_server_reaches_all_within_a_second() {
    let _alone = ALONE.lock().await;
    let Some(cluster) = Cluster::start(3).await else { return };
    let versions = cluster.train_two().await;
    let loads: Vec<Load> = cluster.members.iter().map(|member| Load::start(&member.clients)).collect();
    let mut times = Vec::new();
    for number in 0..PROMOTIONS {
        let version = &versions[(number + 1) % 2];
        promote(&cluster.members[number % 3].clients, version).await.unwrap();
        let started = Instant::now();
        for member in &cluster.members {
            member.until_live(version).await;
        }
        times.push(started.elapsed());
    }
    for load in loads {
        assert_eq!(load.stop().await.versions.len(), 2);
    }
    times.sort();
    println!(
        "a promotion reached 3 servers in {:?} (median), {:?} (maximum)",
        times[PROMOTIONS / 2],
        times.last().unwrap()
    );
    assert!(*times.last().unwrap() < Duration::from_secs(1), "{times:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn any_server_accepts_and_waits_for_runs_which_are_executed_one_by_one() {
    let _alone = ALONE.lock().await;
    let Some(cluster) = Cluster::start(3).await else { return };
    let tasks: Vec<_> = (0..9)
        .map(|number| {
            let (to, other) =
                (cluster.members[number % 3].clients.clone(), cluster.members[(number + 1) % 3].clients.clone());
            tokio::spawn(async move {
                // Runs of one model are made one after the other.
                loop {
                    match send_import(&to, number).await {
                        Err(status) if status.code() == tonic::Code::Aborted => {}
                        imported => break drop(imported.unwrap()),
                    }
                }
                let started = Instant::now();
                let run = loop {
                    match train(&to).await {
                        Ok(run) => break run,
                        Err(status) => assert!(started.elapsed() < LIMIT, "{status}"),
                    }
                };
                wait(&other, &run.name).await.unwrap()
            })
        })
        .collect();
    let mut published = Vec::new();
    for task in tasks {
        let run = task.await.unwrap();
        assert_eq!(run.state(), v1::training_run::State::Succeeded, "{run:?}");
        published.push(run.model_version);
    }
    published.sort_unstable();
    let expected: Vec<String> = (1..=9).map(|number| format!("{MODEL}/versions/{number}")).collect();
    assert_eq!(published, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_api_key_of_one_server_is_known_to_all_within_a_second() {
    let _alone = ALONE.lock().await;
    let Some(cluster) = Cluster::start(3).await else { return };
    for number in 0..6 {
        let key = v1::CreateApiKeyRequest {
            principal: format!("p-{number}"),
            roles: vec!["owner".to_owned()],
            ..Default::default()
        };
        let mut access = cluster.members[number % 3].access.clone();
        let created = access.create_api_key(key).await.unwrap().into_inner().key.unwrap();
        let started = Instant::now();
        for member in &cluster.members {
            let listed = async || {
                let request = v1::ListApiKeysRequest { page_size: 100, ..Default::default() };
                member.access.clone().list_api_keys(request).await.unwrap().into_inner().keys
            };
            while !listed().await.iter().any(|key| key.id == created.id) {
                assert!(started.elapsed() < Duration::from_secs(1));
            }
        }
    }
}
