//! Tests of the prompt editor.

use super::*;
use proptest::prelude::*;

fn typed(text: &str, width: usize) -> Editor {
    let mut editor = Editor::new(width);
    for c in text.chars() {
        editor.insert(&c.to_string());
    }
    editor
}

fn rows(editor: &Editor) -> Vec<String> {
    (0..editor.rows()).map(|row| editor.shown(row)).collect()
}

#[test]
fn wraps_softly_and_knows_the_cell_of_the_cursor() {
    let mut editor = typed("how many letters", 10);
    assert_eq!(rows(&editor), ["how many ", "letters"]);
    assert_eq!(editor.cursor_cell(), (1, 7));
    editor.insert("\n日本");
    assert_eq!(rows(&editor), ["how many ", "letters", "日本"]);
    assert_eq!(editor.cursor_cell(), (2, 4));
}

#[test]
fn moves_over_rows_words_and_lines() {
    let mut editor = typed("one two\nthree\nfour five", 40);
    assert!(editor.apply(Edit::Up));
    assert_eq!(editor.cursor_cell(), (1, 5));
    assert!(editor.apply(Edit::Up));
    assert_eq!(editor.cursor_cell(), (0, 7));
    assert!(!editor.apply(Edit::Up), "the first row has none above");
    assert!(editor.apply(Edit::WordLeft));
    assert_eq!(editor.cursor_cell(), (0, 4));
    assert!(editor.apply(Edit::LineStart) && !editor.apply(Edit::Left));
    assert!(editor.apply(Edit::WordRight));
    assert_eq!(editor.cursor_cell(), (0, 3));
    assert!(editor.apply(Edit::Down) && editor.apply(Edit::Down));
    assert!(!editor.apply(Edit::Down));
    assert!(editor.apply(Edit::LineEnd));
    assert_eq!(editor.cursor_cell(), (2, 9));
}

#[test]
fn keeps_its_column_over_short_rows() {
    let mut editor = typed("a long line\nb\nanother line", 40);
    editor.apply(Edit::Up);
    assert_eq!(editor.cursor_cell(), (1, 1));
    editor.apply(Edit::Up);
    assert_eq!(editor.cursor_cell(), (0, 11));
}

#[test]
fn deletes_characters_words_and_lines() {
    let mut editor = typed("one two three", 40);
    editor.apply(Edit::DeleteWordBack);
    assert_eq!(editor.text(), "one two ");
    editor.apply(Edit::DeleteBack);
    editor.apply(Edit::DeleteBack);
    assert_eq!(editor.text(), "one tw");
    editor.apply(Edit::LineStart);
    editor.apply(Edit::DeleteForward);
    assert_eq!(editor.text(), "ne tw");
    editor.apply(Edit::DeleteToLineEnd);
    assert_eq!(editor.text(), "");
    assert!(!editor.apply(Edit::DeleteToLineStart));
}

#[test]
fn undoes_word_by_word_and_does_again() {
    let mut editor = typed("one two", 40);
    assert!(editor.apply(Edit::Undo));
    assert_eq!(editor.text(), "one ");
    assert!(editor.apply(Edit::Redo));
    assert_eq!(editor.text(), "one two");
    editor.insert("\npasted\ntext");
    editor.apply(Edit::Undo);
    assert_eq!(editor.text(), "one two");
    editor.set_text("");
    editor.apply(Edit::Undo);
    assert_eq!(editor.text(), "one two");
}

#[test]
fn a_grapheme_is_one_step() {
    let mut editor = typed("a👩\u{200d}💻e\u{301}", 40);
    editor.apply(Edit::DeleteBack);
    assert_eq!(editor.text(), "a👩\u{200d}💻");
    editor.apply(Edit::Left);
    editor.apply(Edit::DeleteForward);
    assert_eq!(editor.text(), "a");
}

#[test]
fn keeps_what_was_pasted_and_shows_what_is_safe() {
    let mut editor = Editor::new(40);
    editor.insert("a\tb\u{1b}[31m\u{202e}c");
    assert_eq!(editor.text(), "a\tb\u{1b}[31m\u{202e}c");
    assert_eq!(rows(&editor), ["a    b[31mc"]);
    assert_eq!(editor.cursor_cell(), (0, 11));
}

#[test]
fn a_prompt_has_an_end() {
    let mut editor = Editor::new(40);
    assert!(!editor.insert(&"é".repeat(MAX_BYTES)));
    assert_eq!(editor.text().len(), MAX_BYTES);
    assert!(!editor.insert("x"));
}

#[test]
fn a_long_prompt_costs_no_more_per_key() {
    let numbers: Vec<_> = (0u32..25_000)
        .map(|n| (n.wrapping_mul(2_654_435_761) % 10u32.pow(1 + n % 6)).to_string())
        .collect();
    for text in [numbers.join("\n"), numbers.join(" "), "x".repeat(90_000)] {
        let mut editor = Editor::new(60);
        editor.insert(&text);
        let middle = editor.rows[editor.rows() / 2].start + 5;
        for at in [0, middle, editor.text().len()] {
            editor.text.insert(at, ' ');
            let looked = editor.rewrap(at, 0, 1);
            let rows = editor.rows.clone();
            editor.wrap();
            assert_eq!(rows, editor.rows, "at {at}");
            // In one endless word every row behind a new blank moves.
            let is_endless = text.starts_with('x');
            assert!(
                looked < 10_000 || is_endless,
                "{looked} bytes for a key at {at}"
            );
        }
    }
}

fn edit() -> impl Strategy<Value = Option<Edit>> {
    use Edit::*;
    proptest::option::of(proptest::sample::select(vec![
        Left,
        Right,
        WordLeft,
        WordRight,
        Up,
        Down,
        LineStart,
        LineEnd,
        DeleteBack,
        DeleteForward,
        DeleteWordBack,
        DeleteToLineStart,
        DeleteToLineEnd,
        Undo,
        Redo,
    ]))
}

proptest! {
    #[test]
    fn any_edits_keep_the_cursor_inside_and_undo_to_nothing(
        steps in proptest::collection::vec((edit(), "[a \n日\u{301}🦀\u{200d}\u{1b}\t\r🇨🇭]{0,4}"), 0..60),
        width in 1usize..20,
    ) {
        let mut editor = Editor::new(width);
        for (edit, text) in steps {
            match edit {
                Some(edit) => _ = editor.apply(edit),
                None => _ = editor.insert(&text),
            }
            let (row, _) = editor.cursor_cell();
            prop_assert!(row < editor.rows());
            let mut whole = editor.clone();
            whole.wrap();
            prop_assert_eq!(&editor.rows, &whole.rows);
            prop_assert!(editor.text().is_char_boundary(editor.cursor));
        }
        while editor.apply(Edit::Undo) {}
        prop_assert_eq!(editor.text(), "");
    }
}
