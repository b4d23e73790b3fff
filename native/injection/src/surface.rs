//! What stands in the characters themselves: delimiters of chat formats, images that call home, text that nobody sees.

use crate::rule;

/// Marks of chat formats, lower case. In an honest message they stand only where somebody talks about them.
const DELIMITERS: [&str; 24] = [
    "<|im_start|>",
    "<|im_end|>",
    "<|system|>",
    "<|user|>",
    "<|assistant|>",
    "<|endoftext|>",
    "<|eot_id|>",
    "<|start_header_id|>",
    "<|begin_of_text|>",
    "[inst]",
    "[/inst]",
    "<<sys>>",
    "<</sys>>",
    "<start_of_turn>",
    "<end_of_turn>",
    "### system",
    "###system",
    "### instruction",
    "[system message]",
    "[system prompt]",
    "<system>",
    "</system>",
    "<system_prompt>",
    "[end of document]",
];

/// Styles that hide what they hold.
const HIDING: [&str; 8] = [
    "display:none",
    "visibility:hidden",
    "font-size:0",
    "font-size:1px",
    "opacity:0",
    "color:white",
    "color:#fff",
    "color:transparent",
];

/// Most images, comments and styles of a window that are looked at, each.
const MOST: usize = 256;
/// Fewest bytes of hidden text that could say something.
const MIN_HIDDEN: usize = 8;
/// Most of them that are read.
const MAX_HIDDEN: usize = 2048;

/// Something seen: rule, probability, first byte and the one after the last.
pub(crate) type Seen = (u32, f32, usize, usize);

/// Whether there may be anything of what this module looks for: delimiters, images, comments, styles, or the first byte of the tags block.
pub(crate) fn may_have_any(text: &[u8]) -> bool {
    // Without a way out the compiler looks at many bytes at once.
    text.iter().fold(false, |any, byte| {
        any | matches!(byte, b'<' | b'[' | b'#' | b'=' | 0xf3)
    })
}

/// Shows delimiters and images whose address carries a query. `lower` is the text in ASCII lower case.
pub(crate) fn marks(lower: &str, mut show: impl FnMut(Seen)) {
    for open in lower.match_indices(['<', '[', '#']).map(|(at, _)| at) {
        if let Some(mark) = DELIMITERS
            .iter()
            .find(|mark| lower[open..].starts_with(**mark))
        {
            show((rule::DELIMITER, 0.75, open, open + mark.len()));
        }
    }
    for (start, _) in lower.match_indices("![").take(MOST) {
        let rest = &lower[start..];
        let Some(address) = rest.find("](http") else {
            continue;
        };
        let Some(end) = rest[address..].find(')').filter(|end| *end < 600) else {
            continue;
        };
        let address = &rest[address..address + end];
        let is_template = ["{", "%7b", "<", "[data", "[conversation", "[secret", "$"]
            .iter()
            .any(|mark| address.contains(mark));
        if address.contains('?') && address.contains('=') {
            let end =
                start + (address.as_ptr() as usize - rest.as_ptr() as usize) + address.len() + 1;
            show((
                rule::EXFILTRATION,
                if is_template { 0.9 } else { 0.4 },
                start,
                end,
            ));
        }
    }
}

/// Shows place and text of what a reader would not see: comments and hidden elements.
pub(crate) fn hidden(text: &str, lower: &str, mut show: impl FnMut(usize, usize, &str)) {
    for (start, _) in lower.match_indices("<!--").take(MOST) {
        let end = lower[start + 4..]
            .find("-->")
            .map_or(text.len(), |end| start + 4 + end);
        read(text, start + 4, end, &mut show);
    }
    for (start, _) in lower.match_indices("style=").take(MOST) {
        let Some(open) = lower[start..].find('>').map(|end| start + end) else {
            continue;
        };
        let style: String = lower[start..open]
            .chars()
            .filter(|each| !each.is_whitespace())
            .collect();
        if HIDING.iter().any(|way| style.contains(way)) {
            let end = lower[open..]
                .find("</")
                .map_or(text.len(), |end| open + end);
            read(text, open + 1, end, &mut show);
        }
    }
}

fn read(text: &str, start: usize, end: usize, mut show: impl FnMut(usize, usize, &str)) {
    if start + MIN_HIDDEN <= end {
        let inner = &text[start..text.floor_char_boundary(end.min(start + MAX_HIDDEN))];
        show(start, end, inner);
    }
}

/// Fewest characters of the tags block that are no flag.
const MIN_TAGS: usize = 8;

/// Text in the tags block (U+E0020 to U+E007E), which shows nothing and which models read: its place and itself.
pub(crate) fn tags(text: &str) -> Option<(usize, usize, String)> {
    let mut found: Option<(usize, usize, String)> = None;
    for (at, character) in text.char_indices() {
        if let 0xe_0020..=0xe_007e = character as u32 {
            let entry = found.get_or_insert_with(|| (at, at, String::new()));
            entry.1 = at + character.len_utf8();
            entry.2.push((character as u32 - 0xe_0000) as u8 as char);
        }
    }
    found.filter(|(_, _, text)| text.len() >= MIN_TAGS)
}
