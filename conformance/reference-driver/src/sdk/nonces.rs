//! Nonces that the service issued and the device will sign.

use std::collections::VecDeque;

use driver_protocol::SdkError;
use serde::Deserialize;

use super::transport::Call;
use super::{Client, error};
use crate::chance::alphanumerics;
use crate::sabotage::Deed;

/// Unused nonces, oldest first.
pub(super) type NoncePool = VecDeque<String>;

#[derive(Deserialize)]
struct Answer {
    nonces: Vec<String>,
}

impl Client {
    /// Asks for as many nonces as the service gives at once, unless there are as many.
    pub(super) fn fill_nonces(&mut self) -> Result<(), SdkError> {
        if self.storage.nonces.len() >= POOL_SIZE {
            return Ok(());
        }
        let answer = self.json(Call::get("nonces").query("count=5"))?;
        let answer: Answer = error::shaped(answer)?;
        self.storage.nonces.extend(answer.nonces);
        Ok(())
    }

    /// Takes a nonce that no request had before.
    pub(super) fn take_nonce(&mut self) -> Result<String, SdkError> {
        if self.storage.nonces.is_empty() {
            if self.sins(Deed::NeverRefillNonces) {
                return Err(error::missing("no nonce is left"));
            }
            self.fill_nonces()?;
        }
        if let Some(nonce) = self.storage.nonces.front()
            && self.surroundings.sabotages.commits(Deed::ReuseNonce)
        {
            return Ok(nonce.clone());
        }
        if self.sins(Deed::MadeUpNonces) {
            return alphanumerics(MADE_UP_LENGTH);
        }
        self.storage
            .nonces
            .pop_front()
            .ok_or_else(|| error::unreadable(None, "the service issued no nonces"))
    }
}

const POOL_SIZE: usize = 5;
/// Any length will do for what nobody issued.
const MADE_UP_LENGTH: usize = 32;
