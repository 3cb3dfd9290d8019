//! Rust source as tokens with their lines, just enough to judge a tree by: comments are dropped, literals are opaque.
//!
//! It does not parse: no types, no macros, no name resolution.

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Word,
    Literal,
    Lifetime,
    Mark,
}

#[derive(Debug, Clone)]
pub struct Token {
    pub kind: Kind,
    pub text: String,
    pub first_line: usize,
    pub last_line: usize,
}

impl Token {
    pub fn is_word(&self, word: &str) -> bool {
        self.kind == Kind::Word && self.text == word
    }

    pub fn is_mark(&self, mark: char) -> bool {
        self.kind == Kind::Mark && self.text.starts_with(mark)
    }
}

pub fn tokens(source: &str) -> Vec<Token> {
    let mut reader = Reader {
        chars: source.chars().collect(),
        at: 0,
        line: 1,
    };
    let mut tokens = Vec::new();
    while let Some(start) = reader.skip_blanks_and_comments() {
        let first_line = reader.line;
        let kind = reader.advance_token();
        tokens.push(Token {
            kind,
            text: reader.chars[start..reader.at].iter().collect(),
            first_line,
            last_line: reader.line,
        });
    }
    tokens
}

struct Reader {
    chars: Vec<char>,
    at: usize,
    line: usize,
}

impl Reader {
    fn ahead(&self, distance: usize) -> char {
        self.chars.get(self.at + distance).copied().unwrap_or('\0')
    }

    fn step(&mut self) {
        if self.ahead(0) == '\n' {
            self.line += 1;
        }
        self.at += 1;
    }

    fn is_at_end(&self) -> bool {
        self.at >= self.chars.len()
    }

    fn skip_blanks_and_comments(&mut self) -> Option<usize> {
        loop {
            match (self.ahead(0), self.ahead(1)) {
                _ if self.is_at_end() => return None,
                ('/', '/') => {
                    while !self.is_at_end() && self.ahead(0) != '\n' {
                        self.step();
                    }
                }
                ('/', '*') => self.skip_block_comment(),
                (blank, _) if blank.is_whitespace() => self.step(),
                _ => return Some(self.at),
            }
        }
    }

    fn skip_block_comment(&mut self) {
        let mut depth = 0_usize;
        while !self.is_at_end() {
            match (self.ahead(0), self.ahead(1)) {
                ('/', '*') => depth += 1,
                ('*', '/') => depth -= 1,
                _ => {
                    self.step();
                    continue;
                }
            }
            self.step();
            self.step();
            if depth == 0 {
                return;
            }
        }
    }

    fn advance_token(&mut self) -> Kind {
        if let Some(length) = self.raw_string_opening() {
            self.skip_raw_string(length);
            return Kind::Literal;
        }
        let prefix = usize::from(matches!(self.ahead(0), 'b' | 'c'));
        match (self.ahead(prefix), self.ahead(prefix + 1)) {
            ('"', _) => self.skip_quoted(prefix, '"'),
            ('\'', '\\') => self.skip_quoted(prefix, '\''),
            ('\'', _) if self.ahead(prefix + 2) == '\'' => self.skip_quoted(prefix, '\''),
            _ => return self.advance_plain(),
        }
        Kind::Literal
    }

    fn advance_plain(&mut self) -> Kind {
        let first = self.ahead(0);
        self.step();
        let kind = match first {
            '\'' => Kind::Lifetime,
            '0'..='9' => Kind::Literal,
            _ if is_word_part(first) => Kind::Word,
            _ => return Kind::Mark,
        };
        while is_word_part(self.ahead(0)) {
            self.step();
        }
        kind
    }

    /// How many characters come before the opening quote of a raw string, where one begins here.
    fn raw_string_opening(&self) -> Option<usize> {
        let prefix = match (self.ahead(0), self.ahead(1)) {
            ('r', _) => 1,
            ('b' | 'c', 'r') => 2,
            _ => return None,
        };
        let mut length = prefix;
        while self.ahead(length) == '#' {
            length += 1;
        }
        (self.ahead(length) == '"').then_some(length)
    }

    fn skip_raw_string(&mut self, opening: usize) {
        let hashes = (0..opening).filter(|&i| self.ahead(i) == '#').count();
        (0..=opening).for_each(|_| self.step());
        while !self.is_at_end() {
            let closes = self.ahead(0) == '"' && (1..=hashes).all(|i| self.ahead(i) == '#');
            self.step();
            if closes {
                (0..hashes).for_each(|_| self.step());
                return;
            }
        }
    }

    fn skip_quoted(&mut self, prefix: usize, quote: char) {
        (0..=prefix).for_each(|_| self.step());
        while !self.is_at_end() {
            let here = self.ahead(0);
            self.step();
            if here == '\\' {
                self.step();
            } else if here == quote {
                return;
            }
        }
    }
}

fn is_word_part(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

#[test]
fn comments_and_literals_hide_what_they_hold() {
    let source = r##"// unsafe
/* unsafe /* unsafe */ unsafe */ let a = "unsafe \" unsafe"; let b = r#"unsafe " unsafe"#;
let c = 'u'; let d = '\''; let e: &'static str = b"unsafe"; let f = '"'; live"##;
    let words: Vec<String> = tokens(source)
        .into_iter()
        .filter(|t| t.kind == Kind::Word)
        .map(|t| t.text)
        .collect();
    assert_eq!(
        words.join(" "),
        "let a let b let c let d let e str let f live"
    );
}

#[test]
fn a_token_knows_its_first_and_last_line() {
    let all = tokens("one\n\"two\nthree\" four");
    let lines: Vec<(usize, usize)> = all.iter().map(|t| (t.first_line, t.last_line)).collect();
    assert_eq!(lines, [(1, 1), (2, 3), (3, 3)]);
}
