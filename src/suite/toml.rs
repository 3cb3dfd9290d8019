//! TOML: a title, what holds for all prompts, and `[[prompt]]` tables. Renders no template.
//!
//! Read as a whole, a long file takes fifty times its size. So it is parted before each line `[[prompt]]`, and the parts
//! are read one after another. Where they are not what they seem, as where such a line stands inside of a text, the file
//! is read as a whole: what is wrong with it is told by that.

use super::{
    draft::{Defaults, Draft, defaults, prompt},
    error::Findings,
    fields::{Fields, word},
    node::{self, Node},
    source::Source,
    stdin::is_mark,
};

/// What begins a prompt.
const MARK: &str = "[[prompt]]";

/// The longest file that is read as a whole where its parts are not sound.
const MAX_WHOLE: usize = 8 << 20;

/// A line, and what is wrong there.
type Fault = (usize, String);

/// Reads a suite, hands each prompt over, and gives its title.
pub(super) fn read(
    source: &Source,
    findings: &mut Findings,
    take: &mut dyn FnMut(Draft),
) -> Option<String> {
    match Parts::of(&source.text) {
        Ok(parts) => {
            let head = parts.head().ok()?;
            let mut top = Top::of(&head, source, findings)?;
            // It is a known key, though it was parted from the rest.
            top.fields.take("prompt");
            for item in parts.prompts() {
                top.prompt(&item, source, findings, take);
            }
            top.finish(findings)
        }
        Err((line, problem)) if source.text.len() > MAX_WHOLE => {
            let most = MAX_WHOLE >> 20;
            let problem = super::error::shorten_to_line(&problem);
            findings.refuse(
                &source.place(line),
                format!(
                    "{problem} (of more than {most} MiB, each {MARK} is read for itself: no text may hold such a line; JSON lines have no such limit)"
                ),
            );
            None
        }
        Err(_) => whole(source, findings, take),
    }
}

fn whole(source: &Source, findings: &mut Findings, take: &mut dyn FnMut(Draft)) -> Option<String> {
    let document = match node::of_toml(&source.text) {
        Ok(document) => document,
        Err((line, problem)) => {
            findings.refuse(&source.place(line), super::error::shorten_to_line(&problem));
            return None;
        }
    };
    let mut top = Top::of(&document, source, findings)?;
    match top.fields.take("prompt") {
        Some((node, place)) => match node.as_list() {
            Some(items) => {
                for item in items {
                    top.prompt(item, source, findings, take);
                }
            }
            None => findings.refuse(&place, "`prompt` must be written as [[prompt]]"),
        },
        None => findings.refuse(&source.place(0), "holds no prompt: it needs a [[prompt]]"),
    }
    top.finish(findings)
}

/// What a file says besides its prompts.
struct Top<'n> {
    fields: Fields<'n>,
    title: Option<String>,
    defaults: Defaults,
}

impl<'n> Top<'n> {
    fn of(document: &'n Node, source: &Source, findings: &mut Findings) -> Option<Self> {
        let mut fields = Fields::of(document, "the file", source.place(0), findings)?;
        Some(Self {
            title: fields.read("title", findings, word),
            defaults: defaults(&mut fields, findings),
            fields,
        })
    }

    fn prompt(
        &self,
        item: &Node,
        source: &Source,
        findings: &mut Findings,
        take: &mut dyn FnMut(Draft),
    ) {
        let fields = Fields::of(item, MARK, source.place(item.line), findings);
        let draft = fields.and_then(|fields| prompt(fields, &self.defaults, findings));
        draft.into_iter().for_each(take);
    }

    fn finish(self, findings: &mut Findings) -> Option<String> {
        self.fields.finish(findings);
        self.title
    }
}

/// A file of which every part is sound.
struct Parts<'t> {
    text: &'t str,
    /// Where a prompt begins, and how many lines are before it.
    starts: Vec<(usize, usize)>,
}

impl<'t> Parts<'t> {
    /// A fault where they cannot stand for the whole. A text or a list that goes over such a line leaves a part that is
    /// broken, so those that all are sound are the whole.
    fn of(text: &'t str) -> Result<Self, Fault> {
        let mut starts = Vec::new();
        let mut at = 0;
        for (lines, line) in text.split_inclusive('\n').enumerate() {
            if is_mark(line) {
                starts.push((at, lines));
            }
            at += line.len();
        }
        let parts = Self { text, starts };
        if parts.starts.is_empty() {
            let what = format!("has no line `{MARK}` that would begin a prompt");
            return Err((0, what));
        }
        if let Some(other) = parts.head()?.key("prompt") {
            return Err((other.line, format!("`prompt` must be written as {MARK}")));
        }
        (0..parts.starts.len()).try_for_each(|at| parts.prompt(at).map(drop))?;
        Ok(parts)
    }

    fn head(&self) -> Result<Node, Fault> {
        let end = self.starts.first().map_or(0, |first| first.0);
        node::of_toml(self.text.get(..end).unwrap_or_default())
    }

    fn prompts(&self) -> impl Iterator<Item = Node> + '_ {
        (0..self.starts.len()).filter_map(|at| self.prompt(at).ok())
    }

    fn prompt(&self, at: usize) -> Result<Node, Fault> {
        let (start, lines) = self.starts.get(at).copied().unwrap_or_default();
        let end = self
            .starts
            .get(at + 1)
            .map_or(self.text.len(), |next| next.0);
        let part = node::of_toml(self.text.get(start..end).unwrap_or_default())
            .map_err(|(line, problem)| (lines + line, problem))?;
        let only = |node: Node| {
            let [only] = node.into_table()?.try_into().ok()?;
            let [prompt] = only.node.into_list()?.try_into().ok()?;
            (only.key == "prompt").then_some(prompt)
        };
        let mut prompt = only(part).ok_or_else(|| {
            let what = format!("this {MARK} holds a table of its own name or of the file's");
            (lines + 1, what)
        })?;
        prompt.move_down(lines);
        Ok(prompt)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drafts(
        text: &str,
        read: impl Fn(&Source, &mut Findings, &mut dyn FnMut(Draft)) -> Option<String>,
    ) -> (Option<String>, Vec<Draft>, Result<Vec<String>, String>) {
        let source = Source::of_bytes("a.toml", text.as_bytes().to_vec()).unwrap();
        let (mut findings, mut drafts) = (Findings::default(), Vec::new());
        let title = read(&source, &mut findings, &mut |draft| drafts.push(draft));
        let findings = findings.into_warnings().map_err(|error| error.to_string());
        (title, drafts, findings)
    }

    #[test]
    fn parts_say_what_the_whole_says() {
        let parted = [
            "title = \"A\"\ntags = [\"x\"]\n\n[[prompt]]\nid = \"a\"\nprompt = \"\"\"x\ny\"\"\"\n[prompt.vars]\na = [1,\n2]\n\n  [[prompt]] # b\n\nmax_tokens = 3\nprompt = 'z'\n[prompt.check]\nnumber = 1",
            "[[prompt]]\nprompt = \"x\"\n[[prompt]]\nprompt = 1\n[[prompt]]\npromt = \"x\"\n",
            "titel = 1\nzebra = 2\n[[prompt]]\nprompt = \"x\"",
            "[[ prompt ]]\nprompt = \"x\"\n[[prompt ]]#\nprompt = 1\n",
        ];
        let others = [
            "[[prompt]]\nprompt = '''\n[[prompt]]\nprompt = 'y'\n'''\n",
            "[[prompt]]\nprompt = \"x\"\n[vars]\na = 1\n[[prompt]]\nprompt = \"y\"\n",
            "[[prompt]]\nprompt = \"x\n[[prompt]]\nprompt = \"y\"\n",
            "prompt = 1\n[[prompt]]\nprompt = \"y\"\n",
            "[[prompt]]\nprompt = \"x\"\nvars = { n = nan }\n",
            "x = [\n[[prompt]]\n]\n",
            "prompt = [{ prompt = \"x\" }]\n",
            "title = \"A\"\n",
        ];
        for text in parted.into_iter().chain(others) {
            assert_eq!(Parts::of(text).is_ok(), parted.contains(&text), "{text}");
            assert_eq!(drafts(text, read), drafts(text, whole), "{text}");
        }
    }

    #[test]
    fn a_long_file_is_told_of_its_fault_without_being_read_whole() {
        let one = format!("[[prompt]]\nprompt = \"{}\"\n", "x".repeat(1_000));
        let many = one.repeat(MAX_WHOLE / 1_000);
        let lines = many.lines().count();
        let told = |text: String| {
            let (_, drafts, findings) = drafts(&text, read);
            assert_eq!(drafts, []);
            findings.unwrap_err()
        };
        let open = told(format!("{many}[[prompt]]\nprompt = \"x\n"));
        assert!(
            open.starts_with(&format!("a.toml:{}: invalid", lines + 2)),
            "{open}"
        );
        assert!(open.contains("JSON lines"), "{open}");
        let other = told(format!("{many}[vars]\na = 1\n"));
        assert!(
            other.starts_with(&format!("a.toml:{}: this [[prompt]]", lines - 1)),
            "{other}"
        );
        let odd = told(many.replace("[[prompt]]", "[['prompt']]"));
        assert!(odd.starts_with("a.toml: has no line `[[prompt]]`"), "{odd}");
        let (_, drafts, findings) = drafts(&many, read);
        assert_eq!((drafts.len(), findings.is_ok()), (MAX_WHOLE / 1_000, true));
    }
}
