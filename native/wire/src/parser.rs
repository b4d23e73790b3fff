//! The text-bearing values of a chat-completion chunk (or of a whole completion), found without building objects.
//!
//! Knows the field names of the dialect; knows nothing of frames, findings or verdicts.

use midstream_session::Channel;

use crate::chunk::{ChoiceValue, Chunk, Form, TextValue, Usage};
use crate::json::{Bad, Reader, Span, Text};
use crate::names::{Key, Seen, known};
use crate::settings::Mode;
use crate::text::unescape_into;

/// Most choices of one chunk; vendors allow 128.
const MAX_CHOICES: usize = 1024;
/// Blocks from here on hold text that repeats or accompanies the numbered blocks (`reasoning` beside `reasoning_content`,
/// `reasoning_details`, an audio transcript): each is a text of its own.
const SIDE_BLOCKS: u32 = 1 << 30;
const SECOND_REASONING: u32 = SIDE_BLOCKS;
const TRANSCRIPT: u32 = SIDE_BLOCKS + 1;
const DETAILS: u32 = SIDE_BLOCKS + 16;
const FIRST_TOOL: u32 = 3;

impl Chunk {
    /// Reads a payload.
    pub fn read(&mut self, payload: &[u8], mode: Mode) -> Result<(), Bad> {
        self.clear();
        let mut parser = Parser {
            r: Reader::new(payload),
            c: self,
            mode,
            is_odd: false,
        };
        parser.top()?;
        if !parser.r.is_at_end() || parser.is_odd {
            return Err(Bad::Json);
        }
        self.sort();
        Ok(())
    }
}

struct Parser<'a, 'c> {
    r: Reader<'a>,
    c: &'c mut Chunk,
    mode: Mode,
    /// It has choices that are none. Told at the end only: members that stand twice are looked for first.
    is_odd: bool,
}

impl Parser<'_, '_> {
    /// Walks the members of the object that comes next.
    fn members(
        &mut self,
        mut member: impl FnMut(&mut Self, Key) -> Result<(), Bad>,
    ) -> Result<(), Bad> {
        let mut seen = Seen::default();
        let mut more = self.r.open(b'{', b'}')?;
        while more {
            let name = self.r.key()?;
            let key = seen.add(self.name(name))?;
            member(self, key)?;
            more = self.r.more(b'}')?;
        }
        Ok(())
    }

    /// Walks the items of the array that comes next.
    fn items(
        &mut self,
        mut item: impl FnMut(&mut Self, u32) -> Result<(), Bad>,
    ) -> Result<(), Bad> {
        let mut more = self.r.open(b'[', b']')?;
        let mut index = 0;
        while more {
            item(self, index)?;
            index += 1;
            more = self.r.more(b']')?;
        }
        Ok(())
    }

    fn name(&self, name: Text) -> Key {
        let bytes = self.r.bytes();
        if !name.escaped {
            return known(bytes, name.span);
        }
        // "cho\u0069ces" is the same name to every client. No known name is longer than this.
        let raw = name.span.of(bytes);
        if raw.len() > 32 * 6 {
            return Key::Other;
        }
        let mut text = String::new();
        unescape_into(raw, &mut text);
        // An escaped zero is no padding.
        if text.contains('\0') {
            Key::Other
        } else {
            known(text.as_bytes(), Span::new(0, text.len()))
        }
    }

    fn skip(&mut self) -> Result<(), Bad> {
        self.r.skip().map(|_| ())
    }

    fn top(&mut self) -> Result<(), Bad> {
        if self.r.peek() != b'{' {
            return self.skip();
        }
        self.members(|p, key| match key {
            Key::Choices => p.choices(),
            Key::Usage => p.usage(),
            Key::XGroq if p.r.peek() == b'{' => p.members(|p, key| match key {
                Key::Usage => p.groq_usage(),
                _ => p.skip(),
            }),
            Key::Error => {
                p.c.has_error = p.r.peek() != b'n';
                p.skip()
            }
            Key::Id => p.value().map(|span| p.c.envelope.id = Some(span)),
            Key::Created => p.value().map(|span| p.c.envelope.created = Some(span)),
            Key::Model => p.value().map(|span| p.c.envelope.model = Some(span)),
            Key::Fingerprint => p.value().map(|span| p.c.envelope.fingerprint = Some(span)),
            _ => p.skip(),
        })
    }

    fn value(&mut self) -> Result<Span, Bad> {
        self.r.skip()
    }

    fn usage(&mut self) -> Result<(), Bad> {
        if self.r.peek() != b'{' {
            return self.skip();
        }
        let (mut input, mut output, mut total) = (None, None, None);
        let (mut other_input, mut other_output) = (None, None);
        self.members(|p, key| {
            match key {
                Key::PromptTokens => input = p.r.whole()?,
                Key::CompletionTokens => output = p.r.whole()?,
                Key::TotalTokens => total = p.r.whole()?,
                Key::InputTokens => other_input = p.r.whole()?,
                Key::OutputTokens => other_output = p.r.whole()?,
                _ => p.skip()?,
            }
            Ok(())
        })?;
        let (input, output) = (input.or(other_input), output.or(other_output));
        if input.is_some() || output.is_some() || total.is_some() {
            let (input, output) = (input.unwrap_or(0), output.unwrap_or(0));
            let total = total.unwrap_or(input.saturating_add(output));
            self.c.usage = Some(Usage {
                input,
                output,
                total,
            });
        }
        Ok(())
    }

    /// Groq's own place for usage counts where the usual one is empty.
    fn groq_usage(&mut self) -> Result<(), Bad> {
        let usual = self.c.usage.take();
        self.usage()?;
        self.c.usage = usual.or(self.c.usage);
        Ok(())
    }

    fn choices(&mut self) -> Result<(), Bad> {
        match self.r.peek() {
            b'[' => {}
            b'n' => return self.skip(),
            _ => {
                self.is_odd = true;
                return self.skip();
            }
        }
        self.c.has_choices = true;
        self.items(|p, position| {
            if p.r.peek() != b'{' {
                p.is_odd = true;
                return p.skip();
            }
            if p.c.choices.len() >= MAX_CHOICES {
                return Err(Bad::Refused);
            }
            p.choice(position)
        })
    }

    fn choice(&mut self, position: u32) -> Result<(), Bad> {
        let slot = self.c.choices.len();
        let start = self.r.position();
        self.c.choices.push(ChoiceValue {
            index: position,
            ..ChoiceValue::default()
        });
        self.choice_members(slot)?;
        self.c.choices[slot].object = Span::new(start, self.r.consumed());
        Ok(())
    }

    fn choice_members(&mut self, slot: usize) -> Result<(), Bad> {
        self.members(|p, key| match (key, p.mode) {
            (Key::Index, _) => {
                if let Some(index) = p.index()? {
                    p.c.choices[slot].index = index;
                }
                Ok(())
            }
            (Key::Delta, Mode::Stream) => p.message(slot),
            (Key::Message, Mode::Unary) => {
                let (start, is_object) = (p.r.position(), p.r.peek() == b'{');
                p.message(slot)?;
                let object = Span::new(start, p.r.consumed());
                p.c.choices[slot].message = is_object.then_some(object);
                Ok(())
            }
            (Key::Delta | Key::Message, _) => p.echo(slot),
            (Key::FinishReason, _) => {
                let value = p.value()?;
                let choice = &mut p.c.choices[slot];
                choice.finish_value = Some(value);
                let is_reason =
                    p.r.bytes()[value.start as usize] == b'"' && value.end - value.start > 2;
                choice.finish = is_reason.then_some(value);
                Ok(())
            }
            (Key::Logprobs, _) => {
                let is_null = p.r.peek() == b'n';
                let value = p.value()?;
                p.c.choices[slot].logprobs = (!is_null).then_some(value);
                Ok(())
            }
            _ => p.skip(),
        })
    }

    fn index(&mut self) -> Result<Option<u32>, Bad> {
        Ok(self
            .r
            .whole()?
            .map(|index| u32::try_from(index).unwrap_or(u32::MAX)))
    }

    /// A delta, or a whole message.
    fn message(&mut self, slot: usize) -> Result<(), Bad> {
        if self.r.peek() != b'{' {
            return self.skip();
        }
        let mut reasoning = 1;
        self.members(|p, key| match key {
            Key::Content => {
                let start = p.r.position();
                p.content(slot, Channel::Content, 0)?;
                p.c.choices[slot].content = Some(Span::new(start, p.r.consumed()));
                Ok(())
            }
            Key::ReasoningContent | Key::Reasoning => {
                // Some vendors send both with the same text: run together, they would be one garbled text.
                let count = p.c.texts.len();
                p.content(slot, Channel::Reasoning, reasoning)?;
                if p.c.texts.len() > count {
                    reasoning = SECOND_REASONING;
                }
                Ok(())
            }
            Key::ReasoningDetails if p.r.peek() == b'[' => {
                p.items(|p, position| p.detail(slot, position))
            }
            Key::Refusal => p.text(slot, Channel::Refusal, 2),
            Key::ToolCalls if p.r.peek() == b'[' => {
                p.items(|p, position| p.tool_call(slot, position))
            }
            Key::FunctionCall => p.function(slot, FIRST_TOOL),
            Key::Audio if p.r.peek() == b'{' => p.members(|p, key| match key {
                Key::Transcript => p.text(slot, Channel::Content, TRANSCRIPT),
                _ => p.skip(),
            }),
            _ => p.skip(),
        })
    }

    /// A string, or a list of text and thinking items.
    fn content(&mut self, slot: usize, channel: Channel, block: u32) -> Result<(), Bad> {
        match self.r.peek() {
            b'[' => self.items(|p, _| match p.r.peek() {
                b'{' => p.members(|p, key| match key {
                    Key::Text | Key::Refusal => p.text(slot, channel, block),
                    Key::Thinking | Key::Reasoning => p.content(slot, Channel::Reasoning, 1),
                    Key::Content | Key::Summary => p.content(slot, channel, block),
                    _ => p.skip(),
                }),
                _ => p.text(slot, channel, block),
            }),
            _ => self.text(slot, channel, block),
        }
    }

    fn detail(&mut self, slot: usize, position: u32) -> Result<(), Bad> {
        if self.r.peek() != b'{' {
            return self.skip();
        }
        let count = self.c.texts.len();
        let mut index = position;
        self.members(|p, key| match key {
            Key::Index => p.index().map(|given| index = given.unwrap_or(position)),
            Key::Text | Key::Summary => p.text(slot, Channel::Reasoning, DETAILS),
            _ => p.skip(),
        })?;
        for text in &mut self.c.texts[count..] {
            text.block = DETAILS.saturating_add(index);
        }
        Ok(())
    }

    fn tool_call(&mut self, slot: usize, position: u32) -> Result<(), Bad> {
        if self.r.peek() != b'{' {
            return self.skip();
        }
        let (count, tools) = (self.c.texts.len(), self.c.tools.len());
        let mut index = position;
        self.members(|p, key| match key {
            Key::Index => p.index().map(|given| index = given.unwrap_or(position)),
            Key::Function | Key::Custom => p.function(slot, FIRST_TOOL),
            _ => p.skip(),
        })?;
        let block = FIRST_TOOL.saturating_add(index);
        for text in &mut self.c.texts[count..] {
            text.block = block;
        }
        for tool in &mut self.c.tools[tools..] {
            tool.1 = block;
        }
        Ok(())
    }

    fn function(&mut self, slot: usize, block: u32) -> Result<(), Bad> {
        if self.r.peek() != b'{' {
            return self.skip();
        }
        self.c.tools.push((slot, block));
        self.members(|p, key| match key {
            Key::Arguments | Key::Input if matches!(p.r.peek(), b'{' | b'[') => {
                let span = p.value()?;
                p.push(TextValue {
                    slot,
                    block,
                    channel: Channel::ToolInput,
                    span,
                    form: Form::Raw,
                });
                Ok(())
            }
            Key::Arguments | Key::Input => p.text(slot, Channel::ToolInput, block),
            _ => p.skip(),
        })
    }

    fn text(&mut self, slot: usize, channel: Channel, block: u32) -> Result<(), Bad> {
        if self.r.peek() != b'"' {
            return self.skip();
        }
        let Text { span, escaped } = self.r.string()?;
        let form = if escaped { Form::Escaped } else { Form::Plain };
        self.push(TextValue {
            slot,
            block,
            channel,
            span,
            form,
        });
        Ok(())
    }

    fn push(&mut self, text: TextValue) {
        if !text.span.is_empty() {
            self.c.texts.push(text);
        }
    }

    /// Text of this choice in the shape of the other mode.
    fn echo(&mut self, slot: usize) -> Result<(), Bad> {
        let (count, tools) = (self.c.texts.len(), self.c.tools.len());
        let saved = self.c.choices[slot].content;
        self.message(slot)?;
        self.c.tools.truncate(tools);
        self.c.choices[slot].content = saved;
        for text in self.c.texts.drain(count..) {
            self.c.echoes.push((slot, quoted(text)));
        }
        Ok(())
    }
}

/// The whole value, quotes included.
fn quoted(text: TextValue) -> Span {
    match text.form {
        Form::Raw => text.span,
        _ => Span {
            start: text.span.start - 1,
            end: text.span.end + 1,
        },
    }
}
