//! `tierscope keys`: API keys in the system's keyring. Takes no key from the command line and writes none to a file.

mod typed;

use super::{Cli, context::Context, print_data};
use crate::{
    config::{env_file, problem::nearest},
    domain::{environment::Origin, plan::ProviderId, sanitise::sanitise_line},
    failure::{CliError, Exit},
    provider::{
        hosts::{self, HOSTS},
        keyring::{Keyring, KeyringError, Patience},
        secret::Secret,
    },
    wiring,
};
use clap::CommandFactory;
use std::{ffi::OsString, future::Future, sync::Arc};
use typed::Typed;

/// What can be typed after `keys`.
#[derive(Debug, clap::Subcommand)]
pub enum KeysCommand {
    /// Stores a key: typed without being shown, or one line from a pipe
    Set {
        /// A provider such as openai, or a variable such as `OPENAI_API_KEY`
        #[arg(value_name = "NAME")]
        name: String,
        /// Caught so that a key that is typed here is not repeated in a message.
        #[arg(hide = true, num_args = 0.., allow_hyphen_values = true, trailing_var_arg = true)]
        rest: Vec<String>,
    },
    /// Lists the names of the stored keys, never the keys
    List,
    /// Removes a stored key
    Rm {
        /// A provider such as openai, or a variable such as `OPENAI_API_KEY`
        #[arg(value_name = "NAME")]
        name: String,
    },
}

/// What clap says about a wrong use of `keys`, without what was typed: it may be a key. `None` where it is about something
/// else, or is no mistake.
pub fn unrepeated(mistake: &clap::Error, arguments: &[OsString]) -> Option<CliError> {
    let commands = Cli::command();
    let is_command = |argument: &&OsString| {
        let name = argument.to_str();
        commands
            .get_subcommands()
            .any(|command| Some(command.get_name()) == name)
    };
    let command = arguments.iter().find(is_command)?;
    let is_about_keys = command == "keys" && mistake.use_stderr();
    is_about_keys.then(|| {
        CliError::usage("`tierscope keys` cannot be used so; what was typed is not repeated, for it may be a key")
            .hint("`tierscope keys set NAME` asks for a key, or reads one line from a pipe; `list` and `rm NAME` take none")
    })
}

/// Runs one of them.
pub fn run(context: &Context, command: &KeysCommand) -> Result<Exit, CliError> {
    let keyring = wiring::keyring(&context.environment, Patience::Person)?;
    match command {
        KeysCommand::Set { rest, .. } if !rest.is_empty() => Err(CliError::usage(
            "a key is not taken from the command line, where other programs and the shell's history can see it",
        )
        .hint("`tierscope keys set NAME` asks for it, or reads one line from a pipe")),
        KeysCommand::Set { name, .. } => set(context, &keyring, &variable(name)?),
        KeysCommand::List => list(context, &keyring),
        KeysCommand::Rm { name } => remove(context, &keyring, &variable(name)?),
    }
}

fn set(context: &Context, keyring: &Arc<dyn Keyring>, name: &str) -> Result<Exit, CliError> {
    // Before the person types anything.
    waited(name, keyring.names())?;
    let key = match typed::read(&format!("Key for {name} (it is not shown): "))? {
        Typed::Line(text) => Secret::new(&text),
        Typed::Ended(exit) => return Ok(exit),
    };
    if key.expose().is_empty() {
        return Err(CliError::failed("no key was given; nothing is stored"));
    }
    if !key.expose().bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(CliError::failed(
            "a key holds no spaces and only plain characters; nothing is stored",
        )
        .hint("was it copied whole, and nothing else with it?"));
    }
    waited(name, keyring.write(name, &key))?;
    context.say(&format!("stored {name} in the keyring"));
    if let Some(origin) = context.environment.origin(name) {
        let place = match origin {
            Origin::Process => "the environment",
            Origin::File => "the file of --env-file",
        };
        context.say(&format!(
            "{name} is set in {place} too, which goes before the keyring"
        ));
    }
    Ok(Exit::Success)
}

fn list(context: &Context, keyring: &Arc<dyn Keyring>) -> Result<Exit, CliError> {
    let names = waited("keys", keyring.names())?;
    if names.is_empty() {
        context
            .say("the keyring holds no key of tierscope; `tierscope keys set openai` stores one");
    }
    let mut lines = String::new();
    for name in &names {
        lines += &row(name);
    }
    print_data(lines.as_bytes())?;
    Ok(Exit::Success)
}

fn remove(context: &Context, keyring: &Arc<dyn Keyring>, name: &str) -> Result<Exit, CliError> {
    if waited(name, keyring.remove(name))? {
        context.say(&format!("removed {name} from the keyring"));
        Ok(Exit::Success)
    } else {
        Err(CliError::failed(format!("the keyring holds no {name}"))
            .hint("`tierscope keys list` shows what it holds"))
    }
}

/// A stored key's line. Any program can store something in a keyring.
fn row(name: &str) -> String {
    format!("{}{}\n", sanitise_line(name), providers_of(name))
}

/// The providers whose key has this name, behind a tab.
fn providers_of(name: &str) -> String {
    let providers: Vec<&str> = HOSTS
        .iter()
        .filter(|host| host.key.variables.contains(&name))
        .map(|host| host.provider.name())
        .collect();
    if providers.is_empty() {
        String::new()
    } else {
        format!("\t{}", providers.join(", "))
    }
}

/// The variable that a name stands for: keys are stored under the names that lanes look for. What was typed is not
/// repeated, for it may be a key.
fn variable(name: &str) -> Result<String, CliError> {
    let unknown = || {
        CliError::usage(
            "the name is neither a provider nor a variable in capital letters such as OPENAI_API_KEY",
        )
    };
    if let Ok(provider) = name.parse::<ProviderId>() {
        let host = hosts::find(provider);
        return match host.and_then(|host| host.key.variables.first()) {
            Some(variable) => Ok((*variable).to_owned()),
            None => Err(CliError::usage(format!(
                "the provider `{provider}` has no key of its own"
            ))
            .hint("name the variable that the lane's api_key_env names")),
        };
    }
    let is_variable =
        env_file::is_name(name) && !name.bytes().any(|byte| byte.is_ascii_lowercase());
    if is_variable {
        return Ok(name.to_owned());
    }
    let known = HOSTS.iter().filter(|host| !host.key.variables.is_empty());
    let names: Vec<&str> = known.map(|host| host.provider.name()).collect();
    Err(match nearest(name, names.iter().copied()) {
        Some(near) => unknown().hint(format!("did you mean `{near}`?")),
        None => unknown().hint(format!("providers with a key: {}", names.join(", "))),
    })
}

/// What the keyring answers, on a runtime of its own.
fn waited<T>(
    name: &str,
    asking: impl Future<Output = Result<T, KeyringError>>,
) -> Result<T, CliError> {
    let runtime = wiring::runtime()?;
    let answer = runtime.block_on(asking);
    runtime.shutdown_background();
    answer.map_err(|error| {
        let instead = format!(
            "set {name} in the environment instead, or in a file that --env-file names; nothing was stored anywhere"
        );
        match error {
            KeyringError::Missing(_) | KeyringError::Silent(_) | KeyringError::Failed(_) => {
                CliError::failed(error.to_string()).hint(instead)
            }
            KeyringError::Locked | KeyringError::Dismissed => CliError::failed(error.to_string()),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_provider_and_its_variable_are_one_name() {
        for (name, variable_name) in [
            ("openai", "OPENAI_API_KEY"),
            ("gemini", "GEMINI_API_KEY"),
            ("GOOGLE_API_KEY", "GOOGLE_API_KEY"),
            ("TEAM_KEY_2", "TEAM_KEY_2"),
        ] {
            assert_eq!(variable(name).unwrap(), variable_name, "{name}");
        }
    }

    #[test]
    fn a_stored_name_says_whose_it_is_and_controls_no_terminal() {
        assert_eq!(row("XAI_API_KEY"), "XAI_API_KEY\txai\n");
        assert_eq!(row("A\u{1b}[31m\nB"), "A B\n");
    }

    #[test]
    fn what_is_no_name_is_refused_and_not_repeated() {
        for (name, hint) in [
            ("opnai", "did you mean `openai`?"),
            ("sk-proj-abcdef0123456789", "providers with a key: openai, "),
            ("ollama", "name the variable"),
            ("2KEYS", "providers with a key"),
            ("", "providers with a key"),
        ] {
            let error = variable(name).unwrap_err();
            assert_eq!(error.exit(), Exit::Usage);
            let hints = error.hints.join(" ");
            assert!(hints.contains(hint), "{name}: {hints}");
            assert!(!format!("{error} {hints}").contains("sk-proj"));
        }
    }
}
