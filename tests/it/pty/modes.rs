//! What the bytes of a program leave a terminal in: parsed from the raw output, because a screen forgets how it was
//! brought to where it is.

use std::collections::BTreeMap;

/// The modes of a terminal after some output.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Modes {
    /// Private modes by number, as they were set last.
    pub private: BTreeMap<u16, bool>,
    /// How often each private mode was set.
    pub set: BTreeMap<u16, usize>,
    /// How often each private mode was reset.
    pub reset: BTreeMap<u16, usize>,
    /// Private modes that the terminal was asked to remember, as they were then.
    pub remembered: BTreeMap<u16, Option<bool>>,
    /// Keyboard flags that are still pushed.
    pub keyboard: i32,
    /// Sequences that no frame of ours holds: device control, titles, the clipboard, questions.
    pub foreign: Vec<String>,
}

impl Modes {
    /// Reads output from its beginning.
    pub fn after(output: &[u8]) -> Self {
        let mut modes = Self::default();
        let mut rest = output;
        while let Some(at) = rest.iter().position(|byte| *byte == 0x1b) {
            rest = &rest[at + 1..];
            match rest.first() {
                Some(b'[') => {
                    let Some(end) = rest[1..].iter().position(|b| (0x40..0x7f).contains(b)) else {
                        break;
                    };
                    let sequence = String::from_utf8_lossy(&rest[1..=end + 1]).into_owned();
                    modes.take(&sequence);
                    rest = &rest[end + 2..];
                }
                Some(other) => modes.foreign.push(format!("ESC {}", char::from(*other))),
                None => break,
            }
        }
        modes
    }

    fn take(&mut self, sequence: &str) {
        let (body, last) = sequence.split_at(sequence.len() - 1);
        if let Some(numbers) = body.strip_prefix('?') {
            for number in numbers.split(';').filter_map(|text| text.parse().ok()) {
                self.take_private(number, last);
            }
        } else if last == "u" && body.starts_with('>') {
            self.keyboard += 1;
        } else if last == "u" && body.starts_with('<') {
            self.keyboard -= 1;
        } else if !matches!(last, "m" | "H" | "J" | "K" | "A" | "B" | "C" | "D" | "G") {
            self.foreign.push(format!("CSI {sequence}"));
        }
    }

    fn take_private(&mut self, number: u16, last: &str) {
        match last {
            "h" => {
                self.private.insert(number, true);
                *self.set.entry(number).or_default() += 1;
            }
            "l" => {
                self.private.insert(number, false);
                *self.reset.entry(number).or_default() += 1;
            }
            "s" => {
                let now = self.private.get(&number).copied();
                self.remembered.insert(number, now);
            }
            "r" => match self.remembered.get(&number) {
                Some(Some(is_on)) => _ = self.private.insert(number, *is_on),
                Some(None) => _ = self.private.remove(&number),
                None => self.foreign.push(format!("CSI ?{number}r")),
            },
            other => self.foreign.push(format!("CSI ?{number}{other}")),
        }
    }

    /// Whether a mode is on.
    pub fn is_on(&self, mode: u16) -> bool {
        self.private
            .get(&mode)
            .copied()
            .unwrap_or([CURSOR, WHEEL, WRAP].contains(&mode))
    }

    /// Panics unless everything is as a shell expects it, and was put back exactly as often as it was changed.
    pub fn assert_restored(&self) {
        for mode in [
            ALTERNATE,
            PASTE,
            SYNCHRONISED,
            FOCUS,
            1000,
            1002,
            1003,
            1006,
        ] {
            assert!(!self.is_on(mode), "mode {mode} is still on: {self:?}");
        }
        assert!(self.is_on(CURSOR), "the cursor is still hidden: {self:?}");
        assert!(self.is_on(WHEEL), "the wheel is still ours: {self:?}");
        assert!(self.is_on(WRAP), "long lines are still cut: {self:?}");
        assert_eq!(self.keyboard, 0, "keyboard flags are left: {self:?}");
        for mode in [ALTERNATE, PASTE] {
            assert_eq!(
                self.set.get(&mode),
                self.reset.get(&mode),
                "mode {mode} was not left exactly once each time: {self:?}"
            );
        }
    }
}

/// The cursor is shown.
pub const CURSOR: u16 = 25;
/// The wheel is arrow keys on the alternate screen.
pub const WHEEL: u16 = 1007;
/// Long lines go on in the next row.
pub const WRAP: u16 = 7;
/// The alternate screen.
pub const ALTERNATE: u16 = 1049;
/// Bracketed paste.
pub const PASTE: u16 = 2004;
/// A frame under way.
pub const SYNCHRONISED: u16 = 2026;
/// Focus reports.
pub const FOCUS: u16 = 1004;

#[test]
fn modes_are_read_from_output() {
    let modes = Modes::after(b"\x1b[?1049h\x1b[?25l\x1b[>1uhi\x1b[31m\x1b[?1049l\x1b]0;t\x07");
    assert!(!modes.is_on(ALTERNATE));
    assert!(!modes.is_on(CURSOR));
    assert_eq!(modes.keyboard, 1);
    assert_eq!(modes.foreign, ["ESC ]"]);
}
