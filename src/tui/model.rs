//! Everything the playground knows. Changed by [`super::update`] alone, shown by [`super::view`]; does no I/O and reads
//! no clock.

mod cost;
mod pane;
mod prompts;
mod run;

use super::{
    editor::Editor,
    layout::{Needs, PaneParts, Screen},
    theme::{Colors, Theme},
};
use crate::domain::{
    cost::CostSum,
    plan::{LanePlan, Schedule},
};
pub use cost::{Asked, Origin, Question, Topic};
pub use pane::{DocRow, Fold, Pane, Scroll};
pub use prompts::{Prepared, Prompts};
use ratatui::layout::Rect;
pub use run::ActiveRun;
use std::{sync::Arc, time::Duration};

/// The sign before the prompt and the column after it, for the cursor.
const PROMPT_FRAME: u16 = 4;
/// While the window has no focus, clocks on it move no more often than this.
const UNWATCHED_CLOCK: Duration = Duration::from_secs(1);

/// What the playground starts with.
#[derive(Debug, Clone, Default)]
pub struct ModelSpec {
    /// The lanes that are known at once, in the order of their panes.
    pub lanes: Vec<LaneEntry>,
    /// How lanes are scheduled until the person says otherwise.
    pub schedule: Schedule,
    /// Whether colours may be used.
    pub colors: Colors,
    /// Earlier prompts, oldest first.
    pub history: Vec<String>,
    /// Prompts to try.
    pub prepared: Prepared,
    /// The most that this sitting may cost without asking first, in US dollars.
    pub max_cost_usd: Option<f64>,
    /// Columns and rows of the terminal.
    pub size: (u16, u16),
}

/// A lane as the playground knows it. Its position among the lanes never changes.
#[derive(Debug, Clone)]
pub struct LaneEntry {
    /// What was planned; [`LanePlan::is_enabled`] says whether it is switched on at first.
    pub plan: Arc<LanePlan>,
    /// Where it runs: the device, or the host.
    pub place: String,
}

/// Counts the runs of a sitting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct RunNumber(pub u64);

/// How soon a change should be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Urgency {
    /// Nothing on the screen changed.
    #[default]
    None,
    /// Something from outside arrived: with the next frame of a stream.
    Stream,
    /// The person did something: at once.
    Input,
}

/// What the keys act on, where nothing lies over the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Focus {
    /// The prompt: letters are text.
    Prompt,
    /// The focused pane: letters are commands.
    Panes,
}

/// What happens when all lanes have ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AtEnd {
    /// Nothing.
    Stays,
    /// The playground quits, as the person wanted.
    Quits,
}

/// What lies over the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overlay {
    /// Every key.
    Help {
        /// First line shown.
        top: usize,
    },
    /// The lanes, to switch them on and off.
    Lanes {
        /// Selected lane.
        selected: usize,
    },
    /// Every number of the focused lane.
    Details {
        /// First line shown.
        top: usize,
    },
}

/// Everything the playground knows.
#[derive(Debug)]
pub struct Model {
    pub(super) size: (u16, u16),
    pub(super) theme: Theme,
    pub(super) panes: Vec<Pane>,
    pub(super) schedule: Schedule,
    pub(super) run: Option<ActiveRun>,
    pub(super) runs: u64,
    pub(super) editor: Editor,
    pub(super) prompts: Prompts,
    pub(super) prepared: Prepared,
    pub(super) focus: Focus,
    /// Position of the focused lane among all lanes.
    pub(super) focused: usize,
    pub(super) is_zoomed: bool,
    pub(super) overlay: Option<Overlay>,
    pub(super) notice: Option<String>,
    /// What the person is asked before a prompt is sent.
    pub(super) question: Option<Question>,
    pub(super) max_cost_usd: Option<f64>,
    /// Runs that another prompt has taken the place of and whose lanes have not ended yet.
    pub(super) overtaken: Vec<ActiveRun>,
    /// What the runs before the one on the screen cost, those that have ended.
    pub(super) spent: CostSum,
    /// The person wants to quit when the lanes have ended.
    pub(super) at_end: AtEnd,
    /// Why an answer of this sitting is not in the history.
    pub(super) unkept: Option<String>,
    pub(super) interrupted_at: Option<Duration>,
    pub(super) has_window_focus: bool,
    /// The lanes' models are being loaded.
    pub(super) has_begun: bool,
    pub(super) change: Urgency,
}

impl Model {
    /// Before the first message.
    pub fn new(spec: ModelSpec) -> Self {
        let mut model = Self {
            size: spec.size,
            theme: Theme::new(spec.colors),
            panes: spec.lanes.into_iter().map(Pane::new).collect(),
            schedule: spec.schedule,
            run: None,
            runs: 0,
            editor: Editor::new(1),
            prompts: Prompts::new(spec.history),
            prepared: spec.prepared,
            focus: Focus::Prompt,
            focused: 0,
            is_zoomed: false,
            overlay: None,
            notice: None,
            question: None,
            max_cost_usd: spec.max_cost_usd,
            overtaken: Vec::new(),
            spent: CostSum::default(),
            at_end: AtEnd::Stays,
            unkept: None,
            interrupted_at: None,
            has_window_focus: true,
            has_begun: false,
            change: Urgency::Input,
        };
        model.relayout();
        model
    }

    /// How soon what changed since the last call should be seen.
    pub fn take_change(&mut self) -> Urgency {
        std::mem::take(&mut self.change)
    }

    /// When a clock on the screen will show something else, if nothing happens before; none runs when idle.
    pub fn next_clock(&self, now: Duration) -> Option<Duration> {
        let step = self.run.as_ref()?.next_clock(now)?;
        let least = if self.has_window_focus {
            Duration::ZERO
        } else {
            UNWATCHED_CLOCK
        };
        Some(now + step.max(least))
    }

    /// Whether a run is under way.
    pub fn is_running(&self) -> bool {
        self.run.as_ref().is_some_and(ActiveRun::is_running)
    }

    /// Positions of the lanes that are switched on, in the order of their panes.
    pub fn shown(&self) -> Vec<usize> {
        (0..self.panes.len())
            .filter(|lane| self.panes[*lane].is_on)
            .collect()
    }

    /// The plan of a lane.
    pub fn plan(&self, lane: usize) -> Option<&LanePlan> {
        self.panes.get(lane).map(|pane| &*pane.entry.plan)
    }

    /// Where everything stands on an area.
    pub(super) fn screen(&self, area: Rect) -> Option<Screen> {
        let shown = self.shown();
        let strip_rows = match &self.run {
            Some(run) => shown
                .iter()
                .filter(|lane| run.place_of(**lane).is_some())
                .count(),
            None => 0,
        };
        let needs = Needs {
            panes: shown.len(),
            focused: shown
                .iter()
                .position(|lane| *lane == self.focused)
                .unwrap_or(0),
            is_zoomed: self.is_zoomed,
            prompt_rows: self.editor.rows(),
            strip_rows: match strip_rows {
                0 => 0,
                rows => u16::try_from(rows).unwrap_or(u16::MAX).saturating_add(1),
            },
            has_forecast: self.has_forecast(),
        };
        Screen::of(area, needs)
    }

    /// The screen as the terminal's size has it.
    pub(super) fn current_screen(&self) -> Option<Screen> {
        self.screen(Rect::new(0, 0, self.size.0, self.size.1))
    }

    /// Wraps everything for the places it has now. Cheap where no place changed.
    pub(super) fn relayout(&mut self) {
        self.keep_focus();
        let width = self.size.0.saturating_sub(PROMPT_FRAME);
        self.editor.set_width(usize::from(width));
        let Some(screen) = self.current_screen() else {
            return;
        };
        for (index, lane) in self.shown().into_iter().enumerate() {
            let place = screen
                .panes
                .iter()
                .find(|(place, _)| *place == index)
                .or(screen.panes.first());
            if let Some((_, place)) = place {
                let text = PaneParts::of(*place).text;
                self.panes[lane].set_size(text.width, text.height);
            }
        }
    }

    /// The focus is on a lane that is switched on, where there is one.
    fn keep_focus(&mut self) {
        let shown = self.shown();
        if !shown.contains(&self.focused) {
            let after = shown.iter().find(|lane| **lane > self.focused);
            self.focused = after.or(shown.last()).copied().unwrap_or(0);
        }
        if shown.is_empty() {
            self.focus = Focus::Prompt;
            self.is_zoomed = false;
        }
    }

    /// Marks that something changed.
    pub(super) fn changed(&mut self, urgency: Urgency) {
        self.change = self.change.max(urgency);
    }
}
