//! The table of keys itself.

use super::{Action, Binding, Context, Edit, Key};
use ratatui::crossterm::event::{KeyCode, KeyModifiers};

const fn bind(
    context: Context,
    keys: &'static [Key],
    action: Action,
    help: &'static str,
    hint: &'static str,
) -> Binding {
    Binding {
        context,
        keys,
        action,
        help,
        hint,
    }
}

const ALT: KeyModifiers = KeyModifiers::ALT;
const CTRL: KeyModifiers = KeyModifiers::CONTROL;
const SHIFT: KeyModifiers = KeyModifiers::SHIFT;

use Action as A;
use Context::{Everywhere, Lanes, Page, Panes, Prompt};
use KeyCode as C;

const DIGITS: &[Key] = &[
    Key::char('1'),
    Key::char('2'),
    Key::char('3'),
    Key::char('4'),
    Key::char('5'),
    Key::char('6'),
    Key::char('7'),
    Key::char('8'),
    Key::char('9'),
];

/// Every key.
#[rustfmt::skip]
pub const KEYMAP: &[Binding] = &[
    bind(Everywhere, &[Key::ctrl('c')], A::Interrupt, "stop what is running; when nothing runs, or twice within a second: quit", ""),
    bind(Everywhere, &[Key::plain(C::F(1))], A::Help, "this help", "help"),
    bind(Everywhere, &[Key::plain(C::F(2))], A::LaneList, "switch lanes on and off", "lanes"),
    bind(Everywhere, &[Key::plain(C::F(3))], A::Schedule, "race (all at once) or fair (local lanes one after another)", ""),
    bind(Everywhere, &[Key::plain(C::F(4))], A::Details, "every number of the focused lane: formula and source", ""),
    bind(Everywhere, &[Key::plain(C::F(5))], A::AskAgain, "ask the last prompt again", ""),
    bind(Everywhere, &[Key::plain(C::F(6))], A::Zoom, "zoom the focused pane", ""),
    bind(Everywhere, &[Key::plain(C::F(7))], A::AskPrepared, "ask the next of the prepared prompts, where pocket models run", "try one"),
    bind(Everywhere, &[Key::plain(C::PageUp)], A::Page(-1), "scroll the focused pane back by a page", ""),
    bind(Everywhere, &[Key::plain(C::PageDown)], A::Page(1), "scroll it on by a page", ""),
    bind(Everywhere, &[Key::ctrl('l')], A::Repaint, "draw the screen again", ""),
    bind(Everywhere, &[Key::ctrl('z')], A::Suspend, "back to the shell until `fg`", ""),

    bind(Prompt, &[Key::plain(C::Enter)], A::Send, "send the prompt to all lanes", "send"),
    bind(Prompt, &[Key::with(ALT, C::Enter), Key::with(SHIFT, C::Enter), Key::ctrl('j')], A::Newline, "new line", "newline"),
    bind(Prompt, &[Key::plain(C::Tab), Key::plain(C::Esc)], A::FocusPanes, "go to the panes, where letters are commands", "panes"),
    bind(Prompt, &[Key::plain(C::BackTab)], A::PreviousPane, "go to the last pane", ""),
    bind(Prompt, &[Key::plain(C::Up), Key::ctrl('p')], A::UpOrEarlier, "row above; on the first row the prompt before", "earlier"),
    bind(Prompt, &[Key::plain(C::Down), Key::ctrl('n')], A::DownOrLater, "row below; on the last row the prompt after", ""),
    bind(Prompt, &[Key::ctrl('e')], A::OpenEditor, "edit the prompt in $VISUAL or $EDITOR", "editor"),
    bind(Prompt, &[Key::plain(C::Left), Key::ctrl('b')], A::Edit(Edit::Left), "one character back", ""),
    bind(Prompt, &[Key::plain(C::Right), Key::ctrl('f')], A::Edit(Edit::Right), "one character on", ""),
    bind(Prompt, &[Key::with(CTRL, C::Left), Key::with(ALT, C::Left), Key::with(ALT, C::Char('b'))], A::Edit(Edit::WordLeft), "one word back", ""),
    bind(Prompt, &[Key::with(CTRL, C::Right), Key::with(ALT, C::Right), Key::with(ALT, C::Char('f'))], A::Edit(Edit::WordRight), "one word on", ""),
    bind(Prompt, &[Key::plain(C::Home), Key::ctrl('a')], A::Edit(Edit::LineStart), "start of the line", ""),
    bind(Prompt, &[Key::plain(C::End)], A::Edit(Edit::LineEnd), "end of the line", ""),
    bind(Prompt, &[Key::plain(C::Backspace), Key::with(SHIFT, C::Backspace), Key::ctrl('h')], A::Edit(Edit::DeleteBack), "delete the character before", ""),
    bind(Prompt, &[Key::plain(C::Delete)], A::Edit(Edit::DeleteForward), "delete the character after", ""),
    bind(Prompt, &[Key::ctrl('w'), Key::with(ALT, C::Backspace), Key::with(CTRL, C::Backspace)], A::Edit(Edit::DeleteWordBack), "delete the word before", ""),
    bind(Prompt, &[Key::ctrl('u')], A::Edit(Edit::DeleteToLineStart), "delete to the start of the line", ""),
    bind(Prompt, &[Key::ctrl('k')], A::Edit(Edit::DeleteToLineEnd), "delete to the end of the line", ""),
    bind(Prompt, &[Key::with(ALT, C::Char('z')), Key::ctrl('_'), Key::ctrl('7'), Key::ctrl('/')], A::Edit(Edit::Undo), "undo", ""),
    bind(Prompt, &[Key::with(ALT, C::Char('y')), Key::ctrl('y')], A::Edit(Edit::Redo), "redo", ""),
    bind(Prompt, &[Key::ctrl('d')], A::QuitOrDelete, "quit when the prompt is empty, else delete the character after", ""),

    bind(Panes, &[Key::char('i'), Key::plain(C::Enter), Key::plain(C::Esc)], A::FocusPrompt, "back to the prompt (Esc first ends a zoom)", "prompt"),
    bind(Panes, &[Key::plain(C::Tab), Key::plain(C::Right)], A::NextPane, "next pane, after the last one the prompt", "next pane"),
    bind(Panes, &[Key::plain(C::BackTab), Key::plain(C::Left)], A::PreviousPane, "pane before", ""),
    bind(Panes, DIGITS, A::PickPane, "the pane of that number", ""),
    bind(Panes, &[Key::char('z')], A::Zoom, "zoom this pane", "zoom"),
    bind(Panes, &[Key::char('x')], A::StopLane, "stop this lane", "stop"),
    bind(Panes, &[Key::char('X')], A::StopAll, "stop all lanes", ""),
    bind(Panes, &[Key::char('r')], A::AskAgain, "ask the last prompt again", "again"),
    bind(Panes, &[Key::char('t')], A::FoldThoughts, "fold or unfold the thoughts of this lane", "thoughts"),
    bind(Panes, &[Key::char('d')], A::Details, "every number of this lane: formula and source", "details"),
    bind(Panes, &[Key::char('l')], A::LaneList, "switch lanes on and off", "lanes"),
    bind(Panes, &[Key::char('s')], A::Schedule, "race (all at once) or fair (local lanes one after another)", ""),
    bind(Panes, &[Key::plain(C::Up), Key::char('k')], A::Scroll(-1), "scroll back by a line", ""),
    bind(Panes, &[Key::plain(C::Down), Key::char('j')], A::Scroll(1), "scroll on by a line", ""),
    bind(Panes, &[Key::plain(C::Home), Key::char('g')], A::Top, "first line", ""),
    bind(Panes, &[Key::plain(C::End), Key::char('G')], A::Bottom, "last line, and along with the text", ""),
    bind(Panes, &[Key::char('?')], A::Help, "this help", ""),
    bind(Panes, &[Key::char('q')], A::Quit, "quit; asks first while lanes run", "quit"),

    bind(Lanes, &[Key::char(' '), Key::char('x')], A::Toggle, "switch the lane on or off", "on/off"),
    bind(Lanes, &[Key::plain(C::Up), Key::char('k')], A::PreviousEntry, "lane above", ""),
    bind(Lanes, &[Key::plain(C::Down), Key::char('j')], A::NextEntry, "lane below", ""),
    bind(Lanes, &[Key::plain(C::Esc), Key::plain(C::Enter), Key::char('l'), Key::char('q')], A::Close, "close", "close"),

    bind(Page, &[Key::plain(C::Up), Key::char('k')], A::Scroll(-1), "back by a line", ""),
    bind(Page, &[Key::plain(C::Down), Key::char('j')], A::Scroll(1), "on by a line", "scroll"),
    bind(Page, &[Key::plain(C::Home), Key::char('g')], A::Top, "first line", ""),
    bind(Page, &[Key::plain(C::End), Key::char('G')], A::Bottom, "last line", ""),
    bind(Page, &[Key::plain(C::Tab), Key::plain(C::Right)], A::NextPane, "details of the next lane", ""),
    bind(Page, &[Key::plain(C::BackTab), Key::plain(C::Left)], A::PreviousPane, "details of the lane before", ""),
    bind(Page, &[Key::plain(C::Esc), Key::plain(C::Enter), Key::char('q'), Key::char('?'), Key::char('d')], A::Close, "close", "close"),
];
