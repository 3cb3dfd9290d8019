//! Every key, in one table: what it does, where, and how help and hints name it. Does none of it.

mod table;

use super::editor::Edit;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
pub use table::KEYMAP;

/// Where a key counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Context {
    /// In the prompt, on the panes, and in every overlay that does not use the key itself.
    Everywhere,
    /// While the prompt is edited.
    Prompt,
    /// While a pane has the focus.
    Panes,
    /// While a page of text lies over the screen: help, details.
    Page,
    /// While the list of lanes lies over the screen.
    Lanes,
}

impl Context {
    /// All, in the order of the help.
    pub const ALL: [Self; 5] = [
        Self::Everywhere,
        Self::Prompt,
        Self::Panes,
        Self::Lanes,
        Self::Page,
    ];

    /// The heading in the help.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Everywhere => "Everywhere",
            Self::Prompt => "In the prompt",
            Self::Panes => "On the panes",
            Self::Lanes => "In the list of lanes",
            Self::Page => "In help and details",
        }
    }
}

/// What a key does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Stops what is running; with nothing running, or twice within a second, quits.
    Interrupt,
    /// Quits.
    Quit,
    /// Quits when the prompt is empty, else deletes the character after the cursor.
    QuitOrDelete,
    /// Hands the terminal back to the shell for a while.
    Suspend,
    /// Draws everything again.
    Repaint,
    /// Opens or closes the help.
    Help,
    /// Opens or closes the list of lanes.
    LaneList,
    /// Opens or closes the details of the focused lane.
    Details,
    /// Switches between race and fair.
    Schedule,
    /// Sends the prompt.
    Send,
    /// Begins a new line in the prompt.
    Newline,
    /// Changes the prompt, or moves its cursor.
    Edit(Edit),
    /// The row above, or the prompt before.
    UpOrEarlier,
    /// The row below, or the prompt after.
    DownOrLater,
    /// Opens the prompt in the person's editor.
    OpenEditor,
    /// From the prompt to the panes.
    FocusPanes,
    /// From the panes to the prompt.
    FocusPrompt,
    /// The next pane; after the last one the prompt.
    NextPane,
    /// The pane before; before the first one the prompt.
    PreviousPane,
    /// The pane of the number that was pressed.
    PickPane,
    /// Makes the focused pane as large as the screen, or small again.
    Zoom,
    /// Stops the focused lane.
    StopLane,
    /// Stops all lanes.
    StopAll,
    /// Asks the last prompt again.
    AskAgain,
    /// Asks the next of the prompts to try.
    AskPrepared,
    /// Folds or unfolds the thoughts of the focused lane.
    FoldThoughts,
    /// Scrolls by so many lines.
    Scroll(i16),
    /// Scrolls by pages.
    Page(i16),
    /// To the first line.
    Top,
    /// To the last line, and along with it.
    Bottom,
    /// The next entry of a list.
    NextEntry,
    /// The entry of a list before.
    PreviousEntry,
    /// Switches the selected lane on or off.
    Toggle,
    /// Closes what lies over the screen.
    Close,
}

/// A key with its modifiers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    /// Which.
    pub code: KeyCode,
    /// Held with it; shift does not count for characters, which carry it themselves.
    pub modifiers: KeyModifiers,
}

impl Key {
    const fn plain(code: KeyCode) -> Self {
        Self {
            code,
            modifiers: KeyModifiers::NONE,
        }
    }

    const fn char(c: char) -> Self {
        Self::plain(KeyCode::Char(c))
    }

    const fn ctrl(c: char) -> Self {
        Self {
            code: KeyCode::Char(c),
            modifiers: KeyModifiers::CONTROL,
        }
    }

    const fn with(modifiers: KeyModifiers, code: KeyCode) -> Self {
        Self { code, modifiers }
    }

    /// What a terminal sent, without what terminals disagree about.
    fn of(event: &KeyEvent) -> Self {
        let mut modifiers =
            event.modifiers & (KeyModifiers::CONTROL | KeyModifiers::ALT | KeyModifiers::SHIFT);
        let code = match event.code {
            KeyCode::Char(c) => {
                modifiers.remove(KeyModifiers::SHIFT);
                if modifiers.contains(KeyModifiers::CONTROL) {
                    KeyCode::Char(c.to_ascii_lowercase())
                } else {
                    KeyCode::Char(c)
                }
            }
            KeyCode::BackTab => {
                modifiers.remove(KeyModifiers::SHIFT);
                KeyCode::BackTab
            }
            code => code,
        };
        // An Esc just before it must not take the way out away.
        if code == KeyCode::Char('c') && modifiers.contains(KeyModifiers::CONTROL) {
            modifiers = KeyModifiers::CONTROL;
        }
        Self { code, modifiers }
    }

    /// How the key is written in help and hints.
    pub fn name(self) -> String {
        let mut name = String::new();
        for (modifier, text) in [
            (KeyModifiers::CONTROL, "Ctrl-"),
            (KeyModifiers::ALT, "Alt-"),
            (KeyModifiers::SHIFT, "Shift-"),
        ] {
            if self.modifiers.contains(modifier) {
                name.push_str(text);
            }
        }
        let code = match self.code {
            KeyCode::Char(' ') => "Space".to_owned(),
            KeyCode::Char(c) if self.modifiers.contains(KeyModifiers::CONTROL) => {
                c.to_uppercase().to_string()
            }
            KeyCode::Char(c) => c.to_string(),
            KeyCode::BackTab => "Shift-Tab".to_owned(),
            KeyCode::Up => "↑".to_owned(),
            KeyCode::Down => "↓".to_owned(),
            KeyCode::Left => "←".to_owned(),
            KeyCode::Right => "→".to_owned(),
            KeyCode::PageUp => "PgUp".to_owned(),
            KeyCode::PageDown => "PgDn".to_owned(),
            KeyCode::Delete => "Del".to_owned(),
            code => code.to_string(),
        };
        name.push_str(&code);
        name
    }
}

/// One row of the table.
#[derive(Debug, Clone, Copy)]
pub struct Binding {
    /// Where it counts.
    pub context: Context,
    /// The keys that do it; the first one is the one that hints name.
    pub keys: &'static [Key],
    /// What it does.
    pub action: Action,
    /// What the help says.
    pub help: &'static str,
    /// The word in the line of hints; empty where it is not hinted at.
    pub hint: &'static str,
}

impl Binding {
    /// The keys as help writes them.
    pub fn key_names(&self) -> String {
        let names: Vec<String> = self.keys.iter().map(|key| key.name()).collect();
        names.join(", ")
    }
}

/// What a key does in a context; its own meaning there comes before the one everywhere.
pub fn action(context: Context, event: &KeyEvent) -> Option<Action> {
    let key = Key::of(event);
    [context, Context::Everywhere]
        .into_iter()
        .find_map(|context| {
            KEYMAP
                .iter()
                .find(|binding| binding.context == context && binding.keys.contains(&key))
        })
        .map(|binding| binding.action)
}

/// The number that a key types, if it is a digit.
pub fn digit(event: &KeyEvent) -> Option<usize> {
    match event.code {
        KeyCode::Char(c) => usize::try_from(c.to_digit(10)?).ok(),
        _ => None,
    }
}

/// The character that a key types, if it types one.
pub fn typed(event: &KeyEvent) -> Option<char> {
    let is_command = event
        .modifiers
        .intersects(KeyModifiers::CONTROL | KeyModifiers::SUPER);
    let is_alt_only = event.modifiers.contains(KeyModifiers::ALT)
        && !event.modifiers.contains(KeyModifiers::CONTROL);
    // AltGr comes as Ctrl-Alt on some terminals and then types.
    let is_alt_gr = event
        .modifiers
        .contains(KeyModifiers::CONTROL | KeyModifiers::ALT);
    match event.code {
        KeyCode::Char(c) if is_alt_gr || !(is_command || is_alt_only) => Some(c),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
