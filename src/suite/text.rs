//! Plain text: one prompt per block, blocks parted by a line `---`. Nothing in it is a template.

use super::{draft::Draft, source::Source};
use std::io::{self, BufRead};

/// Takes every block that holds something; blank lines around it are left out.
///
/// # Errors
/// The file cannot be read.
pub(super) fn read(source: &Source, take: &mut dyn FnMut(Draft)) -> io::Result<()> {
    let mut blocks = Blocks::default();
    for line in source.reader()?.lines() {
        if let Some((line, block)) = blocks.next(&line?) {
            take(Draft::of_prompt(source.place(line), block));
        }
    }
    if let Some((line, block)) = blocks.last() {
        take(Draft::of_prompt(source.place(line), block));
    }
    Ok(())
}

/// The blocks of a text, each with the line that it begins on.
pub(super) fn blocks(text: &str) -> Vec<(usize, String)> {
    let mut blocks = Blocks::default();
    let mut found: Vec<_> = text.lines().filter_map(|line| blocks.next(line)).collect();
    found.extend(blocks.last());
    found
}

/// The block that is being read.
#[derive(Debug, Default)]
struct Blocks {
    block: Vec<String>,
    begins: usize,
    lines: usize,
}

impl Blocks {
    /// Takes a line, and gives the block that it ends.
    fn next(&mut self, line: &str) -> Option<(usize, String)> {
        self.lines += 1;
        if line.trim_end() == "---" {
            return self.last();
        }
        if self.block.is_empty() {
            self.begins = self.lines;
        }
        if !self.block.is_empty() || !line.trim().is_empty() {
            self.block.push(line.to_owned());
        }
        None
    }

    /// The block that ends here, where it holds something.
    fn last(&mut self) -> Option<(usize, String)> {
        let text = std::mem::take(&mut self.block).join("\n");
        let text = text.trim_end();
        (!text.is_empty()).then(|| (self.begins, text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_parted_by_a_line_of_three_hyphens() {
        let text = "\n one\n\ntwo ---\n--- \n---\nthree\n";
        let expected = [(2, " one\n\ntwo ---".to_owned()), (7, "three".to_owned())];
        assert_eq!(blocks(text), expected);
        assert_eq!(blocks("---\n---\n"), []);
    }
}
