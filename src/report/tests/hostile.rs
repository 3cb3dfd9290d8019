//! Names, prompts and answers are data: in no form do they act.

use super::{
    forms::{as_html, as_json, as_junit, as_markdown},
    made::{Made, batch, cell, evidence, run},
};
use crate::{
    domain::sanitise::is_safe,
    report::{Findings, Wishes},
};

const EVIL: &str = "<script>alert(1)</script>]]>\u{1b}[31m\u{202e}\u{0}&\"'`|*[x](http://evil)<img src=x onerror=y>\u{ffff}\u{b}";

fn hostile() -> (Vec<Made>, Findings) {
    let mut made = Vec::new();
    for place in 0..3 {
        let mut run = run(&format!("{EVIL}{place}"), 1);
        run.tags = vec![EVIL.to_owned()];
        run.head.prompt.system = Some(EVIL.to_owned());
        run.head.prompt.text = EVIL.to_owned();
        let mut cells = vec![
            cell(EVIL, Some(false), 100.0, Some(0.1)),
            cell("b", Some(true), 100.0, Some(0.2)),
        ];
        for cell in &mut cells {
            let lane = &mut cell.lane;
            lane.model = EVIL.to_owned();
            lane.price_as_of = Some(EVIL.to_owned());
            lane.answer = format!("common words {EVIL} at the end {}", lane.lane.len());
            lane.reasoning = EVIL.to_owned();
            lane.warnings = vec![EVIL.to_owned()];
            cell.checks[0].reason = EVIL.to_owned();
            cell.checks[0].check = EVIL.to_owned();
            cell.checks[0].parts = vec![cell.checks[0].clone()];
        }
        made.push((run, cells));
    }
    let mut head = batch(EVIL);
    head.suite = Some(EVIL.to_owned());
    head.started_at = EVIL.to_owned();
    head.settings = serde_json::json!({ EVIL: [EVIL, { EVIL: EVIL }] });
    let wishes = Wishes {
        need: Some("pass>0.9".parse().unwrap()),
        requests_per_month: Some(9),
    };
    let findings = Findings::new(vec![head], evidence(&made), &wishes);
    (made, findings)
}

#[test]
fn nothing_acts_in_a_page() {
    let (made, findings) = hostile();
    let html = as_html(&made, &findings);
    assert!(html.chars().all(is_safe));
    for bad in [
        "<script",
        "<img",
        "<link",
        "<iframe",
        "href=\"http",
        "url(",
        "@import",
    ] {
        assert!(!html.contains(bad), "{bad}");
    }
    assert!(html.contains("&lt;script&gt;alert(1)"));
    balanced(&html);
}

/// Every element that is opened is closed, in order.
fn balanced(html: &str) {
    const VOID: [&str; 2] = ["meta", "!DOCTYPE"];
    let mut open = Vec::new();
    let mut rest = html;
    while let Some((_, tag)) = rest.split_once('<') {
        let (inside, after) = tag.split_once('>').expect("a closed tag");
        rest = after;
        let name: String = inside
            .trim_start_matches('/')
            .chars()
            .take_while(|c| !c.is_whitespace() && *c != '/')
            .collect();
        if name == "style" && !inside.starts_with('/') {
            rest = rest.split_once("</style>").expect("a closed style").1;
        } else if inside.starts_with('/') {
            assert_eq!(open.pop().as_deref(), Some(name.as_str()), "near {inside}");
        } else if !inside.ends_with('/') && !VOID.contains(&name.as_str()) {
            open.push(name);
        }
    }
    assert_eq!(open, Vec::<String>::new());
}

#[test]
fn nothing_acts_in_markdown() {
    let (_, findings) = hostile();
    let text = as_markdown(&findings);
    assert!(text.chars().all(is_safe));
    // Outside of code, every sign that Markdown knows is escaped.
    for line in text.lines().filter(|line| line.contains("script")) {
        let plain: String = line.split('`').step_by(2).collect();
        assert!(!plain.contains("<script"), "{line}");
        assert!(!plain.contains("[x]("), "{line}");
    }
    let rows = text.lines().filter(|line| line.starts_with('|'));
    for row in rows {
        let bars = row.replace("\\|", "").matches('|').count();
        assert!([5, 7, 12].contains(&bars), "{row}");
    }
}

#[test]
fn xml_stays_xml() {
    let (made, _) = hostile();
    let xml = as_junit(&made);
    assert!(xml.chars().all(is_safe));
    assert!(!xml.contains("]]>") && !xml.contains("<script"));
    let inside = xml.split_once("?>").expect("a declaration").1;
    balanced(inside);
}

#[test]
fn json_keeps_the_text_and_shows_no_escape() {
    let (made, findings) = hostile();
    let json = as_json(&made, &findings);
    assert_eq!(json["runs"][0]["lanes"][0]["lane"], EVIL);
}
