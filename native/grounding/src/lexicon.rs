//! Words that mean something to the checks: function words, negations, hedges, number words, months, units. English.
//!
//! One lookup a word. Knows nothing of contexts.

use std::sync::LazyLock;

/// What a word is. Bits.
pub mod is {
    /// Function word: no content.
    pub const STOP: u16 = 1;
    /// Turns a statement round.
    pub const NEGATION: u16 = 1 << 1;
    /// Says that the speaker is not sure.
    pub const HEDGE: u16 = 1 << 2;
    /// The speaker.
    pub const FIRST_PERSON: u16 = 1 << 3;
    /// Number word below a hundred; the value.
    pub const CARDINAL: u16 = 1 << 4;
    /// Multiplies the number before it; the value.
    pub const SCALE: u16 = 1 << 5;
    /// Name of a month; the value is 1 to 12.
    pub const MONTH: u16 = 1 << 6;
    /// Unit of measure or currency; the value is its class.
    pub const UNIT: u16 = 1 << 7;
    /// The number after it is rounded.
    pub const ABOUT: u16 = 1 << 8;
    /// May stand inside of a name: "of", "van".
    pub const JOINS: u16 = 1 << 9;
    /// Verb that counts as no content, yet after which "not" turns a statement.
    pub const AUXILIARY: u16 = 1 << 10;
    /// Capitalised without being a name: weekdays, "I".
    pub const CAPITAL: u16 = 1 << 11;
}

/// Class of a unit: percent.
pub const PERCENT: u32 = 1;
/// Class of a unit: first of the currencies.
pub const CURRENCY: u32 = 2;

/// What one word means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Meaning {
    /// Bits of [`is`].
    pub bits: u16,
    /// Value of a number word, a month, or class of a unit.
    pub value: u32,
}

impl Meaning {
    /// Whether any of `bits` is set.
    pub fn has(self, bits: u16) -> bool {
        self.bits & bits != 0
    }
}

/// Slots of the table: a power of two, at least twice the words.
const SLOTS: usize = 1024;

static TABLE: LazyLock<Box<[(u32, Meaning)]>> = LazyLock::new(build);

/// Hash of a folded word (FNV-1a with a final mix); never 0.
pub fn hash(word: &[u8]) -> u32 {
    let mut state = 0xcbf2_9ce4_8422_2325_u64;
    for &byte in word {
        state = (state ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    mix(state)
}

/// Folds 64 bits to 32 that are all equally good; never 0.
pub fn mix(mut state: u64) -> u32 {
    state = (state ^ (state >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    ((state >> 32) as u32).max(1)
}

/// What a word means, by its hash.
pub fn meaning(hash: u32) -> Meaning {
    let mut at = hash as usize & (SLOTS - 1);
    loop {
        let (key, meaning) = TABLE[at];
        if key == hash {
            return meaning;
        }
        if key == 0 {
            return Meaning::default();
        }
        at = (at + 1) & (SLOTS - 1);
    }
}

fn build() -> Box<[(u32, Meaning)]> {
    let mut table = vec![(0, Meaning::default()); SLOTS].into_boxed_slice();
    let mut add = |word: &str, bits: u16, value: u32| {
        let key = hash(word.as_bytes());
        let mut at = key as usize & (SLOTS - 1);
        while table[at].0 != 0 && table[at].0 != key {
            at = (at + 1) & (SLOTS - 1);
        }
        let before = table[at].1;
        let value = if value == 0 { before.value } else { value };
        table[at] = (
            key,
            Meaning {
                bits: before.bits | bits,
                value,
            },
        );
    };
    for (words, bits) in LISTS {
        for word in words.split_whitespace() {
            add(word, *bits, 0);
        }
    }
    for (words, bits) in VALUES {
        for (at, group) in words.split_whitespace().enumerate() {
            for word in group.split('/') {
                add(word, *bits, at as u32);
            }
        }
    }
    for (words, value) in SCALES {
        for word in words.split_whitespace() {
            add(word, is::SCALE, *value);
        }
    }
    for (at, group) in UNITS.iter().enumerate() {
        for word in group.split_whitespace() {
            add(word, is::UNIT, at as u32 + PERCENT);
        }
    }
    table
}

const LISTS: &[(&str, u16)] = &[
    (
        "a an the this that these those there here it its itself he him his himself she her hers herself they them their theirs \
         themselves you your yours yourself who whom whose which what when where why how and or but nor so yet if then else than as \
         at by for from in into of off on onto out over to up with about after again against all also although among any around \
         because before below between both down during each either even few further just more most much many must now once only \
         other others our ours own per same some such too through under until very via well while within without s t re ll ve d m \
         n't not no never yes oh ok okay like really quite still already however therefore thus hence rather upon toward towards \
         ah hmm wow hey hi hello please thanks",
        is::STOP,
    ),
    (
        "is are was were be been being am do does did done doing has have had having can could will would shall should may might \
         get gets got let lets",
        is::STOP | is::AUXILIARY,
    ),
    (
        "not no never n't cannot without neither nor none nobody nothing hardly isn't aren't wasn't weren't don't doesn't didn't \
         hasn't haven't hadn't can't couldn't won't wouldn't shouldn't isnt arent wasnt werent dont doesnt didnt hasnt havent cant \
         wont nowhere",
        is::NEGATION | is::STOP,
    ),
    (
        "may might could perhaps maybe possibly probably likely unlikely seems seem seemed appears appear apparently suggest \
         suggests generally usually often typically sometimes tend tends believe think guess unsure uncertain unclear unknown \
         approximately roughly estimated reportedly allegedly depends depend sorry unable",
        is::HEDGE,
    ),
    (
        "i me my mine myself we us our ours ourselves i'm i've i'll i'd",
        is::FIRST_PERSON | is::STOP,
    ),
    (
        "about around approximately roughly nearly almost over under circa some ca estimated more less least most",
        is::ABOUT,
    ),
    (
        "of the de la le van von der den di da del du al bin ibn and for in",
        is::JOINS,
    ),
    (
        "i i'm i've i'll i'd monday tuesday wednesday thursday friday saturday sunday ok okay mr mrs ms dr",
        is::CAPITAL,
    ),
];

const VALUES: &[(&str, u16)] = &[
    (
        "zero one/first two/second/twice three/third four/fourth five/fifth six/sixth seven/seventh eight/eighth nine/ninth \
         ten/tenth eleven/eleventh twelve/twelfth/dozen thirteen/thirteenth fourteen/fourteenth fifteen/fifteenth \
         sixteen/sixteenth seventeen/seventeenth eighteen/eighteenth nineteen/nineteenth twenty/twentieth _ _ _ _ _ _ _ _ _ \
         thirty/thirtieth _ _ _ _ _ _ _ _ _ forty/fortieth _ _ _ _ _ _ _ _ _ fifty/fiftieth _ _ _ _ _ _ _ _ _ sixty _ _ _ _ _ \
         _ _ _ _ seventy _ _ _ _ _ _ _ _ _ eighty _ _ _ _ _ _ _ _ _ ninety",
        is::CARDINAL,
    ),
    (
        "_ january/jan february/feb march/mar april/apr may june/jun july/jul august/aug september/sep/sept october/oct \
         november/nov december/dec",
        is::MONTH,
    ),
];

/// Powers of ten.
const SCALES: &[(&str, u32)] = &[
    ("hundred hundreds", 2),
    ("thousand thousands", 3),
    ("million millions mn", 6),
    ("billion billions bn", 9),
    ("trillion trillions tn", 12),
];

/// Words of one line are one unit; the first lines are percent and the currencies, in the order of their classes.
const UNITS: &[&str] = &[
    "percent per-cent pct percentage",
    "dollar dollars usd",
    "euro euros eur",
    "pound pounds gbp sterling",
    "yen jpy yuan cny",
    "rouble roubles ruble rubles rub",
    "km kilometre kilometres kilometer kilometers",
    "metre metres meter meters",
    "cm centimetre centimetres centimeter centimeters",
    "mm millimetre millimetres millimeter millimeters",
    "mile miles",
    "foot feet ft",
    "inch inches",
    "kg kilogram kilograms kilogramme kilogrammes",
    "gram grams",
    "lb lbs",
    "tonne tonnes ton tons",
    "litre litres liter liters",
    "gallon gallons",
    "second seconds sec secs",
    "minute minutes min mins",
    "hour hours hr hrs",
    "day days",
    "week weeks",
    "month months",
    "year years yr yrs",
    "celsius",
    "fahrenheit",
    "kb kilobyte kilobytes",
    "mb megabyte megabytes",
    "gb gigabyte gigabytes",
    "tb terabyte terabytes",
    "mw megawatt megawatts",
    "kw kilowatt kilowatts",
    "kwh",
    "hz hertz",
    "acre acres",
    "hectare hectares",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn of(word: &str) -> Meaning {
        meaning(hash(word.as_bytes()))
    }

    #[test]
    fn number_words_months_and_units_have_their_values() {
        assert_eq!(of("seventeen").value, 17);
        assert_eq!(of("ninety").value, 90);
        assert_eq!(of("million").value, 6);
        assert_eq!(of("may").value, 5);
        assert!(of("may").has(is::HEDGE) && of("may").has(is::STOP));
        assert_eq!(of("december").value, 12);
        assert_eq!(of("percent").value, PERCENT);
        assert_eq!(of("usd").value, CURRENCY);
        assert_eq!(of("kilometres").value, of("km").value);
        assert_eq!(of("crayon"), Meaning::default());
    }

    #[test]
    fn no_word_of_the_lists_has_two_values() {
        let all = VALUES
            .iter()
            .map(|(words, _)| *words)
            .chain(UNITS.iter().copied());
        let mut seen = std::collections::HashSet::new();
        for word in all
            .flat_map(str::split_whitespace)
            .flat_map(|group| group.split('/'))
        {
            // A second is an ordinal and a unit: the last one wins, and "second" is checked as a unit only.
            assert!(
                word == "_" || word == "second" || seen.insert(word),
                "{word}"
            );
        }
    }
}
