//! A prompt's words as a suffix automaton: the longest run that ends at each word of an answer, in constant time a word.
//!
//! Blumer et al., "The smallest automaton recognizing the subwords of a text", 1985.

use std::collections::BTreeMap;

use crate::words::words;

/// Words of a prompt that are read; the rest of a longer one is not compared.
pub(crate) const MAX_WORDS: usize = 32_768;

/// The automaton. About 60 bytes a word of the prompt.
#[derive(Debug)]
pub(crate) struct Index {
    /// Of the texts, to know a prompt again.
    key: (u64, u64),
    nodes: Vec<Node>,
    /// `(word, node)`, sorted within each node's edges.
    edges: Vec<(u32, u32)>,
    words: u32,
}

/// What [`Index`] is made in.
#[derive(Default)]
struct Builder {
    nodes: Vec<Node>,
    /// `(node, word)` to node.
    next: BTreeMap<(u32, u32), u32>,
    words: u32,
}

#[derive(Clone, Copy, Debug, Default)]
struct Node {
    /// Words of its longest run.
    length: u32,
    /// Node of the longest run that ends in more places; the root links to itself.
    link: u32,
    /// Where its runs first end: index of their last word.
    first_end: u32,
    /// First of its edges.
    edges: u32,
}

/// Where an answer stands in the automaton: the longest run in common that ends here.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Place {
    node: u32,
    /// Words of the run.
    pub(crate) length: u32,
}

fn key(texts: &[&str]) -> (u64, u64) {
    let mut one = 0xcbf2_9ce4_8422_2325_u64;
    let mut other = 0x9e37_79b9_7f4a_7c15_u64;
    for text in texts {
        for byte in text.bytes().chain([0xff]) {
            one = (one ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
            other = (other.rotate_left(5) ^ u64::from(byte)).wrapping_mul(0xff51_afd7_ed55_8ccd);
        }
    }
    (one, other)
}

impl Index {
    /// Reads a prompt. A run does not go over the end of a text.
    pub(crate) fn new(texts: &[&str]) -> Self {
        let mut builder = Builder {
            nodes: vec![Node::default()],
            ..Builder::default()
        };
        for text in texts {
            let mut last = 0;
            words(text, |word| {
                if (builder.words as usize) < MAX_WORDS {
                    last = builder.extend(last, word.hash);
                }
            });
        }
        let Builder {
            mut nodes,
            next,
            words,
        } = builder;
        let mut edges = Vec::with_capacity(next.len());
        let mut next = next.into_iter().peekable();
        for (at, node) in nodes.iter_mut().enumerate() {
            node.edges = edges.len() as u32;
            while let Some(((_, word), target)) =
                next.next_if(|((from, _), _)| *from as usize == at)
            {
                edges.push((word, target));
            }
        }
        nodes.shrink_to_fit();
        Self {
            key: key(texts),
            nodes,
            edges,
            words,
        }
    }

    /// Whether it was made from these texts.
    pub(crate) fn is_of(&self, texts: &[&str]) -> bool {
        self.key == key(texts)
    }

    /// Words of the prompt.
    pub(crate) const fn words(&self) -> u32 {
        self.words
    }

    /// The longest run that ends with `word`.
    pub(crate) fn step(&self, mut place: Place, word: u32) -> Place {
        loop {
            if let Some(node) = self.edge(place.node, word) {
                return Place {
                    node,
                    length: place.length + 1,
                };
            }
            if place.node == 0 {
                return Place::default();
            }
            place.node = self.nodes[place.node as usize].link;
            place.length = self.nodes[place.node as usize].length;
        }
    }

    fn edge(&self, node: u32, word: u32) -> Option<u32> {
        let start = self.nodes[node as usize].edges as usize;
        let end = self
            .nodes
            .get(node as usize + 1)
            .map_or(self.edges.len(), |next| next.edges as usize);
        let edges = &self.edges[start..end];
        edges
            .binary_search_by_key(&word, |edge| edge.0)
            .ok()
            .map(|at| edges[at].1)
    }

    /// Index in the prompt of the last word of the run, where it stands first.
    pub(crate) fn first_end(&self, place: Place) -> u32 {
        self.nodes[place.node as usize].first_end
    }

    pub(crate) fn memory_bytes(&self) -> usize {
        size_of::<Self>()
            + self.nodes.capacity() * size_of::<Node>()
            + self.edges.capacity() * size_of::<(u32, u32)>()
    }
}

impl Builder {
    fn add(&mut self, node: Node) -> u32 {
        self.nodes.push(node);
        (self.nodes.len() - 1) as u32
    }

    /// Adds a word behind the run of `last`; returns the node of the whole text so far.
    fn extend(&mut self, last: u32, word: u32) -> u32 {
        let first_end = self.words;
        self.words += 1;
        if let Some(&known) = self.next.get(&(last, word)) {
            // Another text began alike.
            return self.split(last, word, known);
        }
        let length = self.nodes[last as usize].length + 1;
        let made = self.add(Node {
            length,
            first_end,
            ..Node::default()
        });
        let mut at = last;
        loop {
            if let Some(&known) = self.next.get(&(at, word)) {
                let link = self.split(at, word, known);
                self.nodes[made as usize].link = link;
                break;
            }
            self.next.insert((at, word), made);
            if at == 0 {
                break;
            }
            at = self.nodes[at as usize].link;
        }
        made
    }

    /// The node of exactly the runs that `at` and `word` make: `known`, or a copy of it for the shorter ones.
    fn split(&mut self, at: u32, word: u32, known: u32) -> u32 {
        let length = self.nodes[at as usize].length + 1;
        if self.nodes[known as usize].length == length {
            return known;
        }
        let copy = self.add(Node {
            length,
            ..self.nodes[known as usize]
        });
        let edges: Vec<_> = self
            .next
            .range((known, 0)..=(known, u32::MAX))
            .map(|(edge, target)| (edge.1, *target))
            .collect();
        self.next.extend(
            edges
                .into_iter()
                .map(|(word, target)| ((copy, word), target)),
        );
        self.nodes[known as usize].link = copy;
        let mut at = at;
        while self.next.get(&(at, word)) == Some(&known) {
            self.next.insert((at, word), copy);
            if at == 0 {
                break;
            }
            at = self.nodes[at as usize].link;
        }
        copy
    }
}
