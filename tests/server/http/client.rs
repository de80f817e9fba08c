//! An HTTP client that sends any bytes, valid or not.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

/// A TCP connection to the server.
pub(crate) struct HttpClient(pub(crate) BufReader<TcpStream>);

/// A response.
#[derive(Debug)]
pub(crate) struct HttpResponse {
    pub(crate) status: u16,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) text: String,
}

impl HttpResponse {
    pub(crate) fn json(&self) -> Value {
        assert_eq!(self.headers["content-type"], "application/json", "{self:?}");
        serde_json::from_str(&self.text).unwrap()
    }

    /// The only detail of this type.
    pub(crate) fn detail(&self, kind: &str) -> Option<Value> {
        let json = self.json();
        let details = json["error"]["details"].as_array()?.iter();
        let kind = format!("type.googleapis.com/google.rpc.{kind}");
        let mut found = details.filter(|detail| detail["@type"] == kind.as_str());
        let first = found.next().cloned();
        assert!(found.next().is_none(), "{kind} twice");
        first
    }

    /// Checks what all errors have in common, and returns the name of the status and the reason.
    pub(crate) fn error(&self) -> (String, String) {
        let error = &self.json()["error"];
        assert_eq!(error["code"], self.status, "{self:?}");
        assert!(error["message"].as_str().unwrap().len() > 10, "{self:?}");
        let info = self.detail("ErrorInfo").unwrap();
        assert_eq!(info["domain"], "sweetspot");
        (error["status"].as_str().unwrap().to_owned(), info["reason"].as_str().unwrap().to_owned())
    }

    /// The fields that an error names.
    pub(crate) fn fields(&self) -> Vec<String> {
        let Some(request) = self.detail("BadRequest") else { return Vec::new() };
        let violations = request["fieldViolations"].as_array().unwrap().iter();
        violations.map(|violation| violation["field"].as_str().unwrap().to_owned()).collect()
    }
}

impl HttpClient {
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        Self(BufReader::new(TcpStream::connect(address).await.unwrap()))
    }

    pub(crate) async fn send(&mut self, bytes: &[u8]) {
        self.0.get_mut().write_all(bytes).await.unwrap();
    }

    /// Reads the next response; `None` if the server has closed the connection.
    pub(crate) async fn read_response(&mut self) -> Option<HttpResponse> {
        let mut first = String::new();
        if self.0.read_line(&mut first).await.unwrap_or(0) == 0 {
            return None;
        }
        let status = first.split(' ').nth(1).unwrap().parse().unwrap();
        let mut headers = BTreeMap::new();
        loop {
            let mut line = String::new();
            self.0.read_line(&mut line).await.unwrap();
            let Some((name, value)) = line.trim_end().split_once(": ") else { break };
            headers.insert(name.to_ascii_lowercase(), value.to_owned());
        }
        let length = headers.get("content-length").map_or(0, |length: &String| length.parse().unwrap());
        let mut body = vec![0; length];
        self.0.read_exact(&mut body).await.unwrap();
        Some(HttpResponse { status, headers, text: String::from_utf8(body).unwrap() })
    }

    pub(crate) async fn get(&mut self, path: &str) -> HttpResponse {
        self.send(format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n").as_bytes()).await;
        self.read_response().await.unwrap()
    }

    /// Sends a request with a JSON body.
    pub(crate) async fn request(&mut self, verb: &str, path: &str, body: &str) -> HttpResponse {
        let request = post_request(path, "content-type: application/json\r\n", body).replacen("POST", verb, 1);
        self.send(request.as_bytes()).await;
        self.read_response().await.unwrap()
    }

    pub(crate) async fn post(&mut self, path: &str, body: &str) -> HttpResponse {
        self.send(post_request(path, "content-type: application/json\r\n", body).as_bytes()).await;
        self.read_response().await.unwrap()
    }
}

/// A request with these header lines, plus its content length.
pub(crate) fn post_request(path: &str, headers: &str, body: &str) -> String {
    format!("POST {path} HTTP/1.1\r\nhost: localhost\r\n{headers}content-length: {}\r\n\r\n{body}", body.len())
}
