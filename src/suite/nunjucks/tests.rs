//! What templates become, held against Nunjucks 3.2 itself: each expected text is what it makes of the same variables.

use super::{environment, prompt::Resolved};
use serde_json::{Value, json};

/// A text with these variables.
fn filled(text: &str) -> Result<String, String> {
    let environment = environment();
    let Value::Object(values) = json!({
        "city": "Rome & Oslo", "n": 3, "f": 2.0, "half": 2.5, "none": null, "yes": true,
        "words": ["b", "a"], "empty": [], "mixed": [1, null, "x", [2, 3]],
        "user": { "name": "Ada", "tags": ["x", "y"] }, "box": {}, "text": "it's a \"test\"",
        "list": [{ "n": "a", "v": 1 }, { "n": "b", "v": 2 }],
        "digits": "12",
    }) else {
        unreachable!()
    };
    Resolved::of(&environment, values.into_iter().collect()).text(&environment, text)
}

/// Templates, and what Nunjucks makes of them.
const TEXTS: &[(&str, &str)] = &[
    ("{{ words }}", "b,a"),
    ("{{ mixed }}", "1,,x,2,3"),
    ("{{ user }}", "[object Object]"),
    ("{{ none }}|{{ yes }}|{{ f }}|{{ half }}", "|true|2|2.5"),
    ("{{ nobody }}{{ nobody.name.first }}", ""),
    (
        "{{ n / 2 }} {{ 4 / 2 }} {{ 7 // 2 }} {{ 2 ** 3 }} {{ 7 % 4 }}",
        "1.5 2 3 8 3",
    ),
    (
        "{{ words.length }} {{ city.length }} {{ user.tags.length + 1 }} {{ (words).length }} {{ user.length }}x",
        "2 11 3 2 x",
    ),
    ("{{ words[words.length - 1] }}", "a"),
    (
        "{% if empty %}yes{% else %}no{% endif %}{% if box %}yes{% else %}no{% endif %}{% if none %}yes{% else %}no{% endif %}",
        "yesyesno",
    ),
    ("{% if not empty %}a{% endif %}b", "b"),
    (
        "{% for w in words %}{{ loop.index }}/{{ loop.length }} {{ w }}{% if not loop.last %}, {% endif %}{% endfor %}",
        "1/2 b, 2/2 a",
    ),
    (
        "{% for k, v in user %}{{ k }}={{ v }};{% endfor %}",
        "name=Ada;tags=x,y;",
    ),
    ("{% for x in user %}[{{ x }}]{% endfor %}", ""),
    ("{% for x in nobody %}a{% else %}none{% endfor %}", "none"),
    (r#"{% for c in "abc" %}{{ c }}.{% endfor %}"#, "a.b.c."),
    (
        "{% for item in list %}{{ item.n }}{{ item.v }} {% endfor %}",
        "a1 b2 ",
    ),
    (
        "{% for a, b in [[1,2],[3,4]] %}{{ a }}-{{ b }} {% endfor %}",
        "1-2 3-4 ",
    ),
    ("{% set x = 5 %}{{ x + n }}", "8"),
    (
        r#"{% set a = "q" %}{% if a === "q" and n !== 4 %}ok{% endif %}"#,
        "ok",
    ),
    (
        "{% if n == 1 %}1{% elseif n == 3 %}3{% else %}?{% endif %}",
        "3",
    ),
    ("a {%- if yes -%} b {%- endif %} c", "ab c"),
    ("a {{- n -}} b", "a3b"),
    ("{# gone #}x", "x"),
    ("{% raw %}{{ n }}{% endraw %}", "{{ n }}"),
    (
        "{% verbatim %}{{ n.length }}{% endverbatim %}",
        "{{ n.length }}",
    ),
    ("{{ user | dump }}", r#"{"name":"Ada","tags":["x","y"]}"#),
    (
        "{{ user | dump(2) }}",
        "{\n  \"name\": \"Ada\",\n  \"tags\": [\n    \"x\",\n    \"y\"\n  ]\n}",
    ),
    ("{{ f | dump }}", "2"),
    (
        r#"{{ words | join(", ") }} {{ mixed | join("-") }} {{ words | join }}"#,
        "b, a 1--x-2,3 ba",
    ),
    (
        r#"{{ text | title }}|{{ "foo-bar BAZ" | title }}"#,
        r#"It's A "test"|Foo-bar Baz"#,
    ),
    ("{{ text | escape }}", "it&#39;s a &quot;test&quot;"),
    (r#"{{ "a b/c&d" | urlencode }}"#, "a%20b%2Fc%26d"),
    (
        "{{ words | length }} {{ nobody | length }} {{ user | length }} {{ city | length }}",
        "2 0 2 11",
    ),
    (
        r#"{{ nobody | default("d") }} {{ none | default("d") }}| {{ "" | default("d", true) }}"#,
        "d | d",
    ),
    (
        r#"{{ city | replace("Rome", "Paris") | upper | lower | capitalize }}"#,
        "Paris & oslo",
    ),
    (
        r#"{{ words | sort | join("") }}{{ words | first }}{{ words | last }}{{ words | reverse | join("") }}"#,
        "abbaab",
    ),
    (
        r#"{{ "  x " | trim }}|{{ "a b  c" | wordcount }}|{{ half | round }}|{{ 3.456 | round(1) }}|{{ "7" | int + 1 }}"#,
        "x|3|3|3.5|8",
    ),
    (
        r#"{{ ('{"a": [1, 2]}' | load).a[1] }}{{ ('[1,2,3]' | load).length }}"#,
        "23",
    ),
    (r#"{{ "yes" if n > 2 else "no" }}{{ "x" if n > 5 }}"#, "yes"),
    (
        r#"{{ nobody or "fallback" }} {{ empty or "never" }} {{ n and "both" }}"#,
        "fallback  both",
    ),
    (r#"{{ words ~ "-" ~ n }}"#, "b,a-3"),
    (
        r#"{{ n in [1,2,3] }} {{ "a" in words }} {{ "name" in user }}"#,
        "true true true",
    ),
    (
        "{{ x is defined }} {{ n is defined }} {{ n is odd }}",
        "false true true",
    ),
    ("{{ null }}|{{ none == null }}", "|true"),
    (
        r#"{% macro hi(who) %}Hi {{ who }}!{% endmacro %}{{ hi("Bo") }}"#,
        "Hi Bo!",
    ),
    ("{{ \"a\\nb\" | indent(2) }}", "a\n  b"),
    (
        r#"{{ "it's {{ }} %}" }} {{ "x.length === null" }}"#,
        "it's {{ }} %} x.length === null",
    ),
    (r#"{{ [1,2.0,"a"] }} {{ {a: 1} }}"#, "1,2,a [object Object]"),
    ("{% for i in range(1, 4) %}{{ i }}{% endfor %}", "123"),
    (r#"{{ list | selectattr("v") | length }}"#, "2"),
    (r#"{{ words | list | join("+") }}"#, "b+a"),
    ("{{ \"l1\nl2\" | nl2br }}", "l1<br />\nl2"),
    ("{% filter upper %}abc{% endfilter %}", "ABC"),
    (
        "{% for w in words %}{% set y = w %}{{ y }}{% endfor %}",
        "ba",
    ),
    (
        "{{ -n }} {{ n * half }} {{ 10 / 4 }} {{ 1/3 }}",
        "-3 7.5 2.5 0.3333333333333333",
    ),
];

#[test]
fn texts_come_out_as_nunjucks_writes_them() {
    for (text, expected) in TEXTS {
        assert_eq!(filled(text).as_deref(), Ok(*expected), "{text}");
    }
}

#[test]
fn what_would_come_out_otherwise_is_an_error() {
    let wrong = [
        (
            "{{ city | shout }}",
            "cannot be filled in: filter shout is unknown",
        ),
        (
            "{{ list | groupby(\"n\") }}",
            "cannot be filled in: filter groupby is unknown",
        ),
        (
            "{{ city.toUpperCase() }}",
            "cannot be filled in: string has no method named toUpperCase",
        ),
        (
            "{% set x = 1 %}{% for w in words %}{% set x = 2 %}{% endfor %}",
            "cannot be filled in: `x` is set again inside of a loop, which lasts after the loop in Nunjucks and not here",
        ),
        (
            "{% if digits > 9 %}{% endif %}",
            "cannot be filled in: it compares `digits`, a text, with a number; write `digits | int`",
        ),
        (
            "{{ yes ~ city }}",
            "cannot be filled in: it joins `yes` with `~`, which writes it otherwise in Nunjucks; write `{{ yes }}` apart",
        ),
        (
            "{% include \"x\" %}",
            "cannot be filled in: tried to include non-existing template 'x'",
        ),
        (
            "{% switch n %}{% endswitch %}",
            "cannot be filled in: unknown statement switch",
        ),
    ];
    for (text, message) in wrong {
        assert_eq!(filled(text).unwrap_err(), message, "{text}");
    }
    assert_eq!(
        filled("{% if digits | int > 9 %}{{ digits }}{% endif %}").unwrap(),
        "12"
    );
}

#[test]
fn values_cannot_fill_the_memory() {
    let start = "{% set ns = namespace(x='aaaaaaaaaa') %}{% for i in range(40) %}";
    for grown in [
        "{% set ns.x = ns.x ~ ns.x %}{% endfor %}",
        "{% set ns.x = [ns.x, ns.x] | join %}{% endfor %}",
        "{% set ns.x %}{{ ns.x }}{{ ns.x }}{% endset %}{% endfor %}",
        "{% endfor %}{{ words | join('a' * 50000000) }}",
    ] {
        let error = filled(&format!("{start}{grown}")).unwrap_err();
        assert!(error.contains("MiB"), "{grown}: {error}");
    }
}

#[test]
fn a_variable_that_may_be_missing_is_not_missed() {
    let environment = environment();
    let resolved = Resolved::of(&environment, vec![("n".to_owned(), json!(1))]);
    let missing = |text: &str| {
        resolved
            .missing(&environment, text)
            .into_iter()
            .collect::<Vec<_>>()
    };
    let spared = "{{ a | default('none') }}{% if b is defined %}x{% endif %}{{ n }}";
    assert_eq!(missing(spared), Vec::<String>::new());
    assert_eq!(missing("{{ a | default('none') }}{{ a }}"), ["a"]);
    assert_eq!(missing("{{ a | upper }}"), ["a"]);
}
