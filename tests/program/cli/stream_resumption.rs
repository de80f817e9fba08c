//! A list whose stream breaks off is scored as if it had not.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::thread;

use crate::cli::support::Bench;

/// Forwards connections to a server. The first ones are cut after the given numbers of response bytes.
fn start_cutting_proxy(server: SocketAddr, cuts: Vec<usize>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        let mut cuts = cuts.into_iter();
        for client in listener.incoming().map_while(Result::ok) {
            let (server, cut) = (TcpStream::connect(server).unwrap(), cuts.next().unwrap_or(usize::MAX));
            let (mut asking, asked) = (client.try_clone().unwrap(), server.try_clone().unwrap());
            thread::spawn(move || copy_bytes(&mut asking, asked, usize::MAX));
            thread::spawn(move || copy_bytes(&mut { server }, client, cut));
        }
    });
    address
}

fn copy_bytes(from: &mut TcpStream, mut to: TcpStream, most: usize) {
    let (mut buffer, mut left) = ([0; 4096], most);
    while let Ok(bytes @ 1..) = from.read(&mut buffer) {
        let bytes = bytes.min(left);
        if to.write_all(&buffer[..bytes]).is_err() || bytes == left {
            break;
        }
        left -= bytes;
    }
    for end in [from, &to] {
        let _ = end.shutdown(Shutdown::Both);
    }
}

#[test]
fn an_interrupted_stream_resumes_where_it_stopped() {
    let bench = Bench::trained();
    bench.ok("score prospects.csv --mapping mapping.toml -o whole.csv");
    let server = bench.serve();
    let address = server.url.trim_start_matches("http://").parse().unwrap();
    for cuts in [vec![100_000], vec![40_000, 200_000]] {
        let proxy = start_cutting_proxy(address, cuts);
        bench.ok(&format!("score prospects.csv --mapping mapping.toml -o parts.csv --server http://{proxy}"));
        assert_eq!(bench.read("parts.csv"), bench.read("whole.csv"));
    }
}
