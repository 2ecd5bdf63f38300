//! Races whose order is known, because the service holds the requests until all stand there.

use std::thread;
use std::time::Duration;

use super::{Heard, Plain, RawAnswer, RawRequest, agent};
use crate::service::{Effect, Fault, Order};
use crate::stage::{Halt, Stage};
use crate::stopwatch::Stopwatch;

/// Header that numbers the requests of a race in the order in which they were sent.
const RACER: &str = "x-conformance-racer";

/// How long the service lets a request wait for the others, all of which come within milliseconds.
const MEETING_MILLISECONDS: u64 = 5_000;

/// How long a request may take on its way to the others.
const ARRIVAL: Duration = Duration::from_secs(2);

/// Between two looks at whether a request has arrived.
const LOOK: Duration = Duration::from_millis(1);

impl Stage {
    /// Sends requests that are all with the service before the first of them is decided, and are
    /// decided in this order; the answers come in the order of the requests.
    ///
    /// Each is sent when the one before has arrived, so that first and last are no matter of
    /// chance. Nothing else may be asked of the tenant meanwhile.
    ///
    /// # Errors
    /// As [`RawRequest::send`]. A service that cannot hold requests makes the case not applicable,
    /// and one that decides them in another order blocks it.
    pub fn race_in_order(
        &mut self,
        requests: Vec<RawRequest>,
        order: Order,
    ) -> Result<Vec<RawAnswer>, Halt> {
        requests.iter().try_for_each(RawRequest::possible)?;
        let calls = u32::try_from(requests.len()).unwrap_or(u32::MAX);
        let (milliseconds, name) = (MEETING_MILLISECONDS, None);
        let meet = Fault::on("*", Effect::Meet { calls, order, milliseconds, name });
        self.inject(Fault { times: Some(calls), ..meet })?;
        let newest = self.tenant.last_sequence();
        let plain: Vec<Plain> = (0..).zip(&requests).map(numbered).collect();
        let sent = self.sent_one_by_one(plain)?;
        let decided = self.decided_since(newest);
        let mut wanted: Vec<u32> = (0..calls).collect();
        if order == Order::LastCome {
            wanted.reverse();
        }
        if decided != wanted {
            let text = format!("requests {decided:?} were decided in this order, not {wanted:?}");
            return Err(Halt::Blocked(text));
        }
        requests.into_iter().zip(sent).map(|(request, heard)| request.noted(heard)).collect()
    }

    /// Lets each request wait at the service before the next one goes out.
    fn sent_one_by_one(&self, plain: Vec<Plain>) -> Result<Vec<Result<Heard, String>>, Halt> {
        let before = self.faults_met()?;
        let all = before.saturating_add(u32::try_from(plain.len()).unwrap_or(u32::MAX));
        thread::scope(|scope| {
            let mut racers = Vec::new();
            for (wanted, request) in (before.saturating_add(1)..).zip(plain) {
                let racer = scope.spawn(move || request.exchange(&agent()));
                let since = Stopwatch::start();
                while self.faults_met()? < wanted && !racer.is_finished() {
                    if since.elapsed() > ARRIVAL {
                        return Err(Halt::Blocked("a request does not arrive".to_owned()));
                    }
                    thread::sleep(LOOK);
                }
                racers.push(racer);
            }
            if self.faults_met()? < all {
                // One was answered at once, so the others would wait for it in vain.
                self.asked(self.tenant.clear_faults())?;
            }
            let fallen = |_| Err("a racer panicked".to_owned());
            Ok(racers.into_iter().map(|racer| racer.join().unwrap_or_else(fallen)).collect())
        })
    }

    /// The numbers of the racers in the order in which the service decided them.
    fn decided_since(&self, newest: u64) -> Vec<u32> {
        let later = self.tenant.exchanges_after(newest);
        later.iter().filter_map(|exchange| exchange.header(RACER)?.parse().ok()).collect()
    }
}

fn numbered((number, request): (u32, &RawRequest)) -> Plain {
    let mut plain = request.plain.clone();
    plain.headers.push((RACER.to_owned(), number.to_string()));
    plain
}
