//! The last codes of the lane, with their places in the text.

use crate::lane::Code;

/// Ring of the newest codes. Index 0 is the stream's first code; only the newest [`Ring::reach`] can be read.
#[derive(Clone, Debug)]
pub(crate) struct Ring {
    codes: Box<[Code]>,
    /// Low 16 bits of each code's first byte: the ring spans at most 4 096 codes of 7 bytes.
    starts: Box<[u16]>,
    mask: usize,
    /// Codes taken so far.
    len: u64,
    /// First byte of the newest code, and the byte after it.
    newest: u64,
    end: u64,
}

impl Ring {
    pub(crate) fn new(reach: usize) -> Self {
        let size = reach.next_power_of_two();
        Self {
            codes: vec![Code::default(); size].into_boxed_slice(),
            starts: vec![0; size].into_boxed_slice(),
            mask: size - 1,
            len: 0,
            newest: 0,
            end: 0,
        }
    }

    #[inline]
    pub(crate) fn push(&mut self, code: Code, start: u64, end: u64) {
        let at = self.len as usize & self.mask;
        self.codes[at] = code;
        self.starts[at] = start as u16;
        self.len += 1;
        self.newest = start;
        self.end = end;
    }

    /// Codes taken so far.
    #[inline]
    pub(crate) fn len(&self) -> u64 {
        self.len
    }

    /// Byte after the newest code.
    #[inline]
    pub(crate) fn end(&self) -> u64 {
        self.end
    }

    /// How many of the newest codes can be read.
    pub(crate) fn reach(&self) -> u32 {
        (self.len).min(self.codes.len() as u64) as u32
    }

    /// The code `back` before the newest (0 = the newest). `back` must be below [`Ring::reach`].
    #[inline]
    pub(crate) fn back(&self, back: u32) -> Code {
        let newest = (self.len as usize).wrapping_sub(1);
        self.codes[newest.wrapping_sub(back as usize) & self.mask]
    }

    /// First byte of the code `back` before the newest.
    pub(crate) fn start_of(&self, back: u32) -> u64 {
        let newest = (self.len as usize).wrapping_sub(1);
        let low = self.starts[newest.wrapping_sub(back as usize) & self.mask];
        self.newest - u64::from((self.newest as u16).wrapping_sub(low))
    }

    /// Characters of the newest `count` codes.
    pub(crate) fn chars(&self, count: u32) -> u32 {
        (0..count).map(|back| self.back(back).chars()).sum()
    }

    pub(crate) fn memory_bytes(&self) -> usize {
        size_of_val(&*self.codes) + size_of_val(&*self.starts)
    }
}
