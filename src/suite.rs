//! Prompt files become cases: TOML, JSONL, CSV, plain text, promptfoo's YAML, folders of them. Asks nobody.
