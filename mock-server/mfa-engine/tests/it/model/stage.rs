//! The engine beside the model: a step becomes a command, and the answer is compared.

use std::collections::BTreeSet;

use jiff::Timestamp;
use mfa_engine::totp::TotpSecret;
use mfa_engine::{
    Caller, Command, DeviceId, ElevatedClaims, Environment, EnvironmentId, Intervention, Outcome,
    Refusal, Request, SeededTotp, UserId, UserSeed, VerificationId,
};
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

use super::laws;
use super::reference::{Scene, Seen, Verdict, World};
use super::step::{ADDRESSES, Deed, Step};

mod answer;
mod speech;

/// The engine with everything that its users and the tester hold in their hands.
pub(crate) struct Stage {
    pub(crate) world: Environment,
    pub(crate) users: Vec<UserId>,
    pub(crate) callers: Vec<Caller>,
    pub(crate) letters: Vec<Letter>,
    pub(crate) nonces: Vec<String>,
    pub(crate) mfa_tokens: Vec<String>,
    pub(crate) elevations: Vec<ElevatedClaims>,
    pub(crate) devices: Vec<(DeviceId, TotpSecret)>,
    pub(crate) sets: Vec<Vec<String>>,
    /// Every one-time thing that was accepted, by its text.
    accepted: BTreeSet<String>,
    /// Every answer of the engine.
    pub(crate) said: Vec<Result<Outcome, Refusal>>,
    seed: u64,
    commands: u64,
    /// Two codes that should differ happened to be equal; nothing can be told from here on.
    is_over: bool,
}

/// A mailed verification with every code that it had, the newest last.
pub(crate) struct Letter {
    pub(crate) id: VerificationId,
    pub(crate) codes: Vec<String>,
}

pub(crate) fn timestamp(milliseconds: i64) -> Timestamp {
    Timestamp::from_millisecond(milliseconds).unwrap()
}

pub(crate) fn milliseconds(at: Timestamp) -> i64 {
    at.as_millisecond()
}

impl Stage {
    pub(crate) fn new(world: &World, seed: u64) -> Self {
        let id: EnvironmentId = "00000000-0000-4000-8000-000000000000".parse().unwrap();
        Self {
            world: Environment::new(id, world.rules.policy()),
            users: Vec::new(),
            callers: Vec::new(),
            letters: Vec::new(),
            nonces: Vec::new(),
            mfa_tokens: Vec::new(),
            elevations: Vec::new(),
            devices: Vec::new(),
            sets: Vec::new(),
            accepted: BTreeSet::new(),
            said: Vec::new(),
            seed,
            commands: 0,
            is_over: false,
        }
    }

    /// From here on every command has other dice.
    pub(crate) fn change_dice(&mut self) {
        self.seed = self.seed.wrapping_add(1);
    }

    pub(crate) fn serialised(&self) -> String {
        serde_json::to_string(&self.world).unwrap()
    }

    /// Plays a step that the model has played already.
    pub(crate) fn play(&mut self, step: &Step, model: &World) {
        let Some(scene) = model.scene.as_ref().filter(|_| !self.is_over) else { return };
        let before = self.serialised();
        let verdict = match self.intervention(&step.0, scene) {
            Some(intervention) => self.intervene(intervention, scene, model.now),
            None => match self.command(&step.0, scene, model.now) {
                Some(Ok(command)) => self.ask(&step.0, scene, &command, model),
                Some(Err(speech::Coincidence)) => {
                    self.is_over = true;
                    return;
                }
                None => Ok(Seen::Quiet),
            },
        };
        assert_eq!(verdict, scene.verdict, "engine (left) and model (right) at {step:?}");
        if verdict.is_err() {
            laws::refusal_changes_counters_only(&before, &self.serialised(), scene);
        }
        self.learn(model);
        laws::hold(self, model);
    }

    fn dice(&mut self) -> ChaCha8Rng {
        let mut dice = ChaCha8Rng::seed_from_u64(self.seed);
        dice.set_stream(self.commands);
        self.commands += 1;
        dice
    }

    fn intervention(&self, deed: &Deed, scene: &Scene) -> Option<Intervention> {
        Some(match deed {
            Deed::Rules(rules) => Intervention::SetPolicy(Box::new(rules.policy())),
            Deed::Seed(address) => Intervention::CreateUser(Box::new(UserSeed {
                email: ADDRESSES[*address].to_owned(),
                totp: SeededTotp::Enrolled,
                ..UserSeed::default()
            })),
            Deed::Remove(_) => Intervention::RemoveUser(self.users[scene.user]),
            Deed::RevokeAll(_) => Intervention::RevokeSessions(self.users[scene.user]),
            _ => return None,
        })
    }

    fn intervene(&mut self, intervention: Intervention, scene: &Scene, now: i64) -> Verdict {
        let mut dice = self.dice();
        let made = self.world.intervene(intervention, timestamp(now), &mut dice)?;
        assert_eq!(scene.verdict, Ok(Seen::Quiet), "the model refused what was carried out");
        self.users.extend(made);
        Ok(Seen::Quiet)
    }

    fn ask(&mut self, deed: &Deed, scene: &Scene, command: &Command, model: &World) -> Verdict {
        laws::reads_back(command);
        let now = timestamp(model.now);
        let mut dice = self.dice();
        let said = self.world.apply(command.clone(), now, &mut dice);
        self.said.push(said.clone());
        let outcome = said?;
        laws::token_fits(self, scene, model);
        laws::spent_token_opens_no_other_door(self, scene, model);
        for text in self.one_time_things(deed, command, scene, model) {
            assert!(self.accepted.insert(text.clone()), "accepted for the second time: {text}");
            // Whatever can be used once must be refused when the very same call comes again.
            let again = self.world.clone().apply(command.clone(), now, &mut self.dice());
            assert!(again.is_err(), "the same call again, for {text}: {again:?}");
        }
        let caller = match command {
            Command::As(caller, request) => Some((caller, request)),
            _ => None,
        };
        if let Some((caller, Request::Revoke | Request::DeleteUser { .. })) = caller {
            let look = Command::As(caller.clone(), Request::ReadUser);
            let late = self.world.clone().apply(look, now, &mut self.dice());
            assert_eq!(late, Err(Refusal::SessionEnded), "a session outlived its end");
        }
        Ok(self.read(outcome, caller.map(|(caller, _)| caller)))
    }
}
