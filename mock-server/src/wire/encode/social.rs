//! The steps of a social sign-in: pages, redirections, results.

use bytes::Bytes;
use http::Response;
use mfa_engine::SocialOutcome;

use crate::wire::body::social::{LoginUrl, OauthResulted};
use crate::wire::page;
use crate::wire::rejection::respond;
use crate::wire::route::Operation;

pub(super) fn outcome(operation: Operation, outcome: &SocialOutcome) -> Response<Bytes> {
    let resulted = |status, code, error| respond(200, &OauthResulted { status, code, error });
    match outcome {
        SocialOutcome::Located(url) if operation == Operation::OauthLogin => page::found(url),
        SocialOutcome::Located(url) => respond(200, &LoginUrl { url: url.clone() }),
        SocialOutcome::Page(shown) => page::consent(shown),
        SocialOutcome::Consented(consent) => page::consented(consent),
        SocialOutcome::Returned { redirect_url, state, code } => {
            page::returned(redirect_url.as_deref(), state, code.as_ref())
        }
        SocialOutcome::Pending => resulted("pending", None, None),
        SocialOutcome::Completed(code) => resulted("completed", Some(code.reveal()), None),
        SocialOutcome::Refused => resulted("completed", None, Some("access_denied")),
    }
}
