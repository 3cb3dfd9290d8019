//! Tests of the table of keys.

use super::*;

fn press(code: KeyCode, modifiers: KeyModifiers) -> KeyEvent {
    KeyEvent::new(code, modifiers)
}

#[test]
fn no_key_means_two_things_in_one_place() {
    for context in Context::ALL {
        let keys: Vec<Key> = KEYMAP
            .iter()
            .filter(|binding| binding.context == context)
            .flat_map(|binding| binding.keys.iter().copied())
            .collect();
        for (index, key) in keys.iter().enumerate() {
            assert!(
                !keys[..index].contains(key),
                "{} twice in {context:?}",
                key.name()
            );
        }
    }
}

#[test]
fn every_binding_has_a_key_and_says_what_it_does() {
    for binding in KEYMAP {
        assert!(!binding.keys.is_empty() && !binding.help.is_empty());
    }
}

#[test]
fn keys_are_found_however_a_terminal_sends_them() {
    let none = KeyModifiers::NONE;
    let shift = KeyModifiers::SHIFT;
    let control = KeyModifiers::CONTROL;
    for (context, event, expected) in [
        (
            Context::Prompt,
            press(KeyCode::Enter, shift),
            Some(Action::Newline),
        ),
        (
            Context::Prompt,
            press(KeyCode::Char('j'), control),
            Some(Action::Newline),
        ),
        (
            Context::Prompt,
            press(KeyCode::Enter, none),
            Some(Action::Send),
        ),
        (
            Context::Panes,
            press(KeyCode::Char('X'), shift),
            Some(Action::StopAll),
        ),
        (
            Context::Panes,
            press(KeyCode::BackTab, shift),
            Some(Action::PreviousPane),
        ),
        (
            Context::Panes,
            press(KeyCode::Char('c'), control | KeyModifiers::ALT),
            Some(Action::Interrupt),
        ),
        (
            Context::Lanes,
            press(KeyCode::Char('C'), control | shift),
            Some(Action::Interrupt),
        ),
        (Context::Prompt, press(KeyCode::Char('x'), none), None),
    ] {
        assert_eq!(action(context, &event), expected, "{event:?}");
    }
}

#[test]
fn only_plain_characters_type() {
    assert_eq!(
        typed(&press(KeyCode::Char('é'), KeyModifiers::NONE)),
        Some('é')
    );
    assert_eq!(
        typed(&press(KeyCode::Char('É'), KeyModifiers::SHIFT)),
        Some('É')
    );
    assert_eq!(
        typed(&press(KeyCode::Char('e'), KeyModifiers::CONTROL)),
        None
    );
    assert_eq!(typed(&press(KeyCode::Char('e'), KeyModifiers::ALT)), None);
    assert_eq!(
        typed(&press(
            KeyCode::Char('@'),
            KeyModifiers::CONTROL | KeyModifiers::ALT
        )),
        Some('@')
    );
}

#[test]
fn keys_have_names() {
    assert_eq!(Key::ctrl('c').name(), "Ctrl-C");
    assert_eq!(Key::char('X').name(), "X");
    assert_eq!(Key::plain(KeyCode::F(1)).name(), "F1");
    assert_eq!(Key::plain(KeyCode::Enter).name(), "Enter");
    assert_eq!(
        Key::with(KeyModifiers::ALT, KeyCode::Enter).name(),
        "Alt-Enter"
    );
}
