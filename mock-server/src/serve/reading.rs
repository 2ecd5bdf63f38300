//! Reading a request's body: as much as is allowed, for as long as is reasonable.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, header};
use http_body_util::BodyExt as _;
use hyper::body::{Body as _, Incoming};

use crate::answer::Unread;

/// How long what nobody wants is still read. To close the connection at once would reset it, and
/// a client that is still sending could lose the answer that says why.
const LINGER: Duration = Duration::from_secs(1);

/// What came of reading a body.
pub(super) enum Read {
    Whole(Bytes),
    /// It is not to be had.
    Not(Unread),
    /// The client hung up, or sent no HTTP.
    BrokenOff,
}

/// Reads a body of at most so many bytes, and waits no longer than told.
pub(super) async fn read(
    head: &HeaderMap,
    mut body: Incoming,
    bytes_max: usize,
    wait: Duration,
) -> Read {
    if body.is_end_stream() {
        return Read::Whole(Bytes::new());
    }
    let mut kept = Vec::new();
    let is_announced_too_long = body.size_hint().lower() > bytes_max as u64;
    let read = match is_announced_too_long {
        true => Read::Not(Unread::TooLong),
        false => match tokio::time::timeout(wait, fill(&mut body, &mut kept, bytes_max)).await {
            Ok(Read::Whole(_)) => Read::Whole(Bytes::from(kept)),
            Ok(other) => other,
            Err(_) => Read::Not(Unread::TooLate),
        },
    };
    // Whoever asked first whether the body is wanted has sent none of it.
    if matches!(read, Read::Not(Unread::TooLong)) && !head.contains_key(header::EXPECT) {
        tokio::spawn(tokio::time::timeout(LINGER, async move {
            while let Some(Ok(_)) = body.frame().await {}
        }));
    }
    read
}

/// Reads up to the end, or up to the bound.
async fn fill(body: &mut Incoming, kept: &mut Vec<u8>, bytes_max: usize) -> Read {
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else { return Read::BrokenOff };
        // What is no data are trailers, which mean nothing here.
        let Ok(data) = frame.into_data() else { continue };
        if kept.len() + data.len() > bytes_max {
            return Read::Not(Unread::TooLong);
        }
        kept.extend_from_slice(&data);
    }
    Read::Whole(Bytes::new())
}
