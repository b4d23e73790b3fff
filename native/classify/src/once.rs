//! Each number of a list once. Nearly all numbers are new and find their place free: only the others are looked at twice. No branch
//! of the first look depends on the numbers: what is guessed wrong costs more than what is computed.

use std::cell::RefCell;

/// Places for a sentence, a paragraph, and the longest text: four times as many as numbers at least, so that few share one; those for a
/// sentence have room in the fastest cache.
const SIZES: [usize; 3] = [1 << 12, 1 << 14, 1 << 16];
/// Numbers that are compared with each other; more are sorted.
const FEW: usize = 32;

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
    late: Vec<u32>,
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
        if buffers.late.len() < numbers.len() {
            buffers.late.resize(numbers.len(), 0);
        }
        buffers.others.clear();
        let mut count = match SIZES.map(|size| numbers.len() * 4 <= size) {
            [true, ..] => buffers.place::<{ SIZES[0] }, 0>(numbers),
            [_, true, _] => buffers.place::<{ SIZES[1] }, 1>(numbers),
            _ => buffers.place::<{ SIZES[2] }, 2>(numbers),
        };
        // Equal numbers have the same place: these are equal to none of those.
        for &other in each_once(&mut buffers.others) {
            numbers[count] = other;
            count += 1;
        }
        count
    })
}

impl Buffers {
    /// Gives each number the place that its highest bits name, if it is the first there. Moves those to the front and returns how many
    /// they are; notes the others, of which a number equal to the first is none.
    fn place<const SIZE: usize, const CLASS: usize>(&mut self, numbers: &mut [u32]) -> usize {
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
            return 0;
        };
        let late = &mut self.late[..numbers.len()];
        let mut count = 0;
        for (at, &number) in numbers.iter().enumerate() {
            let slot = &mut slots[(number >> (32 - bits)) as usize];
            let is_late = (*slot ^ round) & (SIZE as u32 - 1) == 0;
            *slot = if is_late {
                *slot
            } else {
                number << bits | round
            };
            late[count] = at as u32;
            count += usize::from(is_late);
        }
        let mut end = numbers.len();
        // From the last: what takes the place of one is none of them.
        for &at in late[..count].iter().rev() {
            let number = numbers[at as usize];
            if slots[(number >> (32 - bits)) as usize] != number << bits | round {
                self.others.push(number);
            }
            end -= 1;
            numbers[at as usize] = numbers[end];
        }
        end
    }
}

/// Moves each of some numbers to the front, once.
fn each_once(numbers: &mut Vec<u32>) -> &[u32] {
    if numbers.len() > FEW {
        numbers.sort_unstable();
        numbers.dedup();
        return numbers;
    }
    let Some(&first) = numbers.first() else {
        return numbers;
    };
    // Always compared with as many: without a way out there is nothing to guess.
    let mut kept = [first; FEW];
    let mut count = 1;
    for at in 1..numbers.len() {
        let number = numbers[at];
        let is_known = kept
            .iter()
            .fold(0, |any, known| any | u8::from(*known == number));
        (kept[count], numbers[count]) = (number, number);
        count += usize::from(is_known == 0);
    }
    &numbers[..count]
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
