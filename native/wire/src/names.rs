//! Names of the members that are read from a chat-completions object.

use crate::json::{Bad, Span};

/// Members that are read. A second member of one name is refused: readers differ in which of the two they take.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Key {
    Other,
    Choices,
    Usage,
    XGroq,
    Error,
    Id,
    Created,
    Model,
    Fingerprint,
    Index,
    Delta,
    Message,
    FinishReason,
    Logprobs,
    Content,
    ReasoningContent,
    Reasoning,
    ReasoningDetails,
    Refusal,
    ToolCalls,
    FunctionCall,
    Function,
    Custom,
    Arguments,
    Input,
    Audio,
    Transcript,
    Text,
    Summary,
    Thinking,
    PromptTokens,
    CompletionTokens,
    TotalTokens,
    InputTokens,
    OutputTokens,
}

/// Longest name that [`pack`] takes.
const PACKED: usize = 16;

/// A name of at most 16 bytes as a number. Names hold no control characters, so padding with zeros is unambiguous.
const fn pack(name: &[u8]) -> u128 {
    let (mut packed, mut at) = (0, name.len());
    while at > 0 {
        at -= 1;
        packed = packed << 8 | name[at] as u128;
    }
    packed
}

/// The member that `bytes[span]` names. Sixteen names a chunk are compared with thirty: as numbers, in one search.
pub(crate) fn known(bytes: &[u8], span: Span) -> Key {
    let (start, end) = (span.start as usize, span.end as usize);
    let name = &bytes[start..end];
    if name.len() > PACKED {
        return match name {
            b"reasoning_content" => Key::ReasoningContent,
            b"reasoning_details" => Key::ReasoningDetails,
            b"completion_tokens" => Key::CompletionTokens,
            b"system_fingerprint" => Key::Fingerprint,
            _ => Key::Other,
        };
    }
    let packed = match bytes.get(start..start + PACKED) {
        Some(window) if !name.is_empty() => {
            let window = u128::from_le_bytes(window.try_into().expect("sixteen bytes"));
            window & (u128::MAX >> (8 * (PACKED - name.len())))
        }
        _ => pack(name),
    };
    macro_rules! find {
        ($($name:literal => $key:ident,)*) => {{
            $(if packed == const { pack($name) } {
                return Key::$key;
            })*
            Key::Other
        }};
    }
    find! {
        b"id" => Id,
        b"text" => Text,
        b"usage" => Usage,
        b"error" => Error,
        b"model" => Model,
        b"index" => Index,
        b"delta" => Delta,
        b"input" => Input,
        b"audio" => Audio,
        b"x_groq" => XGroq,
        b"custom" => Custom,
        b"choices" => Choices,
        b"created" => Created,
        b"message" => Message,
        b"content" => Content,
        b"refusal" => Refusal,
        b"summary" => Summary,
        b"logprobs" => Logprobs,
        b"function" => Function,
        b"thinking" => Thinking,
        b"reasoning" => Reasoning,
        b"arguments" => Arguments,
        b"tool_calls" => ToolCalls,
        b"transcript" => Transcript,
        b"total_tokens" => TotalTokens,
        b"input_tokens" => InputTokens,
        b"finish_reason" => FinishReason,
        b"function_call" => FunctionCall,
        b"prompt_tokens" => PromptTokens,
        b"output_tokens" => OutputTokens,
    }
}

/// Names of one object seen so far.
#[derive(Default)]
pub(crate) struct Seen(u64);

impl Seen {
    pub fn add(&mut self, key: Key) -> Result<Key, Bad> {
        let bit = 1 << key as u8;
        if key != Key::Other && self.0 & bit != 0 {
            return Err(Bad::Refused);
        }
        self.0 |= bit;
        Ok(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chunk::Chunk;
    use crate::settings::Mode;

    #[test]
    fn names_are_told_apart_wherever_they_stand() {
        for (name, key) in [
            ("index", Key::Index),
            ("id", Key::Id),
            ("finish_reason", Key::FinishReason),
            ("system_fingerprint", Key::Fingerprint),
            ("reasoning_content", Key::ReasoningContent),
            ("tool_calls", Key::ToolCalls),
            ("", Key::Other),
            ("i", Key::Other),
            ("contents", Key::Other),
            ("prompt_tokens_de", Key::Other),
        ] {
            for after in ["", "\":1", "\":{\"more\":\"than enough bytes\"}"] {
                let bytes = format!("{{\"{name}{after}");
                assert!(
                    known(bytes.as_bytes(), Span::new(2, 2 + name.len())) == key,
                    "{name}"
                );
            }
        }
    }

    #[test]
    fn an_escaped_name_is_the_same_name() {
        let escaped = b"{\"ind\\u0065x\":4,\"id\\u0000\":5}";
        let mut chunk = Chunk::default();
        let wrapped = [b"{\"choices\":[".as_slice(), escaped, b"]}"].concat();
        assert!(chunk.read(&wrapped, Mode::Stream).is_ok());
        assert_eq!(chunk.choices[0].index, 4);
    }
}
