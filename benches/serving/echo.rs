//! Baseline servers, which read the bytes of a request and answer with a constant, without decoding.

use std::convert::Infallible;
use std::future::{Future, Ready, ready};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::task::{Context, Poll};

use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo};
use prost::bytes::{Buf as _, BufMut as _, Bytes};
use tokio::net::TcpListener;
use tonic::Status;
use tonic::body::Body;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::codegen::Service;
use tonic::codegen::http::{HeaderMap, HeaderValue, Request, Response};
use tonic::server::{Grpc, NamedService, UnaryService};
use tonic::transport::server::TcpIncoming;
use tonic::transport::{Identity, Server, ServerTlsConfig};

use crate::client::grpc_frame;
use crate::encryption::{self, FILES};

/// Serves with tonic and its default settings.
pub(crate) async fn serve_tonic(port: u16, bytes: usize, certificate: Option<&Path>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.unwrap();
    let incoming = TcpIncoming::from(listener).with_nodelay(Some(true));
    let echo = Echo(Bytes::from(vec![0; bytes]));
    let mut server = Server::builder();
    if let Some(folder) = certificate {
        let [certificate, key] = FILES.map(|name| std::fs::read(folder.join(name)).unwrap());
        let identity = Identity::from_pem(certificate, key);
        server = server.tls_config(ServerTlsConfig::new().identity(identity)).unwrap();
    }
    server.add_service(echo).serve_with_incoming(incoming).await.unwrap();
}

/// The response, as bytes.
#[derive(Clone)]
struct Echo(Bytes);

impl NamedService for Echo {
    const NAME: &'static str = "sweetspot.v1.ScoringService";
}

impl Service<Request<Body>> for Echo {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = std::pin::Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let echo = self.clone();
        Box::pin(async move {
            Ok(Grpc::new(PassthroughCodec).max_decoding_message_size(usize::MAX).unary(echo, request).await)
        })
    }
}

impl UnaryService<Bytes> for Echo {
    type Response = Bytes;
    type Future = Ready<Result<tonic::Response<Bytes>, Status>>;

    fn call(&mut self, _: tonic::Request<Bytes>) -> Self::Future {
        ready(Ok(tonic::Response::new(self.0.clone())))
    }
}

/// A codec for messages that stay bytes.
#[derive(Clone, Copy)]
struct PassthroughCodec;

impl Codec for PassthroughCodec {
    type Encode = Bytes;
    type Decode = Bytes;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for PassthroughCodec {
    type Item = Bytes;
    type Error = Status;

    fn encode(&mut self, item: Bytes, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        buffer.put(item);
        Ok(())
    }
}

impl Decoder for PassthroughCodec {
    type Item = Bytes;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, Status> {
        Ok(Some(buffer.copy_to_bytes(buffer.remaining())))
    }
}

/// Serves with hyper alone, one layer below tonic.
pub(crate) async fn serve_hyper(port: u16, bytes: usize, certificate: Option<&Path>) {
    let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await.unwrap();
    let answer = grpc_frame(&vec![0; bytes]);
    let acceptor = certificate.map(encryption::acceptor);
    loop {
        let (socket, _) = listener.accept().await.unwrap();
        socket.set_nodelay(true).unwrap();
        let answer = answer.clone();
        let service = hyper::service::service_fn(move |request| constant_response(request, answer.clone()));
        let server = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
        match acceptor.clone() {
            None => drop(tokio::spawn(server.serve_connection(TokioIo::new(socket), service))),
            Some(acceptor) => drop(tokio::spawn(async move {
                let socket = acceptor.accept(socket).await.unwrap();
                server.serve_connection(TokioIo::new(socket), service).await
            })),
        }
    }
}

async fn constant_response(request: Request<Incoming>, answer: Bytes) -> Result<Response<ConstantBody>, hyper::Error> {
    use http_body_util::BodyExt as _;
    let _read = request.into_body().collect().await?;
    let mut trailers = HeaderMap::new();
    trailers.insert("grpc-status", HeaderValue::from_static("0"));
    let body = http_body_util::Full::new(answer).with_trailers(ready(Some(Ok(trailers))));
    let mut response = Response::new(body);
    response.headers_mut().insert("content-type", HeaderValue::from_static("application/grpc"));
    Ok(response)
}

type ConstantBody = http_body_util::combinators::WithTrailers<
    http_body_util::Full<Bytes>,
    Ready<Option<Result<HeaderMap, Infallible>>>,
>;
