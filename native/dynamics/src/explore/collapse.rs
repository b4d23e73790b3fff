//! The mean surprise of the newest tokens: what a model that is sure of everything it writes has none of.

/// A token with what it cost.
#[derive(Clone, Copy, Debug, Default)]
struct Priced {
    surprise: f64,
    start: u64,
}

/// Sure for long.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Sure {
    pub(super) start: u64,
    pub(super) end: u64,
    /// Nats a token.
    pub(super) mean: f64,
}

/// Follows the mean over the newest tokens. O(1) a token.
#[derive(Debug)]
pub(super) struct Collapse {
    ring: Box<[Priced]>,
    count: u64,
    sum: f64,
    nats: f64,
    /// Told once until the mean is above the bound again.
    told: bool,
}

impl Collapse {
    pub(super) fn new(tokens: u32, nats: f64) -> Self {
        Self {
            ring: vec![Priced::default(); tokens as usize].into_boxed_slice(),
            count: 0,
            sum: 0.0,
            nats,
            told: false,
        }
    }

    /// A token's bytes and its surprise: -ln of its probability.
    pub(super) fn push(&mut self, (start, end): (u64, u64), surprise: f64) -> Option<Sure> {
        let len = self.ring.len() as u64;
        let slot = (self.count % len) as usize;
        let priced = Priced { surprise, start };
        let oldest = core::mem::replace(&mut self.ring[slot], priced);
        self.sum += surprise - oldest.surprise;
        self.count += 1;
        if slot == 0 {
            // Rounding errors do not add up over a long text.
            self.sum = self.ring.iter().map(|token| token.surprise).sum();
        }
        if self.count < len {
            return None;
        }
        let mean = (self.sum / len as f64).max(0.0);
        let is_sure = mean < self.nats;
        let is_new = is_sure && !self.told;
        self.told = is_sure;
        is_new.then(|| Sure {
            start: self.ring[(self.count % len) as usize].start,
            end,
            mean,
        })
    }

    /// The bound.
    pub(super) fn nats(&self) -> f64 {
        self.nats
    }

    pub(super) fn memory_bytes(&self) -> usize {
        size_of_val(&*self.ring)
    }
}
