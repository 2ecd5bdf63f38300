//! What a configuration file means: settings over settings, and worlds that are lived in.

use std::collections::BTreeSet;

use crate::policy::Policy;
use crate::{Hosting, Mock, MockError, Options, UserReport};
use serde_json::{Map, Value};

use super::document::joined;
use super::{Config, Document, Problem};

/// A world that is there from the first day.
#[derive(Debug)]
pub(crate) struct Planned {
    pub(crate) id: String,
    /// What it is on that day.
    pub(crate) snapshot: Value,
    /// Who lives in it on that day: an address, a number or an external id of each.
    pub(crate) users: Vec<String>,
}

impl Planned {
    /// Whether a world that has been lived in still has these settings and these users.
    pub(crate) fn is_there(&self, world: &Hosting) -> bool {
        let settings = serde_json::to_value(world.policy()).unwrap_or_default();
        self.snapshot.pointer("/environment/policy") == Some(&settings)
            && self.users.iter().all(|user| world.user(user).is_some())
    }
}

impl Config {
    /// The settings that every environment starts with.
    ///
    /// # Errors
    /// A setting that does not exist, or is out of its range.
    pub(crate) fn policy(
        &self,
        document: &Document,
        preset: &Policy,
        is_preset_of_flags: bool,
    ) -> Result<Policy, Problem> {
        let mut settings = self.settings.clone();
        if is_preset_of_flags {
            // A flag wins over the file, and this is the setting that a preset is about.
            settings.remove("minApiVersion");
        }
        over(document, "settings", preset, settings)
    }

    /// The worlds of the file, lived in by its users.
    ///
    /// They are made in a service of their own, so that what cannot be made is known before
    /// anything is written, and so that each appears in the real one at once.
    ///
    /// # Errors
    /// A setting, an id or a user that cannot be.
    pub(crate) fn worlds(
        &self,
        document: &Document,
        options: &Options,
    ) -> Result<Vec<Planned>, Problem> {
        let scratch = Options { journal_file: None, ..options.clone() };
        let whole = |error: MockError| document.problem_at("settings", &error.to_string());
        let mock = Mock::new(scratch).map_err(whole)?;
        let mut seen = BTreeSet::new();
        let mut planned = Vec::new();
        for (index, world) in self.environments.iter().enumerate() {
            let place = format!("environments[{index}]");
            let at = |inside: &str, message: String| {
                document.problem_at(&joined(&place, inside), &message)
            };
            let hosting =
                mock.environment(&world.id).map_err(|error| at("id", error.to_string()))?;
            if !seen.insert(&world.id) {
                return Err(at("id", format!("`{}` stands here twice", world.id)));
            }
            if !world.settings.is_empty() {
                let settings = joined(&place, "settings");
                let policy = over(document, &settings, &options.policy, world.settings.clone())?;
                hosting.set_policy(policy).map_err(|error| at("settings", error.to_string()))?;
            }
            settle(&hosting, world, &at)?;
            let name = |user: UserReport| {
                let mut names = user.emails.into_iter().chain(user.phones).chain(user.external_ids);
                names.next()
            };
            let users = hosting.users().into_iter().filter_map(name).collect();
            planned.push(Planned { id: world.id.clone(), snapshot: hosting.snapshot(), users });
        }
        Ok(planned)
    }
}

fn settle(
    hosting: &Hosting,
    world: &super::World,
    at: &impl Fn(&str, String) -> Problem,
) -> Result<(), Problem> {
    for (index, user) in world.users.iter().enumerate() {
        hosting
            .create_user(user.clone())
            .map_err(|error| at(&format!("users[{index}]"), error.to_string()))?;
    }
    Ok(())
}

/// Some settings over all settings, checked.
fn over(
    document: &Document,
    place: &str,
    base: &Policy,
    settings: Map<String, Value>,
) -> Result<Policy, Problem> {
    let mut all = serde_json::to_value(base).unwrap_or_default();
    merge(&mut all, Value::Object(settings));
    let policy: Policy = document.read_at(place, all)?;
    policy
        .check()
        .map_err(|error| document.problem_at(&joined(place, error.field), &error.problem))?;
    Ok(policy)
}

/// What is given takes the place of what was there; objects are gone into.
fn merge(into: &mut Value, patch: Value) {
    match (into, patch) {
        (Value::Object(fields), Value::Object(patch)) => {
            for (key, value) in patch {
                merge(fields.entry(key).or_insert(Value::Null), value);
            }
        }
        (into, patch) => *into = patch,
    }
}
