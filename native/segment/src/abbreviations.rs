//! Words whose full stop ends no sentence, though a capital follows. Those that may well end one (etc., p.m.) are not here: before a
//! small letter nothing ends anyway.

/// Lower case, without the last full stop; sorted.
const ABBREVIATIONS: &[&str] = &[
    "adm",
    "al",
    "apr",
    "approx",
    "aug",
    "ave",
    "bros",
    "capt",
    "cf",
    "cmdr",
    "co",
    "col",
    "corp",
    "dec",
    "dept",
    "dr",
    "e.g",
    "eq",
    "est",
    "feb",
    "fig",
    "figs",
    "fr",
    "gen",
    "gov",
    "hon",
    "i.e",
    "inc",
    "jan",
    "jul",
    "jun",
    "lt",
    "ltd",
    "mar",
    "messrs",
    "mr",
    "mrs",
    "ms",
    "mt",
    "nos",
    "nov",
    "oct",
    "op",
    "p",
    "pp",
    "prof",
    "pvt",
    "ref",
    "rep",
    "rev",
    "sen",
    "sep",
    "sept",
    "sgt",
    "st",
    "univ",
    "viz",
    "vol",
    "vs",
    "акад",
    "г",
    "гг",
    "гл",
    "д",
    "др",
    "им",
    "корп",
    "наб",
    "напр",
    "обл",
    "п",
    "пер",
    "пл",
    "просп",
    "проф",
    "рис",
    "с",
    "см",
    "ср",
    "стр",
    "т",
    "табл",
    "тов",
    "ул",
    "ст",
];

/// Lengths of entries of ASCII, and one more than the longest.
const LENGTHS: usize = 7;

/// For each length of an entry of ASCII its first letters, a bit each.
const FIRST: [u32; LENGTHS] = {
    let mut first = [0; LENGTHS];
    let mut at = 0;
    while at < ABBREVIATIONS.len() {
        let entry = ABBREVIATIONS[at].as_bytes();
        if entry[0].is_ascii() {
            first[entry.len()] |= 1 << (entry[0] & 31);
        }
        at += 1;
    }
    first
};

/// Longest entry in bytes.
const LONGEST: usize = 12;

/// Whether the word before a full stop is an abbreviation or an initial. `word` has no full stop at its end.
pub(crate) fn is_abbreviation(word: &str) -> bool {
    let word = word.trim_start_matches(['(', '[', '"', '\'', '«', '“', '‘', '*', '_']);
    let mut letters = word.chars();
    if let (Some(first), None) = (letters.next(), letters.next()) {
        // "J. Smith", "А. С. Пушкин"; but "I", and single digits, may end a sentence.
        if first.is_uppercase() && first != 'I' {
            return true;
        }
    }
    if word.is_empty() || word.len() > LONGEST {
        return false;
    }
    // "U.S", "J.R.R": capitals with full stops between them.
    if word.contains('.') && word.split('.').all(|part| part.chars().count() == 1) {
        return true;
    }
    if let [first, ..] = word.as_bytes()
        && word.is_ascii()
    {
        // Nearly all words end here.
        let may_be = FIRST
            .get(word.len())
            .is_some_and(|letters| letters >> (first & 31) & 1 != 0);
        return may_be
            && ABBREVIATIONS
                .iter()
                .any(|known| known.len() == word.len() && known.eq_ignore_ascii_case(word));
    }
    ABBREVIATIONS
        .iter()
        .any(|known| known.chars().eq(word.chars().flat_map(char::to_lowercase)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_is_found_in_capitals_and_behind_a_bracket() {
        for entry in ABBREVIATIONS {
            assert!(
                is_abbreviation(entry) && is_abbreviation(&format!("({}", entry.to_uppercase())),
                "{entry}"
            );
            assert!(!is_abbreviation(&format!("{entry}x{entry}")), "{entry}");
        }
    }
}
