//! Where a reader stands, as a JSON Pointer.

/// An array or object that is open.
#[derive(Clone, Debug)]
pub(super) struct Frame {
    pub is_object: bool,
    /// Whether the pointer goes on into a member or item.
    pub inside: bool,
    /// Of the item that is open or next.
    pub index: u32,
    /// Start of the member's name in the path's text.
    pub name: u32,
    /// Of the names that were seen.
    pub mark: usize,
}

/// Open arrays and objects with the names of the members that are open.
#[derive(Clone, Debug, Default)]
pub(super) struct Path {
    pub frames: Vec<Frame>,
    names: Vec<u8>,
}

impl Path {
    pub fn clear(&mut self) {
        self.frames.clear();
        self.names.clear();
    }

    pub fn open(&mut self, is_object: bool, mark: usize) {
        let name = self.names.len() as u32;
        self.frames.push(Frame {
            is_object,
            inside: false,
            index: 0,
            name,
            mark,
        });
    }

    /// Returns the mark that the frame was opened with.
    pub fn close(&mut self) -> usize {
        let frame = self.frames.pop().expect("an array or object is open");
        self.names.truncate(frame.name as usize);
        frame.mark
    }

    pub fn top(&mut self) -> Option<&mut Frame> {
        self.frames.last_mut()
    }

    pub fn begin_name(&mut self) {
        let name = self.frames.last().map_or(0, |frame| frame.name as usize);
        self.names.truncate(name);
    }

    pub fn name_text(&mut self, text: &[u8]) {
        self.names.extend_from_slice(text);
    }

    /// The name that was read last.
    pub fn name(&self) -> &[u8] {
        let name = self.frames.last().map_or(0, |frame| frame.name as usize);
        &self.names[name..]
    }

    /// RFC 6901, of at most `levels` tokens.
    pub fn pointer(&self, levels: usize) -> String {
        let mut out = String::new();
        let ends = self
            .frames
            .iter()
            .skip(1)
            .map(|frame| frame.name as usize)
            .chain([self.names.len()]);
        for (frame, end) in self
            .frames
            .iter()
            .zip(ends)
            .take(levels)
            .take_while(|(frame, _)| frame.inside)
        {
            out.push('/');
            if frame.is_object {
                let name = String::from_utf8_lossy(&self.names[frame.name as usize..end]);
                out.push_str(&name.replace('~', "~0").replace('/', "~1"));
            } else {
                out.push_str(&frame.index.to_string());
            }
        }
        out
    }
}
