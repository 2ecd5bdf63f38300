//! A token judged without a call.

use super::Mock;
use crate::journal::Reason;
use crate::wire::Rejection;

impl Mock {
    /// Judges a session's JWT as every call with it is judged first, and changes nothing.
    ///
    /// Asked are the signature, the environment, the signing key's place in its ring, the end by
    /// the environment's clock, and the session (rules J1, J2, J11, J15). Not asked is what a
    /// session may call that still owes a second factor. For tests of a backend that reads such
    /// tokens by itself: it should come to the same verdict, but for what only the service knows.
    ///
    /// ```
    /// use mock_server::{Mock, Options};
    /// let mock = Mock::new(Options::default()).unwrap();
    /// let world = mock.fresh_environment().unwrap();
    /// assert_eq!(mock.judge_token(&world.id(), "a.b.c").unwrap_err().rule, "J1");
    /// ```
    ///
    /// # Errors
    /// The rule that refuses the token, and why, in the words of the journal.
    pub fn judge_token(&self, environment: &str, token: &str) -> Result<(), Reason> {
        let hosted = environment.parse().ok().and_then(|id| self.hosted(id));
        let hosted = hosted.ok_or_else(|| reason(&Rejection::UnknownEnvironment))?;
        let opened = self.0.sealer.open_bearer(token);
        let caller = opened.map_err(|problem| reason(&Rejection::ForgedToken(problem)))?;
        let world = hosted.world();
        let refusal = world.environment.recognise_session(&caller, world.clock.now()).err();
        refusal.map_or(Ok(()), |refusal| {
            Err(Reason { rule: refusal.rule().to_owned(), reason: refusal.to_string() })
        })
    }
}

fn reason(rejection: &Rejection) -> Reason {
    Reason { rule: rejection.rule().to_owned(), reason: rejection.to_string() }
}
