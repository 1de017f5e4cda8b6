//! The reference pages of the command line and of the settings, made from the definitions themselves so that they cannot be
//! out of date.

use crate::cli::{Cli, Reference};
use crate::exit::{Ended, Exit};
use crate::out::Out;
use clap::{Arg, Command, CommandFactory};

/// What is true of every command: exit codes, errors, and the shapes of JSON.
const COMMON: &str = include_str!("reference/common.txt");
const JSON: &str = include_str!("reference/json.txt");

pub fn run(args: &Reference, out: &mut Out) -> Ended {
    let page = if args.settings { settings() } else { page() };
    out.line(page.trim_end())?;
    Ok(Exit::Fine)
}

/// What stands before and after the table of settings.
const SETTINGS: &str = include_str!("reference/settings.txt");

fn settings() -> String {
    SETTINGS.replace("{table}", app::settings::scalar::table().trim_end())
}

fn page() -> String {
    let mut root = Cli::command();
    root.build();
    let mut text = String::from("# The command line\n\n");
    text.push_str(COMMON);
    text.push_str("\n## Commands\n");
    for command in root.get_subcommands() {
        describe(command, "docket", &mut text);
    }
    text.push('\n');
    text.push_str(JSON);
    text
}

fn describe(command: &Command, above: &str, text: &mut String) {
    let hidden = command.is_hide_set() || command.get_name() == "help";
    if hidden {
        return;
    }
    let name = format!("{above} {}", command.get_name());
    let about = command
        .get_about()
        .map(ToString::to_string)
        .unwrap_or_default();
    if command.has_subcommands() {
        text.push_str(&format!("\n### {name}\n\n{about}.\n"));
        for below in command.get_subcommands() {
            describe(below, &name, text);
        }
        return;
    }
    text.push_str(&format!(
        "\n### {name}\n\n{about}.\n\n```text\n{name}{}\n```\n\n",
        usage(command)
    ));
    for arg in command.get_arguments().filter(|arg| own(arg)) {
        text.push_str(&line(arg));
    }
}

/// Options that every command has are described once, above.
fn own(arg: &Arg) -> bool {
    !matches!(arg.get_id().as_str(), "json" | "help" | "version")
}

fn usage(command: &Command) -> String {
    let usage = command.clone().render_usage().to_string();
    let words = usage
        .split_once(command.get_name())
        .map_or("", |(_, rest)| rest);
    words.trim_end().to_owned()
}

fn line(arg: &Arg) -> String {
    let value: Vec<String> = arg
        .get_value_names()
        .unwrap_or_default()
        .iter()
        .map(ToString::to_string)
        .collect();
    let takes = arg.get_action().takes_values();
    let name = match arg.get_long() {
        Some(long) if takes => format!("--{long} {}", value.join(" ")),
        Some(long) => format!("--{long}"),
        None => value.join(" "),
    };
    let mut words = arg.get_help().map(ToString::to_string).unwrap_or_default();
    if !words.is_empty() {
        words.push('.');
    }
    let values: Vec<String> = arg
        .get_possible_values()
        .iter()
        .map(|value| format!("`{}`", value.get_name()))
        .collect();
    if takes && !values.is_empty() {
        words.push_str(&format!(" One of {}.", values.join(", ")));
    }
    let defaults: Vec<String> = arg
        .get_default_values()
        .iter()
        .map(|value| value.to_string_lossy().into_owned())
        .collect();
    if takes && !defaults.is_empty() {
        words.push_str(&format!(" Default `{}`.", defaults.join(" ")));
    }
    if let Some(variable) = arg.get_env() {
        words.push_str(&format!(
            " Or the environment's `{}`.",
            variable.to_string_lossy()
        ));
    }
    format!("- `{name}`: {}\n", words.trim())
}
