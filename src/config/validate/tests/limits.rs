//! Limits of tokens where nobody says.

use super::*;

#[test]
fn a_lane_that_is_asked_to_think_has_room_for_its_thoughts() {
    let limit = |effort, max_tokens, provider| {
        let mut spec = LaneSpec::new("x", provider);
        spec.model = Some("m".to_owned());
        spec.local.path = Some("x.gguf".into());
        spec.tuning.effort = effort;
        spec.tuning.max_tokens = max_tokens;
        let layers = Layers {
            above: &Tuning::default(),
            below: &Tuning::default(),
            hosts: &BTreeMap::new(),
            environment: &Environment::default(),
        };
        layers.plan(&spec).unwrap().sampling.max_tokens
    };
    let openai = ProviderId::OpenAi;
    assert_eq!(limit(None, None, openai), Some(1024));
    assert_eq!(limit(Some(Effort::None), None, openai), Some(1024));
    assert_eq!(limit(Some(Effort::Low), None, openai), Some(16_384));
    assert_eq!(limit(Some(Effort::Low), Some(99), openai), Some(99));
    assert_eq!(
        limit(Some(Effort::Low), None, ProviderId::Local),
        Some(1024)
    );
}
