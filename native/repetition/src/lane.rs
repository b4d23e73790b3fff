//! Bytes to lane codes: characters as they are, digit runs folded to one number each.
//!
//! A numbered loop repeats but for its numbers, which also change in length (9, 10). On the lane a run of digits is one
//! code, so such a loop has a fixed period there. Numbers keep their value: whether they changed is known exactly.

/// One element of the lane: a Unicode scalar, a number or an invalid byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) struct Code(pub(crate) u32);

/// Digits of one number; a longer run becomes several numbers. Seven digits fit 24 bits, so equal codes are equal numbers.
const MAX_DIGITS: u32 = 7;
const NUMBER: u32 = 1 << 31;
/// Above all scalars, below [`NUMBER`].
const INVALID: u32 = 1 << 30;

impl Code {
    const fn number(value: u32, digits: u32) -> Self {
        Self(NUMBER | (digits << 24) | value)
    }

    pub(crate) const fn of(ascii: u8) -> Self {
        Self(ascii as u32)
    }

    pub(crate) const fn is_number(self) -> bool {
        self.0 & NUMBER != 0
    }

    /// Whether both are numbers, of whatever value.
    pub(crate) const fn both_numbers(self, other: Self) -> bool {
        self.0 & other.0 & NUMBER != 0
    }

    /// Characters of text that the code stands for.
    pub(crate) const fn chars(self) -> u32 {
        if self.is_number() {
            (self.0 >> 24) & 7
        } else {
            1
        }
    }

    /// The code with a number's value left out.
    pub(crate) const fn masked(self) -> u32 {
        if self.is_number() { NUMBER } else { self.0 }
    }

    pub(crate) const fn is_space(self) -> bool {
        matches!(self.0, 0x20 | 0x09 | 0x0A | 0x0D | 0xA0 | 0x3000)
    }

    /// The character, unless it is a number or an invalid byte.
    pub(crate) fn char(self) -> Option<char> {
        char::from_u32(self.0)
    }
}

/// Decoder state between bytes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lane {
    /// Bytes taken so far.
    offset: u64,
    /// Bits of an incomplete character, and its bytes that came and that are to come.
    partial: u32,
    came: u8,
    missing: u8,
    /// The first bytes of the incomplete character, in case it turns out to be invalid.
    bytes: [u8; 3],
    /// Value and length of the number that may still grow.
    value: u32,
    digits: u32,
}

impl Lane {
    /// The fast path: if the byte is a code by itself and completes nothing, takes it and gives its offset.
    #[inline]
    pub(crate) fn take_plain(&mut self, byte: u8) -> Option<u64> {
        let plain = byte.is_ascii() && !byte.is_ascii_digit();
        if plain && self.digits == 0 && self.missing == 0 {
            self.offset += 1;
            return Some(self.offset - 1);
        }
        None
    }

    /// Takes a byte and passes on the codes that became complete, each with its first and last + 1 byte offset.
    pub(crate) fn push(&mut self, byte: u8, mut emit: impl FnMut(Code, u64, u64)) {
        if byte.is_ascii_digit() {
            if self.missing > 0 {
                self.give_up(&mut emit);
            }
            self.offset += 1;
            self.value = self.value * 10 + u32::from(byte - b'0');
            self.digits += 1;
            if self.digits == MAX_DIGITS {
                self.end_number(&mut emit);
            }
            return;
        }
        if self.digits > 0 {
            self.end_number(&mut emit);
        }
        if byte < 0x80 && self.missing == 0 {
            self.offset += 1;
            emit(Code::of(byte), self.offset - 1, self.offset);
        } else {
            self.push_wide(byte, &mut emit);
        }
    }

    /// The stream is over: what is pending counts as it is.
    pub(crate) fn finish(&mut self, mut emit: impl FnMut(Code, u64, u64)) {
        if self.digits > 0 {
            self.end_number(&mut emit);
        }
        if self.missing > 0 {
            self.give_up(&mut emit);
        }
    }

    fn push_wide(&mut self, byte: u8, emit: &mut impl FnMut(Code, u64, u64)) {
        if self.missing > 0 && byte & 0xC0 != 0x80 {
            self.give_up(emit);
        }
        self.offset += 1;
        if self.missing > 0 {
            self.partial = (self.partial << 6) | u32::from(byte & 0x3F);
            self.missing -= 1;
            if self.missing == 0 {
                emit(
                    Code(self.partial),
                    self.offset - 1 - u64::from(self.came),
                    self.offset,
                );
                self.came = 0;
            } else {
                self.bytes[usize::from(self.came) % 3] = byte;
                self.came += 1;
            }
            return;
        }
        let (bits, missing) = match byte {
            0x00..0x80 => return emit(Code::of(byte), self.offset - 1, self.offset),
            0xC0..0xE0 => (byte & 0x1F, 1),
            0xE0..0xF0 => (byte & 0x0F, 2),
            0xF0..0xF8 => (byte & 0x07, 3),
            _ => {
                let code = Code(INVALID | u32::from(byte));
                return emit(code, self.offset - 1, self.offset);
            }
        };
        self.partial = u32::from(bits);
        self.missing = missing;
        self.bytes[0] = byte;
        self.came = 1;
    }

    #[inline]
    fn end_number(&mut self, emit: &mut impl FnMut(Code, u64, u64)) {
        let code = Code::number(self.value, self.digits);
        let start = self.offset - u64::from(self.digits);
        self.value = 0;
        self.digits = 0;
        emit(code, start, self.offset);
    }

    /// The incomplete character stays incomplete: its bytes count one by one.
    #[cold]
    fn give_up(&mut self, emit: &mut impl FnMut(Code, u64, u64)) {
        let came = self.came;
        for at in 0..came {
            let start = self.offset - u64::from(came - at);
            let byte = self.bytes[usize::from(at) % 3];
            emit(Code(INVALID | u32::from(byte)), start, start + 1);
        }
        self.missing = 0;
        self.came = 0;
    }
}
