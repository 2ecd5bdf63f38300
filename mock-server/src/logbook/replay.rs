//! Carrying out what a journal file says, in the same way as it was carried out before.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use mfa_engine::EnvironmentId;

use super::change::Change;
use super::reading::Record;
use crate::world::{Beginning, World};

/// Every world of a file.
pub(crate) type Worlds = BTreeMap<EnvironmentId, World>;

/// Carries a record out.
///
/// # Errors
/// It does not fit the worlds as they are: the file is whole, but this build makes other worlds of
/// it than the one that wrote it.
pub(super) fn carry_out(
    worlds: &mut Worlds,
    beginning: &Beginning,
    record: Record,
) -> Result<(), String> {
    let Record { environment: id, n, at, was, change, .. } = record;
    let mut place = match (worlds.entry(id), &change) {
        (Entry::Vacant(place), Change::Begin) => {
            place.insert(World::begin(id, beginning));
            return Ok(());
        }
        (Entry::Occupied(_), Change::Begin) => return Err(format!("{id} is begun twice")),
        (Entry::Vacant(_), _) => return Err(format!("{id} was never begun")),
        (Entry::Occupied(place), _) => place,
    };
    let world = place.get_mut();
    if (world.dice.commands, world.witness.0) != (n, was) {
        return Err("what was decided before it comes out differently here".to_owned());
    }
    match change {
        Change::Begin => {}
        // What came of it does not matter: a refusal was a refusal then, too.
        Change::Command(command) => drop(world.apply(command.into_owned(), at, None)),
        Change::Intervention(what) => drop(world.intervene(what.into_owned(), at)),
        Change::Clock(clock) => {
            world.clock = clock.checked().map_err(|error| error.to_string())?;
        }
        Change::InjectFault(fault) => {
            world.faults.inject(fault.into_owned()).map_err(|error| error.to_string())?;
        }
        Change::RemoveFault(fault) => drop(world.faults.remove(fault)),
        Change::ClearFaults => world.faults.clear(),
        Change::Befall(operation) => drop(world.faults.befall(&operation)),
        // As above: a call that came too early then comes too early now.
        Change::CountCall { caller, kind } => drop(world.count_call(caller, kind, at)),
        Change::Restore(snapshot) => {
            let seed = snapshot.check(world).map_err(|error| error.to_string())?;
            snapshot.into_owned().put_into(world, seed);
        }
        Change::Reset => *world = World::begin(id, beginning),
        Change::Forget => drop(place.remove()),
    }
    Ok(())
}
