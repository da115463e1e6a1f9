//! Where in a piece of JavaScript the output has got to: in code, a string, or
//! a comment. Regular expressions are taken for code.

/// The place in a script.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Script {
    #[default]
    Code,
    /// In a string that this quote began.
    Text(char),
    LineComment,
    BlockComment,
}

/// Follows a script.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct ScriptTracker {
    pub(super) place: Script,
    is_escaped: bool,
}

impl ScriptTracker {
    /// Handles what stands at the start of `rest`: the bytes that it takes, and
    /// whether they are written. Comments are not.
    pub(super) fn step(&mut self, rest: &str, c: char) -> (usize, bool) {
        let one = c.len_utf8();
        match self.place {
            Script::Code if rest.starts_with("//") => self.begin(Script::LineComment),
            Script::Code if rest.starts_with("/*") => self.begin(Script::BlockComment),
            Script::Code => {
                if matches!(c, '"' | '\'' | '`') {
                    self.place = Script::Text(c);
                }
                (one, true)
            }
            Script::Text(quote) => {
                match c {
                    _ if self.is_escaped => self.is_escaped = false,
                    '\\' => self.is_escaped = true,
                    _ if c == quote => self.place = Script::Code,
                    _ => {}
                }
                (one, true)
            }
            Script::LineComment if c == '\n' => {
                self.place = Script::Code;
                (one, true)
            }
            Script::BlockComment if rest.starts_with("*/") => {
                self.place = Script::Code;
                (2, false)
            }
            Script::LineComment | Script::BlockComment => (one, false),
        }
    }

    fn begin(&mut self, comment: Script) -> (usize, bool) {
        self.place = comment;
        (2, false)
    }
}
