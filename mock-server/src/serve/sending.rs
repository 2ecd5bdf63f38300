//! An answer on its way: late, whole, in half, or not at all.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::Response;
use http_body_util::Full;
use hyper::body::{Body, Frame, SizeHint};

use crate::answer::{Answer, Fate};

/// A fault closes the connection unanswered.
#[derive(Debug, thiserror::Error)]
#[error("dropped by a fault")]
pub(super) struct Dropped;

/// Waits as long as it must, and lets as much arrive as shall.
pub(super) async fn send(answer: Answer) -> Result<Response<Outgoing>, Dropped> {
    let Answer { response, delay, fate } = answer;
    if !delay.is_zero() {
        tokio::time::sleep(delay).await;
    }
    match fate {
        Fate::Deliver => Ok(whole(response)),
        Fate::Drop => Err(Dropped),
        Fate::Truncate(bytes) => Ok(truncated(response, bytes)),
    }
}

/// A response of which all arrives.
pub(super) fn whole(response: Response<Bytes>) -> Response<Outgoing> {
    response.map(|body| Outgoing::Whole(Full::new(body)))
}

/// Announces the whole length, sends a part, and breaks off.
fn truncated(response: Response<Bytes>, bytes: usize) -> Response<Outgoing> {
    let (mut head, body) = response.into_parts();
    head.headers.insert(http::header::CONTENT_LENGTH, body.len().into());
    let part = body.slice(..bytes.min(body.len()));
    let body = BrokenOff { part: Some(part), flushed: false, whole: body.len() as u64 };
    debug_assert!(!body.is_end_stream());
    Response::from_parts(head, Outgoing::BrokenOff(body))
}

/// The body of a response.
pub(super) enum Outgoing {
    Whole(Full<Bytes>),
    BrokenOff(BrokenOff),
}

impl Body for Outgoing {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        match self.get_mut() {
            Self::Whole(body) => Pin::new(body).poll_frame(context).map_err(|never| match never {}),
            Self::BrokenOff(body) => Pin::new(body).poll_frame(context),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Whole(body) => body.is_end_stream(),
            Self::BrokenOff(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(body) => body.size_hint(),
            Self::BrokenOff(body) => body.size_hint(),
        }
    }
}

/// A body that yields one part and then an error, so that the connection closes.
pub(super) struct BrokenOff {
    part: Option<Bytes>,
    flushed: bool,
    whole: u64,
}

impl Body for BrokenOff {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if let Some(part) = self.part.take() {
            return Poll::Ready(Some(Ok(Frame::data(part))));
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

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.whole)
    }
}
