//! The query of a control request: known names only, values with a type.

use std::time::Duration;

use jiff::Timestamp;
use percent_encoding::percent_decode_str;

use super::Refused;

/// The longest that a call may wait.
const WAIT_MAX: Duration = Duration::from_secs(60);

/// The pairs of a query string.
#[derive(Debug)]
pub(super) struct Query(Vec<(String, String)>);

impl Query {
    /// Reads a query string that may name only these parameters.
    pub(super) fn read(query: Option<&str>, known: &[&str]) -> Result<Self, Refused> {
        let decode = |text: &str| {
            let text = text.replace('+', " ");
            percent_decode_str(&text).decode_utf8_lossy().into_owned()
        };
        let mut pairs = Vec::new();
        for pair in query.unwrap_or_default().split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            if !known.contains(&name) {
                let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
                let error = format!("unknown parameter `{name}`; this call knows {known}");
                return Err(Refused::bad_request(error));
            }
            pairs.push((name.to_owned(), decode(value)));
        }
        Ok(Self(pairs))
    }

    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.0.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub(super) fn number(&self, name: &str) -> Result<Option<u64>, Refused> {
        self.parsed(name, "a whole number")
    }

    /// A time; a `+` of its offset may have become a blank on the way, as in any query.
    pub(super) fn time(&self, name: &str) -> Result<Option<Timestamp>, Refused> {
        match self.text(name) {
            None => Ok(None),
            Some(text) => text.replace(' ', "+").parse().map(Some).map_err(|_| {
                Refused::bad_request(format!(
                    "{name}: {text:?} is not a time such as 2030-01-01T00:00:00Z"
                ))
            }),
        }
    }

    pub(super) fn flag(&self, name: &str) -> Result<bool, Refused> {
        Ok(self.parsed(name, "true or false")?.unwrap_or(false))
    }

    pub(super) fn wait(&self) -> Result<Duration, Refused> {
        let seconds = self.number("wait")?.unwrap_or(0);
        match Duration::from_secs(seconds) {
            wait if wait <= WAIT_MAX => Ok(wait),
            _ => Err(Refused::bad_request("wait: at most 60 seconds")),
        }
    }

    fn parsed<T: std::str::FromStr>(&self, name: &str, kind: &str) -> Result<Option<T>, Refused> {
        match self.text(name) {
            None => Ok(None),
            Some(text) => text
                .parse()
                .map(Some)
                .map_err(|_| Refused::bad_request(format!("{name}: {text:?} is not {kind}"))),
        }
    }
}
