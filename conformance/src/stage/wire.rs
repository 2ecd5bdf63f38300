//! The second witness: what the service saw.

use super::ledger::Scribe;
use super::seen::{Exchange, Seen};
use super::{Finding, Halt, operation};

/// The SDK's exchanges during a step or a whole case, in order.
///
/// Raw requests of the case itself and browser preflights are left out. Operations are named by
/// the API's operation id; an unknown name ends the case as the suite's own mistake, so that a
/// misspelt `never` cannot pass.
#[derive(Clone)]
pub struct Wire {
    pub(super) exchanges: Vec<Exchange>,
    pub(super) step: Option<u64>,
    pub(super) scribe: Scribe,
    pub(super) tag: Option<&'static str>,
}

impl Wire {
    /// Ties the expectations to one requirement that the case proves.
    #[must_use]
    pub fn proves(mut self, requirement: &'static str) -> Self {
        self.tag = Some(requirement);
        self
    }

    /// How often the operation was asked for.
    ///
    /// # Errors
    /// The operation does not exist.
    pub fn count(&self, operation: &str) -> Result<usize, Halt> {
        Ok(self.of(operation)?.count())
    }

    /// Expects that the operation was asked for exactly so often.
    ///
    /// # Errors
    /// Halts on another number.
    pub fn exactly(&self, times: usize, operation: &str) -> Result<(), Halt> {
        let got = self.count(operation)?;
        self.check(operation, &format!("{times}×"), &format!("{got}×"), got == times)
    }

    /// Expects that the operation was never asked for.
    ///
    /// # Errors
    /// Halts when it was.
    pub fn never(&self, operation: &str) -> Result<(), Halt> {
        self.exactly(0, operation)
    }

    /// Expects that nothing at all was asked for.
    ///
    /// # Errors
    /// Halts when the service saw a request.
    pub fn silent(&self) -> Result<(), Halt> {
        let seen: Vec<String> = self.exchanges.iter().map(name).collect();
        let got = if seen.is_empty() { "no request".to_owned() } else { seen.join(", ") };
        self.check("silence", "no request", &got, seen.is_empty())
    }

    /// Expects that these operations were asked for in this order, others in between or not.
    ///
    /// # Errors
    /// Halts when the order is another.
    pub fn in_order(&self, operations: &[&str]) -> Result<(), Halt> {
        operations.iter().try_for_each(|wanted| operation::known(wanted))?;
        let mut wanted = operations.iter().peekable();
        for exchange in &self.exchanges {
            wanted.next_if(|wanted| exchange.operation.as_deref() == Some(**wanted));
        }
        let seen: Vec<String> = self.exchanges.iter().map(name).collect();
        self.check("order", &operations.join(", "), &seen.join(", "), wanted.peek().is_none())
    }

    /// The last exchange of the operation; there must be one.
    ///
    /// # Errors
    /// Halts when there was none.
    pub fn last(&self, operation: &str) -> Result<Seen, Halt> {
        let found = self.of(operation)?.last().cloned();
        self.check(
            operation,
            "asked for",
            if found.is_some() { "1×" } else { "0×" },
            found.is_some(),
        )?;
        found.map(|exchange| self.seen(exchange)).ok_or(Halt::Failed)
    }

    /// Every exchange of the operation, in order.
    ///
    /// # Errors
    /// The operation does not exist.
    pub fn all(&self, operation: &str) -> Result<Vec<Seen>, Halt> {
        Ok(self.of(operation)?.cloned().map(|exchange| self.seen(exchange)).collect())
    }

    /// The plain exchanges, in order.
    #[must_use]
    pub fn exchanges(&self) -> &[Exchange] {
        &self.exchanges
    }

    fn of(&self, name: &str) -> Result<impl Iterator<Item = &Exchange>, Halt> {
        operation::known(name)?;
        let name = name.to_owned();
        Ok(self.exchanges.iter().filter(move |seen| seen.operation.as_deref() == Some(&name)))
    }

    fn seen(&self, exchange: Exchange) -> Seen {
        Seen { exchange, step: self.step, scribe: self.scribe.clone(), tag: self.tag }
    }

    fn check(&self, what: &str, expected: &str, got: &str, holds: bool) -> Result<(), Halt> {
        let finding = Finding {
            requirement: None,
            step: self.step,
            what: format!("wire {what}"),
            expected: expected.to_owned(),
            got: got.to_owned(),
            holds,
        };
        self.scribe.check(self.tag, finding)
    }
}

fn name(exchange: &Exchange) -> String {
    exchange.operation.clone().unwrap_or_else(|| format!("{} {}", exchange.method, exchange.path))
}

#[cfg(test)]
mod tests;
