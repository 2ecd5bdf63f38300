//! The message that a wallet signs: the lines of ERC-4361, as far as the SDK writes them.
//!
//! The SDK puts two lines in front (`… wants you to sign in with your … account:` and the
//! address), then a sentence for people, then a block of `Key: value` lines.

use jiff::Timestamp;

use super::address::EvmAddress;
use crate::id::EnvironmentId;
use crate::policy::MessageCheck;

/// Longer than any message that the SDK builds; an app's name is the only part without a bound.
const LENGTH_MAX: usize = 8 << 10;

/// What is wrong with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MessageFlaw {
    /// No nonce, or more than one.
    #[error("it names no nonce, or more than one")]
    Nonce,
    /// Longer than 8 KiB.
    #[error("it is longer than 8 KiB")]
    Length,
    /// The first line is not that of a sign-in message.
    #[error("its first line is not `<domain> wants you to sign in with your <chain> account:`")]
    Preamble,
    /// The second line is not the wallet's address.
    #[error("its second line is not the wallet's address")]
    Address,
    /// `URI` is missing or leads to another host than the domain.
    #[error("its URI is missing or leads to another host than its domain")]
    Uri,
    /// `Version` is not 1.
    #[error("its version is not 1")]
    Version,
    /// `Chain ID` is not a number.
    #[error("its chain id is not a number")]
    ChainId,
    /// A time is not written as RFC 3339 has it.
    #[error("a time in it is not one of RFC 3339")]
    Time,
    /// `Expiration Time` has come.
    #[error("it has expired")]
    Expired,
    /// `Not Before` has not come.
    #[error("it is not valid yet")]
    NotYet,
    /// `Request ID` is another environment.
    #[error("its request id is not this environment")]
    ForeignEnvironment,
    /// The domain is not that of the calling site.
    #[error("its domain is not the host of the calling origin")]
    ForeignDomain,
}

/// The parts of a message that are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SignInMessage<'message> {
    text: &'message str,
    /// The nonce, which must be one that was issued here.
    pub(crate) nonce: &'message str,
}

impl<'message> SignInMessage<'message> {
    /// Reads as much as every check needs: the nonce.
    ///
    /// # Errors
    /// There is none, or more than one, so that nobody could say which one was meant.
    pub(crate) fn read(text: &'message str) -> Result<Self, MessageFlaw> {
        if text.len() > LENGTH_MAX {
            return Err(MessageFlaw::Length);
        }
        let mut nonces = text.lines().filter_map(|line| line.strip_prefix("Nonce: "));
        match (nonces.next(), nonces.next()) {
            (Some(nonce), None) if !nonce.is_empty() => Ok(Self { text, nonce }),
            _ => Err(MessageFlaw::Nonce),
        }
    }

    /// Compares the message with who sends it, to whom, and when.
    ///
    /// # Errors
    /// The first line that does not fit.
    pub(crate) fn check(
        &self,
        address: EvmAddress,
        environment: EnvironmentId,
        origin: Option<&str>,
        check: MessageCheck,
        now: Timestamp,
    ) -> Result<(), MessageFlaw> {
        if check == MessageCheck::NonceOnly {
            return Ok(());
        }
        let mut lines = self.text.lines();
        let first = lines.next().unwrap_or_default();
        let (domain, rest) =
            first.split_once(" wants you to sign in with your ").ok_or(MessageFlaw::Preamble)?;
        if domain.is_empty() || !rest.ends_with(" account:") {
            return Err(MessageFlaw::Preamble);
        }
        let second = lines.next().unwrap_or_default();
        if EvmAddress::parse(second) != Some(address) {
            return Err(MessageFlaw::Address);
        }
        let host = self.field("URI")?.and_then(host_of);
        if host != Some(domain) {
            return Err(MessageFlaw::Uri);
        }
        if self.field("Version")? != Some("1") {
            return Err(MessageFlaw::Version);
        }
        let chain_id = self.field("Chain ID")?;
        if chain_id.is_some_and(|id| id.is_empty() || !id.bytes().all(|b| b.is_ascii_digit())) {
            return Err(MessageFlaw::ChainId);
        }
        self.check_times(now)?;
        let request = self.field("Request ID")?;
        if request.is_some_and(|request| request != environment.to_string()) {
            return Err(MessageFlaw::ForeignEnvironment);
        }
        match (check, origin) {
            (MessageCheck::SameOrigin, origin) if origin.and_then(host_of) != Some(domain) => {
                Err(MessageFlaw::ForeignDomain)
            }
            _ => Ok(()),
        }
    }

    /// `Issued At` is only read: the client's clock need not be that of this world.
    fn check_times(&self, now: Timestamp) -> Result<(), MessageFlaw> {
        let time = |name: &str| -> Result<Option<Timestamp>, MessageFlaw> {
            let text = self.field(name)?;
            text.map(|text| text.parse().map_err(|_| MessageFlaw::Time)).transpose()
        };
        time("Issued At")?;
        if time("Expiration Time")?.is_some_and(|end| now >= end) {
            return Err(MessageFlaw::Expired);
        }
        if time("Not Before")?.is_some_and(|start| now < start) {
            return Err(MessageFlaw::NotYet);
        }
        Ok(())
    }

    /// A field of the last block, which no sentence of an app can reach into.
    fn field(&self, name: &str) -> Result<Option<&'message str>, MessageFlaw> {
        let block = self.text.rsplit_once("\n\n").map_or(self.text, |(_, block)| block);
        let value = |line: &'message str| line.strip_prefix(name)?.strip_prefix(": ");
        let mut values = block.lines().filter_map(value);
        match (values.next(), values.next()) {
            (value, None) => Ok(value),
            (_, Some(_)) => Err(match name {
                "URI" => MessageFlaw::Uri,
                "Version" => MessageFlaw::Version,
                "Chain ID" => MessageFlaw::ChainId,
                "Request ID" => MessageFlaw::ForeignEnvironment,
                _ => MessageFlaw::Time,
            }),
        }
    }
}

/// The host and port of a URI, as a browser's `URL.host` gives them.
fn host_of(uri: &str) -> Option<&str> {
    let (_, rest) = uri.split_once("://")?;
    let host = rest.split(['/', '?', '#']).next()?;
    (!host.is_empty()).then_some(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADDRESS: &str = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";
    const WORLD: &str = "00000000-0000-4000-8000-00000000aaaa";

    fn lines(more: &str) -> String {
        format!(
            "localhost:3000 wants you to sign in with your Ethereum account:\n{ADDRESS}\n\n\
             Welcome.\n\nURI: http://localhost:3000/\nVersion: 1\nChain ID: 1\nNonce: abc{more}"
        )
    }

    fn judge(text: &str, check: MessageCheck) -> Result<(), MessageFlaw> {
        let now = "2030-01-01T12:00:00Z".parse().unwrap();
        let address = EvmAddress::parse(ADDRESS).unwrap();
        let origin = Some("http://localhost:3000");
        SignInMessage::read(text)?.check(address, WORLD.parse().unwrap(), origin, check, now)
    }

    #[test]
    fn a_message_of_the_sdk_is_taken() {
        let more = format!("\nIssued At: 2026-01-01T00:00:00.000Z\nRequest ID: {WORLD}");
        for check in
            [MessageCheck::NonceOnly, MessageCheck::SignInMessage, MessageCheck::SameOrigin]
        {
            assert_eq!(judge(&lines(&more), check), Ok(()));
            let bare = lines(&more).replace("\nWelcome.\n", "").replace("\nChain ID: 1", "");
            assert_eq!(judge(&bare, check), Ok(()));
        }
        let resources = lines("\nResources:\n- https://example.com");
        assert_eq!(judge(&resources, MessageCheck::SignInMessage), Ok(()));
    }

    #[test]
    fn each_line_is_held_against_its_rule() {
        let strict = |text: String| judge(&text, MessageCheck::SignInMessage).unwrap_err();
        let swap = |from: &str, to: &str| {
            let text = lines("");
            assert!(text.contains(from), "{from}");
            strict(text.replacen(from, to, 1))
        };
        assert_eq!(swap("Nonce: abc", "Nonce:"), MessageFlaw::Nonce);
        assert_eq!(swap("Welcome.", "Nonce: other"), MessageFlaw::Nonce);
        assert_eq!(swap("Nonce: abc", "Nonce: "), MessageFlaw::Nonce);
        assert_eq!(swap(" wants you to", " wants"), MessageFlaw::Preamble);
        assert_eq!(swap("localhost:3000 wants", " wants"), MessageFlaw::Preamble);
        assert_eq!(swap("account:", "account"), MessageFlaw::Preamble);
        assert_eq!(swap("0xf39", "0xf38"), MessageFlaw::Address);
        assert_eq!(swap("http://localhost:3000/", "http://localhost/"), MessageFlaw::Uri);
        assert_eq!(swap("URI: http://localhost:3000/\n", ""), MessageFlaw::Uri);
        assert_eq!(swap("Version: 1", "Version: 2"), MessageFlaw::Version);
        assert_eq!(swap("Chain ID: 1", "Chain ID: main"), MessageFlaw::ChainId);
        assert_eq!(swap("Chain ID: 1", "Version: 1"), MessageFlaw::Version);
        assert_eq!(strict(lines("\nIssued At: today")), MessageFlaw::Time);
        assert_eq!(strict(lines("\nRequest ID: other")), MessageFlaw::ForeignEnvironment);
        assert_eq!(strict("x".repeat(8 * 1024 + 1)), MessageFlaw::Length);
    }

    #[test]
    fn times_end_at_the_exact_second() {
        let strict = |more: &str| judge(&lines(more), MessageCheck::SignInMessage);
        assert_eq!(strict("\nExpiration Time: 2030-01-01T12:00:01Z"), Ok(()));
        let expired = "\nExpiration Time: 2030-01-01T12:00:00Z";
        assert_eq!(strict(expired), Err(MessageFlaw::Expired));
        assert_eq!(judge(&lines(expired), MessageCheck::NonceOnly), Ok(()));
        assert_eq!(strict("\nNot Before: 2030-01-01T12:00:00Z"), Ok(()));
        assert_eq!(strict("\nNot Before: 2030-01-01T12:00:01Z"), Err(MessageFlaw::NotYet));
    }

    #[test]
    fn another_site_is_noticed_only_where_that_is_asked_for() {
        let text = lines("").replace("localhost:3000", "evil.example");
        assert_eq!(judge(&text, MessageCheck::SignInMessage), Ok(()));
        assert_eq!(judge(&text, MessageCheck::SameOrigin), Err(MessageFlaw::ForeignDomain));
    }
}
