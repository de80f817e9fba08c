//! A stream of many accounts as columns: accounts per second, and the memory of the server.
//!
//! The messages are encoded by hand, so that the bench also compiles with versions that have no streaming method.

use std::future::poll_fn;
use std::time::{Duration, Instant};

use h2::SendStream;
use prost::Message as _;
use prost::bytes::Bytes;
use prost::encoding::{WireType, encode_key, encode_varint};

use crate::bed::TestBed;
use crate::client::{CallResult, finish_response, grpc_frame};
use crate::load::median;
use crate::server::ServerProcess;
use crate::table::{self, decimal_text, whole_text};
use crate::wire::wire_table as account_table;

const PATH: &str = "/sweetspot.v1.ScoringService/StreamScores";
const CHUNK: usize = 10_000;

/// The measurements of one stream.
struct StreamSample {
    answer: CallResult,
    seconds: f64,
    /// The memory in MiB, sampled ten times per second.
    memory_mib: Vec<f64>,
    cpu_seconds: f64,
}

/// Runs the section.
pub(crate) async fn run(bed: &TestBed) {
    let table = account_table(bed.accounts.get(..CHUNK).unwrap()).encode_to_vec();
    let chunks = bed.options.stream_accounts.div_ceil(CHUNK);
    let sent = whole_text((chunks * CHUNK) as f64);
    let mut rows = Vec::new();
    for server in bed.start_products().await {
        let idle = server.resident_mib().unwrap_or(f64::NAN);
        let stream = measure_stream(&server, &table, chunks).await;
        if stream.answer.status != 0 {
            println!("\n{}: no stream (status {})", server.name, stream.answer.status);
            continue;
        }
        let accounts = (chunks * CHUNK) as f64;
        let most = stream.memory_mib.iter().copied().fold(f64::NAN, f64::max);
        let memory = [idle, median(stream.memory_mib), most].map(|mib| decimal_text(mib, 1));
        let mut row = vec![server.name.clone(), sent.clone(), decimal_text(stream.seconds, 1)];
        row.extend([whole_text(accounts / stream.seconds), decimal_text(stream.cpu_seconds * 1e6 / accounts, 2)]);
        row.extend(memory);
        row.push(whole_text(stream.answer.bytes as f64 / accounts));
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

async fn measure_stream(server: &ServerProcess, table: &[u8], chunks: usize) -> StreamSample {
    let mut line = server.connect(1).await.remove(0);
    let (start, before) = (Instant::now(), server.cpu_seconds());
    let (answer, sending) = line.start_request(line.request_head(PATH)).await.unwrap();
    tokio::spawn(send_chunks(sending, table.to_vec(), chunks));
    let answered = finish_response(answer);
    tokio::pin!(answered);
    let mut memory = Vec::new();
    let answer = loop {
        tokio::select! {
            answer = &mut answered => break answer.unwrap(),
            () = tokio::time::sleep(Duration::from_millis(100)) => memory.extend(server.resident_mib()),
        }
    };
    let processor = server.cpu_seconds().zip(before).map_or(f64::NAN, |(after, before)| after - before);
    StreamSample { answer, seconds: start.elapsed().as_secs_f64(), memory_mib: memory, cpu_seconds: processor }
}

/// Sends the config and the chunks as fast as the server accepts them. Stops if the server has ended the stream.
async fn send_chunks(mut sending: SendStream<Bytes>, table: Vec<u8>, chunks: usize) -> Option<()> {
    let config = nested_field(1, &[]);
    send_all(&mut sending, grpc_frame(&config)).await?;
    for number in 0..chunks {
        let mut chunk = Vec::with_capacity(table.len() + 16);
        encode_key(1, WireType::Varint, &mut chunk);
        encode_varint(number as u64, &mut chunk);
        chunk.extend(nested_field(3, &table));
        send_all(&mut sending, grpc_frame(&nested_field(2, &chunk))).await?;
    }
    sending.send_data(Bytes::new(), true).ok()
}

/// Encodes a message as a field of another one.
fn nested_field(field: u32, message: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(message.len() + 8);
    encode_key(field, WireType::LengthDelimited, &mut out);
    encode_varint(message.len() as u64, &mut out);
    out.extend(message);
    out
}

async fn send_all(sending: &mut SendStream<Bytes>, mut bytes: Bytes) -> Option<()> {
    while !bytes.is_empty() {
        sending.reserve_capacity(bytes.len());
        let granted = poll_fn(|context| sending.poll_capacity(context)).await?.ok()?;
        sending.send_data(bytes.split_to(granted.min(bytes.len())), false).ok()?;
    }
    Some(())
}
