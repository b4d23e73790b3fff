//! Telephone numbers: number plans of all regions, and the shapes in which people write them.

use super::digits::{one_separator, uniform};
use super::phone_metadata::{INTERNATIONAL, NATIONAL};
use super::{Candidate, Check, Refusal, Refused};
use crate::boundary;

/// With a calling code and in the region's plan.
const PLANNED: f32 = 0.9;
/// With a calling code and phone-like groups, but no line of the plan (examples such as +1 555 123 4567).
const UNPLANNED: f32 = 0.6;
/// National, in a shape that little else has.
const SHAPED: f32 = 0.6;
/// National digits in groups: a finding with a context word.
const GROUPED: f32 = 0.2;
/// Bare national digits: a finding with a context word.
const BARE: f32 = 0.2;

/// Most groups of digits that a number is written in (`+33 1 42 68 53 00` has six).
const GROUPS: usize = 8;
/// Digits of the longest number (ITU-T E.164 section 6) with an international prefix.
const DIGITS: usize = 17;

/// What [`continues`] rejects: national digits behind digits.
pub(super) static REFUSALS: &[Refusal] = &[Refusal {
    after: boundary::NUMBER as u32,
    what: Refused::Unless(b"+("),
}];

/// A number as it is written.
struct Written {
    digits: [u8; DIGITS],
    len: usize,
    groups: [usize; GROUPS],
    count: usize,
    /// The first group stands in parentheses.
    area_in_parentheses: bool,
}

impl Written {
    fn digits(&self) -> &[u8] {
        self.digits.get(..self.len).unwrap_or(&[])
    }

    fn groups(&self) -> &[usize] {
        self.groups.get(..self.count).unwrap_or(&[])
    }

    /// Reads digits and groups, leaves out a `(0)`; `None` for what nobody writes.
    fn read(text: &[u8]) -> Option<Self> {
        let mut written = Self {
            digits: [0; DIGITS],
            len: 0,
            groups: [0; GROUPS],
            count: 0,
            area_in_parentheses: text.starts_with(b"("),
        };
        let mut rest = text;
        let mut open = false;
        while let Some((&byte, after)) = rest.split_first() {
            let run = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
            if run > 0 {
                let (digits, after) = rest.split_at(run);
                rest = after;
                if !(open && digits == b"0") {
                    written.add(digits)?;
                }
                continue;
            }
            match byte {
                b'(' if open || after.contains(&b'(') => return None,
                b'(' => open = true,
                b')' if open => open = false,
                b')' => return None,
                _ if open => return None,
                _ => {}
            }
            rest = after;
        }
        (!open).then_some(written)
    }

    fn add(&mut self, group: &[u8]) -> Option<()> {
        for byte in group {
            *self.digits.get_mut(self.len)? = byte - b'0';
            self.len += 1;
        }
        *self.groups.get_mut(self.count)? = group.len();
        self.count += 1;
        Some(())
    }
}

/// Whether a table accepts the digits.
fn accepts(table: &[[u16; 11]], digits: &[u8]) -> bool {
    let end = digits.iter().try_fold(0_usize, |state, &digit| {
        let next = usize::from(*table.get(state)?.get(usize::from(digit))?);
        (next != 0).then_some(next)
    });
    end.and_then(|state| table.get(state))
        .is_some_and(|row| row[10] == 1)
}

/// A telephone number, international (`+`, `00`) or national.
pub(super) fn phone(candidate: &Candidate<'_>) -> Check {
    let Some(written) = Written::read(candidate.text) else {
        return Check::Reject;
    };
    let score = if candidate.text.starts_with(b"+") {
        international(&written, candidate)
    } else if continues(candidate) {
        None
    } else {
        exit_code(&written).or_else(|| national(&written, candidate))
    };
    score.map_or(Check::Reject, Check::Score)
}

/// `+` and a calling code.
fn international(written: &Written, candidate: &Candidate<'_>) -> Option<f32> {
    let digits = written.digits();
    if digits.len() < 6 || uniform(digits.get(1..)?) {
        return None;
    }
    if accepts(&INTERNATIONAL, digits) {
        return Some(PLANNED);
    }
    // Plans change: ten bare digits behind a plus sign are hardly anything else.
    let phone_like = (9..=15).contains(&digits.len()) && calling_code(digits);
    let grouped = match written.count {
        1 => digits.len() >= 10,
        _ => groups_are_sane(written.groups()),
    };
    match (phone_like, grouped || candidate.context) {
        (true, true) => Some(UNPLANNED),
        _ => None,
    }
}

/// Whether some number of the plans begins with these one to three digits.
fn calling_code(digits: &[u8]) -> bool {
    let reach = digits.iter().take(3).try_fold(0_usize, |state, &digit| {
        let next = usize::from(*INTERNATIONAL.get(state)?.get(usize::from(digit))?);
        (next != 0).then_some(next)
    });
    reach.is_some()
}

/// `00 49 30 ...`: the usual international prefix (ITU-T E.164) and a number of the plan.
fn exit_code(written: &Written) -> Option<f32> {
    match written.digits() {
        [0, 0, rest @ ..] if rest.len() >= 9 && accepts(&INTERNATIONAL, rest) => {
            Some(if written.count > 1 { SHAPED } else { 0.4 })
        }
        _ => None,
    }
}

/// A number without a calling code; its shape, or a context word, must tell. Digits before a hyphen and more are half of something:
/// `1-800-799-SAFE`.
fn national(written: &Written, candidate: &Candidate<'_>) -> Option<f32> {
    let (digits, groups) = (written.digits(), written.groups());
    if !(7..=12).contains(&digits.len()) || uniform(digits) || !accepts(&NATIONAL, digits) {
        return north_american(written, candidate);
    }
    let goes_on = candidate.next == Some(b'-');
    if written.count == 1 && !written.area_in_parentheses {
        return (!goes_on).then_some(BARE);
    }
    let postal = groups == [5, 4] && candidate.text.get(5) == Some(&b'-');
    if postal {
        return (!behind_place(candidate.before)).then_some(GROUPED);
    }
    if date_or_decimal(candidate.text, groups, digits) || !groups_are_sane(groups) {
        return None;
    }
    north_american(written, candidate)
        .or_else(|| trunk_prefix(written, candidate.text))
        .or_else(|| in_parentheses(written))
        .or((!goes_on).then_some(GROUPED))
}

/// Whether a capitalised word stands before five digits, a hyphen and four: `CA 94103-1234` and `Boston 02110-1301` are American postal
/// codes, `Celular 91234-5678` is a Brazilian number.
fn behind_place(before: &[u8]) -> bool {
    const CALLED: &[&[u8]] = &[
        b"call",
        b"cel",
        b"celular",
        b"cell",
        b"contato",
        b"fax",
        b"fon",
        b"fone",
        b"mobile",
        b"phone",
        b"ramal",
        b"tel",
        b"telefon",
        b"telefone",
        b"whatsapp",
        b"zap",
    ];
    let spaces = before
        .iter()
        .rev()
        .take_while(|byte| b" ,.\n".contains(byte))
        .count();
    let head = before.get(..before.len() - spaces).unwrap_or(&[]);
    let letters = head
        .iter()
        .rev()
        .take_while(|byte| byte.is_ascii_alphabetic())
        .count();
    let word = head.get(head.len() - letters..).unwrap_or(&[]);
    spaces > 0
        && word.first().is_some_and(u8::is_ascii_uppercase)
        && !CALLED.iter().any(|known| known.eq_ignore_ascii_case(word))
}

/// `415-555-0132`, `(415) 555-0132`, `1 415 555 0132`: area and exchange begin with 2 to 9 (NANP).
fn north_american(written: &Written, candidate: &Candidate<'_>) -> Option<f32> {
    let (digits, groups) = match (written.digits(), written.groups()) {
        ([1, digits @ ..], [1, groups @ ..]) => (digits, groups),
        other => other,
    };
    let [area, _, _, exchange, ..] = digits else {
        return None;
    };
    let shaped = groups == [3, 3, 4] || (groups == [3, 7] && written.area_in_parentheses);
    if !shaped || !(2..=9).contains(area) || !(2..=9).contains(exchange) || uniform(digits) {
        return None;
    }
    let spaced = candidate
        .text
        .iter()
        .all(|byte| byte.is_ascii_digit() || *byte == b' ');
    Some(if spaced { 0.5 } else { SHAPED })
}

/// `0490 75 40 81`, `8 (495) 123-45-67`: a trunk prefix, nine digits or more, one kind of separator between groups.
fn trunk_prefix(written: &Written, text: &[u8]) -> Option<f32> {
    let (digits, groups) = (written.digits(), written.groups());
    let shaped = match (digits, groups) {
        ([0, 0, ..], _) => false,
        ([0, ..], [first, rest @ ..]) => {
            (9..=12).contains(&digits.len())
                && (2..=5).contains(first)
                && rest.iter().all(|group| (2..=8).contains(group))
                && (one_separator(text) || written.area_in_parentheses)
        }
        ([8, area, ..], [1, 3, 3, 2, 2] | [1, 3, 3, 4] | [4, 3, 2, 2]) => {
            matches!(area, 3 | 4 | 8 | 9)
        }
        _ => false,
    };
    shaped.then_some(SHAPED)
}

/// `(37) 788-063`; not `(2019) 788-063`, which is a volume of a journal.
fn in_parentheses(written: &Written) -> Option<f32> {
    let year =
        matches!(written.digits(), [1, 9, ..] | [2, 0, ..]) && written.groups.first() == Some(&4);
    let area = written
        .groups
        .first()
        .is_some_and(|area| (2..=5).contains(area));
    (written.area_in_parentheses && area && !year && written.len >= 8 && written.count >= 2)
        .then_some(SHAPED)
}

/// Groups as people write them: two to five digits (the first may be one, one may be long), at most six of them.
fn groups_are_sane(groups: &[usize]) -> bool {
    let [first, rest @ ..] = groups else {
        return false;
    };
    let long = groups.iter().filter(|group| **group > 5).count();
    (1..=8).contains(first)
        && rest.len() <= 5
        && rest
            .iter()
            .enumerate()
            .all(|(place, group)| (2..=8).contains(group) || (place == 0 && *first <= 3))
        && long <= 1
}

/// Dates, social security numbers, versions, decimals and thousands, which are grouped digits too.
fn date_or_decimal(text: &[u8], groups: &[usize], digits: &[u8]) -> bool {
    let only = |separator: u8| {
        text.iter()
            .all(|byte| byte.is_ascii_digit() || *byte == separator)
    };
    let year = |at: usize| matches!(digits.get(at..at + 2), Some([1, 9] | [2, 0]));
    match groups {
        // A date, perhaps with the hour behind it.
        [4, 2, 2] | [4, 4] | [4, 2, 2, 2] if year(0) => true,
        [2, 2, 4] | [2, 2, 4, 2] if year(4) => true,
        [2, 2, 2] | [4, 2] => true,
        [3, 2, 4] => only(b'-'),
        // `2400-2483`: from one number to another.
        [4, 4] if only(b'-') => {
            let (from, to) = digits.split_at(4);
            let value = |part: &[u8]| {
                part.iter()
                    .fold(0, |sum, digit| sum * 10 + i32::from(*digit))
            };
            (1..=100).contains(&(value(to) - value(from)))
        }
        // `08.30-12.30`: opening hours.
        [2, 2, 2, 2] if text.get(2) == Some(&b'.') && text.get(5) == Some(&b'-') => true,
        [_, _] if only(b'.') => true,
        // `10.0.19045.3803`: a release.
        [_, rest @ ..] if only(b'.') && rest.contains(&1) => true,
        [1..=3, rest @ ..] if only(b'.') || only(b' ') => {
            rest.len() >= 2
                && rest.iter().all(|group| *group == 3)
                && digits.first() != Some(&0)
                && only(b'.')
        }
        _ => false,
    }
}

/// Whether the digits go on a number, an amount or a name that began before them.
fn continues(candidate: &Candidate<'_>) -> bool {
    let money = matches!(
        candidate.before,
        [.., b'$' | b'#'] | [.., 0xE2, 0x82, 0xAC] | [.., 0xC2, 0xA3]
    );
    let percent = candidate.next == Some(b'%');
    let tight = matches!(candidate.before, [.., digit, b'.' | b'-' | b'/' | b',' | b':' | b'_'] if digit.is_ascii_digit());
    let spaced = matches!(candidate.before, [.., digit, b' '] if digit.is_ascii_digit())
        && !candidate.text.starts_with(b"(");
    money || percent || tight || spaced
}

/// A Russian mobile number: `+7 9XX`, `8 (9XX)`; scores above the general rule, so that its name is the more exact one.
pub(super) fn ru_phone(candidate: &Candidate<'_>) -> Check {
    let Some(written) = Written::read(candidate.text) else {
        return Check::Reject;
    };
    let plus = candidate.text.starts_with(b"+");
    let right = match written.digits() {
        [7, rest @ ..] if plus => rest.len() == 10 && accepts(&INTERNATIONAL, written.digits()),
        [8, 9, rest @ ..] => rest.len() == 9 && !continues(candidate),
        _ => false,
    };
    match (right, plus, written.count > 1) {
        (false, ..) => Check::Reject,
        (true, true, _) => Check::Score(0.95),
        (true, false, true) => Check::Score(0.8),
        (true, false, false) => Check::Score(0.3),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn score(before: &str, text: &str, context: bool) -> f32 {
        match phone(&Candidate {
            text: text.as_bytes(),
            before: before.as_bytes(),
            next: None,
            context,
        }) {
            Check::Score(score) => score,
            _ => 0.0,
        }
    }

    /// Numbers that operators, regulators and vendors publish, and those set aside for fiction.
    #[test]
    fn international_numbers_follow_the_plan_of_their_region() {
        for number in [
            "+44 20 7946 0958",
            "+1 (415) 555-0132",
            "+33 1 42 68 53 00",
            "+41 (0)44 668 18 00",
            "+39 06 678 4343",
            "+442079460958",
            "+7 495 123-45-67",
            "+800 1234 5678",
            "+55 11 98456 5666",
            "+63 (917) 123 4567",
        ] {
            assert!(score("", number, false) >= PLANNED, "{number}");
        }
        assert!(score("", "+1 555 123 4567", false) < PLANNED);
        assert!(score("", "+999 123 456 789", false) < 0.5);
        assert!(score("", "+1234567", false) < 0.5);
    }

    #[test]
    fn national_shapes_need_no_context_and_other_groups_do() {
        for number in [
            "415-555-0132",
            "(415) 555-0132",
            "0490 75 40 81",
            "01.84.17.61.18",
            "8 (495) 123-45-67",
            "(37) 788-063",
        ] {
            assert!(score("", number, false) >= 0.5, "{number}");
        }
        for number in ["60-56-85-91", "467 3395", "78 651 450", "4155550132"] {
            let score = score("", number, true);
            assert!(score > 0.0 && score < 0.5, "{number}");
        }
    }

    #[test]
    fn dates_decimals_versions_and_amounts_are_no_numbers_to_call() {
        for text in [
            "2024-01-15",
            "15.01.2024",
            "078-05-1123",
            "3.14159265",
            "1.234.567",
            "2023 2024",
            "123456.789",
            "10.20.30",
            "(2019) 788-063x",
        ] {
            assert!(score("", text, false) < 0.5, "{text}");
        }
        for text in [
            "2023-11-05 14",
            "05.11.2023 14",
            "08.30-12.30",
            "10.0.19045.3803",
            "2400-2483",
        ] {
            assert!(score("", text, true) == 0.0, "{text}");
        }
        assert!(score("", "3456-7890", true) > 0.0);
        let half = Candidate {
            text: b"1-800-799",
            before: b"call ",
            next: Some(b'-'),
            context: true,
        };
        assert_eq!(phone(&half), Check::Reject);
        assert!(score("$", "415-555-0132", false) == 0.0);
        assert!(score("12-", "415-555-0132", false) == 0.0);
    }

    #[test]
    fn american_postal_codes_are_no_numbers_to_call() {
        for place in [
            "contact: 1 Main St, San Francisco, CA ",
            "Boston, Massachusetts ",
            "ZIP ",
        ] {
            assert!(score(place, "94103-1234", true) == 0.0, "{place}");
        }
        assert!(score("", "02110-1301", false) < 0.5);
        for words in ["Celular: ", "Fone ", "call me at ", "celular é "] {
            assert!(score(words, "91234-5678", true) > 0.0, "{words}");
        }
    }

    #[test]
    fn russian_mobile_numbers_have_their_own_name() {
        let check = |text: &str| {
            ru_phone(&Candidate {
                text: text.as_bytes(),
                before: b"",
                next: None,
                context: false,
            })
        };
        assert_eq!(check("+7 (912) 345-67-89"), Check::Score(0.95));
        assert_eq!(check("8 912 345 67 89"), Check::Score(0.8));
        assert_eq!(check("89123456789"), Check::Score(0.3));
        assert_eq!(check("+7 495 123-45"), Check::Reject);
    }
}
