//! Where JSON may start in prose. Knows Markdown's fences and lines, nothing of JSON but its first bytes.

use crate::settings::Placement;

/// Longest indentation of a fence, in spaces: `CommonMark` 0.31, section 4.5.
const MAX_INDENT: u8 = 3;
/// Shortest fence.
const MIN_FENCE: u32 = 3;
/// Bytes of the info string that are looked at.
const INFO_BYTES: u8 = 4;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Fence {
    byte: u8,
    length: u32,
}

/// Where in a line the text stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Line {
    /// Behind white space only, of so many bytes.
    Blank(u8),
    /// Inside a run of fence characters that began the line.
    Ticks(Fence),
    /// Behind an opening fence: bytes of its info string, in lower case.
    Info {
        fence: Fence,
        word: [u8; INFO_BYTES as usize],
        length: u8,
        over: bool,
    },
    /// Behind the closing fence's characters, where white space only may follow.
    Closing,
    /// Behind anything else.
    Rest,
}

/// How sure it is that what starts is JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Start {
    /// The text says so.
    Certain,
    /// If it breaks early it was prose.
    Tentative,
}

/// The search for the next place where JSON may start.
#[derive(Clone, Debug)]
pub(crate) struct Finder {
    placement: Placement,
    line: Line,
    /// The fence that is open and holds other text, until its end.
    other: Option<Fence>,
    /// The fence that holds the JSON.
    fence: Option<Fence>,
}

impl Finder {
    pub fn new(placement: Placement) -> Self {
        Self {
            placement,
            line: Line::Blank(0),
            other: None,
            fence: None,
        }
    }

    /// Looks at bytes until JSON may start; the index is of its first byte, or of the byte behind the fence's line.
    pub fn seek(&mut self, bytes: &[u8]) -> Option<(usize, Start)> {
        bytes
            .iter()
            .enumerate()
            .find_map(|(at, &byte)| match self.placement {
                Placement::Strict => Some((at, Start::Certain)),
                Placement::FindFirst => self.starts_inline(byte).then_some((at, Start::Tentative)),
                Placement::Fenced => self.fence_line(byte).map(|start| (at + 1, start)),
            })
    }

    /// The candidate was prose; the next byte to look at is the one that broke it.
    pub fn resume(&mut self) {
        self.line = Line::Rest;
        self.other = self.fence.take();
    }

    /// As `resume`, where the candidate had nothing but white space.
    pub fn resume_line(&mut self) {
        self.resume();
        self.line = Line::Blank(0);
    }

    fn starts_inline(&mut self, byte: u8) -> bool {
        let at_start = matches!(self.line, Line::Blank(_));
        match byte {
            b'\n' | b'\r' => self.line = Line::Blank(0),
            b' ' | b'\t' if at_start => {}
            _ => self.line = Line::Rest,
        }
        byte == b'{' || byte == b'[' && at_start
    }

    /// Follows lines; says when a fence for JSON has opened, at its line's end.
    fn fence_line(&mut self, byte: u8) -> Option<Start> {
        let ends = byte == b'\n' || byte == b'\r';
        self.line = match self.line {
            Line::Blank(indent) if byte == b' ' && indent < MAX_INDENT => Line::Blank(indent + 1),
            Line::Blank(_) if matches!(byte, b'`' | b'~') => Line::Ticks(Fence { byte, length: 1 }),
            Line::Ticks(fence) if byte == fence.byte => Line::Ticks(Fence {
                length: fence.length.saturating_add(1),
                ..fence
            }),
            Line::Ticks(fence) if fence.length >= MIN_FENCE => self.behind_ticks(fence, byte),
            Line::Closing if matches!(byte, b' ' | b'\t') => Line::Closing,
            info @ Line::Info { .. } => info.with(byte),
            _ => Line::Rest,
        };
        if !ends {
            return None;
        }
        let ended = std::mem::replace(&mut self.line, Line::Blank(0));
        match ended {
            Line::Closing => self.other = None,
            Line::Info {
                fence,
                word,
                length,
                ..
            } => {
                let start = match &word[..length.into()] {
                    [] => Some(Start::Tentative),
                    b"json" => Some(Start::Certain),
                    _ => None,
                };
                if start.is_some() {
                    self.fence = Some(fence);
                } else {
                    self.other = Some(fence);
                }
                return start;
            }
            _ => {}
        }
        None
    }

    fn behind_ticks(&self, fence: Fence, byte: u8) -> Line {
        match self.other {
            Some(open) if open.byte != fence.byte || fence.length < open.length => Line::Rest,
            Some(_) if byte.is_ascii_whitespace() => Line::Closing,
            Some(_) => Line::Rest,
            None => Line::Info {
                fence,
                word: [0; INFO_BYTES as usize],
                length: 0,
                over: false,
            }
            .with(byte),
        }
    }

    /// Whether the value needs a closing fence behind it.
    pub fn is_fenced(&self) -> bool {
        self.fence.is_some()
    }

    /// One byte behind the value in a fence: `Some(true)` when the fence has closed, `None` when the byte is wrong.
    pub fn tail(&mut self, byte: u8) -> Option<bool> {
        let fence = self.fence?;
        let length = match self.line {
            Line::Ticks(ticks) => ticks.length,
            _ => 0,
        };
        match byte {
            _ if byte == fence.byte => {
                self.line = Line::Ticks(Fence {
                    byte,
                    length: length + 1,
                });
                Some(length + 1 >= fence.length)
            }
            b' ' | b'\t' | b'\n' | b'\r' if length == 0 => Some(false),
            _ => None,
        }
    }

    /// The value has ended; `tail` comes next.
    pub fn end_value(&mut self) {
        self.line = Line::Rest;
    }
}

impl Line {
    /// An info string with one byte more. A backtick in it means that the line was no fence.
    fn with(self, byte: u8) -> Self {
        let Self::Info {
            fence,
            mut word,
            mut length,
            mut over,
        } = self
        else {
            return self;
        };
        match byte {
            b'`' if fence.byte == b'`' => return Self::Rest,
            b' ' | b'\t' if length == 0 => {}
            _ if !byte.is_ascii_alphanumeric() => over = true,
            _ if !over && length < INFO_BYTES => {
                word[usize::from(length)] = byte.to_ascii_lowercase();
                length += 1;
            }
            // `json5` and `jsonc` are other languages.
            _ if !over => word[0] = 0,
            _ => {}
        }
        Self::Info {
            fence,
            word,
            length,
            over,
        }
    }
}
