//! Words by category and severity, as hashes: the file names no word.

use std::sync::LazyLock;

use crate::Category;

/// `MSX` and the version; then entries, sorted: 4 bytes of hash, little-endian, one of category and severity.
const MAGIC: [u8; 4] = *b"MSX\x01";
const ENTRY: usize = 5;
/// Most words of an entry.
pub(crate) const MAX_WORDS: usize = 3;

/// What an entry says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub category: Category,
    /// 1 mild, 2 strong, 3 severe.
    pub severity: u8,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Lexicon {
    entries: &'static [u8],
}

/// Says of most hashes that the lexicon has not that it has not: two bits for a hash, by its upper half and by the
/// bits in the middle; one in three hundred passes.
pub(crate) struct Filter([u64; 1024]);

static FILTER: LazyLock<Filter> = LazyLock::new(|| {
    let lexicon = Lexicon::shipped();
    let mut bits = [0; 1024];
    for (hash, _) in (0..lexicon.len()).map(|index| lexicon.entry(index)) {
        for part in [hash >> 16, hash >> 8 & 0xffff] {
            bits[part as usize / 64] |= 1 << (part & 63);
        }
    }
    Filter(bits)
});

impl Filter {
    pub fn shipped() -> &'static Self {
        &FILTER
    }

    pub fn may_have(&self, hash: u32) -> bool {
        let has = |part: u32| self.0[part as usize / 64] >> (part & 63);
        has(hash >> 16) & has(hash >> 8 & 0xffff) & 1 != 0
    }
}

impl Lexicon {
    /// The one that the crate ships.
    pub fn shipped() -> Self {
        let file: &'static [u8] = include_bytes!("../lexicon.bin");
        debug_assert!(file.starts_with(&MAGIC) && (file.len() - MAGIC.len()).is_multiple_of(ENTRY));
        Self {
            entries: &file[MAGIC.len()..],
        }
    }

    pub fn len(self) -> usize {
        self.entries.len() / ENTRY
    }

    fn entry(self, index: usize) -> (u32, u8) {
        let at = index * ENTRY;
        let bytes = &self.entries[at..at + ENTRY];
        (
            u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]),
            bytes[4],
        )
    }

    pub fn find(self, hash: u32) -> Option<Entry> {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = usize::midpoint(low, high);
            let (found, what) = self.entry(middle);
            match found.cmp(&hash) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
                std::cmp::Ordering::Equal => {
                    return Some(Entry {
                        category: Category::ALL[usize::from(what >> 4).min(5)],
                        severity: what & 15,
                    });
                }
            }
        }
        None
    }
}

/// A lexicon's file from its entries: hash, and `category << 4 | severity`.
pub fn lexicon_bytes(mut entries: Vec<(u32, u8)>) -> Vec<u8> {
    entries.sort_unstable();
    entries.dedup_by_key(|entry| entry.0);
    let mut out = MAGIC.to_vec();
    for (hash, what) in entries {
        out.extend(hash.to_le_bytes());
        out.push(what);
    }
    out
}
