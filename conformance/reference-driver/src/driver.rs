//! The reference SDK behind the driver protocol.

use std::collections::BTreeMap;
use std::sync::Arc;

use driver_protocol::{
    Authenticator, Capability, Driver, DriverClock, DriverName, ErrorFidelity, Event, HelloAnswer,
    HelloArgs, Level, Limits, Log, MDP, Notice, OPS, Outcome, PasskeySource, Request,
    RestartSupport, SdkName, Standing, StorageKind, did_you_mean,
};
use serde_json::{Value, json};

use crate::clock::Clock;
use crate::ops::{self, Trouble};
use crate::sabotage::{Sabotage, Sabotages};
use crate::sdk::{Client, Config, Surroundings};

/// A driver in the same process, with as many clients as [`Limits`] say.
pub struct ReferenceDriver {
    surroundings: Surroundings,
    clients: BTreeMap<String, Client>,
    clients_made: u64,
    notices: Vec<Notice>,
}

impl ReferenceDriver {
    /// A driver on this clock, with one sin or none.
    pub fn new(clock: Clock, sabotage: Option<&'static Sabotage>) -> Self {
        Self {
            surroundings: Surroundings::new(clock, Arc::new(Sabotages::new(sabotage))),
            clients: BTreeMap::new(),
            clients_made: 0,
            notices: Vec::new(),
        }
    }

    /// The name of the sin, if it has one.
    pub fn sabotage(&self) -> Option<&'static str> {
        self.surroundings.sabotages.name()
    }

    /// How often the sin was committed; zero means that nothing was proven.
    pub fn activations(&self) -> u64 {
        self.surroundings.sabotages.activations()
    }

    fn perform(
        &mut self,
        request: &Request,
        authenticator: &mut dyn Authenticator,
    ) -> Result<Value, Halt> {
        match request.op.as_str() {
            "hello" => self.hello(&request.args),
            "bye" => {
                self.clients.clear();
                Ok(json!({}))
            }
            "client.new" => self.open(&request.args),
            "client.restart" => {
                let (_, client) = self.client(request)?;
                client.restart().map_err(Trouble::Sdk)?;
                Ok(json!({}))
            }
            "client.close" => {
                let inst = self.client(request)?.0.to_owned();
                self.clients.remove(&inst);
                Ok(json!({}))
            }
            other => match (ops::play(other), ops::ceremonial(other)) {
                (Some(play), _) => self.play(request, play),
                (None, Some(play)) => {
                    self.play(request, |client, given| play(client, given, authenticator))
                }
                (None, None) => Err(Halt::Unknown),
            },
        }
    }

    fn hello(&self, args: &Value) -> Result<Value, Halt> {
        let args: HelloArgs = ops::args(args)?;
        if !args.mdp.contains(&MDP) {
            return Err(Halt::Fault(format!("this driver speaks mdp {MDP} only")));
        }
        let version = env!("CARGO_PKG_VERSION").to_owned();
        let optional = OPS.iter().filter(|op| op.standing == Standing::Capability);
        let answer = HelloAnswer {
            mdp: MDP,
            driver: DriverName { name: "reference".into(), version: version.clone() },
            sdk: SdkName {
                name: "ReferenceSDK".into(),
                version,
                package: env!("CARGO_PKG_NAME").into(),
                platform: "reference".into(),
                language: "rust".into(),
            },
            guides: GUIDES.iter().map(|guide| (*guide).to_owned()).collect(),
            caps: optional.map(|op| (op.name.to_owned(), Capability::Yes)).collect(),
            clock: DriverClock { now_ms: self.surroundings.clock.now_ms(), injectable: false },
            limits: Limits { instances: INSTANCES_MAX, inflight: 1 },
            errors: ErrorFidelity::Typed,
            passkey: PasskeySource::Harness,
            storage: StorageKind::Memory,
            restart: RestartSupport::Case,
        };
        serde_json::to_value(answer).map_err(|cause| Halt::Fault(cause.to_string()))
    }

    fn open(&mut self, args: &Value) -> Result<Value, Halt> {
        let config: Config = ops::args(args)?;
        if self.clients.len() >= INSTANCES_MAX as usize {
            return Err(Halt::Fault(format!("at most {INSTANCES_MAX} instances at once")));
        }
        let client = Client::open(self.surroundings.clone(), config).map_err(Trouble::Sdk)?;
        self.clients_made += 1;
        let inst = format!("c{}", self.clients_made);
        self.clients.insert(inst.clone(), client);
        Ok(json!({ "inst": inst }))
    }

    fn play(
        &mut self,
        request: &Request,
        play: impl FnOnce(&mut Client, &Value) -> Result<Value, Trouble>,
    ) -> Result<Value, Halt> {
        let (inst, client) = self.client(request)?;
        let before = client.token().map(str::to_owned);
        // Asking for the state sends nothing, so it cannot be what ends an expired session.
        if request.op != "state.get" {
            client.notice_expiry().map_err(Trouble::Sdk)?;
        }
        let end = play(client, &request.args);
        let mut notices: Vec<Notice> = client.take_logs().into_iter().map(Notice::Log).collect();
        if client.token() != before.as_deref() {
            notices.push(Notice::Event(Event {
                ev: "auth.changed".into(),
                inst: Some(inst.to_owned()),
                data: json!({ "authenticated": client.token().is_some() }),
            }));
        }
        self.notices.extend(notices);
        Ok(end?)
    }

    fn client<'r>(&mut self, request: &'r Request) -> Result<(&'r str, &mut Client), Halt> {
        let inst = request
            .inst
            .as_deref()
            .ok_or_else(|| Halt::Fault(format!("{} needs \"inst\"", request.op)))?;
        match self.clients.get_mut(inst) {
            Some(client) => Ok((inst, client)),
            None => Err(Halt::Fault(format!("there is no instance \"{inst}\""))),
        }
    }
}

impl Driver for ReferenceDriver {
    fn call(&mut self, request: &Request, authenticator: &mut dyn Authenticator) -> Outcome {
        let before = self.activations();
        let end = self.perform(request, authenticator);
        if let Some(name) = self.sabotage()
            && self.activations() > before
        {
            let msg = format!("sabotage {name} active");
            self.notices.push(Notice::Log(Log { log: Level::Info, msg }));
        }
        match end {
            Ok(value) => Outcome::Ok(value),
            Err(Halt::Trouble(Trouble::Sdk(error))) => Outcome::Err(error),
            Err(Halt::Trouble(Trouble::Args(detail))) => {
                Outcome::fault(format!("args of {}: {detail}", request.op))
            }
            Err(Halt::Fault(message)) => Outcome::fault(message),
            Err(Halt::Unknown) => Outcome::unsupported(match did_you_mean(&request.op) {
                Some(near) => format!("unknown op \"{}\"; did you mean \"{near}\"?", request.op),
                None => format!("unknown op \"{}\"", request.op),
            }),
        }
    }

    fn notices(&mut self) -> Vec<Notice> {
        std::mem::take(&mut self.notices)
    }
}

/// Why a request has no result.
enum Halt {
    Trouble(Trouble),
    Fault(String),
    Unknown,
}

impl From<Trouble> for Halt {
    fn from(trouble: Trouble) -> Self {
        Self::Trouble(trouble)
    }
}

const INSTANCES_MAX: u32 = 8;

const GUIDES: &[&str] = &[
    "totp",
    "passkey",
    "account-based",
    "action-based",
    "step-up",
    "session-mfa",
    "device-management",
    "recovery-codes",
];

#[cfg(test)]
mod tests {
    use driver_protocol::NoAuthenticator;

    use super::*;

    fn call(driver: &mut ReferenceDriver, op: &str, args: Value) -> Outcome {
        driver.call(&Request::new(1, op, args), &mut NoAuthenticator)
    }

    #[test]
    fn hello_declares_every_capability_without_mistake() {
        let args = json!({
            "mdp": [1], "suite": { "name": "s", "version": "0" }, "run": "r", "seed": 7,
            "now_ms": 5, "ops": []
        });
        let mut driver = ReferenceDriver::new(Clock::held_at(1_790_000_000_000), None);
        let Outcome::Ok(answer) = call(&mut driver, "hello", args.clone()) else { panic!() };
        let answer: HelloAnswer = serde_json::from_value(answer).unwrap();
        assert_eq!(answer.mistakes(), Vec::<String>::new());
        assert_eq!(answer.undeclared(), Vec::<&str>::new());
        assert_eq!(answer.clock.now_ms, 1_790_000_000_000);

        let mut newer = args;
        newer["mdp"] = json!([2]);
        assert_eq!(
            call(&mut driver, "hello", newer),
            Outcome::fault("this driver speaks mdp 1 only")
        );
    }

    #[test]
    fn a_wrong_request_is_a_fault_and_an_unknown_op_unsupported() {
        let mut driver = crate::reference();
        for (op, args, message) in [
            ("device.list", json!({}), "device.list needs \"inst\""),
            ("client.new", json!({}), "args of client.new: missing field `environment_id`"),
        ] {
            assert_eq!(call(&mut driver, op, args), Outcome::fault(message));
        }
        let lost =
            driver.call(&Request::new(1, "device.list", json!({})).on("c9"), &mut NoAuthenticator);
        assert_eq!(lost, Outcome::fault("there is no instance \"c9\""));
        assert_eq!(
            call(&mut driver, "tea.brew", json!({})),
            Outcome::unsupported("unknown op \"tea.brew\"")
        );
    }

    #[test]
    fn a_driver_may_move_to_a_worker_thread() {
        let driver = crate::reference();
        let activations = std::thread::spawn(move || driver.activations()).join().unwrap();
        assert_eq!(activations, 0);
    }
}
