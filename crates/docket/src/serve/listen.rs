//! The listener: bounded connections, bounded heads, and an orderly end.
//!
//! It speaks HTTP/1.1; TLS and HTTP/2 are whatever stands in front of it. A client that sends its head slowly, or none, is
//! cut; slow bodies are bounded where they are read.

use app::settings::process::Limits;
use axum::Router;
use axum::extract::ConnectInfo;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

/// After accepting failed: most failures are of one connection, but a process without free descriptors would spin.
const ACCEPT_AGAIN: Duration = Duration::from_millis(50);

/// Serves until told to stop; then takes no connection more, lets requests under way end within `drain`, and cuts the rest.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    limits: Limits,
    drain: Duration,
    mut stop: watch::Receiver<bool>,
) {
    let room = Arc::new(Semaphore::new(limits.connections));
    let graceful = GracefulShutdown::new();
    loop {
        let accepted = tokio::select! {
            accepted = accept(&listener, &room) => accepted,
            _told = stop.wait_for(|stop| *stop) => break,
        };
        match accepted {
            Ok((stream, peer, permit)) => {
                attend(stream, peer, permit, &router, &limits, &graceful);
            }
            Err(error) => {
                tracing::warn!(error = error.to_string(), "a connection was not accepted");
                tokio::time::sleep(ACCEPT_AGAIN).await;
            }
        }
    }
    drop(listener);
    let left = graceful.count();
    tracing::info!(connections = left, "told to stop; draining");
    if tokio::time::timeout(drain, graceful.shutdown())
        .await
        .is_err()
    {
        tracing::warn!("connections still open are cut");
    }
}

type Accepted = (TcpStream, SocketAddr, OwnedSemaphorePermit);

async fn accept(listener: &TcpListener, room: &Arc<Semaphore>) -> std::io::Result<Accepted> {
    let permit = Arc::clone(room).acquire_owned().await;
    let permit = permit.expect("nobody closes the semaphore");
    let (stream, peer) = listener.accept().await?;
    Ok((stream, peer, permit))
}

fn attend(
    stream: TcpStream,
    peer: SocketAddr,
    permit: OwnedSemaphorePermit,
    router: &Router,
    limits: &Limits,
    graceful: &GracefulShutdown,
) {
    // Answers are small and written at once; waiting to fill a segment costs 40 ms.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(
            error = error.to_string(),
            "a connection keeps Nagle's delay"
        );
    }
    let routes = TowerToHyperService::new(router.clone());
    let service = service_fn(move |mut request: Request<Incoming>| {
        request
            .extensions_mut()
            .insert(ConnectInfo(api::Peer(peer)));
        routes.call(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head)
        .max_buf_size(limits.head_bytes)
        .serve_connection(TokioIo::new(stream), service);
    let connection = graceful.watch(connection);
    tokio::spawn(async move {
        let _permit = permit;
        if let Err(error) = connection.await {
            tracing::debug!(error = error.to_string(), "a connection ended badly");
        }
    });
}
