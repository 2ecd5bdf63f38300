//! What is spoken on a port, plain HTTP or TLS, and who is told of a client that speaks the other.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::net::TcpStream;

#[cfg(feature = "tls")]
use crate::tls::Tls;

/// How long a client may say nothing at all; as long as hyper waits for a head.
const PATIENCE: Duration = Duration::from_secs(30);
/// What a TLS handshake begins with: the content type of its record (RFC 8446, section 5.1).
const HANDSHAKE: u8 = 0x16;

type Tell = Box<dyn Fn() + Send>;

/// What is spoken on a port. Cheap to clone; plain HTTP by default.
#[derive(Clone, Default)]
pub struct Door(Kind);

#[derive(Clone)]
enum Kind {
    Plain(Option<Arc<Mutex<Option<Tell>>>>),
    #[cfg(feature = "tls")]
    Tls(Tls),
}

impl Default for Kind {
    fn default() -> Self {
        Self::Plain(None)
    }
}

impl std::fmt::Debug for Door {
    /// Says no more than the scheme, since keys are inside.
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_tuple("Door").field(&self.scheme()).finish()
    }
}

impl Door {
    /// Plain HTTP.
    ///
    /// Whoever speaks TLS here gets no answer that it could read, so the first time that happens,
    /// and only then, somebody else is told.
    pub fn plain(tell_of_tls: impl Fn() + Send + 'static) -> Self {
        Self(Kind::Plain(Some(Arc::new(Mutex::new(Some(Box::new(tell_of_tls)))))))
    }

    /// Only https; whoever asks in plain HTTP is told so in an answer.
    #[cfg(feature = "tls")]
    pub fn tls(tls: Tls) -> Self {
        Self(Kind::Tls(tls))
    }

    /// How addresses begin that lead here: `http` or `https`.
    pub fn scheme(&self) -> &'static str {
        match &self.0 {
            Kind::Plain(_) => "http",
            #[cfg(feature = "tls")]
            Kind::Tls(_) => "https",
        }
    }

    /// The TLS that is spoken here, if it is.
    #[cfg(feature = "tls")]
    pub(super) fn as_tls(&self) -> Option<&Tls> {
        match &self.0 {
            Kind::Plain(_) => None,
            Kind::Tls(tls) => Some(tls),
        }
    }

    /// Looks at how a client of a plain port begins, and whether that is TLS.
    pub(super) async fn look_for_tls(&self, stream: &TcpStream) {
        let Kind::Plain(Some(tell)) = &self.0 else { return };
        let is_told = || tell.lock().unwrap_or_else(PoisonError::into_inner).is_none();
        if is_told() {
            return;
        }
        let mut first = [0];
        let peeked = tokio::time::timeout(PATIENCE, stream.peek(&mut first)).await;
        if matches!(peeked, Ok(Ok(1))) && first == [HANDSHAKE] {
            // Taken away, so that nobody is told twice.
            let tell = tell.lock().unwrap_or_else(PoisonError::into_inner).take();
            if let Some(tell) = tell {
                tell();
            }
        }
    }
}
