//! The engine beside the model: a step becomes a command, and the answer is compared.

use std::collections::BTreeSet;

use jiff::Timestamp;
use mfa_engine::passkey::Octets;
use mfa_engine::totp::TotpSecret;
use mfa_engine::{
    Caller, Command, CredentialId, DeviceId, ElevatedClaims, Environment, EnvironmentId,
    Intervention, PhoneNumber, Refusal, Request, SeededPhone, SeededTotp, UserId, UserSeed,
    VerificationId,
};
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

use super::breakage::Breakage;
use super::laws;
use super::reference::{Scene, Seen, Verdict, World};
use super::rules::Rules;
use super::step::{ADDRESSES, Act, Deed, MAILBOXES, Step};
use journal::Entry;
pub(crate) use journal::{Answer, Done};

mod answer;
mod journal;
mod shown;
mod speech;
mod spent;

/// The engine with everything that its users and the tester hold in their hands.
pub(crate) struct Stage {
    pub(crate) world: Environment,
    /// The settings at the beginning.
    rules: Rules,
    pub(crate) users: Vec<UserId>,
    pub(crate) callers: Vec<Caller>,
    pub(crate) letters: Vec<Letter>,
    pub(crate) nonces: Vec<String>,
    pub(crate) mfa_tokens: Vec<String>,
    pub(crate) elevations: Vec<ElevatedClaims>,
    pub(crate) challenges: Vec<Challenge>,
    pub(crate) credentials: Vec<CredentialId>,
    pub(crate) devices: Vec<(DeviceId, TotpSecret)>,
    pub(crate) sets: Vec<Vec<String>>,
    /// Every one-time thing that was accepted, by its text.
    accepted: BTreeSet<String>,
    /// Every answer of the engine.
    pub(crate) said: Vec<Answer>,
    /// What it answered, a line each.
    journal: Vec<String>,
    seed: u64,
    commands: u64,
    /// What stands between these people and the engine; nothing, if they ask it themselves.
    door: Option<Box<dyn Door>>,
    /// In which way the engine is broken, to see whether the model sees it.
    broken: Option<Breakage>,
    /// Two codes that should differ happened to be equal, so that nothing can be told any longer.
    is_over: bool,
}

/// A sent verification with every code that it had, the newest last.
pub(crate) struct Letter {
    pub(crate) id: VerificationId,
    pub(crate) codes: Vec<String>,
}

/// A way to the engine that is not the straight one.
pub(crate) trait Door {
    /// Has a deed done at a time; yields the answer, and the world as it is afterwards.
    fn pass(&mut self, done: &Done, now: Timestamp) -> (Answer, Environment);

    /// A time as tokens that came through this door tell it.
    fn told(&self, at: Timestamp) -> Timestamp;
}

/// A challenge, and the id that the passkey will have if it is for a registration.
pub(crate) struct Challenge {
    pub(crate) text: Octets,
    pub(crate) passkey: Option<CredentialId>,
}

pub(crate) fn timestamp(milliseconds: i64) -> Timestamp {
    Timestamp::from_millisecond(milliseconds).unwrap()
}

pub(crate) fn milliseconds(at: Timestamp) -> i64 {
    at.as_millisecond()
}

/// One of the numbers in the story, as a telephone book has it.
pub(crate) fn phone(address: usize) -> PhoneNumber {
    let digits = ADDRESSES[address].strip_prefix("+1").unwrap();
    PhoneNumber::parse("1", digits, "US").unwrap()
}

fn empty(rules: Rules) -> Environment {
    let id: EnvironmentId = "00000000-0000-4000-8000-000000000000".parse().unwrap();
    Environment::new(id, rules.policy())
}

impl Stage {
    pub(crate) fn new(world: &World, seed: u64) -> Self {
        Self {
            world: empty(world.rules),
            rules: world.rules,
            users: Vec::new(),
            callers: Vec::new(),
            letters: Vec::new(),
            nonces: Vec::new(),
            mfa_tokens: Vec::new(),
            elevations: Vec::new(),
            challenges: Vec::new(),
            credentials: Vec::new(),
            devices: Vec::new(),
            sets: Vec::new(),
            accepted: BTreeSet::new(),
            said: Vec::new(),
            journal: Vec::new(),
            seed,
            commands: 0,
            door: None,
            broken: None,
            is_over: false,
        }
    }

    /// The same with people who go through a door, behind which is that world.
    pub(crate) fn behind(door: Box<dyn Door>, world: Environment, model: &World) -> Self {
        Self { world, door: Some(door), ..Self::new(model, 7) }
    }

    /// The same with an engine that is broken in one way.
    pub(crate) fn broken(world: &World, seed: u64, breakage: Breakage) -> Self {
        Self { broken: Some(breakage), ..Self::new(world, seed) }
    }

    /// From here on every command has other dice.
    pub(crate) fn change_dice(&mut self) {
        self.seed = self.seed.wrapping_add(1);
    }

    pub(crate) fn serialised(&self) -> String {
        serde_json::to_string(&self.world).unwrap()
    }

    /// The world as it comes back out of a snapshot.
    pub(crate) fn restored(&self) -> Environment {
        let text = self.serialised();
        let Some(Breakage::Kept(bend)) = self.broken else {
            return serde_json::from_str(&text).unwrap();
        };
        let mut kept = serde_json::from_str(&text).unwrap();
        bend(&mut kept);
        serde_json::from_value(kept).unwrap()
    }

    /// Goes on with the world as it comes back out of a snapshot.
    pub(crate) fn restore(&mut self) {
        self.world = self.restored();
    }

    /// Plays a step that the model has played already.
    pub(crate) fn play(&mut self, step: &Step, model: &World) {
        let Some(scene) = model.scene.as_ref().filter(|_| !self.is_over) else { return };
        let before = self.serialised();
        let verdict = match self.intervention(&step.0, scene) {
            Some(intervention) => self.intervene(intervention, scene, model.now),
            None => match self.command(&step.0, scene, model) {
                Some(Ok(command)) => {
                    let verdict = self.ask(&step.0, scene, &command, model);
                    let is_look = command.changes_nothing();
                    assert!(!is_look || before == self.serialised(), "looking changed the world");
                    verdict
                }
                Some(Err(speech::Coincidence)) => {
                    self.is_over = true;
                    return;
                }
                None => Ok(Seen::Quiet),
            },
        };
        assert_eq!(verdict, scene.verdict, "engine (left) and model (right) at {step:?}");
        if verdict.is_err() {
            laws::refusal_changes_counters_only(&before, &self.serialised(), scene, model);
        }
        self.learn(model);
        laws::hold(self, model);
        if let Deed::Office(_)
        | Deed::Remove(_)
        | Deed::As(_, Act::Unlink(..) | Act::DeleteKey(..)) = step.0
        {
            laws::the_index_of_identities_is_right(&self.world);
        }
    }

    /// The journal leads an empty world to the same state, byte for byte, with the same answers.
    pub(crate) fn close(&self) {
        let mut again = empty(self.rules);
        let said = journal::replay(&mut again, &self.journal, self.broken);
        assert_eq!(said, self.said, "a replayed journal answers otherwise");
        let state = serde_json::to_string(&again).unwrap();
        assert_eq!(state, self.serialised(), "a replayed journal leads elsewhere");
    }

    /// A time as the tokens in these people's hands tell it.
    fn told(&self, at: Timestamp) -> Timestamp {
        self.door.as_ref().map_or(at, |door| door.told(at))
    }

    /// Dice for looking at what would come next, which nothing depends on.
    pub(crate) fn spare_dice(&self) -> ChaCha8Rng {
        ChaCha8Rng::seed_from_u64(self.seed.wrapping_add(self.commands))
    }

    /// Does a deed and writes it down.
    fn carry_out(&mut self, done: Done, now: i64) -> &Answer {
        let (seed, stream) = (self.seed, self.commands);
        self.commands += 1;
        if let Some(door) = &mut self.door {
            let (answer, world) = door.pass(&done, timestamp(now));
            self.world = world;
            self.said.push(answer);
            return self.said.last().unwrap();
        }
        let entry = Entry { at: timestamp(now), seed, stream, done };
        self.journal.push(entry.line(self.broken));
        self.said.push(entry.play(&mut self.world, self.broken));
        self.said.last().unwrap()
    }

    fn intervention(&self, deed: &Deed, scene: &Scene) -> Option<Intervention> {
        Some(match deed {
            Deed::Rules(rules) => Intervention::SetPolicy(Box::new(rules.policy())),
            Deed::Seed(address) => Intervention::CreateUser(Box::new(seed(*address))),
            Deed::Remove(_) => Intervention::RemoveUser(self.users[scene.user]),
            Deed::RevokeAll(_) => Intervention::RevokeSessions(self.users[scene.user]),
            _ => return None,
        })
    }

    fn intervene(&mut self, intervention: Intervention, scene: &Scene, now: i64) -> Verdict {
        let made = match self.carry_out(Done::Intervened(intervention), now) {
            Answer::Made(made) => made.clone()?,
            Answer::Said(said) => panic!("{said:?} is no answer to a tester"),
        };
        assert_eq!(scene.verdict, Ok(Seen::Quiet), "the model refused what was carried out");
        self.users.extend(made);
        Ok(Seen::Quiet)
    }

    fn ask(&mut self, deed: &Deed, scene: &Scene, command: &Command, model: &World) -> Verdict {
        let now = timestamp(model.now);
        let said = match self.carry_out(Done::Asked(Box::new(command.clone())), model.now) {
            Answer::Said(said) => said.as_ref().clone(),
            Answer::Made(made) => panic!("{made:?} is no answer to a command"),
        };
        laws::tells_nothing_of_others(self, command, &said, model);
        let outcome = said?;
        laws::token_fits(self, scene, model);
        laws::spent_token_opens_no_other_door(self, scene, model);
        for text in self.one_time_things(deed, command, scene, model) {
            assert!(self.accepted.insert(text.clone()), "accepted for the second time: {text}");
            // Whatever can be used once must be refused when the very same call comes again.
            let again = self.world.clone().apply(command.clone(), now, &mut self.spare_dice());
            assert!(again.is_err(), "the same call again, for {text}: {again:?}");
        }
        let caller = match command {
            Command::As(caller, request) => Some((caller, request)),
            _ => None,
        };
        if let Some((caller, Request::Revoke | Request::DeleteUser { .. })) = caller {
            let look = Command::As(caller.clone(), Request::ReadUser);
            let late = self.world.clone().apply(look, now, &mut self.spare_dice());
            assert_eq!(late, Err(Refusal::SessionEnded), "a session outlived its end");
        }
        Ok(self.read(outcome, caller.map(|(caller, _)| caller)))
    }
}

/// A user who is enrolled already.
fn seed(address: usize) -> UserSeed {
    let mut seed = UserSeed { totp: SeededTotp::Enrolled, ..UserSeed::default() };
    match address < MAILBOXES {
        true => seed.email = ADDRESSES[address].to_owned(),
        false => {
            let PhoneNumber { phone_country_code, phone_number, iso_country_code } = phone(address);
            seed.phone = Some(SeededPhone { phone_country_code, phone_number, iso_country_code });
        }
    }
    seed
}
