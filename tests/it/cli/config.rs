//! Tests of `tierscope config` and of the layers over the file.

use super::{Ended, Home};
use std::fs;

#[test]
fn the_path_follows_the_option_the_variable_and_the_home() {
    let home = Home::new();
    let usual = format!("{}\n", home.path().join("config.toml").display());
    assert_eq!(home.run(&["config", "path"]).out, usual);
    let ended = home.run(&["config", "path", "--config", "/c.toml"]);
    assert_eq!(ended.out, "/c.toml\n");
    let output = home
        .command(&["config", "path"])
        .env("TIERSCOPE_CONFIG", "/e.toml")
        .output()
        .unwrap();
    assert_eq!(Ended::from(output).out, "/e.toml\n");
    assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0);
}

#[test]
fn init_writes_the_sample_once() {
    let home = Home::new();
    let file = home.path().join("config.toml");
    let wrote = format!("wrote {}\n", file.display());
    let ended = home.run(&["config", "init"]);
    assert_eq!((ended.status, ended.err), (Some(0), wrote));
    let sample = fs::read_to_string(&file).unwrap();
    assert!(sample.contains("#[[lane]]"), "{sample}");
    fs::write(&file, "# mine\n").unwrap();
    let ended = home.run(&["config", "init"]);
    assert_eq!(
        ended,
        Ended {
            status: Some(2),
            out: String::new(),
            err: format!(
                "error: {} is there already\nhint: `--force` replaces it\n",
                file.display()
            ),
        }
    );
    assert_eq!(fs::read_to_string(&file).unwrap(), "# mine\n");
    let ended = home.run(&["-q", "config", "init", "--force"]);
    assert_eq!((ended.status, ended.err.as_str()), (Some(0), ""));
    assert_eq!(fs::read_to_string(&file).unwrap(), sample);
}

#[test]
fn check_names_every_problem_with_its_line() {
    let home = Home::with(
        "[defaults]\ntemprature = 1\n[[lane]]\nname = \"a\"\nprovider = \"local\"\n\
         [[lane]]\nname = \"a\"\nprovider = \"openai\"\nmodel = \"m\"\ntop_p = 2\n",
    );
    let file = home.path().join("config.toml").display().to_string();
    let ended = home.run(&["config", "check"]);
    assert_eq!(
        ended,
        Ended {
            status: Some(2),
            out: String::new(),
            err: format!(
                "error: {file}:2: unknown key `temprature` in [defaults]; did you mean `temperature`?\n\
                 {file}:3: lane `a` (local) needs a `path`: the GGUF file to run\n\
                 {file}:6: lane name `a` is already used on line 3\n\
                 {file}:10: `top_p` must be a number from 0 to 1, not 2\n"
            ),
        }
    );
}

#[test]
fn check_is_content_with_a_good_file_and_with_none() {
    let home =
        Home::with("[[lane]]\nname = \"a\"\nprovider = \"ollama\"\nmodel = \"m\"\nthreads = 1\n");
    let file = home.path().join("config.toml").display().to_string();
    assert_eq!(
        home.run(&["config", "check"]),
        Ended {
            status: Some(0),
            out: format!("{file}: no problems; lanes: 1\n"),
            err: "warning: lane `a` (line 1): `threads` has no effect with provider `ollama`\n"
                .to_owned(),
        }
    );
    let ended = Home::new().run(&["config", "check"]);
    assert_eq!((ended.status, ended.err.as_str()), (Some(0), ""));
    let ended = home.run(&["config", "check", "--config", "/no/such/file.toml"]);
    assert_eq!(ended.status, Some(2));
    assert!(
        ended
            .err
            .starts_with("error: no configuration file at /no/such/file.toml\n"),
        "{ended:?}"
    );
}

#[test]
fn the_command_line_goes_before_the_environment_and_that_before_the_file() {
    let home = Home::with(
        "[defaults]\ntemperature = 0.1\nseed = 1\nschedule = \"fair\"\n\
         [[lane]]\nname = \"a\"\nprovider = \"ollama\"\nmodel = \"m\"\nmax_tokens = 5\n\
         [[lane]]\nname = \"b\"\nprovider = \"ollama\"\nmodel = \"m\"\n",
    );
    let shown = |arguments: &[&str]| {
        let output = home
            .command(arguments)
            .env("TIERSCOPE_TEMPERATURE", "0.2")
            .env("TIERSCOPE_MAX_TOKENS", "6")
            .env("TIERSCOPE_LANE", "a")
            .output()
            .unwrap();
        let ended = Ended::from(output);
        assert_eq!((ended.status, ended.err.as_str()), (Some(0), ""));
        ended.out.parse::<toml::Table>().unwrap()
    };
    let lane = |table: &toml::Table, key: &str| {
        let lanes = table.get("lane").and_then(toml::Value::as_array).unwrap();
        assert_eq!(lanes.len(), 1, "{table}");
        lanes.first().unwrap().get(key).unwrap().to_string()
    };
    let table = shown(&["config", "show"]);
    assert_eq!(lane(&table, "name"), "\"a\"");
    assert_eq!(lane(&table, "temperature"), "0.2");
    assert_eq!(lane(&table, "max_tokens"), "6");
    assert_eq!(lane(&table, "seed"), "1");
    let table = shown(&["--lane", "b", "config", "show", "--temperature", "0.3"]);
    assert_eq!(lane(&table, "name"), "\"b\"");
    assert_eq!(lane(&table, "temperature"), "0.3");
}

#[test]
fn show_prints_the_variable_of_a_key_and_never_the_key() {
    let home = Home::with(
        "[[lane]]\nname = \"a\"\nprovider = \"openai\"\nmodel = \"m\"\napi_key_env = \"TEAM_KEY\"\n\
         headers = { x-api-key = \"hush\" }\n",
    );
    let output = home
        .command(&["config", "show"])
        .env("TEAM_KEY", "sk-hush")
        .output()
        .unwrap();
    let ended = Ended::from(output);
    assert_eq!(ended.status, Some(0));
    assert!(
        ended.out.contains("api_key_env = \"TEAM_KEY\""),
        "{ended:?}"
    );
    assert!(!ended.out.contains("hush"), "{ended:?}");
}

#[test]
fn show_tells_prices_with_steps_in_a_comment() {
    let home = Home::with(
        "[[lane]]\nname = \"pro\"\nprovider = \"gemini\"\nmodel = \"gemini-2.5-pro\"\napi_key_env = \"\"\n",
    );
    let ended = home.run(&["config", "show"]);
    assert_eq!(ended.status, Some(0), "{ended:?}");
    let line = ended.out.lines().next().unwrap();
    assert!(
        line.starts_with("# price of lane `pro`: input 1.25, output 10")
            && line.contains("; above 200000 tokens of prompt input 2.5, output 15"),
        "{line}"
    );
    // With a part of them the file would not come to the same.
    let table = ended.out.parse::<toml::Table>().unwrap();
    assert!(!table.to_string().contains("price"), "{table}");
}

#[test]
fn a_wrong_variable_is_status_2() {
    let output = Home::new()
        .command(&["config", "show"])
        .env("TIERSCOPE_SEED", "x")
        .output()
        .unwrap();
    assert_eq!(
        Ended::from(output),
        Ended {
            status: Some(2),
            out: String::new(),
            err: "error: the variable TIERSCOPE_SEED must be a whole number, not `x`\n".to_owned(),
        }
    );
}
