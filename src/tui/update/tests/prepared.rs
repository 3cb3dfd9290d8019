//! The key that asks a prepared prompt.

use super::*;
use crate::tui::model::Prepared;

#[test]
fn a_prepared_prompt_is_asked_at_one_key() {
    let mut bench = bench();
    bench.effects.clear();
    bench.key(KeyCode::F(7));
    assert_eq!(bench.effects, []);
    let notice = bench.model.notice.as_deref().unwrap_or_default();
    assert!(notice.contains("tierscope demo"), "{notice}");
    bench.model.prepared = Prepared::new(vec!["Try this".to_owned()]);
    bench.type_text("a draft");
    bench.key(KeyCode::F(7));
    let asked =
        matches!(&bench.effects[..], [Effect::StartRun { prompt, .. }] if prompt == "Try this");
    assert!(asked, "{:?}", bench.effects);
    assert_eq!(bench.model.editor.text(), "a draft");
}
