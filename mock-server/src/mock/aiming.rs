//! From a request to its environment and its operation, or to why there is none.

use std::sync::Arc;

use bytes::Bytes;
use http::Request;

use super::{Mock, MockError};
use crate::answer::Unread;
use crate::hosted::Hosted;
use crate::wire::route::Target;
use crate::wire::{self, Rejection};

impl Mock {
    /// Finds the operation and the environment of a request.
    pub(super) fn aim<'request>(
        &self,
        request: &'request Request<Bytes>,
    ) -> (Option<Arc<Hosted>>, Result<Target<'request>, Rejection>) {
        let target = match wire::recognise(request) {
            Ok(target) => target,
            Err(rejection) => {
                // A known world notes down what was asked of it in vain.
                let id = request.uri().path().split('/').nth(4).and_then(|id| id.parse().ok());
                return (id.and_then(|id| self.hosted(id)), Err(rejection));
            }
        };
        if let Err(unwritten) = self.is_sound() {
            return (None, Err(Rejection::Unwritten(unwritten)));
        }
        let Some(environment) = target.environment else { return (None, Ok(target)) };
        let hosted = match (self.hosted(environment), self.0.strict) {
            (Some(hosted), _) => Ok(hosted),
            // An environment that does not exist has no API token that could open it, so an
            // administrator's request makes none.
            (None, _) if target.is_for_administrators => return (None, Ok(target)),
            (None, true) => Err(Rejection::UnknownEnvironment),
            (None, false) => self.hosted_or_new(environment).map_err(|error| match error {
                MockError::Unwritten(unwritten) => Rejection::Unwritten(unwritten),
                _ => Rejection::TooManyEnvironments { max: self.0.environments_max },
            }),
        };
        let unread = request.extensions().get::<Unread>().copied();
        match hosted {
            Err(rejection) => (None, Err(rejection)),
            Ok(hosted) if unread == Some(Unread::TooLate) => {
                (Some(hosted), Err(Rejection::BodyUnsent))
            }
            Ok(hosted) if unread.is_some() || request.body().len() > self.0.body_bytes_max => {
                (Some(hosted), Err(Rejection::BodyTooLong { max: self.0.body_bytes_max }))
            }
            Ok(hosted) => (Some(hosted), Ok(target)),
        }
    }
}
