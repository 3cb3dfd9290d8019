//! A replay at local lanes that answer several prompts at once.

use super::stage::Home;
use crate::scripted_gguf::Model;
use std::fmt::Write as _;

#[test]
fn a_lane_answers_as_many_prompts_at_once_as_its_configuration_says() {
    for schedule in ["fair", "race"] {
        // Long enough that none is done before the next has begun.
        let words: Vec<String> = (0..300).map(|word| format!("w{word} ")).collect();
        let model = Model::saying(&format!("{}|19", words.join("|")));
        let home = Home::new("");
        let path = home.path().join("said.gguf");
        model.write(&path);
        let lane = |name: &str, parallel: u32| {
            format!(
                "[[lane]]\nname = \"{name}\"\nprovider = \"local\"\npath = \"{}\"\nthreads = 1\n\
                 parallel = {parallel}\n",
                path.display()
            )
        };
        let config = format!("{}{}", lane("three", 3), lane("one", 1));
        std::fs::write(home.path().join("config.toml"), config).expect("written");
        let suite = home.sums(12);
        let ended = home.run(&["replay", &suite, "--schedule", schedule]);
        assert_eq!(ended.status, Some(0), "{}", ended.err);
        let shared =
            "`three` answered up to 3 prompts together; its times and speeds are those of a share";
        assert!(ended.err.contains(shared), "{}", ended.err);
        assert_eq!(
            ended
                .err
                .contains("`one` computed at the same time on one machine (`race`)"),
            schedule == "race",
            "{}",
            ended.err
        );
        let batch = home.batch();
        let mut told = String::new();
        let (mut together, mut all) = (0, 0);
        for run in batch["runs"].as_array().expect("runs") {
            for lane in run["lanes"].as_array().expect("lanes") {
                all += 1;
                let answer = lane["answer"].as_str().expect("an answer");
                assert!(answer.starts_with("w0 w1 ") && answer.ends_with("w299 19"));
                let many = lane["server"]["sequences"].as_u64();
                let _ = write!(told, "{} {many:?}, ", lane["lane"]);
                if lane["lane"] == "three" {
                    together += u64::from(many == Some(3));
                    assert!(many.is_none_or(|many| many <= 3), "{told}");
                } else {
                    assert_eq!(many, None, "{told}");
                }
            }
        }
        assert_eq!(all, 24);
        assert!(together >= 3, "{schedule}: {told}");
    }
}
