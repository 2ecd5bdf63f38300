//! The message that a wallet signs: the lines of ERC-4361, as far as the SDK writes them.
//!
//! The SDK puts two lines in front (`… wants you to sign in with your … account:` and the
//! address), then a sentence for people, then a block of `Key: value` lines. The block is read
//! whole and in its order, so that nothing can be said to people in one place and to the service
//! in another.

mod lines;

use jiff::Timestamp;

use self::lines::Lines;
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
    /// The lines are others than those of ERC-4361, or stand in another order.
    #[error("its lines are not those of ERC-4361, each once and in their order")]
    Lines,
    /// `Request ID` is missing or another environment.
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
        let Lines { first, second, block } = Lines::of(self.text)?;
        let (domain, rest) =
            first.split_once(" wants you to sign in with your ").ok_or(MessageFlaw::Preamble)?;
        let is_host = !domain.is_empty() && domain.bytes().all(|byte| byte.is_ascii_graphic());
        if !is_host || !rest.ends_with(" account:") {
            return Err(MessageFlaw::Preamble);
        }
        if EvmAddress::parse(second) != Some(address) {
            return Err(MessageFlaw::Address);
        }
        if block.uri.and_then(host_of) != Some(domain) {
            return Err(MessageFlaw::Uri);
        }
        if block.version != Some("1") {
            return Err(MessageFlaw::Version);
        }
        let is_number = |id: &str| !id.is_empty() && id.bytes().all(|b| b.is_ascii_digit());
        if block.chain_id.is_some_and(|id| !is_number(id)) {
            return Err(MessageFlaw::ChainId);
        }
        if block.nonce != Some(self.nonce) {
            return Err(MessageFlaw::Nonce);
        }
        block.check_times(now)?;
        if block.request_id != Some(environment.to_string().as_str()) {
            return Err(MessageFlaw::ForeignEnvironment);
        }
        match (check, origin) {
            (MessageCheck::SameOrigin, origin) if origin.and_then(host_of) != Some(domain) => {
                Err(MessageFlaw::ForeignDomain)
            }
            _ => Ok(()),
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
             Welcome.\n\nURI: http://localhost:3000/\nVersion: 1\nChain ID: 1\nNonce: abc{more}\n\
             Request ID: {WORLD}"
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
        let more = "\nIssued At: 2026-01-01T00:00:00.000Z";
        for check in
            [MessageCheck::NonceOnly, MessageCheck::SignInMessage, MessageCheck::SameOrigin]
        {
            assert_eq!(judge(&lines(more), check), Ok(()));
            let bare = lines(more).replace("Welcome.\n", "").replace("\nChain ID: 1", "");
            assert_eq!(judge(&bare, check), Ok(()));
            // The SDK joins resources with commas, and an app's name may be anything.
            let resources = lines(more) + "\nResources:\n- https://example.com,\n- ipfs://x";
            assert_eq!(judge(&resources, check), Ok(()));
            let odd = lines(more).replace("Welcome.", "Welcome to\n\nmy app: URI");
            assert_eq!(judge(&odd, check), Ok(()));
        }
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
        assert_eq!(strict(lines("\nIssued At: today")), MessageFlaw::Time);
        assert_eq!(swap(WORLD, "other"), MessageFlaw::ForeignEnvironment);
        let request_id = format!("\nRequest ID: {WORLD}");
        assert_eq!(swap(&request_id, ""), MessageFlaw::ForeignEnvironment);
        assert_eq!(swap("localhost:3000 wants", "evil  x wants"), MessageFlaw::Preamble);
        assert_eq!(strict("x".repeat(8 * 1024 + 1)), MessageFlaw::Length);
    }

    #[test]
    fn nothing_hides_in_another_place_or_order() {
        let strict = |text: &str| judge(text, MessageCheck::SignInMessage);
        let (good, swap) = (lines(""), |from: &str, to: &str| {
            let text = lines("");
            assert!(text.contains(from), "{from}");
            strict(&text.replace(from, to))
        });
        assert_eq!(strict(&good), Ok(()));
        let nonce_in_the_statement =
            good.replace("\nNonce: abc", "").replace("Welcome.", "Nonce: abc");
        for text in [
            nonce_in_the_statement,
            // Another environment and a past time, before a block that says neither.
            good.replace(WORLD, "other") + "\n\nURI: http://localhost:3000/\nVersion: 1",
            good.replace("Welcome.", "Expiration Time: 2001-01-01T00:00:00Z"),
            good.replace("Welcome.", "Welcome.\nURI: http://x/"),
            format!("{good}\n"),
            format!("{good}\n\nfoo"),
            format!("{good}\nfoo"),
            format!("{good}\nVersion: 1"),
            format!("{good}\nResources:\nno resource"),
            good.replace('\n', "\r\n"),
        ] {
            let refused = strict(&text).unwrap_err();
            assert!(matches!(refused, MessageFlaw::Lines | MessageFlaw::Preamble), "{text}");
        }
        assert_eq!(swap("Chain ID: 1", "Version: 1"), Err(MessageFlaw::Lines));
        assert_eq!(
            swap("Version: 1\nChain ID: 1", "Chain ID: 1\nVersion: 1"),
            Err(MessageFlaw::Lines)
        );
        assert_eq!(swap("\n\nWelcome", "\nWelcome"), Err(MessageFlaw::Lines));
        // Each of them is still a message with one nonce.
        assert_eq!(judge(&format!("{good}\nfoo"), MessageCheck::NonceOnly), Ok(()));
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
