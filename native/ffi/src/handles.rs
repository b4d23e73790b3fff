//! The handle table: numbers for what lives in here. Index and generation in 31 bits, so that a handle is never
//! negative, a closed one is never found again (but see [`GENERATIONS`]) and none is a pointer.
//!
//! Every slot has its own lock: a call on a handle waits for nobody but a call on the same handle. Finding a slot takes
//! no lock: slots lie in chunks that are made once and never move.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use crate::status::Fault;

const INDEX_BITS: u32 = 18;
const MAX_SLOTS: usize = 1 << INDEX_BITS;
/// Generations of a slot, 1 to 8,191. They start anew after the last; together with [`MIN_FREE`] a closed handle can
/// be mistaken for a living one after 8 million later opens at the earliest.
const GENERATIONS: u32 = (1 << (31 - INDEX_BITS)) - 1;
/// Slots that stay free before one is used again, so that generations last.
const MIN_FREE: usize = 1024;
const CHUNK: usize = 1024;

struct State<T> {
    generation: u32,
    object: Option<T>,
}

/// What lives behind one index. The lock's own poison flag is the handle's: a panic under the lock sets it.
type Slot<T> = Mutex<State<T>>;

struct Free {
    /// Closed slots, longest closed first.
    queue: VecDeque<u32>,
    /// First index that was never used.
    next: usize,
}

/// Objects by handle, for all threads.
pub(crate) struct Table<T> {
    chunks: [OnceLock<Box<[Slot<T>]>>; MAX_SLOTS / CHUNK],
    free: Mutex<Free>,
}

impl<T> Table<T> {
    pub(crate) const fn new() -> Self {
        Self {
            chunks: [const { OnceLock::new() }; MAX_SLOTS / CHUNK],
            free: Mutex::new(Free {
                queue: VecDeque::new(),
                next: 0,
            }),
        }
    }

    /// Takes the object in and returns its handle.
    pub(crate) fn insert(&self, object: T) -> Result<u32, Fault> {
        let index = self.take_index()?;
        let chunk = self.chunks[index as usize / CHUNK].get_or_init(|| {
            (0..CHUNK)
                .map(|_| {
                    Mutex::new(State {
                        generation: 0,
                        object: None,
                    })
                })
                .collect()
        });
        let mut state = relock(&chunk[index as usize % CHUNK]);
        state.generation = state.generation % GENERATIONS + 1;
        state.object = Some(object);
        Ok(state.generation << INDEX_BITS | index)
    }

    /// Runs `body` on the object under its lock. A panic in it poisons the handle.
    #[inline]
    pub(crate) fn with<R>(
        &self,
        handle: u32,
        body: impl FnOnce(&mut T) -> Result<R, Fault>,
    ) -> Result<R, Fault> {
        let slot = self.slot(handle).ok_or(Fault::BAD_HANDLE)?;
        match slot.lock() {
            Ok(mut state) => match &mut *state {
                State {
                    generation,
                    object: Some(object),
                } if *generation == generation_of(handle) => body(object),
                _ => Err(Fault::BAD_HANDLE),
            },
            Err(poisoned) => {
                let state = poisoned.into_inner();
                let is_it = state.generation == generation_of(handle) && state.object.is_some();
                Err(if is_it {
                    Fault::POISONED
                } else {
                    Fault::BAD_HANDLE
                })
            }
        }
    }

    /// Drops the object if `wanted` says so; a poisoned one too. The handle is unknown from then on.
    pub(crate) fn remove(&self, handle: u32, wanted: fn(&T) -> bool) -> Result<(), Fault> {
        let slot = self.slot(handle).ok_or(Fault::BAD_HANDLE)?;
        let mut state = relock(slot);
        let is_it =
            state.generation == generation_of(handle) && state.object.as_ref().is_some_and(wanted);
        if !is_it {
            return Err(Fault::BAD_HANDLE);
        }
        let object = state.object.take();
        slot.clear_poison();
        drop(state);
        // What a panic left half done may panic again when dropped; the slot must come back all the same.
        let dropped = catch_unwind(AssertUnwindSafe(|| drop(object)));
        relock(&self.free)
            .queue
            .push_back(handle & (MAX_SLOTS as u32 - 1));
        dropped.map_err(|payload| {
            std::mem::forget(payload);
            Fault::POISONED
        })
    }

    fn slot(&self, handle: u32) -> Option<&Slot<T>> {
        let index = (handle as usize) & (MAX_SLOTS - 1);
        Some(&self.chunks[index / CHUNK].get()?[index % CHUNK])
    }

    fn take_index(&self) -> Result<u32, Fault> {
        let mut free = relock(&self.free);
        if free.queue.len() >= MIN_FREE || free.next == MAX_SLOTS {
            return free.queue.pop_front().ok_or(Fault::FULL);
        }
        free.next += 1;
        Ok(free.next as u32 - 1)
    }
}

fn generation_of(handle: u32) -> u32 {
    handle >> INDEX_BITS
}

/// The lock, whether or not somebody panicked under it.
fn relock<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::status::{MS_BAD_HANDLE, MS_PANIC};

    fn any<T>(_: &T) -> bool {
        true
    }

    fn status<R>(result: Result<R, Fault>) -> i32 {
        result.map_or_else(|fault| fault.status, |_| 0)
    }

    #[test]
    fn a_closed_handle_is_unknown_though_its_slot_lives_again() {
        let table: Table<u32> = Table::new();
        let first = table.insert(7).unwrap();
        assert!(table.remove(first, any).is_ok());
        assert_eq!(status(table.remove(first, any)), MS_BAD_HANDLE);
        let index = first & (MAX_SLOTS as u32 - 1);
        let again = (0..2 * MIN_FREE)
            .map(|_| {
                let handle = table.insert(8).unwrap();
                table.remove(handle, any).unwrap();
                handle
            })
            .find(|handle| handle & (MAX_SLOTS as u32 - 1) == index)
            .expect("the slot is used again");
        assert_ne!(again, first);
        assert_eq!(status(table.with(first, |_| Ok(()))), MS_BAD_HANDLE);
    }

    #[test]
    fn no_number_is_a_handle_by_accident() {
        let table: Table<u32> = Table::new();
        let handle = table.insert(7).unwrap();
        let strangers = [
            0,
            u32::MAX,
            handle ^ 1,
            handle ^ (1 << INDEX_BITS),
            handle | 1 << 31,
        ];
        for stranger in strangers {
            assert_eq!(
                status(table.with(stranger, |_| Ok(()))),
                MS_BAD_HANDLE,
                "{stranger:#x}"
            );
        }
    }

    #[test]
    fn a_panic_poisons_its_own_handle_only_and_closing_frees_it() {
        let table: Table<u32> = Table::new();
        let (bad, good) = (table.insert(1).unwrap(), table.insert(2).unwrap());
        let panicked = catch_unwind(AssertUnwindSafe(|| {
            table.with(bad, |_| -> Result<(), Fault> { panic!("on purpose") })
        }));
        assert!(panicked.is_err());
        assert_eq!(status(table.with(bad, |_| Ok(()))), MS_PANIC);
        assert_eq!(table.with(good, |n| Ok(*n)), Ok(2));
        assert!(table.remove(bad, any).is_ok());
        assert_eq!(status(table.with(bad, |_| Ok(()))), MS_BAD_HANDLE);
    }

    #[test]
    fn handles_of_many_threads_do_not_mix() {
        let table: Table<usize> = Table::new();
        std::thread::scope(|scope| {
            for thread in 0..4 {
                let table = &table;
                scope.spawn(move || {
                    for round in 0..2_000 {
                        let handle = table.insert(thread * 10_000 + round).unwrap();
                        assert_eq!(table.with(handle, |n| Ok(*n)), Ok(thread * 10_000 + round));
                        table.remove(handle, any).unwrap();
                    }
                });
            }
        });
    }

    #[test]
    fn a_full_table_refuses_and_recovers() {
        let table: Table<()> = Table::new();
        let handles: Vec<u32> = (0..MAX_SLOTS).map(|_| table.insert(()).unwrap()).collect();
        assert_eq!(table.insert(()), Err(Fault::FULL));
        table.remove(handles[5], any).unwrap();
        assert!(table.insert(()).is_ok());
    }
}
