//! An answer on its way: late, whole, in half, or not at all.

use axum::body::{Body, HttpBody as _};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use http::StatusCode;

use crate::answer::{Answer, Fate};

/// What the connection must do with a response, carried in its extensions.
#[derive(Clone, Copy)]
pub(super) struct Dropped;

/// Waits as long as it must, and lets as much arrive as shall.
pub(super) async fn send(answer: Answer) -> Response {
    let Answer { response, delay, fate } = answer;
    if !delay.is_zero() {
        tokio::time::sleep(delay).await;
    }
    match fate {
        Fate::Deliver => response.map(Body::from),
        Fate::Drop => {
            let mut response = StatusCode::SERVICE_UNAVAILABLE.into_response();
            response.extensions_mut().insert(Dropped);
            response
        }
        Fate::Truncate(bytes) => truncated(response, bytes),
    }
}

/// Announces the whole length, sends a part, and breaks off.
fn truncated(response: http::Response<Bytes>, bytes: usize) -> Response {
    let (mut head, body) = response.into_parts();
    head.headers.insert(http::header::CONTENT_LENGTH, body.len().into());
    let part = body.slice(..bytes.min(body.len()));
    let body = Body::new(BrokenOff { part: Some(part), flushed: false, whole: body.len() as u64 });
    debug_assert!(!body.is_end_stream());
    Response::from_parts(head, body)
}

/// A body that yields one part and then an error, so that the connection closes.
struct BrokenOff {
    part: Option<Bytes>,
    flushed: bool,
    whole: u64,
}

impl hyper::body::Body for BrokenOff {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<hyper::body::Frame<Bytes>, std::io::Error>>> {
        use std::task::Poll;
        if let Some(part) = self.part.take() {
            return Poll::Ready(Some(Ok(hyper::body::Frame::data(part))));
        }
        if !self.flushed {
            // hyper throws away what it has not flushed when a body fails, the head included; it
            // flushes when a body has nothing to say for now.
            self.flushed = true;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(Some(Err(std::io::Error::other("broken off by a fault"))))
    }

    fn size_hint(&self) -> hyper::body::SizeHint {
        hyper::body::SizeHint::with_exact(self.whole)
    }
}
