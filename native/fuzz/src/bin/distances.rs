//! Two sequences: bit-parallel distances are those of the plain matrix, over bytes and over tokens, and of a stream.
#![no_main]

use libfuzzer_sys::fuzz_target;
use midstream_temporal_compare::{Anchor, Edit, EditStream};

/// Levenshtein (Wagner and Fischer 1974), optimal string alignment, and the longest common subsequence, by their definitions.
fn plain(a: &[u8], b: &[u8]) -> [usize; 3] {
    let mut rows = vec![vec![[0_usize; 3]; b.len() + 1]; a.len() + 1];
    for i in 0..=a.len() {
        for j in 0..=b.len() {
            rows[i][j] = if i == 0 || j == 0 {
                [i + j, i + j, 0]
            } else {
                let differs = usize::from(a[i - 1] != b[j - 1]);
                let edit = |k: usize| {
                    (rows[i - 1][j][k] + 1)
                        .min(rows[i][j - 1][k] + 1)
                        .min(rows[i - 1][j - 1][k] + differs)
                };
                let mut osa = edit(1);
                if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                    osa = osa.min(rows[i - 2][j - 2][1] + 1);
                }
                let common = if differs == 0 {
                    rows[i - 1][j - 1][2] + 1
                } else {
                    rows[i - 1][j][2].max(rows[i][j - 1][2])
                };
                [edit(0), osa, common]
            };
        }
    }
    rows[a.len()][b.len()]
}

fuzz_target!(|data: &[u8]| {
    let Some((&at, rest)) = data.split_first() else {
        return;
    };
    if rest.len() > 600 {
        return;
    }
    let (a, b) = rest.split_at(rest.len() * usize::from(at) / 256);
    let expected = plain(a, b);
    let mut edit = Edit::new();
    let found = [
        edit.levenshtein(a, b).expect("short"),
        edit.osa(a, b).expect("short"),
        edit.lcs_length(a, b).expect("short"),
    ];
    assert_eq!(found, expected);
    // The same as tokens far apart, which have no small alphabet.
    let tokens = |bytes: &[u8]| {
        bytes
            .iter()
            .map(|byte| u32::from(*byte).wrapping_mul(0x9E37_79B9))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        edit.levenshtein(&tokens(a), &tokens(b)).expect("short"),
        expected[0]
    );
    if let Ok(mut stream) = EditStream::new(a, Anchor::Start) {
        let last = b.iter().map(|&byte| stream.push(byte)).last();
        assert_eq!(last.unwrap_or(a.len() as u64), expected[0] as u64);
    }
});
