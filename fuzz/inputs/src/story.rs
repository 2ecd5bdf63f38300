//! Requests as a connection would bring them, written down as people write them.
//!
//! ```text
//! POST /api/v0/sdk/{env}/users/mfa/auth/totp
//! authorization: Bearer {bearer}
//!
//! {"code":"{code}"}
//! %%%
//! GET /api/v0/sdk/{env}/users
//! ```

use mock_server::bytes::Bytes;
use mock_server::http::{HeaderName, HeaderValue, Method, Request, Uri};

use crate::scene::{Scene, on_the_first_day};
use crate::spelling::{find, spell};

/// Stands between two requests.
const BREAK: &[u8] = b"\n%%%\n";
/// Requests of one input.
const REQUESTS_MAX: usize = 6;

/// Every request is answered, and every answer is whole.
pub(crate) fn requests(input: &[u8]) {
    on_the_first_day(|scene| {
        let (mut rest, mut state) = (Some(input), scene.first_day.clone());
        for _ in 0..REQUESTS_MAX {
            let Some(text) = rest else { break };
            let end = find(text, BREAK);
            rest = end.map(|end| &text[end + BREAK.len()..]);
            let Some(request) = request(&spell(&text[..end.unwrap_or(text.len())], &scene.words))
            else {
                continue;
            };
            scene.ask(&request, &mut state);
            if has_webhook(scene) {
                // What comes next would be delivered, and a fuzzer must not call on its neighbours.
                break;
            }
        }
    });
}

/// Whether something that happens from now on is sent to somebody.
pub(crate) fn has_webhook(scene: &Scene) -> bool {
    !scene.world.webhooks().is_empty()
}

/// The request that a text describes; none if it would never leave a parser of HTTP.
fn request(text: &[u8]) -> Option<Request<Bytes>> {
    let (head, body) = match find(text, b"\n\n") {
        Some(end) => (&text[..end], &text[end + 2..]),
        None => (text, &[][..]),
    };
    let mut lines = head.split(|byte| *byte == b'\n');
    let first = lines.next()?;
    let space = first.iter().position(|byte| *byte == b' ')?;
    let mut request = Request::new(Bytes::copy_from_slice(body));
    *request.method_mut() = Method::from_bytes(&first[..space]).ok()?;
    *request.uri_mut() = Uri::try_from(&first[space + 1..]).ok()?;
    for line in lines {
        let colon = find(line, b": ")?;
        let name = HeaderName::from_bytes(&line[..colon]).ok()?;
        let value = HeaderValue::from_bytes(&line[colon + 2..]).ok()?;
        request.headers_mut().append(name, value);
    }
    Some(request)
}
