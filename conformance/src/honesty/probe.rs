//! The questions that are asked once per run, before any case.

use std::sync::Arc;

use driver_protocol::{Capability, Outcome};
use serde_json::{Value, json};

use super::{Probe, fingerprint, version_on_wire};
use crate::driver::{Mistake, Session};
use crate::exit::Exit;
use crate::run::tenant_time;
use crate::service::{Door, Service, Tenant, Unable};
use crate::stage::{Exchange, ORIGIN, Patience, RAW_MARK, describe_error};
use crate::world::World;

/// Who signs in when nobody has been invited yet.
pub(crate) const ADA: &str = "ada@example.com";

/// Ops that cannot succeed without the service, with arguments that would do.
///
/// Left out: ops that answer from the SDK's own state, `auth.logout`, which may forget the session
/// first, and `stepup.check`, whose documented fail-safe is to answer "required".
const NETWORKED: [(&str, &str); 10] = [
    ("auth.email_start", r#"{"email":"ada@example.com"}"#),
    ("auth.refresh", "{}"),
    ("user.get", "{}"),
    ("user.update", r#"{"fields":{"alias":"Ada"}}"#),
    ("totp.register", "{}"),
    ("totp.auth", r#"{"code":"000000"}"#),
    ("device.list", "{}"),
    ("mfa.methods", "{}"),
    ("recovery.list", "{}"),
    ("recovery.rotate", "{}"),
];

/// Ops that only look, asked where the driver does not declare them: none of them may work.
const LOOKS: [(&str, &str); 7] = [
    ("user.get", "{}"),
    ("passkey.list", "{}"),
    ("device.list", "{}"),
    ("mfa.methods", "{}"),
    ("mfa.missing", "{}"),
    ("stepup.check", r#"{"scope":"credential:link"}"#),
    ("recovery.pending", "{}"),
];

/// What the questions brought to light.
pub struct Probed {
    /// Every question and its answer.
    pub probes: Vec<Probe>,
    /// Version of the SDK as its requests say.
    pub version: Option<String>,
    /// The driver's last words, when it broke on the way.
    pub session: Option<Session>,
}

/// Asks the questions; the session is given back unless the driver broke.
#[must_use]
pub fn probe(mut session: Session, service: &Service, patience: Patience) -> Probed {
    let mut probes =
        vec![canary(&mut session, patience).unwrap_or_else(|mistake| broken(&mistake))];
    let mut version = None;
    let mut alive =
        probes.iter().all(|probe| probe.exit != Exit::Crash && probe.exit != Exit::Driver);
    if alive {
        match enter(service, session.now_ms()) {
            Ok((door, tenant)) => {
                let mut visit = Visit::new(&mut session, tenant, patience);
                let looked = visit.look(door, &mut probes);
                version = version_on_wire(&visit.sent());
                alive = looked.is_ok();
                probes.extend(looked.err().map(|mistake| broken(&mistake)));
                service.forget(&visit.tenant.id());
            }
            Err(problem) => {
                probes.push(found("service", "the service opens a door", problem, Exit::Harness));
            }
        }
    }
    Probed { probes, version, session: alive.then_some(session) }
}

/// A listener that can be shut, and a tenant behind it.
pub(crate) fn enter(service: &Service, now_ms: i64) -> Result<(Door, Arc<dyn Tenant>), String> {
    let tenant = service.tenant("honesty", tenant_time(now_ms));
    let tenant = tenant.map_err(|unable| unable.to_string())?;
    match tenant.furnish(&World::LEGACY) {
        // The question that needs these settings is then not asked.
        Ok(()) | Err(Unable::Lacking(_)) => {}
        Err(unable) => return Err(unable.to_string()),
    }
    Ok((tenant.second_door()?, tenant))
}

/// Asks for an op that nobody knows.
pub(crate) fn canary(session: &mut Session, patience: Patience) -> Result<Probe, Mistake> {
    let title = "an op that nobody knows is unsupported";
    let op = "canary.sings";
    let answer = session.call(op, None, json!({}), ("honesty/canary", 1), patience.op)?;
    Ok(match answer {
        Outcome::Unsupported { .. } => fine("canary", title),
        outcome => {
            let problem = format!("{op} was answered {}", word(&outcome));
            found("canary", title, problem, Exit::Dishonest)
        }
    })
}

/// Do these requests carry the marks of an SDK with this many clients?
pub(crate) fn marks(sent: &[Exchange], clients: usize) -> Probe {
    let title = "every request carries the SDK's own marks";
    let mut problems = fingerprint(sent, clients);
    if sent.is_empty() {
        problems.push("a client was made and signed in without any request".to_owned());
    }
    match problems.is_empty() {
        true => fine("fingerprint", title),
        false => found("fingerprint", title, problems.join("; "), Exit::Dishonest),
    }
}

/// One client on a tenant of its own.
pub(crate) struct Visit<'a> {
    session: &'a mut Session,
    /// The tenant that the client is for.
    pub(crate) tenant: Arc<dyn Tenant>,
    patience: Patience,
    /// What the driver calls the client, once there is one.
    pub(crate) instance: Option<String>,
}

impl<'a> Visit<'a> {
    /// A visit before its client is made.
    pub(crate) fn new(
        session: &'a mut Session,
        tenant: Arc<dyn Tenant>,
        patience: Patience,
    ) -> Self {
        Self { session, tenant, patience, instance: None }
    }

    /// Asks for a client behind this door.
    pub(crate) fn open(&mut self, door: &Door) -> Result<Outcome, Mistake> {
        let args = json!({
            "environment_id": self.tenant.id(),
            "base_url": door.base_url(),
            "origin": ORIGIN,
        });
        self.call("client.new", args)
    }

    fn look(&mut self, door: Door, probes: &mut Vec<Probe>) -> Result<(), Mistake> {
        let made = self.open(&door)?;
        let Outcome::Ok(value) = &made else {
            let problem = format!("client.new was answered {}", word(&made));
            probes.push(found("client", "a client can be made", problem, Exit::Driver));
            return Ok(());
        };
        self.instance = value.get("inst").and_then(Value::as_str).map(str::to_owned);
        self.sign_in()?;
        probes.extend(self.nonce()?);
        probes.push(self.underclaim()?);
        probes.push(marks(&self.sent(), 1));
        // From here on nobody listens behind the address that the client knows.
        drop(door);
        probes.push(self.dead_service()?);
        Ok(())
    }

    /// Signs in as far as the driver can; what it cannot do is judged by the cases.
    fn sign_in(&mut self) -> Result<(), Mistake> {
        if !self.can("auth.email_start") || !self.can("auth.email_verify") {
            return Ok(());
        }
        self.call("auth.email_start", json!({ "email": ADA }))?;
        if let Ok(Some((_, code))) = self.tenant.newest_mail(ADA, 0) {
            self.call("auth.email_verify", json!({ "code": code }))?;
        }
        Ok(())
    }

    /// The service issues a random id and secret: the driver must report these and no others.
    fn nonce(&mut self) -> Result<Option<Probe>, Mistake> {
        let title = "random values of the service come back unchanged";
        if !self.can("totp.register") {
            return Ok(None);
        }
        let told = match self.call("totp.register", json!({}))? {
            Outcome::Ok(told) => told,
            // In a world that is as it is, the service may want more first.
            _ if !self.tenant.can_be_furnished() => return Ok(None),
            refused => {
                let problem =
                    format!("could not be asked, totp.register answered {}", word(&refused));
                return Ok(Some(found("nonce", title, problem, Exit::Nonconformance)));
            }
        };
        let sent = self.sent();
        let issued = sent
            .iter()
            .rfind(|seen| seen.operation.as_deref() == Some("registerTotpMfaDevice"))
            .map(|seen| seen.response_body.clone())
            .unwrap_or(Value::Null);
        let same = |told_as: &str, issued_as: &str| {
            told.get(told_as).is_some() && told.get(told_as) == issued.get(issued_as)
        };
        Ok(Some(match same("device_id", "id") && same("secret", "secret") {
            true => fine("nonce", title),
            false => {
                let problem = "totp.register reports another id or secret than was issued";
                found("nonce", title, problem.to_owned(), Exit::Dishonest)
            }
        }))
    }

    /// A note and no failure: what is not declared is not judged, and the reader should know.
    fn underclaim(&mut self) -> Result<Probe, Mistake> {
        let title = "an op that is not declared does not work";
        let mut works = Vec::new();
        for (op, args) in LOOKS {
            let args = serde_json::from_str(args).unwrap_or(Value::Null);
            if !self.can(op)
                && let Outcome::Ok(_) = self.call(op, args)?
            {
                works.push(op);
            }
        }
        Ok(match works.is_empty() {
            true => fine("underclaim", title),
            false => {
                let problem =
                    format!("UNDERCLAIM: works without being declared: {}", works.join(", "));
                found("underclaim", title, problem, Exit::Conformant)
            }
        })
    }

    fn dead_service(&mut self) -> Result<Probe, Mistake> {
        let title = "with the service down, every networked op fails";
        let mut invented = Vec::new();
        for (op, args) in NETWORKED {
            if self.can(op) {
                let args = serde_json::from_str(args).unwrap_or(Value::Null);
                if let Outcome::Ok(_) = self.call(op, args)? {
                    invented.push(op);
                }
            }
        }
        Ok(match invented.is_empty() {
            true => fine("dead-service", title),
            false => {
                let problem = format!("{} still succeed", invented.join(", "));
                found("dead-service", title, problem, Exit::Dishonest)
            }
        })
    }

    /// Lets the driver perform one op on the client.
    pub(crate) fn call(&mut self, op: &str, args: Value) -> Result<Outcome, Mistake> {
        self.session.call(op, self.instance.clone(), args, ("honesty", 1), self.patience.op)
    }

    /// What the driver declares about an op.
    pub(crate) fn capability(&self, op: &str) -> Option<&Capability> {
        self.session.hello().caps.get(op)
    }

    fn can(&self, op: &str) -> bool {
        self.session.hello().can(op)
    }

    /// What the SDK has asked of the tenant so far.
    pub(crate) fn sent(&self) -> Vec<Exchange> {
        let mut sent = self.tenant.exchanges_after(0);
        sent.retain(|seen| seen.method != "OPTIONS" && seen.header(RAW_MARK).is_none());
        sent
    }
}

fn fine(id: &str, title: &str) -> Probe {
    Probe { id: id.to_owned(), title: title.to_owned(), problem: None, exit: Exit::Conformant }
}

fn found(id: &str, title: &str, problem: String, exit: Exit) -> Probe {
    Probe { id: id.to_owned(), title: title.to_owned(), problem: Some(problem), exit }
}

fn broken(mistake: &Mistake) -> Probe {
    let exit = match mistake {
        Mistake::Crash { .. } | Mistake::Hang { .. } => Exit::Crash,
        _ => Exit::Driver,
    };
    found("driver", "the driver survives the questions", mistake.to_string(), exit)
}

fn word(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Err(error) => describe_error(error),
        other => other.key().to_owned(),
    }
}
