//! Random schemas and instances from a small vocabulary, so that they meet. Entropy is a list of bytes, which proptest
//! shrinks; where it runs out, the smallest choice is made.

use serde_json::{Map, Value, json};

pub struct Source<'a> {
    bytes: &'a [u8],
}

const NAMES: [&str; 6] = ["a", "b", "ab", "c/~", "\u{e9}", ""];
const STRINGS: [&str; 8] = [
    "",
    "a",
    "ab",
    "abc",
    "x1",
    "\u{e9}\u{1F600}",
    "12-34",
    "\"\\\n",
];
const PATTERNS: [&str; 9] = [
    "^a",
    "b$",
    "^[a-c]*$",
    "^\\d{2}-\\d{2}$",
    "x|^$",
    "^(?:ab|x)\\w?$",
    "\\s",
    "[^a]",
    "^.{2}$",
];
const TYPES: [&str; 7] = [
    "null", "boolean", "integer", "number", "string", "array", "object",
];
/// What a random object keyword is.
type Keyword = fn(&mut Source<'_>, u32) -> (&'static str, Value);

impl<'a> Source<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    fn pick(&mut self, choices: usize) -> usize {
        let Some((&byte, rest)) = self.bytes.split_first() else {
            return 0;
        };
        self.bytes = rest;
        usize::from(byte) % choices
    }

    fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.pick(of.len())]
    }

    fn number(&mut self) -> Value {
        match self.pick(14) {
            0..6 => json!(i64::from(self.pick(7) as u32) - 2),
            6 => json!(0.5 * self.pick(8) as f64),
            7 => json!(0.1 * self.pick(30) as f64),
            8 => json!(-1.5),
            9 => json!(u64::MAX),
            10 => json!(i64::MIN),
            11 => json!(1e25),
            12 => json!(3e-9),
            _ => json!(self.pick(200)),
        }
    }

    fn list(&mut self, most: usize, mut item: impl FnMut(&mut Self) -> Value) -> Value {
        let length = self.pick(most + 1);
        (0..length).map(|_| item(self)).collect()
    }

    fn names(&mut self) -> Value {
        let mut names: Vec<&str> = (0..self.pick(4)).map(|_| self.one(&NAMES)).collect();
        names.sort_unstable();
        names.dedup();
        json!(names)
    }

    fn map(&mut self, keys: &[&str], mut member: impl FnMut(&mut Self) -> Value) -> Value {
        let length = self.pick(4);
        let members: Map<_, _> = (0..length)
            .map(|_| (self.one(keys).to_owned(), member(self)))
            .collect();
        Value::Object(members)
    }

    /// A value at most `depth` levels deep.
    pub fn instance(&mut self, depth: u32) -> Value {
        let choices = if depth == 0 { 5 } else { 9 };
        match self.pick(choices) {
            0 => self.number(),
            1 => json!(self.one(&STRINGS)),
            2 => Value::Null,
            3 => json!(self.pick(2) == 0),
            4 => json!(self.pick(4)),
            5 | 6 => self.list(4, |source| source.instance(depth - 1)),
            _ => self.map(&NAMES, |source| source.instance(depth - 1)),
        }
    }

    /// A schema at most `depth` levels deep; its references lead to `#` and `#/$defs/d`, below a member or item only.
    pub fn schema(&mut self, depth: u32) -> Value {
        if depth == 0 || self.pick(8) == 0 {
            return match self.pick(4) {
                0 => json!({"type": self.one(&TYPES)}),
                1 => json!(true),
                2 => {
                    json!({"type": [self.one(&TYPES), self.one(&["null", "string"])]}).pipe_dedup()
                }
                _ => json!(self.pick(3) != 0),
            };
        }
        let mut schema = Map::new();
        for _ in 0..=self.pick(4) {
            let (keyword, operand) = self.one(&KEYWORDS)(self, depth - 1);
            schema.insert(keyword.to_owned(), operand);
        }
        Value::Object(schema)
    }

    /// A schema below a member or item, where recursion ends with the instance.
    fn inner(&mut self, depth: u32) -> Value {
        match self.pick(9) {
            0 => json!({"$ref": "#"}),
            1 => json!({"$ref": "#/$defs/d"}),
            _ => self.schema(depth),
        }
    }

    pub fn document(&mut self) -> Value {
        let mut schema = self.schema(3);
        if let Value::Object(keywords) = &mut schema {
            keywords.insert("$defs".to_owned(), json!({"d": self.schema(2)}));
        } else {
            schema = json!({"allOf": [schema], "$defs": {"d": self.schema(2)}});
        }
        schema
    }
}

trait Dedup {
    fn pipe_dedup(self) -> Self;
}

impl Dedup for Value {
    /// `type` lists must not repeat a name.
    fn pipe_dedup(mut self) -> Self {
        if self["type"][0] == self["type"][1] {
            self["type"] = self["type"][0].clone();
        }
        self
    }
}

const KEYWORDS: [Keyword; 33] = [
    |s, _| ("type", json!(s.one(&TYPES))),
    |s, _| ("type", json!(s.one(&["object", "array", "string"]))),
    |s, d| {
        ("enum", {
            let d = d.min(2);
            let first = s.instance(d);
            let mut list = s.list(3, |s| s.instance(d));
            list.as_array_mut().expect("a list").push(first);
            list
        })
    },
    |s, _| ("enum", json!([s.one(&STRINGS), s.one(&STRINGS[..4]), "z"])),
    |s, d| ("const", s.instance(d.min(2))),
    |s, _| ("minLength", json!(s.pick(4))),
    |s, _| ("maxLength", json!(s.pick(4))),
    |s, _| ("pattern", json!(s.one(&PATTERNS))),
    |s, _| ("minimum", s.number()),
    |s, _| ("maximum", s.number()),
    |s, _| ("exclusiveMinimum", s.number()),
    |s, _| ("exclusiveMaximum", s.number()),
    |s, _| {
        (
            "multipleOf",
            s.one(
                &[
                    json!(1),
                    json!(2),
                    json!(0.5),
                    json!(0.1),
                    json!(3),
                    json!(0.01),
                ]
                .each_ref(),
            )
            .clone(),
        )
    },
    |s, d| ("properties", s.map(&NAMES, |s| s.inner(d))),
    |s, d| ("properties", s.map(&NAMES, |s| s.inner(d))),
    |s, d| ("properties", s.map(&NAMES, |s| s.inner(d))),
    |s, _| ("additionalProperties", json!(s.pick(4) == 0)),
    |s, d| ("additionalProperties", s.inner(d)),
    |s, d| ("patternProperties", s.map(&PATTERNS, |s| s.inner(d))),
    |s, d| ("propertyNames", s.schema(d)),
    |s, _| ("required", s.names()),
    |s, _| ("minProperties", json!(s.pick(3))),
    |s, _| ("maxProperties", json!(s.pick(4))),
    |s, d| ("items", s.inner(d)),
    |s, d| ("prefixItems", json!([s.inner(d), s.inner(d)])),
    |s, _| ("minItems", json!(s.pick(3))),
    |s, _| ("maxItems", json!(s.pick(4))),
    |s, _| ("uniqueItems", json!(s.pick(4) != 0)),
    |s, d| ("contains", s.schema(d)),
    |s, d| {
        (
            s.one(&["anyOf", "oneOf", "allOf"]),
            json!([s.schema(d), s.schema(d), s.schema(d)]),
        )
    },
    |s, d| {
        (
            s.one(&["anyOf", "oneOf", "allOf"]),
            json!([s.schema(d), s.schema(d)]),
        )
    },
    |s, d| (s.one(&["not", "if", "then", "else"]), s.schema(d)),
    |s, d| {
        (
            s.one(&[
                "minContains",
                "maxContains",
                "dependentRequired",
                "dependentSchemas",
            ]),
            Value::Null,
        )
            .completed(s, d)
    },
];

trait Completed {
    fn completed(self, source: &mut Source<'_>, depth: u32) -> Self;
}

impl Completed for (&'static str, Value) {
    /// Gives the keyword the kind of operand that it takes.
    fn completed(self, source: &mut Source<'_>, depth: u32) -> Self {
        let operand = match self.0 {
            "dependentRequired" => source.map(&NAMES, Source::names),
            "dependentSchemas" => source.map(&NAMES, |source| source.schema(depth)),
            _ => json!(source.pick(3)),
        };
        (self.0, operand)
    }
}
