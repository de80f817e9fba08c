//! One stream of many accounts, by columns: accounts a second, and the server's memory meanwhile.
//!
//! The bytes of the messages are put together here, so that the bench builds also where nothing streams yet.

use std::future::poll_fn;
use std::time::{Duration, Instant};

use h2::SendStream;
use prost::Message as _;
use prost::bytes::Bytes;
use prost::encoding::{WireType, encode_key, encode_varint};

use crate::bed::Bed;
use crate::client::{Answer, finish, frame};
use crate::load::median;
use crate::server::Server;
use crate::table::{self, decimal, whole};
use crate::wire::table as account_table;

const PATH: &str = "/sweetspot.v1.ScoringService/StreamScores";
const CHUNK: usize = 10_000;

/// What one stream showed.
struct Streamed {
    answer: Answer,
    seconds: f64,
    /// MiB, ten times a second.
    memory: Vec<f64>,
    processor: f64,
}

/// Runs the section.
pub(crate) async fn run(bed: &Bed) {
    let table = account_table(bed.accounts.get(..CHUNK).unwrap()).encode_to_vec();
    let chunks = bed.options.stream_accounts.div_ceil(CHUNK);
    let sent = whole((chunks * CHUNK) as f64);
    let mut rows = Vec::new();
    for server in bed.start_products().await {
        let idle = server.resident().unwrap_or(f64::NAN);
        let stream = one(&server, &table, chunks).await;
        if stream.answer.status != 0 {
            println!("\n{}: no stream (status {})", server.name, stream.answer.status);
            continue;
        }
        let accounts = (chunks * CHUNK) as f64;
        let most = stream.memory.iter().copied().fold(f64::NAN, f64::max);
        let memory = [idle, median(stream.memory), most].map(|mib| decimal(mib, 1));
        let mut row = vec![server.name.clone(), sent.clone(), decimal(stream.seconds, 1)];
        row.extend([whole(accounts / stream.seconds), decimal(stream.processor * 1e6 / accounts, 2)]);
        row.extend(memory);
        row.push(whole(stream.answer.bytes as f64 / accounts));
        rows.push(row);
    }
    let columns = [
        "server",
        "accounts",
        "s",
        "accounts/s",
        "CPU µs an account",
        "idle MiB",
        "median MiB",
        "most MiB",
        "bytes an answer",
    ];
    if !rows.is_empty() {
        table::print("One stream, columns of 10,000 a chunk", &columns, &rows);
    }
}

async fn one(server: &Server, table: &[u8], chunks: usize) -> Streamed {
    let mut line = server.lines(1).await.remove(0);
    let (start, before) = (Instant::now(), server.processor());
    let (answer, sending) = line.begin(line.head(PATH)).await.unwrap();
    tokio::spawn(send(sending, table.to_vec(), chunks));
    let answered = finish(answer);
    tokio::pin!(answered);
    let mut memory = Vec::new();
    let answer = loop {
        tokio::select! {
            answer = &mut answered => break answer.unwrap(),
            () = tokio::time::sleep(Duration::from_millis(100)) => memory.extend(server.resident()),
        }
    };
    let processor = server.processor().zip(before).map_or(f64::NAN, |(after, before)| after - before);
    Streamed { answer, seconds: start.elapsed().as_secs_f64(), memory, processor }
}

/// Sends the config and the chunks as fast as the server takes them. A server that has ended the stream gets no more.
async fn send(mut sending: SendStream<Bytes>, table: Vec<u8>, chunks: usize) -> Option<()> {
    let config = nested(1, &[]);
    push(&mut sending, frame(&config)).await?;
    for number in 0..chunks {
        let mut chunk = Vec::with_capacity(table.len() + 16);
        encode_key(1, WireType::Varint, &mut chunk);
        encode_varint(number as u64, &mut chunk);
        chunk.extend(nested(3, &table));
        push(&mut sending, frame(&nested(2, &chunk))).await?;
    }
    sending.send_data(Bytes::new(), true).ok()
}

/// A message as a field of another.
fn nested(field: u32, message: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(message.len() + 8);
    encode_key(field, WireType::LengthDelimited, &mut out);
    encode_varint(message.len() as u64, &mut out);
    out.extend(message);
    out
}

async fn push(sending: &mut SendStream<Bytes>, mut bytes: Bytes) -> Option<()> {
    while !bytes.is_empty() {
        sending.reserve_capacity(bytes.len());
        let granted = poll_fn(|context| sending.poll_capacity(context)).await?.ok()?;
        sending.send_data(bytes.split_to(granted.min(bytes.len())), false).ok()?;
    }
    Some(())
}
