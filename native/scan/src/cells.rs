//! What every byte may begin behind every left neighbourhood, as one table for the loops over text.

use crate::machine::DEAD;
use crate::plan::{Cell, Open, Part};
use crate::unite::United;

/// What every byte does behind every left neighbourhood.
pub(crate) fn cells(parts: &[Part], open: &[Open], next: &[[u8; 256]]) -> Box<[[Cell; 256]; 256]> {
    let cell = |row: usize, byte: usize| {
        let first = open.first().filter(|open| !open.sleeps);
        let entry = first.map_or(DEAD, |open| open.entries[row][byte]);
        let flags = open.iter().enumerate().map(|(index, open)| {
            let state = open.entries[row][byte];
            let alive = parts[open.part as usize].machine.alive(state);
            match (state, open.sleeps) {
                (DEAD, _) => 0,
                (_, false) if index > 0 => Cell::OTHERS,
                (_, false) => 0,
                (_, true) => flags_of(open, alive),
            }
        });
        Cell::new(
            entry,
            next[row][byte],
            flags.fold(0, |all, flags| all | flags),
        )
    };
    // As many rows as a byte can number, so that looking one up needs no test.
    let mut cells = vec![[Cell::default(); 256]; 256];
    for (row, cells) in cells.iter_mut().enumerate().take(next.len()) {
        *cells = std::array::from_fn(|byte| cell(row, byte));
    }
    cells
        .into_boxed_slice()
        .try_into()
        .unwrap_or_else(|_| unreachable!("256 rows"))
}

/// Patterns of a part by what they begin with: flag and mask.
pub(crate) fn kinds(united: &United) -> [(u32, u64); 3] {
    let begin = |within: fn(&u8) -> bool| {
        let bytes = (0..=u8::MAX).filter(within);
        let states =
            bytes.flat_map(|byte| united.entries.iter().map(move |row| row[usize::from(byte)]));
        states.fold(0, |mask, state| mask | united.machine.alive(state))
    };
    let letters = begin(u8::is_ascii_lowercase);
    let capitals = begin(u8::is_ascii_uppercase) & !letters;
    [
        (Cell::LETTERS, letters),
        (Cell::CAPITALS, capitals),
        (Cell::SIGNS, !letters & !capitals),
    ]
}

/// Flags of the cells at which some patterns of a part that sleeps may start.
pub(crate) fn flags_of(open: &Open, patterns: u64) -> u32 {
    let kinds = open.kinds.iter().filter(|(_, mask)| mask & patterns != 0);
    kinds.fold(0, |flags, (flag, _)| flags | flag)
}
