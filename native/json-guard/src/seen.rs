//! Sets of what was seen in the arrays and objects that are open.

use std::collections::HashSet;
use std::hash::{BuildHasher, Hash, RandomState};

/// 128 bits of a keyed hash. Two values that differ have the same digest once in 2^64 values or so, and a model cannot aim
/// at it: the keys are random and stay in the process.
pub(crate) type Digest = [u64; 2];

/// Keys of a guard's digests.
#[derive(Debug, Default)]
pub(crate) struct Keys([RandomState; 2]);

impl Keys {
    pub fn digest(&self, value: impl Hash) -> Digest {
        [self.0[0].hash_one(&value), self.0[1].hash_one(&value)]
    }
}

/// A set that forgets in the reverse order of insertion, as arrays and objects close.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    set: HashSet<Digest>,
    order: Vec<Digest>,
}

impl Seen {
    /// Returns whether `digest` is new.
    pub fn insert(&mut self, digest: Digest) -> bool {
        let new = self.set.insert(digest);
        if new {
            self.order.push(digest);
        }
        new
    }

    pub fn mark(&self) -> usize {
        self.order.len()
    }

    /// Forgets what was inserted since `mark`.
    pub fn release(&mut self, mark: usize) {
        for digest in self.order.drain(mark..) {
            self.set.remove(&digest);
        }
    }
}
