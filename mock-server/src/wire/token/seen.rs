//! Tokens whose signature was found genuine, so that it is not computed for every call.
//!
//! What is remembered is what a signature vouches for, the claims, and nothing that can change: on
//! every call the engine is asked anew about the environment, the key's place in its ring, the
//! token's end and the session. So a revocation, a retired key or a moved clock works at once, and
//! nothing needs to be taken out here.
//!
//! A token is looked up by the end of its signature, and taken for the one that was seen only if
//! all of it is the same. The newest are kept whole and compared as such; of the others a SHA-256
//! digest of the whole is kept, a tenth of the room, which costs its computation. The oldest give
//! way. Forged tokens are not remembered: whoever sends them must not push out those of others.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use aws_lc_rs::constant_time::verify_slices_are_equal;
use sha2::{Digest as _, Sha256};

/// Tokens that are kept whole: with the bound below, two megabytes as a rule and eight at most.
const WHOLE_MAX: usize = 1_024;
/// The longest token that is remembered; those of this service have one or two kilobytes.
const TOKEN_BYTES_MAX: usize = 8 << 10;

/// The tokens of one service that were found genuine, with their claims.
pub(super) struct Seen<C>(RwLock<Shelves<C>>);

struct Shelves<C> {
    whole: Shelf<(Box<str>, C)>,
    digests: Shelf<([u8; 32], C)>,
}

/// The end of a signature. Genuine ones differ in it; should two not, the newer takes the place.
type Mark = u64;

/// Values by mark; the oldest gives way.
///
/// The values stand in a ring and the table knows places only, because a table that is full and
/// changes all the time doubles itself: so it is a sixth of the room that does.
struct Shelf<V> {
    ring: Vec<(Mark, V)>,
    places: HashMap<Mark, u32>,
    /// Where the next one goes, once the ring is full.
    oldest: usize,
    max: usize,
}

impl<C: Clone> Seen<C> {
    /// Remembers so many tokens at most; none with zero.
    pub(super) fn new(max: usize) -> Self {
        Self(RwLock::new(Shelves {
            whole: Shelf::new(max.min(WHOLE_MAX)),
            digests: Shelf::new(max),
        }))
    }

    /// The claims of a token that was found genuine.
    pub(super) fn find(&self, token: &str) -> Option<C> {
        let mark = mark_of(token)?;
        let (digest, claims) = {
            let shelves = self.0.read().unwrap_or_else(PoisonError::into_inner);
            if let Some((known, claims)) = shelves.whole.get(mark)
                && verify_slices_are_equal(known.as_bytes(), token.as_bytes()).is_ok()
            {
                return Some(claims.clone());
            }
            shelves.digests.get(mark)?.clone()
        };
        verify_slices_are_equal(&digest, &Sha256::digest(token)).is_ok().then_some(claims)
    }

    /// Remembers a token that was found genuine just now.
    pub(super) fn keep(&self, token: &str, claims: C) {
        let Some(mark) = mark_of(token).filter(|_| token.len() <= TOKEN_BYTES_MAX) else { return };
        let (whole, digest) = (Box::from(token), Sha256::digest(token).into());
        let mut shelves = self.0.write().unwrap_or_else(PoisonError::into_inner);
        shelves.whole.put(mark, (whole, claims.clone()));
        shelves.digests.put(mark, (digest, claims));
    }
}

impl<V> Shelf<V> {
    fn new(max: usize) -> Self {
        Self { ring: Vec::new(), places: HashMap::new(), oldest: 0, max }
    }

    fn get(&self, mark: Mark) -> Option<&V> {
        let place = usize::try_from(*self.places.get(&mark)?).ok()?;
        self.ring.get(place).map(|(_, value)| value)
    }

    fn put(&mut self, mark: Mark, value: V) {
        let known = self.places.get(&mark).and_then(|place| usize::try_from(*place).ok());
        let at = match known {
            Some(place) => place,
            None if self.ring.len() < self.max => self.ring.len(),
            None => self.oldest,
        };
        // No place for a shelf that keeps nothing; beyond 32 bits there is none either.
        let Ok(place) = u32::try_from(at) else { return };
        match self.ring.get_mut(at) {
            Some(taken) => {
                self.places.remove(&taken.0);
                *taken = (mark, value);
                if known.is_none() {
                    self.oldest = (at + 1) % self.max;
                }
            }
            None if self.max == 0 => return,
            None => self.ring.push((mark, value)),
        }
        self.places.insert(mark, place);
    }
}

fn mark_of(token: &str) -> Option<Mark> {
    token.as_bytes().last_chunk().map(|bytes| u64::from_le_bytes(*bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A token with a mark of its own.
    fn token(number: usize) -> String {
        format!("header.payload.signature{number:08}")
    }

    #[test]
    fn the_oldest_gives_way_and_the_bound_holds() {
        let seen = Seen::new(3);
        (0..5).for_each(|number| seen.keep(&token(number), number));
        let found: Vec<_> = (0..5).map(|number| seen.find(&token(number))).collect();
        assert_eq!(found, [None, None, Some(2), Some(3), Some(4)]);
        let shelves = seen.0.read().unwrap();
        assert_eq!((shelves.whole.ring.len(), shelves.whole.places.len()), (3, 3));
        assert_eq!((shelves.digests.ring.len(), shelves.digests.places.len()), (3, 3));
    }

    #[test]
    fn a_token_that_is_no_longer_whole_is_known_by_its_digest() {
        let seen = Seen::new(WHOLE_MAX + 10);
        (0..WHOLE_MAX + 10).for_each(|number| seen.keep(&token(number), number));
        assert_eq!(seen.0.read().unwrap().whole.ring.len(), WHOLE_MAX);
        for number in [0, 9, 10, WHOLE_MAX + 9] {
            assert_eq!(seen.find(&token(number)), Some(number));
            assert_eq!(seen.find(&token(number).replace("payload", "pAyload")), None, "{number}");
            assert_eq!(seen.find(&format!("x{}", token(number))), None, "{number}");
        }
    }

    #[test]
    fn two_tokens_of_one_mark_are_told_apart() {
        let seen = Seen::new(9);
        let (one, other) = ("a.b.same-end", "a.c.same-end");
        seen.keep(one, 1);
        assert_eq!((seen.find(one), seen.find(other)), (Some(1), None));
        seen.keep(other, 2);
        assert_eq!((seen.find(one), seen.find(other)), (None, Some(2)));
        assert_eq!(seen.0.read().unwrap().digests.ring.len(), 1);
    }

    #[test]
    fn what_is_too_short_or_too_long_or_unwanted_is_not_kept() {
        let seen = Seen::new(9);
        let long = "x".repeat(TOKEN_BYTES_MAX + 1);
        for token in ["", "a.b.c", &long] {
            seen.keep(token, ());
            assert_eq!(seen.find(token), None);
        }
        let none = Seen::new(0);
        none.keep(&token(1), ());
        assert_eq!(none.find(&token(1)), None);
    }
}
