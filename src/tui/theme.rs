//! How things look: the sixteen colours of the terminal, or none. Every state is in words or symbols too, so that
//! nothing is lost without colours.

use crate::domain::tier::Tier;
use ratatui::style::{Color, Modifier, Style};

/// Whether colours may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Colors {
    /// The terminal's sixteen.
    #[default]
    Ansi,
    /// None: `NO_COLOR`, or `--color never`.
    None,
}

/// The styles of everything on the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Theme {
    colors: Colors,
}

impl Theme {
    /// The theme for these colours.
    pub const fn new(colors: Colors) -> Self {
        Self { colors }
    }

    fn color(self, color: Color) -> Style {
        match self.colors {
            Colors::Ansi => Style::new().fg(color),
            Colors::None => Style::new(),
        }
    }

    /// Text that is read.
    pub const fn text(self) -> Style {
        Style::new()
    }

    /// Everything secondary: units, hints, thoughts, borders.
    pub const fn dim(self) -> Style {
        Style::new().add_modifier(Modifier::DIM)
    }

    /// What the person's keys act on: the one accent.
    pub fn focus(self) -> Style {
        self.color(Color::Cyan).add_modifier(Modifier::BOLD)
    }

    /// Names and headings.
    pub const fn strong(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    /// What went wrong.
    pub fn failure(self) -> Style {
        self.color(Color::Red)
    }

    /// What the person should know.
    pub fn warning(self) -> Style {
        self.color(Color::Yellow)
    }

    /// What went well.
    pub fn success(self) -> Style {
        self.color(Color::Green)
    }

    /// The row of a list that the next key acts on.
    pub const fn selected(self) -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }

    /// A tier's name, and nothing else.
    pub fn tier(self, tier: Option<Tier>) -> Style {
        match tier {
            Some(Tier::Base) => self.color(Color::Gray),
            Some(Tier::Small) => self.color(Color::Green),
            Some(Tier::Mid) => self.color(Color::Yellow),
            Some(Tier::Flagship) => self.color(Color::Blue),
            Some(Tier::Reasoning) => self.color(Color::Magenta),
            None => self.text(),
        }
    }
}
