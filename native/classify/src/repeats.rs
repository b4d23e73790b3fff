//! Which n-grams of a short text stood in it before.
//!
//! A gram can only repeat where the three bytes at its end do: these alone are looked up, a third of all grams, and only where they
//! repeat more bytes are compared.

use std::cell::RefCell;

/// Longest text in bytes: with the spaces around it, a place is a byte.
pub(crate) const MAX_BYTES: usize = 252;
/// What stands before a text: the space, and before it bytes that no text has.
const MARGIN: usize = 8;
const SLOT_BITS: u32 = 10;
/// Places that are compared, for each byte of a text: no ordinary text comes near it, and no text costs more.
const MOST_LOOKS: usize = 4;

/// The last place of a gram, by the highest bits of its hash: what an earlier round left counts as empty.
struct Slots {
    places: [u32; 1 << SLOT_BITS],
    round: u32,
}

thread_local! {
    static SLOTS: RefCell<Slots> = const { RefCell::new(Slots { places: [0; 1 << SLOT_BITS], round: 0 }) };
}

/// Where the hashes of the grams stand that end at a place: 3-, 4- and 5-gram, those that there are.
const fn first_gram(place: usize) -> usize {
    match place {
        2 => 0,
        3 => 1,
        _ => 3 * place - 9,
    }
}

/// Shows the indexes of the grams that repeat, the last first. `grams` are the hashes of `text` in their order. Returns whether all are
/// shown: not where too much would have to be compared.
pub(crate) fn repeats(text: &[u8], grams: &[u32], found: &mut Vec<u32>) -> bool {
    found.clear();
    let mut padded = [0xff_u8; MARGIN + MAX_BYTES + 2];
    padded[MARGIN] = b' ';
    padded[MARGIN + 1..][..text.len()].copy_from_slice(text);
    padded[MARGIN + 1 + text.len()] = b' ';
    // The eight bytes that end at a place, the last one lowest.
    let window = |place: usize| {
        let bytes = padded[place + 1..].first_chunk::<8>();
        bytes.map_or(0, |bytes| u64::from_be_bytes(*bytes))
    };
    let mut before = [0_u8; 256];
    let mut late = [0_u8; 256];
    let count =
        SLOTS.with_borrow_mut(|slots| slots.link(text.len() + 2, grams, (&mut before, &mut late)));
    let mut looks = MOST_LOOKS * text.len();
    for &place in late[..count].iter().rev() {
        let here = window(usize::from(place));
        let mut same = 0;
        let mut other = before[usize::from(place)];
        while other != 0 && same < 5 {
            let common = (here ^ window(usize::from(other))).trailing_zeros() / 8;
            same = same.max(common);
            other = before[usize::from(other)];
            if looks == 0 {
                return false;
            }
            looks -= 1;
        }
        let first = first_gram(usize::from(place)) as u32;
        for index in (0..same.min(5).saturating_sub(2)).rev() {
            found.push(first + index);
        }
    }
    true
}

impl Slots {
    /// Links each place to the one before it with the same slot, and collects the places that have such a one; returns how many.
    fn link(
        &mut self,
        end: usize,
        grams: &[u32],
        (before, late): (&mut [u8; 256], &mut [u8; 256]),
    ) -> usize {
        self.round += 1;
        if self.round >> 24 != 0 {
            self.places.fill(0);
            self.round = 1;
        }
        let mut count = 0;
        let mut link = |place: usize, hash: u32| {
            let slot = &mut self.places[(hash >> (32 - SLOT_BITS)) as usize];
            let is_taken = *slot >> 8 == self.round;
            before[place & 255] = if is_taken { (*slot & 255) as u8 } else { 0 };
            late[count & 255] = place as u8;
            count += usize::from(is_taken);
            *slot = self.round << 8 | place as u32;
        };
        link(2, grams[0]);
        link(3, grams[1]);
        for (place, hashes) in (4..end).zip(grams[3..].as_chunks::<3>().0) {
            link(place, hashes[0]);
        }
        count
    }
}
