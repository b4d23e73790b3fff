//! What becomes of one code point in the normalised lane, and of a look-alike in the skeleton lane.
//!
//! Every entry maps one code point to one ASCII character or to nothing, so that offsets stay simple.

/// What becomes of a code point in the normalised lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fold {
    Keep,
    Drop,
    To(u8),
}

/// Zero digits of the scripts with decimal digits (Unicode 16, general category Nd, without the BMP's ASCII,
/// full-width and mathematical ones, which have their own rule). Source: UnicodeData.txt.
const ZEROS: [u32; 70] = [
    0x660, 0x6F0, 0x7C0, 0x966, 0x9E6, 0xA66, 0xAE6, 0xB66, 0xBE6, 0xC66, 0xCE6, 0xD66, 0xDE6,
    0xE50, 0xED0, 0xF20, 0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90, 0x1B50,
    0x1BB0, 0x1C40, 0x1C50, 0xA620, 0xA8D0, 0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0, 0x104A0,
    0x10D30, 0x10D40, 0x11066, 0x110F0, 0x11136, 0x111D0, 0x112F0, 0x11450, 0x114D0, 0x11650,
    0x116C0, 0x116D0, 0x116DA, 0x11730, 0x118E0, 0x11950, 0x11BF0, 0x11C50, 0x11D50, 0x11DA0,
    0x11F50, 0x16130, 0x16A60, 0x16AC0, 0x16B50, 0x16D70, 0x1CCF0, 0x1D7CE, 0x1E140, 0x1E2F0,
    0x1E4F0, 0x1E5F1, 0x1E950, 0x1FBF0,
];

/// Letter-like symbols whose compatibility decomposition is one ASCII letter. Source: UnicodeData.txt.
const LETTERLIKE: [(u32, u8); 36] = [
    (0x2102, b'C'),
    (0x210A, b'g'),
    (0x210B, b'H'),
    (0x210C, b'H'),
    (0x210D, b'H'),
    (0x210E, b'h'),
    (0x2110, b'I'),
    (0x2111, b'I'),
    (0x2112, b'L'),
    (0x2113, b'l'),
    (0x2115, b'N'),
    (0x2119, b'P'),
    (0x211A, b'Q'),
    (0x211B, b'R'),
    (0x211C, b'R'),
    (0x211D, b'R'),
    (0x2124, b'Z'),
    (0x2128, b'Z'),
    (0x212A, b'K'),
    (0x212C, b'B'),
    (0x212D, b'C'),
    (0x212F, b'e'),
    (0x2130, b'E'),
    (0x2131, b'F'),
    (0x2133, b'M'),
    (0x2134, b'o'),
    (0x2139, b'i'),
    (0x2145, b'D'),
    (0x2146, b'd'),
    (0x2147, b'e'),
    (0x2148, b'i'),
    (0x2149, b'j'),
    (0x1D6A4, b'i'),
    (0x1D6A5, b'j'),
    (0x1F12B, b'C'),
    (0x1F12C, b'R'),
];

/// Latin-1 letters, Greek, Cyrillic, quotes, CJK and Hangul: most text over ASCII, and nothing in them folds. Those of three bytes have
/// no lower-case form.
#[inline]
pub(crate) fn is_kept(code: u32) -> bool {
    matches!(code, 0xC0..=0x34E | 0x370..=0x588 | 0x2016..=0x2027 | 0x3041..=0x3163 | 0x3400..=0xA61F | 0xAC00..=0xD7FF)
}

/// Whether a character is a letter or digit of any script: what the standard library says, without its search where most text is.
#[inline]
pub(crate) fn is_alnum(c: char) -> bool {
    match c as u32 {
        0xC0..=0xD6
        | 0xD8..=0xF6
        | 0xF8..=0x2C1
        | 0x400..=0x481
        | 0x48A..=0x52F
        | 0x3041..=0x3096
        | 0x30A1..=0x30FA
        | 0x4E00..=0x9FFF
        | 0xAC00..=0xD7A3 => true,
        0x2010..=0x2027 | 0x3000..=0x3004 => false,
        _ => c.is_alphanumeric(),
    }
}

/// The normalised lane's view of a code point over U+007F.
pub(crate) fn fold(c: char) -> Fold {
    let code = c as u32;
    if is_kept(code) {
        return Fold::Keep;
    }
    if is_dropped(code) {
        return Fold::Drop;
    }
    if let Some(byte) = space_or_dash(code)
        .or_else(|| letter(code))
        .or_else(|| digit(code))
    {
        return Fold::To(byte);
    }
    Fold::Keep
}

/// Format characters, zero-width and bidirectional controls, variation selectors, tags, fillers: invisible between the
/// letters of a value. Source: general category Cf and property `Default_Ignorable_Code_Point`.
fn is_dropped(code: u32) -> bool {
    matches!(code,
        0xAD | 0x34F | 0x600..=0x605 | 0x61C | 0x6DD | 0x70F | 0x890 | 0x891 | 0x8E2
        | 0x115F | 0x1160 | 0x17B4 | 0x17B5 | 0x180B..=0x180F | 0x200B..=0x200F
        | 0x202A..=0x202E | 0x2060..=0x206F | 0x3164 | 0xFE00..=0xFE0F | 0xFEFF | 0xFFA0
        | 0xFFF0..=0xFFFB | 0x110BD | 0x110CD | 0x13430..=0x1343F | 0x1BCA0..=0x1BCA3
        | 0x1D173..=0x1D17A | 0xE0000..=0xE0FFF)
}

/// Spaces (category Zs), line ends, dashes (category Pd and the minus signs), small forms of punctuation.
fn space_or_dash(code: u32) -> Option<u8> {
    Some(match code {
        0xA0 | 0x1680 | 0x2000..=0x200A | 0x202F | 0x205F | 0x3000 => b' ',
        0x85 | 0x2028 | 0x2029 => b'\n',
        0x58A
        | 0x5BE
        | 0x1806
        | 0x2010..=0x2015
        | 0x2043
        | 0x2212
        | 0x2E3A
        | 0x2E3B
        | 0xFE31
        | 0xFE32
        | 0xFE58
        | 0xFE63 => b'-',
        0xFE52 => b'.',
        0xFE55 => b':',
        0xFE50 => b',',
        0xFE5F => b'#',
        0xFE62 => b'+',
        0xFE6B => b'@',
        _ => return None,
    })
}

/// Full-width, circled, squared and mathematical letters and digits.
fn letter(code: u32) -> Option<u8> {
    let byte = match code {
        0xFF01..=0xFF5E => code - 0xFF01 + 0x21,
        0x24B6..=0x24CF => code - 0x24B6 + 0x41,
        0x24D0..=0x24E9 => code - 0x24D0 + 0x61,
        0x1F130..=0x1F149 => code - 0x1F130 + 0x41,
        0x1F150..=0x1F169 => code - 0x1F150 + 0x41,
        0x1F170..=0x1F189 => code - 0x1F170 + 0x41,
        0x2460..=0x2468 => code - 0x2460 + 0x31,
        0x24F5..=0x24FD => code - 0x24F5 + 0x31,
        0x2776..=0x277E => code - 0x2776 + 0x31,
        0x2780..=0x2788 => code - 0x2780 + 0x31,
        0x278A..=0x2792 => code - 0x278A + 0x31,
        0x24EA | 0x24FF => 0x30,
        // 13 alphabets of 26 capital and 26 small letters each.
        0x1D400..=0x1D6A3 => {
            let at = (code - 0x1D400) % 52;
            if at < 26 { at + 0x41 } else { at - 26 + 0x61 }
        }
        0x2102..=0x2149 | 0x1D6A4 | 0x1D6A5 | 0x1F12B | 0x1F12C => {
            let at = LETTERLIKE
                .binary_search_by_key(&code, |entry| entry.0)
                .ok()?;
            u32::from(LETTERLIKE[at].1)
        }
        _ => return None,
    };
    Some(byte as u8)
}

/// Decimal digits of every script.
fn digit(code: u32) -> Option<u8> {
    // Mathematical digits are five runs of ten behind one zero.
    if matches!(code, 0x1D7CE..=0x1D7FF) {
        return Some(b'0' + ((code - 0x1D7CE) % 10) as u8);
    }
    let at = ZEROS.partition_point(|&zero| zero <= code).checked_sub(1)?;
    let value = code - ZEROS[at];
    (value < 10).then(|| b'0' + value as u8)
}

/// Cyrillic and Greek letters that look like a Latin one: (letters, their Latin twins).
/// Source: Unicode Technical Standard 39, confusables.txt, the single-letter entries of the two scripts.
const CYRILLIC: (&str, &[u8]) = (
    "аеорсухіјѕһԁԛԝкӏүґьАВЕКМНОРСТУХІЈЅҺԌԚԜҮ",
    b"aeopcyxijshdqwklyrbABEKMHOPCTYXIJSHGQWY",
);
const GREEK: (&str, &[u8]) = ("οανρικυχγηΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", b"oavpikuxynABEZHIKMNOPTYX");

/// First code point of [`TWINS`].
const FIRST_TWIN: u32 = 0x370;
/// Per code point of Greek and Cyrillic, the ASCII letter that it looks like; 0 for none.
static TWINS: [u8; 0x1C0] = twins();

const fn twins() -> [u8; 0x1C0] {
    let mut table = [0; 0x1C0];
    let scripts = [GREEK, CYRILLIC];
    let mut script = 0;
    while script < scripts.len() {
        // Each letter has two bytes.
        let (letters, twins) = (scripts[script].0.as_bytes(), scripts[script].1);
        let mut at = 0;
        while at < twins.len() {
            let code = (letters[2 * at] as u32 & 0x1F) << 6 | letters[2 * at + 1] as u32 & 0x3F;
            table[(code - FIRST_TWIN) as usize] = twins[at];
            at += 1;
        }
        script += 1;
    }
    table
}

/// The ASCII letter that a Cyrillic or Greek letter looks like.
#[inline]
pub(crate) fn twin(c: char) -> Option<u8> {
    let at = (c as u32).checked_sub(FIRST_TWIN)?;
    TWINS.get(at as usize).copied().filter(|&twin| twin != 0)
}

/// The lower-case form of a code point where it has one of the same length in UTF-8; else the code point itself, so that
/// offsets in the case-folded lane are those of the normalised lane.
pub(crate) fn lower(c: char) -> char {
    match c as u32 {
        0x41..=0x5A | 0x391..=0x3A9 | 0x410..=0x42F => char::from_u32(c as u32 + 0x20).unwrap_or(c),
        0x400..=0x40F => char::from_u32(c as u32 + 0x50).unwrap_or(c),
        0..=0x7F | 0x430..=0x45F => c,
        _ => {
            let mut lowered = c.to_lowercase();
            match (lowered.next(), lowered.next()) {
                (Some(one), None) if one.len_utf8() == c.len_utf8() => one,
                _ => c,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{
        CYRILLIC, Fold, GREEK, LETTERLIKE, ZEROS, digit, fold, is_alnum, is_dropped, is_kept,
        letter, lower, space_or_dash, twin,
    };

    #[test]
    fn tables_are_sorted_and_paired() {
        assert!(ZEROS.is_sorted());
        assert!(LETTERLIKE.is_sorted_by_key(|entry| entry.0));
        for (letters, twins) in [CYRILLIC, GREEK] {
            assert_eq!(letters.chars().count(), twins.len());
            assert!(letters.chars().all(|c| twin(c).is_some()));
        }
    }

    #[test]
    fn every_numeric_digit_of_a_script_is_folded_and_superscripts_are_not() {
        for zero in ZEROS {
            for value in 0..10 {
                let c = char::from_u32(zero + value).unwrap();
                assert_eq!(
                    fold(c),
                    Fold::To(b'0' + value as u8),
                    "U+{:04X}",
                    zero + value
                );
            }
        }
        for c in "²³¹⁰⁵₀₉".chars() {
            assert_eq!(fold(c), Fold::Keep, "{c}");
        }
    }

    #[test]
    fn disguised_letters_become_ascii_and_letters_of_other_scripts_stay() {
        let disguised = "Ａｚ０＠．ⒶⓏⓐ①❾⓪𝐀𝐳𝒜𝓐𝔄𝕬𝖆𝗔𝘼𝙰𝟎𝟗𝟘𝟿ℍℓ🄰🅐🅰٣६";
        let plain: String = disguised
            .chars()
            .map(|c| match fold(c) {
                Fold::To(byte) => char::from(byte),
                other => panic!("{c} gives {other:?}"),
            })
            .collect();
        assert_eq!(plain, "Az0@.AZa190AzAAAAaAAA0909HlAAA36");
        for c in "éЖяΩ漢한あ€№™½".chars() {
            assert_eq!(fold(c), Fold::Keep, "{c}");
        }
    }

    #[test]
    fn invisible_characters_vanish_and_spaces_and_dashes_become_ascii() {
        for c in "\u{200b}\u{200d}\u{feff}\u{ad}\u{202e}\u{2066}\u{fe0f}\u{e0041}\u{180e}\u{3164}"
            .chars()
        {
            assert_eq!(fold(c), Fold::Drop, "U+{:04X}", c as u32);
        }
        for c in "\u{a0}\u{2007}\u{202f}\u{3000}\u{2009}".chars() {
            assert_eq!(fold(c), Fold::To(b' '), "U+{:04X}", c as u32);
        }
        for c in "‐‑‒–—―−﹣－".chars() {
            assert_eq!(fold(c), Fold::To(b'-'), "U+{:04X}", c as u32);
        }
    }

    #[test]
    fn letters_and_digits_are_those_of_the_standard_library() {
        for c in (0..=0x0010_FFFF).filter_map(char::from_u32) {
            assert_eq!(is_alnum(c), c.is_alphanumeric(), "U+{:04X}", c as u32);
        }
    }

    #[test]
    fn what_is_kept_without_a_search_is_what_the_search_keeps() {
        for code in (0x80..=0xFFFF).filter(|&code| is_kept(code)) {
            let folds = is_dropped(code)
                || space_or_dash(code).is_some()
                || letter(code).is_some()
                || digit(code).is_some();
            assert!(!folds, "U+{code:04X}");
            let c = char::from_u32(code).unwrap();
            assert!(c.len_utf8() == 2 || lower(c) == c, "U+{code:04X}");
        }
    }

    #[test]
    fn a_twin_is_told_for_each_look_alike_and_for_no_other_character() {
        let all = CYRILLIC.0.chars().chain(GREEK.0.chars());
        let twins = CYRILLIC.1.iter().chain(GREEK.1);
        for (c, &expected) in all.zip(twins) {
            assert_eq!(twin(c), Some(expected), "{c}");
        }
        let told = (0..=0x0010_FFFF)
            .filter_map(char::from_u32)
            .filter_map(twin);
        assert_eq!(told.count(), CYRILLIC.1.len() + GREEK.1.len());
    }

    #[test]
    fn lower_case_never_changes_the_length() {
        for c in (0..=0x0010_FFFF).filter_map(char::from_u32) {
            assert_eq!(lower(c).len_utf8(), c.len_utf8());
        }
        assert_eq!(
            "ПАСПОРТЁÉΣ".chars().map(lower).collect::<String>(),
            "паспортёéσ"
        );
    }
}
