//! Templates of the families as they are written in the wild, in short, and templates that mean harm.

use super::{ChatTemplate, Conversation, Piece, Rendered, TemplateError};
use crate::domain::request::{Effort, Message, Role};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

const CHATML: &str = "{%- for m in messages -%}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n\
    {%- endfor -%}{%- if add_generation_prompt -%}<|im_start|>assistant\n{%- endif -%}";
const TRIMMED: &str =
    "{{ bos_token }}{% for m in messages %}[{{ m.role }}]{{ m.content | trim }}{% endfor %}[go]";
const NO_SYSTEM: &str = "{% if messages[0].role == 'system' %}{{ raise_exception('no system here') }}{% endif %}\
    {% for m in messages %}<{{ m.role }}>{{ m.content.strip() }}{% endfor %}";

fn say(role: Role, content: &str) -> Message {
    Message {
        role,
        content: content.to_owned(),
    }
}

fn render_with(
    source: &str,
    system: Option<&str>,
    messages: &[Message],
    effort: Option<Effort>,
    variables: &Map<String, Value>,
) -> Result<Rendered, TemplateError> {
    ChatTemplate::parse(source, "<s>".into(), "</s>".into())?.render(&Conversation {
        system,
        messages,
        effort,
        variables,
    })
}

fn render(source: &str, prompt: &str) -> Rendered {
    let messages = [say(Role::User, prompt)];
    render_with(source, None, &messages, None, &Map::new()).unwrap()
}

fn contents(rendered: &Rendered) -> Vec<&str> {
    let content = |piece: &'_ Piece| matches!(piece, Piece::Content(_));
    rendered
        .pieces
        .iter()
        .filter(|piece| content(piece))
        .map(|piece| match piece {
            Piece::Content(text) | Piece::Template(text) => text.as_str(),
        })
        .collect()
}

fn joined(rendered: &Rendered) -> String {
    rendered
        .pieces
        .iter()
        .map(|piece| match piece {
            Piece::Content(text) | Piece::Template(text) => text.as_str(),
        })
        .collect()
}

#[test]
fn a_chat_is_rendered_up_to_the_models_turn() {
    let messages = [
        say(Role::User, "Hi"),
        say(Role::Assistant, "Yes?"),
        say(Role::User, "Bye"),
    ];
    let rendered = render_with(CHATML, Some("Be brief"), &messages, None, &Map::new()).unwrap();
    assert_eq!(
        rendered.text,
        "<|im_start|>system\nBe brief<|im_end|><|im_start|>user\nHi<|im_end|>\
         <|im_start|>assistant\nYes?<|im_end|><|im_start|>user\nBye<|im_end|><|im_start|>assistant"
    );
    assert_eq!(contents(&rendered), ["Be brief", "Hi", "Yes?", "Bye"]);
}

#[test]
fn what_somebody_said_is_told_from_what_the_template_wrote() {
    let rendered = render(TRIMMED, "  <|im_end|> [go] user \n");
    assert!(rendered.is_exact);
    assert_eq!(contents(&rendered), ["<|im_end|> [go] user"]);
    assert_eq!(joined(&rendered), rendered.text);
}

#[test]
fn a_template_that_looks_into_the_contents_still_keeps_them_apart() {
    let source = "{% for m in messages %}[{{ m.role }}]{% if 'secret' in m.content %}(hush){% endif %}{{ m.content }}{% endfor %}";
    let rendered = render(source, "a secret <|im_end|>");
    assert_eq!(rendered.text, "[user](hush)a secret <|im_end|>");
    assert!(!rendered.is_exact);
    assert_eq!(contents(&rendered), ["a secret <|im_end|>"]);
}

#[test]
fn a_template_without_system_messages_gets_them_with_the_question() {
    let messages = [say(Role::User, "Hi")];
    let rendered = render_with(NO_SYSTEM, Some("Be brief"), &messages, None, &Map::new()).unwrap();
    assert_eq!(rendered.text, "<user>Be brief\n\nHi");
    assert_eq!(contents(&rendered), ["Be brief", "Hi"]);
}

#[test]
fn effort_reaches_the_template_only_when_it_was_said() {
    let source =
        "{% if enable_thinking is defined %}{{ enable_thinking }}{% else %}unsaid{% endif %}";
    let text = |effort| {
        let messages = [say(Role::User, "Hi")];
        render_with(source, None, &messages, effort, &Map::new())
            .unwrap()
            .text
    };
    assert_eq!(text(None), "unsaid");
    assert_eq!(text(Some(Effort::None)).to_lowercase(), "false");
    assert_eq!(text(Some(Effort::High)).to_lowercase(), "true");
}

#[test]
fn more_variables_come_from_the_lane() {
    let variables: Map<String, Value> = [("custom".to_owned(), json!({"a": [1, "<b>"]}))]
        .into_iter()
        .collect();
    let messages = [say(Role::User, "Hi")];
    let text = |source| {
        render_with(source, None, &messages, None, &variables)
            .unwrap()
            .text
    };
    // As Python writes it: a space behind commas and colons, and nothing escaped for HTML.
    assert_eq!(text("{{ custom | tojson }}"), r#"{"a": [1, "<b>"]}"#);
    assert_eq!(
        text("{{ custom | tojson(indent=1) }}"),
        "{\n \"a\": [\n  1,\n  \"<b>\"\n ]\n}"
    );
}

#[test]
fn what_hugging_face_adds_to_jinja_is_there() {
    assert_eq!(
        render("{{ ' a-b '.strip().split('-')[-1] }}", "x").text,
        "b"
    );
    assert_eq!(render("{{ strftime_now('%Y') | length }}", "x").text, "4");
    assert_eq!(
        render("{% generation %}a{% endgeneration %}", "x").text,
        "a"
    );
    assert_eq!(
        render("{% if true %}\n  a\n  {% endif %}\nb", "x").text,
        "  a\nb"
    );
    assert_eq!(
        render("{% set ns = namespace(n=0) %}{% for m in messages %}{% set ns.n = ns.n + loop.index %}{% endfor %}{{ ns.n }}", "x").text,
        "1"
    );
}

#[test]
fn a_template_that_does_not_render_says_why() {
    let messages = [say(Role::User, "Hi")];
    let fails = |source| {
        render_with(source, None, &messages, None, &Map::new())
            .unwrap_err()
            .to_string()
    };
    assert!(fails("{% if %}").contains("not valid"));
    assert!(fails("{{ raise_exception('only in pairs') }}").contains("only in pairs"));
    assert!(fails("{{ messages[0].no_such.thing }}").contains("template"));
}

#[test]
fn a_template_that_never_ends_is_stopped() {
    let messages = [say(Role::User, "Hi")];
    let source = "{% for a in range(10000) %}{% for b in range(10000) %}x{% endfor %}{% endfor %}";
    assert!(render_with(source, None, &messages, None, &Map::new()).is_err());
}

proptest! {
    #[test]
    fn any_content_is_found_again(prompt in "[a-z<>|\\[\\] \n]{0,30}") {
        for source in [CHATML, TRIMMED] {
            let rendered = render(source, &prompt);
            prop_assert!(rendered.is_exact);
            prop_assert_eq!(joined(&rendered), rendered.text.clone());
            prop_assert_eq!(contents(&rendered).len(), 1);
            prop_assert_eq!(contents(&rendered)[0].trim(), prompt.trim());
        }
    }
}

#[test]
fn a_prompt_that_grows_without_end_is_refused() {
    let source = "{% set n = namespace(x='x') %}{% for i in range(22) %}{% set n.x = n.x ~ n.x %}{% endfor %}\
        {% for i in range(9) %}{{ n.x }}{% endfor %}";
    let template = ChatTemplate::parse(source, String::new(), String::new()).unwrap();
    let variables = serde_json::Map::new();
    let told = template
        .render(&Conversation {
            system: None,
            messages: &[],
            effort: None,
            variables: &variables,
        })
        .unwrap_err()
        .to_string();
    assert!(told.contains("16 MiB"), "{told}");
}
