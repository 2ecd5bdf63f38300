//! The lines of a sign-in message: two in front, a sentence for people, and a block of fields.

use jiff::Timestamp;

use super::MessageFlaw;

/// A message, taken apart.
pub(super) struct Lines<'message> {
    pub(super) first: &'message str,
    pub(super) second: &'message str,
    pub(super) block: Block<'message>,
}

/// The fields, in the order in which ERC-4361 has them; each stands there once or not at all.
#[derive(Default)]
pub(super) struct Block<'message> {
    pub(super) uri: Option<&'message str>,
    pub(super) version: Option<&'message str>,
    pub(super) chain_id: Option<&'message str>,
    pub(super) nonce: Option<&'message str>,
    issued_at: Option<&'message str>,
    expires_at: Option<&'message str>,
    not_before: Option<&'message str>,
    pub(super) request_id: Option<&'message str>,
}

/// How each field begins.
const FIELDS: [&str; 8] = [
    "URI: ",
    "Version: ",
    "Chain ID: ",
    "Nonce: ",
    "Issued At: ",
    "Expiration Time: ",
    "Not Before: ",
    "Request ID: ",
];
/// What stands before the resources, which close the block.
const RESOURCES: &str = "Resources:";

impl<'message> Lines<'message> {
    /// Takes a message apart.
    ///
    /// The sentence may have line breaks, since it contains the name of an app; but no line of it
    /// may look like a field, for people would take it for one.
    pub(super) fn of(text: &'message str) -> Result<Self, MessageFlaw> {
        let (front, block) = text.rsplit_once("\n\n").ok_or(MessageFlaw::Lines)?;
        let mut front = front.split('\n');
        let (first, second) = (front.next().unwrap_or_default(), front.next().unwrap_or_default());
        // Behind the address stands an empty line, whether a sentence follows or not. Without one,
        // the empty line is the first half of the break before the block.
        let is_apart = front.next().is_none_or(str::is_empty);
        let is_field = |line: &str| FIELDS.iter().any(|field| line.starts_with(field));
        if first.ends_with('\r') {
            return Err(MessageFlaw::Preamble);
        }
        if !is_apart || front.any(|line| is_field(line) || line == RESOURCES) {
            return Err(MessageFlaw::Lines);
        }
        Ok(Self { first, second, block: Block::of(block)? })
    }
}

impl<'message> Block<'message> {
    fn of(text: &'message str) -> Result<Self, MessageFlaw> {
        let mut lines = text.split('\n').peekable();
        let mut field = |place: usize| {
            let line = lines.peek()?.strip_prefix(*FIELDS.get(place)?)?;
            lines.next();
            Some(line)
        };
        let block = Self {
            uri: field(0),
            version: field(1),
            chain_id: field(2),
            nonce: field(3),
            issued_at: field(4),
            expires_at: field(5),
            not_before: field(6),
            request_id: field(7),
        };
        // What is left was in no place of its own: a second field, one that is none, an empty line.
        match lines.next() {
            None => Ok(block),
            Some(RESOURCES) if lines.all(|line| line.starts_with("- ")) => Ok(block),
            Some(_) => Err(MessageFlaw::Lines),
        }
    }

    /// `Issued At` is only read: the client's clock need not be that of this world.
    pub(super) fn check_times(&self, now: Timestamp) -> Result<(), MessageFlaw> {
        let time = |text: Option<&str>| -> Result<Option<Timestamp>, MessageFlaw> {
            text.map(|text| text.parse().map_err(|_| MessageFlaw::Time)).transpose()
        };
        time(self.issued_at)?;
        if time(self.expires_at)?.is_some_and(|end| now >= end) {
            return Err(MessageFlaw::Expired);
        }
        if time(self.not_before)?.is_some_and(|start| now < start) {
            return Err(MessageFlaw::NotYet);
        }
        Ok(())
    }
}
