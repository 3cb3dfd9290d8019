//! The commented sample that `tierscope config init` writes.

/// Every line that is no explanation shows a default or an example, commented out.
pub const SAMPLE: &str = include_str!("../../assets/config.sample.toml");

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        config::{file::parse, spec::FileSpec},
        domain::environment::Environment,
    };

    #[test]
    fn the_sample_changes_nothing() {
        assert_eq!(
            parse(SAMPLE, &Environment::default()),
            Ok(FileSpec::default())
        );
    }

    /// `#key = value` is a setting, `# text` an explanation.
    #[test]
    fn the_sample_still_parses_with_every_setting_switched_on() {
        let on: String = SAMPLE
            .lines()
            .filter_map(|line| line.strip_prefix('#'))
            .filter(|line| !line.is_empty() && !line.starts_with(' '))
            .fold(String::new(), |text, line| text + line + "\n");
        let spec = parse(&on, &Environment::default()).unwrap();
        assert_eq!(spec.lanes.len(), 6);
        assert_eq!(spec.hosts.len(), 1);
        assert_eq!(spec.defaults.max_tokens, Some(1024));
        assert!(spec.lanes.iter().all(|lane| lane.warnings().is_empty()));
    }
}
