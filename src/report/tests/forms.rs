//! What the forms say agrees, and the JSON is what its schema says.

use super::made::{Made, batch, cell, evidence, failed, local, picks, run, runs};
use crate::{
    domain::{
        batch::CellRecord,
        failure::{FailureKind, LaneFailure},
        figures,
        stats::Outcome,
    },
    report::{
        BatchComparison, Findings, Wishes, html,
        json::{self, BatchDocument},
        junit, markdown,
        votes::LaneVotes,
    },
};
use serde_json::{Value, json};

fn findings(made: &[Made]) -> Findings {
    let wishes = Wishes {
        need: Some("pass>=0.9,ttfa<2s".parse().unwrap()),
        requests_per_month: Some(1_000),
    };
    let mut findings = Findings::new(vec![batch("b1")], evidence(made), &wishes);
    findings.change = Some(BatchComparison::of(
        ("b0", &evidence(made)),
        ("b1", &findings.evidence),
    ));
    findings.votes = LaneVotes::of([("mini", "maxi", Outcome::Loss)].into_iter());
    findings.asking.add("judge", true, Some(0.002), false);
    findings
}

fn records(made: &Made) -> Vec<&CellRecord> {
    made.1.iter().collect()
}

pub(super) fn as_json(made: &[Made], findings: &Findings) -> Value {
    let mut out = Vec::new();
    let mut document = json::Document::new(&mut out, &findings.batches).unwrap();
    for one in made {
        document.run(&one.0, &records(one)).unwrap();
    }
    document.finish_with(findings).unwrap();
    serde_json::from_slice(&out).unwrap()
}

pub(super) fn as_html(made: &[Made], findings: &Findings) -> String {
    let mut out = Vec::new();
    let mut page = html::Page::new(&mut out, findings, &picks(made)).unwrap();
    for one in made {
        page.run(&one.0, &records(one)).unwrap();
    }
    page.finish().unwrap();
    String::from_utf8(out).unwrap()
}

pub(super) fn as_markdown(findings: &Findings) -> String {
    let mut out = Vec::new();
    markdown::write(&mut out, findings).unwrap();
    String::from_utf8(out).unwrap()
}

pub(super) fn as_junit(made: &[Made]) -> String {
    let mut counts = junit::Counts::default();
    for cell in made.iter().flat_map(|one| &one.1) {
        counts.add(cell);
    }
    let mut out = Vec::new();
    let mut document = junit::Document::new(&mut out, &[counts]).unwrap();
    document.suite(&batch("b1"), counts).unwrap();
    for one in made {
        document.run(&one.0, &records(one)).unwrap();
    }
    document.finish().unwrap();
    String::from_utf8(out).unwrap()
}

fn mixed() -> Vec<Made> {
    let mut made = runs(
        24,
        &[
            ("mini", 22, 200.0, Some(0.0001)),
            ("maxi", 24, 900.0, Some(0.0012)),
        ],
    );
    for (place, one) in made.iter_mut().enumerate() {
        one.1.push(local("here", Some(place % 2 == 0), 350.0));
        one.1.push(cell("dark", None, 500.0, None));
    }
    made[3].1[1] = failed("maxi");
    made
}

pub(super) fn validator(name: &str) -> jsonschema::Validator {
    let text = match name {
        "report" => include_str!("../../../assets/schemas/report.json"),
        _ => include_str!("../../../assets/schemas/run.json"),
    };
    let schema: Value = serde_json::from_str(text).unwrap();
    jsonschema::meta::validate(&schema).unwrap();
    jsonschema::validator_for(&schema).unwrap()
}

#[track_caller]
pub(super) fn accepts(validator: &jsonschema::Validator, value: &Value) {
    let errors: Vec<String> = validator
        .iter_errors(value)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");
}

#[test]
fn the_json_is_what_the_schema_says() {
    let schema = validator("report");
    let made = mixed();
    let whole = as_json(&made, &findings(&made));
    accepts(&schema, &whole);
    let keys = [
        "need",
        "projections",
        "comparisons",
        "change",
        "sentence",
        "votes",
        "pairs",
    ];
    for key in keys {
        assert!(!whole[key].is_null(), "{key}");
    }
    let mut more = whole.clone();
    more["runs"][0]["lanes"][0]["extra"] = Value::Null;
    assert!(!schema.is_valid(&more));
    let mut less = whole;
    less["summary"][0].as_object_mut().unwrap().remove("checks");
    assert!(!schema.is_valid(&less));
    let nothing = Findings::new(Vec::new(), evidence(&[]), &Wishes::default());
    accepts(&schema, &as_json(&[], &nothing));
    // What `history show --json` prints.
    let mut out = Vec::new();
    let document = json::Document::new(&mut out, &[batch("b1")]).unwrap();
    document.finish(&evidence(&made), None).unwrap();
    accepts(&schema, &serde_json::from_slice(&out).unwrap());
}

#[test]
fn one_run_is_the_document_of_a_run() {
    let mut made = mixed();
    let server = &mut made[3].1[0].lane.server;
    (server.load_ms, server.total_ms, server.sequences) = (Some(1.5), Some(2.5), Some(2));
    let text = json::one_run(&made[3].0, &records(&made[3])).unwrap();
    let value: Value = serde_json::from_str(&text).unwrap();
    accepts(&validator("run"), &value);
    let keys: Vec<&String> = value.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["schema", "run", "lanes"]);
    assert_eq!(value["lanes"][0]["checks"][0]["check"], "number");
}

#[test]
fn the_schema_of_a_batch_holds_that_of_a_run() {
    let [mut run, report] = ["run", "report"].map(|name| {
        let text = match name {
            "report" => include_str!("../../../assets/schemas/report.json"),
            _ => include_str!("../../../assets/schemas/run.json"),
        };
        serde_json::from_str::<Value>(text).unwrap()
    });
    let required = run["$defs"]["lane"]["required"].as_array_mut().unwrap();
    required.push("checks".into());
    for (name, definition) in run["$defs"].as_object().unwrap() {
        assert_eq!(&report["$defs"][name], definition, "{name}");
    }
}

#[test]
fn the_figures_of_all_forms_agree() {
    let made = mixed();
    let findings = findings(&made);
    let json = as_json(&made, &findings);
    let (markdown, html) = (as_markdown(&findings), as_html(&made, &findings));
    for lane in json["summary"].as_array().unwrap() {
        let name = lane["lane"].as_str().unwrap();
        let row = markdown
            .lines()
            .find(|line| line.starts_with(&format!("| {name} | small")))
            .unwrap();
        let start = html
            .find(&format!("<th scope=\"row\">{name}<small>"))
            .unwrap();
        let html_row = html.get(start..).unwrap().split("</tr>").next().unwrap();
        for figure in ["ttft_ms", "ttfa_ms", "e2e_ms"] {
            let time = |part: &str| figures::time(lane[figure][part].as_f64());
            let range = format!("[{}, {}]", time("p25"), time("p75"));
            assert!(
                row.contains(&format!("{} {range}", time("median"))),
                "{row}"
            );
            assert!(html_row.contains(&format!("<td>{}<small>{range}", time("median"))));
        }
        let cost = match (lane["cost_usd"]["median"].as_f64(), name) {
            (Some(cost), _) => figures::usd(Some(cost), None),
            (None, "here") => "–".to_owned(),
            (None, _) => "?".to_owned(),
        };
        assert!(row.contains(&format!("| {cost}")), "{row}");
        assert!(html_row.contains(&format!("<td>{cost}")), "{html_row}");
        if let Some(rate) = lane["checks"]["pass_rate"].as_f64() {
            let rate = format!("{:.0} % [", rate * 100.0);
            assert!(row.contains(&format!("| {rate}")), "{row}");
        }
    }
    let sentence = json["sentence"].as_str().unwrap();
    assert!(markdown.contains(sentence));
    assert!(html.contains("<code>mini</code>"));
}

#[test]
fn estimates_are_marked() {
    let mut made = runs(
        3,
        &[
            ("mini", 3, 200.0, Some(0.001)),
            ("maxi", 3, 200.0, Some(0.001)),
        ],
    );
    for one in &mut made {
        one.1[0].lane.usage.source = Some(crate::domain::usage::UsageSource::Estimated);
    }
    let findings = findings(&made);
    for text in [as_markdown(&findings), as_html(&made, &findings)] {
        for figure in ["~the same", "~$0.0010", "~25 %", "~$1.00"] {
            assert!(text.contains(figure), "{figure}: {text}");
        }
    }
}

#[test]
fn a_test_case_for_each_cell_that_can_fail() {
    let mut made = mixed();
    made[0].0.repetition = 2;
    let xml = as_junit(&made);
    // `dark` has no checks; `maxi` failed once.
    assert!(
        xml.contains("<testsuites name=\"tierscope\" tests=\"72\" failures=\"14\" errors=\"1\" skipped=\"0\">"),
        "{xml}"
    );
    assert!(xml.contains("<testcase classname=\"mini\" name=\"p0 (2)\" time=\"0.200000\"/>"));
    assert!(xml.contains("<error type=\"overloaded\" message=\"503 overloaded: busy\"></error>"));
    assert!(xml.contains(
        "<failure type=\"number\" message=\"the last number is 18, not 19\">number: not passed: the last number is 18, not 19"
    ));
    assert_eq!(xml.matches("<testcase ").count(), 72);
    assert_eq!(as_junit(&[]).matches("<testcase").count(), 0);
}

#[test]
fn of_many_runs_the_poor_ones_are_listed() {
    let made = runs(
        600,
        &[
            ("mini", 590, 200.0, Some(0.001)),
            ("maxi", 600, 300.0, Some(0.01)),
        ],
    );
    let findings = findings(&made);
    let html = as_html(&made, &findings);
    let listed = html.matches("<details class=\"run\"").count();
    assert!((10..=11).contains(&listed), "{listed}");
    assert!(
        html.contains("of 600 runs are listed") && html.contains(">p599<"),
        "said"
    );
    let all = runs(500, &[("mini", 490, 200.0, None)]);
    let html = as_html(&all, &super::forms::findings(&all));
    assert_eq!(html.matches("<details class=\"run\"").count(), 500);
}

#[test]
fn no_report_says_where_files_lie() {
    let mut cells = vec![failed("here")];
    cells[0].lane.access = "local".to_owned();
    cells[0].lane.error = Some(LaneFailure::new(
        FailureKind::Engine,
        "cannot read /home/ada/models/a.gguf: no such file",
    ));
    let made = [(run("p", 1), cells)];
    let mut head = batch("b1");
    head.settings = json!({ "lane": [{ "name": "here", "path": "/home/ada/models/a.gguf" }],
                            "files": { "here": { "sha256": "abcdef" } } });
    let findings = Findings::new(vec![head.clone()], evidence(&made), &Wishes::default());
    let html = as_html(&made, &findings);
    assert!(html.contains("a.gguf") && html.contains("abcdef"), "{html}");
    let document = serde_json::to_string(&BatchDocument::from(&head)).unwrap();
    assert!(
        document.contains("\"a.gguf\"") && document.contains("abcdef"),
        "{document}"
    );
    for text in [html, document, as_markdown(&findings), as_junit(&made)] {
        assert!(!text.contains("/home/ada"), "{text}");
    }
}

#[test]
fn what_nobody_can_draw_or_project_takes_no_room() {
    let made = vec![(run("p", 1), vec![local("here", Some(true), 100.0)])];
    let wishes = Wishes {
        requests_per_month: Some(1_000),
        ..Wishes::default()
    };
    let findings = Findings::new(vec![batch("b1")], evidence(&made), &wishes);
    let html = as_html(&made, &findings);
    assert_eq!(html.matches("<figure>").count(), 1);
    assert!(
        html.contains("Quality and cost: nothing to draw."),
        "{html}"
    );
    for text in [html, as_markdown(&findings)] {
        assert!(text.contains("nothing can be said about a month"), "{text}");
    }
}

#[test]
fn nothing_is_a_report_too() {
    let nothing = Findings::new(vec![batch("b1")], evidence(&[]), &Wishes::default());
    for text in [as_markdown(&nothing), as_html(&[], &nothing)] {
        assert!(text.contains("There is no cell to report."), "{text}");
        assert!(!text.contains("NaN") && !text.contains("inf"));
    }
    let one = [(run("p", 1), vec![failed("a")])];
    let html = as_html(&one, &findings(&one));
    assert!(html.contains("503 overloaded: busy") && !html.contains("NaN"));
}

#[test]
fn a_closed_pipe_is_told_as_one() {
    struct Closed;
    impl std::io::Write for Closed {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::BrokenPipe.into())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Err(std::io::ErrorKind::BrokenPipe.into())
        }
    }
    let made = mixed();
    let mut rows = crate::report::csv::Rows::new(Closed).unwrap();
    let error = (0..1_000)
        .find_map(|_| rows.cell("b", &made[0].0, &made[0].1[0]).err())
        .unwrap();
    assert_eq!(error.kind(), std::io::ErrorKind::BrokenPipe);
}

#[test]
fn a_figure_of_fewer_cells_than_are_done_says_of_how_many() {
    let mut made = runs(5, &[("mini", 5, 200.0, Some(0.0001))]);
    for one in &mut made[..2] {
        one.1[0].lane.timing.e2e_ms = None;
    }
    for one in &mut made[1..] {
        one.1[0].lane.speed.decode_tokens_per_sec = None;
    }
    made.push((run("gone", 1), vec![failed("mini")]));
    let findings = Findings::new(vec![batch("b1")], evidence(&made), &Wishes::default());
    let text = as_markdown(&findings);
    for part in [
        "| 260 ms [250 ms, 270 ms] (3) |",
        "| 200 (1) |",
        "`(4)`: only so many",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(!text.contains("(5)"), "{text}");
    let page = as_html(&made, &findings);
    assert!(
        page.contains("<td>260 ms<small>[250 ms, 270 ms] (3)</small></td>"),
        "{page}"
    );
    let whole = runs(5, &[("mini", 5, 200.0, Some(0.0001))]);
    let findings = Findings::new(vec![batch("b1")], evidence(&whole), &Wishes::default());
    assert!(!as_markdown(&findings).contains("`(4)`"));
}
