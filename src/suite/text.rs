//! Plain text: one prompt per block, blocks parted by a line `---`. Nothing in it is a template.

use super::{Parsed, draft::Draft, source::Source};

/// Takes every block that holds something; blank lines around it are left out.
pub(super) fn read(source: &Source) -> Parsed {
    Parsed {
        drafts: blocks(&source.text)
            .into_iter()
            .map(|(line, block)| Draft::of_prompt(source.place(line), block))
            .collect(),
        ..Parsed::default()
    }
}

/// The blocks of a text, each with the line that it begins on.
pub(super) fn blocks(text: &str) -> Vec<(usize, String)> {
    let mut blocks = Vec::new();
    let (mut block, mut begins) = (Vec::new(), 1);
    for (index, line) in text.lines().enumerate() {
        if line.trim_end() == "---" {
            blocks.extend(closed(begins, &block));
            block.clear();
        } else {
            if block.is_empty() {
                begins = index + 1;
            }
            if !block.is_empty() || !line.trim().is_empty() {
                block.push(line);
            }
        }
    }
    blocks.extend(closed(begins, &block));
    blocks
}

fn closed(begins: usize, block: &[&str]) -> Option<(usize, String)> {
    let text = block.join("\n");
    let text = text.trim_end();
    (!text.is_empty()).then(|| (begins, text.to_owned()))
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
