//! Each number of a list once. Nearly all numbers are new and find their place free: only the others are looked at twice.

use std::cell::RefCell;

/// Places for a sentence, a paragraph, and the longest text: four times as many as numbers at least, so that few share one; those for a
/// sentence have room in the fastest cache.
const SIZES: [usize; 3] = [1 << 12, 1 << 14, 1 << 16];
/// Numbers up to which a search through all is as fast as to sort them.
const FEW: usize = 64;

/// Places by the highest bits of a number. One holds the other bits, and in the bits that they leave the round in which it was taken:
/// what an earlier round left counts as empty, so that nothing is cleared.
#[derive(Debug)]
struct Places {
    slots: Vec<u32>,
    round: u32,
}

impl Places {
    const NONE: Self = Self {
        slots: Vec::new(),
        round: 0,
    };
}

#[derive(Debug)]
struct Buffers {
    places: [Places; SIZES.len()],
    /// Where the numbers are that found their place taken.
    late: Vec<usize>,
    /// Those of them whose place another number has.
    others: Vec<u32>,
}

thread_local! {
    /// One for all readers of a thread: each call leaves nothing in it that counts.
    static BUFFERS: RefCell<Buffers> = const {
        RefCell::new(Buffers { places: [Places::NONE; SIZES.len()], late: Vec::new(), others: Vec::new() })
    };
}

/// Moves each of the numbers to the front, once; returns how many these are. Their order is nobody's.
pub(crate) fn keep_once(numbers: &mut [u32]) -> usize {
    BUFFERS.with_borrow_mut(|buffers| {
        buffers.late.clear();
        buffers.others.clear();
        match SIZES.map(|size| numbers.len() * 4 <= size) {
            [true, ..] => buffers.place::<{ SIZES[0] }, 0>(numbers),
            [_, true, _] => buffers.place::<{ SIZES[1] }, 1>(numbers),
            _ => buffers.place::<{ SIZES[2] }, 2>(numbers),
        }
        let Buffers { late, others, .. } = buffers;
        let mut count = numbers.len();
        // From the last: what takes the place of one is none of them.
        for &at in late.iter().rev() {
            count -= 1;
            numbers[at] = numbers[count];
        }
        // Equal numbers have the same place: these are equal to none of those.
        if others.len() > FEW {
            others.sort_unstable();
            others.dedup();
        }
        let first = count;
        for &other in &*others {
            if others.len() > FEW || !numbers[first..count].contains(&other) {
                numbers[count] = other;
                count += 1;
            }
        }
        count
    })
}

impl Buffers {
    /// Gives each number the place that its highest bits name, if it is the first there, and notes all others.
    fn place<const SIZE: usize, const CLASS: usize>(&mut self, numbers: &[u32]) {
        let bits = SIZE.trailing_zeros();
        let Places { slots, round } = &mut self.places[CLASS];
        *round += 1;
        if slots.len() < SIZE || *round >> bits != 0 {
            slots.clear();
            slots.resize(SIZE, 0);
            *round = 1;
        }
        let round = *round;
        let Some(slots) = slots.first_chunk_mut::<SIZE>() else {
            return;
        };
        for (at, &number) in numbers.iter().enumerate() {
            let slot = &mut slots[(number >> (32 - bits)) as usize];
            let taken = number << bits | round;
            let difference = *slot ^ taken;
            if difference & (SIZE as u32 - 1) != 0 {
                *slot = taken;
                continue;
            }
            self.late.push(at);
            if difference != 0 {
                self.others.push(number);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_number_is_kept_once(
            parts in prop::collection::vec((any::<u32>(), 0_u32..40, 1_u32..4, 0_usize..70), 0..60),
            extremes in any::<bool>(),
        ) {
            // Runs of neighbours, high and low bits alike.
            let mut numbers: Vec<u32> = parts
                .iter()
                .flat_map(|(from, turn, step, count)| {
                    (0..*count as u32 * 3).map(move |at| from.wrapping_add(at / 2 * step).rotate_left(*turn))
                })
                .collect();
            if extremes {
                numbers.extend([0, u32::MAX, 0, u32::MAX, 1, 1 << 31]);
            }
            let mut expected = numbers.clone();
            expected.sort_unstable();
            expected.dedup();
            let count = keep_once(&mut numbers);
            numbers.truncate(count);
            numbers.sort_unstable();
            prop_assert_eq!(numbers, expected);
        }
    }
}
