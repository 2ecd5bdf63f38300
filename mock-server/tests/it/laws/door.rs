//! The way in: what people mean becomes a request, and what the engine says is overheard.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use mfa_engine::policy::Policy;
use mfa_engine::{
    AdminRequest, Administrator, Caller, Command, Environment, EnvironmentId, Intervention,
    Outcome, Refusal, TokenId, UserId,
};
use mock_server::{Clock, Hook, Hosting, InterventionError, Mock};

use super::diary::{Diary, Line, Sent};
use super::hearing::{agrees, bearer_of, elevation_of};
use super::speech::{Tokens, speak};
use crate::model::stage::{Answer, Done, Door};

/// What the engine was told and what it said, by environment.
#[derive(Clone, Default)]
pub(super) struct Eye(Arc<Mutex<BTreeMap<EnvironmentId, Overheard>>>);

/// One command on its way through the engine.
#[derive(Clone)]
struct Overheard {
    before: Environment,
    command: Command,
    said: Option<(Result<Outcome, Refusal>, Environment)>,
}

impl Eye {
    pub(super) fn hook(&self) -> Arc<dyn Hook> {
        Arc::new(self.clone())
    }

    fn take(&self, id: EnvironmentId) -> Option<Overheard> {
        self.0.lock().unwrap().remove(&id)
    }
}

impl Hook for Eye {
    fn before(&self, environment: &mut Environment, command: &mut Command, _: Timestamp) {
        let (before, command) = (environment.clone(), command.clone());
        let overheard = Overheard { before, command, said: None };
        self.0.lock().unwrap().insert(environment.id(), overheard);
    }

    fn after(
        &self,
        environment: &mut Environment,
        result: &mut Result<Outcome, Refusal>,
        _: Timestamp,
    ) {
        let mut all = self.0.lock().unwrap();
        let overheard = all.get_mut(&environment.id()).unwrap();
        overheard.said = Some((result.clone(), environment.clone()));
    }
}

/// The door of one environment.
pub(super) struct HttpDoor {
    mock: Mock,
    world: Hosting,
    eye: Eye,
    diary: Diary,
    /// The environment as it was left.
    left: Environment,
    /// Where else the tokens of this environment are tried.
    others: Vec<String>,
    bearers: Vec<(Caller, String)>,
    elevations: BTreeMap<TokenId, String>,
    api_token: String,
}

impl HttpDoor {
    /// Opens an environment under these settings; yields it as it is then.
    pub(super) fn open(
        mock: &Mock,
        world: Hosting,
        eye: &Eye,
        diary: &Diary,
        policy: &Policy,
        others: Vec<String>,
    ) -> (Self, Environment) {
        world.set_policy(policy.clone()).unwrap();
        let token = world.create_api_token("", &[]).unwrap();
        let left = inside(&world);
        diary.note(&world.id(), Line::Opened(Box::new(policy.clone())));
        let door = Self {
            mock: mock.clone(),
            world,
            eye: eye.clone(),
            diary: diary.clone(),
            left: left.clone(),
            others,
            bearers: Vec::new(),
            elevations: BTreeMap::new(),
            api_token: token.token.unwrap(),
        };
        (door, left)
    }

    fn ask(&mut self, command: &Command) -> Result<Outcome, Refusal> {
        if let Command::Admin(Administrator::Tester, request) = command
            && matches!(request, AdminRequest::RotateKeys | AdminRequest::RetireKey(_))
        {
            return self.administer(request);
        }
        let tokens = Tokens {
            bearers: &self.bearers,
            elevations: &self.elevations,
            api_token: &self.api_token,
        };
        let mut request = speak(command, &tokens);
        request.path = format!("/api/v0{}", request.path.replace("{id}", &self.world.id()));
        self.eye.take(self.left.id());
        let answer = request.send(&self.mock);
        let said = self.overheard(command);
        agrees(&answer, &said);
        self.bearers.extend(bearer_of(&answer));
        self.elevations.extend(elevation_of(&answer));
        let is_signed_in = matches!(command, Command::As(..));
        self.diary.note(&self.world.id(), Line::Asked(Sent { request: request.clone(), answer }));
        // A token is good where it was issued and nowhere else, whatever it is shown for.
        for other in self.others.iter().filter(|_| is_signed_in) {
            let elsewhere = request.at(&request.path.replace(&self.world.id(), other));
            let answer = elsewhere.send(&self.mock);
            assert_eq!(answer.status, 401, "{elsewhere:?} with a token of {}", self.world.id());
            self.diary.note(other, Line::Asked(Sent { request: elsewhere, answer }));
        }
        said
    }

    /// What the engine said to that; it must have been told just that, in the world as it was left.
    fn overheard(&mut self, command: &Command) -> Result<Outcome, Refusal> {
        let overheard = self.eye.take(self.left.id());
        let overheard = overheard.unwrap_or_else(|| panic!("never heard of: {command:?}"));
        assert_eq!(overheard.before, self.left, "somebody else changed this environment");
        match (&overheard.command, command) {
            // Over HTTP an administrator has a token; here it is the tester who asks.
            (Command::Admin(_, told), Command::Admin(_, meant)) => assert_eq!(told, meant),
            (told, meant) => assert_eq!(told, meant, "told (left) and meant (right)"),
        }
        let (said, left) = overheard.said.unwrap();
        self.left = left;
        said
    }

    fn administer(&mut self, request: &AdminRequest) -> Result<Outcome, Refusal> {
        let granted = self.world.administer(request.clone());
        self.diary.note(&self.world.id(), Line::Administered(request.clone()));
        let said = self.overheard(&Command::Admin(Administrator::Tester, request.clone()));
        assert_eq!(granted.is_ok(), said.is_ok());
        said
    }

    fn intervene(&mut self, what: &Intervention) -> Result<Option<UserId>, Refusal> {
        self.diary.note(&self.world.id(), Line::Intervened(what.clone()));
        let made = carry_out(&self.world, what);
        self.left = inside(&self.world);
        made
    }
}

impl Door for HttpDoor {
    fn pass(&mut self, done: &Done, now: Timestamp) -> (Answer, Environment) {
        if self.world.now() != now {
            self.world.set_clock(Clock::held_at(now)).unwrap();
            self.diary.note(&self.world.id(), Line::Clock(now));
        }
        let answer = match done {
            Done::Asked(command) => Answer::Said(Box::new(self.ask(command))),
            Done::Intervened(what) => Answer::Made(self.intervene(what)),
        };
        (answer, self.left.clone())
    }

    /// JWTs tell whole seconds (RFC 7519, section 2).
    fn told(&self, at: Timestamp) -> Timestamp {
        Timestamp::from_second(at.as_second()).unwrap()
    }
}

/// The state of an environment, as its snapshot has it.
fn inside(world: &Hosting) -> Environment {
    serde_json::from_value(world.snapshot()["environment"].take()).unwrap()
}

/// Has a tester's wish carried out.
pub(super) fn carry_out(world: &Hosting, what: &Intervention) -> Result<Option<UserId>, Refusal> {
    let refusal = |error| match error {
        InterventionError::Refused(refusal) => refusal,
        InterventionError::Unwritten(unwritten) => panic!("{unwritten}"),
    };
    match what {
        Intervention::SetPolicy(policy) => {
            world.set_policy(Policy::clone(policy)).unwrap();
            Ok(None)
        }
        Intervention::CreateUser(seed) => {
            let made = world.create_user(seed.as_ref().clone()).map_err(refusal)?;
            Ok(Some(made.id.parse().unwrap()))
        }
        Intervention::RemoveUser(user) => {
            world.remove_user(&user.to_string()).map_err(refusal).map(|()| None)
        }
        Intervention::RevokeSessions(user) => {
            world.revoke_sessions(&user.to_string()).map_err(refusal).map(|()| None)
        }
    }
}
