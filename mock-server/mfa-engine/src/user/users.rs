//! All users of an environment, by id.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::User;
use crate::id::UserId;

/// A map of users. Each has a box, because the nodes of such a map are a third empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Users(BTreeMap<UserId, Box<User>>);

impl Users {
    pub(crate) fn get(&self, id: &UserId) -> Option<&User> {
        self.0.get(id).map(Box::as_ref)
    }

    pub(crate) fn get_mut(&mut self, id: &UserId) -> Option<&mut User> {
        self.0.get_mut(id).map(Box::as_mut)
    }

    pub(crate) fn contains_key(&self, id: &UserId) -> bool {
        self.0.contains_key(id)
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// The users, in the order of their ids.
    pub(crate) fn values(&self) -> impl Iterator<Item = &User> {
        self.0.values().map(Box::as_ref)
    }

    pub(crate) fn insert(&mut self, id: UserId, user: User) {
        self.0.insert(id, Box::new(user));
    }

    pub(crate) fn remove(&mut self, id: &UserId) -> Option<User> {
        self.0.remove(id).map(|user| *user)
    }
}
