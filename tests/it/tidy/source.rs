//! One source file as the rules see it: its path, its text, its tokens, the paths it names and where its modules nest.

use super::lexer::{Kind, Token, tokens};

pub struct Source {
    /// From the root of the repository, with `/`.
    pub path: String,
    pub text: String,
    pub tokens: Vec<Token>,
    /// For each token: inline modules around it.
    nesting: Vec<Nesting>,
}

#[derive(Debug, Clone, Copy, Default)]
pub struct Nesting {
    pub depth: usize,
    pub is_test: bool,
}

/// A path as written, groups in `use` resolved: `use a::{b, c::d}` names `a::b` and `a::c::d`.
#[derive(Debug)]
pub struct Named {
    pub segments: Vec<String>,
    pub line: usize,
    pub nesting: Nesting,
}

impl Named {
    pub fn holds(&self, run: &[&str]) -> bool {
        self.segments.windows(run.len()).any(|window| window == run)
    }
}

impl Source {
    pub fn new(path: &str, text: &str) -> Self {
        let tokens = tokens(text);
        let nesting = nesting_of(&tokens);
        Self {
            path: path.to_owned(),
            text: text.to_owned(),
            tokens,
            nesting,
        }
    }

    pub fn is_under(&self, module: &str) -> bool {
        let stem = self.path.strip_suffix(".rs").unwrap_or(&self.path);
        stem == module || self.path.starts_with(&format!("{module}/"))
    }

    /// A file of tests, or a token inside `#[cfg(test)] mod`.
    pub fn is_test_at(&self, index: usize) -> bool {
        let is_file_of_tests = ["tests.rs", "testing.rs"]
            .iter()
            .any(|name| self.path.ends_with(&format!("/{name}")))
            || self.path.contains("/tests/")
            || !self.path.starts_with("src/");
        is_file_of_tests || self.nesting[index].is_test
    }

    pub fn named(&self) -> Vec<Named> {
        let mut found = Vec::new();
        let mut at = 0;
        while at < self.tokens.len() {
            let continues = at >= 2 && self.is_double_colon(at - 2);
            if self.tokens[at].kind == Kind::Word && !continues {
                at = self.collect_path(at, &[], &mut found);
            } else {
                at += 1;
            }
        }
        found
    }

    /// Reads one path that starts at `at` below `above`; gives the index after it.
    fn collect_path(&self, mut at: usize, above: &[String], found: &mut Vec<Named>) -> usize {
        let (line, nesting) = (self.tokens[at].first_line, self.nesting[at]);
        let mut segments = above.to_vec();
        loop {
            segments.push(self.tokens[at].text.clone());
            at += 1;
            if !self.is_double_colon(at) {
                break;
            }
            match self.tokens.get(at + 2) {
                Some(next) if next.kind == Kind::Word => at += 2,
                Some(next) if next.is_mark('{') => {
                    return self.collect_group(at + 3, &segments, found);
                }
                _ => break,
            }
        }
        found.push(Named {
            segments,
            line,
            nesting,
        });
        at
    }

    fn collect_group(&self, mut at: usize, above: &[String], found: &mut Vec<Named>) -> usize {
        while let Some(token) = self.tokens.get(at) {
            if token.is_mark('}') {
                return at + 1;
            }
            at = if token.kind == Kind::Word {
                self.collect_path(at, above, found)
            } else {
                at + 1
            };
        }
        at
    }

    fn is_double_colon(&self, at: usize) -> bool {
        let is_colon = |i| self.tokens.get(i).is_some_and(|t: &Token| t.is_mark(':'));
        is_colon(at) && is_colon(at + 1)
    }

    /// Whether the tokens from `at` on are these words and marks.
    pub fn reads(&self, at: usize, texts: &[&str]) -> bool {
        texts.iter().enumerate().all(|(i, text)| {
            let token = self.tokens.get(at + i);
            token.is_some_and(|t| t.kind != Kind::Literal && t.text == *text)
        })
    }

    /// Index of the mark that closes the one at `open`.
    pub fn closing(&self, open: usize) -> Option<usize> {
        let mut depth = 0_usize;
        for (i, token) in self.tokens.iter().enumerate().skip(open) {
            if token.kind != Kind::Mark {
                continue;
            }
            match token.text.as_str() {
                "{" | "(" | "[" => depth += 1,
                "}" | ")" | "]" => depth = depth.saturating_sub(1),
                _ => continue,
            }
            if depth == 0 {
                return Some(i);
            }
        }
        None
    }
}

fn nesting_of(tokens: &[Token]) -> Vec<Nesting> {
    let mut around: Vec<Option<bool>> = Vec::new();
    let mut here = Nesting::default();
    let mut is_marked_test = false;
    let mut all = Vec::with_capacity(tokens.len());
    for (i, token) in tokens.iter().enumerate() {
        let before = |distance: usize| i.checked_sub(distance).map(|at| &tokens[at]);
        if token.is_word("cfg") && tokens.get(i + 2).is_some_and(|t| t.is_word("test")) {
            is_marked_test = true;
        }
        if token.is_mark(';') {
            is_marked_test = false;
        }
        if token.is_mark('{') {
            let opens_module = before(2).is_some_and(|t| t.is_word("mod"));
            around.push(opens_module.then_some(here.is_test));
            if opens_module {
                here.depth += 1;
                here.is_test |= is_marked_test;
            }
            is_marked_test = false;
        } else if token.is_mark('}')
            && let Some(Some(outside)) = around.pop()
        {
            here.depth -= 1;
            here.is_test = outside;
        }
        all.push(here);
    }
    all
}

#[test]
fn groups_are_resolved_into_paths() {
    let source = Source::new(
        "src/a.rs",
        "use x::{self, y::{z, w as v}, *}; fn f() { x::y::g(); }",
    );
    let named: Vec<String> = source
        .named()
        .iter()
        .map(|n| n.segments.join("::"))
        .collect();
    for path in ["x::self", "x::y::z", "x::y::w", "x::y::g"] {
        assert!(
            named.iter().any(|n| n == path),
            "{path} is missing from {named:?}"
        );
    }
}

#[test]
fn modules_nest_and_know_their_tests() {
    let text = "fn a() {} #[cfg(test)] use t; mod m { mod n { b } } #[cfg(test)] mod tests { c }";
    let source = Source::new("src/a.rs", text);
    let of = |word: &str| {
        let at = source.tokens.iter().position(|t| t.is_word(word)).unwrap();
        (source.nesting[at].depth, source.is_test_at(at))
    };
    assert_eq!(
        (of("a"), of("b"), of("c")),
        ((0, false), (2, false), (1, true))
    );
}
