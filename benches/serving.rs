//! What a score costs: in process, and over a socket beside the least a call can cost (a health check), in alternating rounds.
//!
//! `cargo bench --bench serving`: 20 attributes a prospect, one server and its client on the same machine.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a bench prints, and stops at the first surprise")]

use std::collections::HashMap;
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sweetspot::app::World;
use sweetspot::clock::SystemClock;
use sweetspot::config::Settings;
use sweetspot::domain::{Account, Alias, Digest, ModelName, RunName, Value};
use sweetspot::generated::v1::{self, attribute_value::Kind, scoring_service_client::ScoringServiceClient};
use sweetspot::ingest::{Mapping, Prospects, Source, read_customers};
use sweetspot::model::{ModelArtifact, Scorer, TrainingSpec, Unattended, train};
use sweetspot::registry::{Promote, RequestKey};
use sweetspot::store::MemoryStore;
use sweetspot::synth;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tonic::transport::Channel;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;

const CALLS: usize = 2_000;
const ROUNDS: usize = 5;

fn main() {
    let mapping = Mapping::parse(synth::MAPPING, "synthetic accounts").unwrap();
    let text = |text: String| Source::new("synthetic.csv", std::io::Cursor::new(text));
    let customers = read_customers(text(synth::customers(1, 5_000)), &mapping).unwrap().customers;
    let start = Instant::now();
    let spec = TrainingSpec { label_policy: mapping.label, ..TrainingSpec::default() };
    let artifact = train(&spec, &customers, Digest::of(b"bench"), &Unattended).unwrap();
    println!("train 5,000 made-up customers: {:.2} s", start.elapsed().as_secs_f64());
    let prospects = Prospects::open(text(synth::prospects(2, 1_000)), &mapping).unwrap();
    let accounts: Vec<Account> = prospects.map(|prospect| prospect.unwrap().unwrap().account).collect();
    in_process(&artifact, &accounts);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(over_a_socket(&artifact, &accounts));
}

fn in_process(artifact: &ModelArtifact, accounts: &[Account]) {
    let scorer = Scorer::compile(artifact).unwrap();
    let each = |name: &str, score: &dyn Fn(&Account)| {
        let mut best = Duration::MAX;
        for _ in 0..20 {
            let start = Instant::now();
            accounts.iter().for_each(score);
            best = best.min(start.elapsed());
        }
        println!("{name} in process: {} ns an account", best.as_nanos() / accounts.len() as u128);
    };
    each("score", &|account| {
        black_box(scorer.score(account));
    });
    each("explain", &|account| {
        black_box(scorer.explain(account));
    });
    // Every attribute is missing: sums, interval and tier are those of any score, and nothing is looked up.
    let empty = Account::default();
    each("score where nothing is known", &|_| {
        black_box(scorer.score(&empty));
    });
}

fn wire(account: &Account) -> v1::Account {
    let kind = |value: &Value| match value {
        Value::Number(number) => Kind::Number(*number),
        Value::Text(text) => Kind::Text(text.clone()),
        Value::Flag(flag) => Kind::Flag(*flag),
        Value::List(values) => Kind::Texts(v1::TextList { values: values.clone() }),
        Value::Date(date) => Kind::Text(date.to_string()),
    };
    let attribute = |(name, value): (&String, &Value)| (name.clone(), v1::AttributeValue { kind: Some(kind(value)) });
    let attributes: HashMap<_, _> = account.attributes.iter().map(attribute).collect();
    v1::Account { account_id: account.id.clone(), attributes }
}

fn request(accounts: &[Account]) -> v1::ScoreAccountsRequest {
    let rows = v1::AccountRows { rows: accounts.iter().map(wire).collect() };
    v1::ScoreAccountsRequest { config: None, accounts: Some(v1::score_accounts_request::Accounts::Rows(rows)) }
}

async fn over_a_socket(artifact: &ModelArtifact, accounts: &[Account]) {
    let settings = Settings::default();
    let world = World::over(Arc::new(MemoryStore::new()), Arc::new(SystemClock), &settings).unwrap();
    make_live(&world, artifact);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(world.serve(listener, settings, std::future::pending()));
    let channel = Channel::from_shared(address).unwrap().connect().await.unwrap();
    for in_flight in [1, 16] {
        let (mut floor, mut score) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            floor.extend(round(in_flight, &channel, None).await);
            score.extend(round(in_flight, &channel, accounts.first()).await);
        }
        report("health check", in_flight, &mut floor);
        report("score one account", in_flight, &mut score);
    }
    list(&channel, accounts).await;
}

fn make_live(world: &World, artifact: &ModelArtifact) {
    let model: ModelName = "workspaces/default/models/default".parse().unwrap();
    let run: RunName = format!("{model}/trainingRuns/bench").parse().unwrap();
    let published = world.registry().publish(&run, artifact).unwrap();
    let promote = Promote {
        version: published.name,
        alias: Alias::Live,
        etag: published.etag,
        override_gates: false,
        reason: String::new(),
        actor: "bench".to_owned(),
        request: RequestKey { id: String::new(), body: Digest::of(b"") },
    };
    world.registry().promote(&promote).unwrap();
}

/// The time of each call of one round; a health check where there is no account.
async fn round(in_flight: usize, channel: &Channel, account: Option<&Account>) -> Vec<(Duration, Duration)> {
    let mut tasks = JoinSet::new();
    let start = Instant::now();
    for _ in 0..in_flight {
        let (mut health, mut scoring) =
            (HealthClient::new(channel.clone()), ScoringServiceClient::new(channel.clone()));
        let request = account.map(|account| request(std::slice::from_ref(account)));
        tasks.spawn(async move {
            let mut times = Vec::with_capacity(CALLS / in_flight);
            for _ in 0..CALLS / in_flight {
                let start = Instant::now();
                match &request {
                    Some(request) => drop(scoring.score_accounts(request.clone()).await.unwrap()),
                    None => drop(health.check(HealthCheckRequest::default()).await.unwrap()),
                }
                times.push(start.elapsed());
            }
            times
        });
    }
    let times: Vec<Duration> = tasks.join_all().await.concat();
    let each = start.elapsed() / u32::try_from(times.len()).unwrap();
    times.into_iter().map(|time| (time, each)).collect()
}

fn report(name: &str, in_flight: usize, calls: &mut [(Duration, Duration)]) {
    let each: Duration = calls.iter().map(|(_, each)| *each).sum::<Duration>() / u32::try_from(calls.len()).unwrap();
    calls.sort_unstable();
    let quantile = |share: f64| calls.get((share * (calls.len() - 1) as f64) as usize).unwrap().0.as_micros();
    let rate = 1.0 / each.as_secs_f64();
    println!("{name}, {in_flight} in flight: {rate:.0} calls/s, p50 {} µs, p99 {} µs", quantile(0.5), quantile(0.99));
}

async fn list(channel: &Channel, accounts: &[Account]) {
    let mut scoring = ScoringServiceClient::new(channel.clone());
    let request = request(accounts);
    let mut best = Duration::MAX;
    for _ in 0..20 {
        let start = Instant::now();
        scoring.score_accounts(request.clone()).await.unwrap();
        best = best.min(start.elapsed());
    }
    println!(
        "score {} accounts in one call: {:.0} accounts/s",
        accounts.len(),
        accounts.len() as f64 / best.as_secs_f64()
    );
}
