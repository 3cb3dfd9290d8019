//! What parent and engine child say to each other: one JSON value per line, commands down, events up. Moves no bytes.
//!
//! Ids of generations grow. What follows [`Event::Started`] or [`Event::Turn`] belongs to that generation until another
//! one is named; exactly one of [`Event::Finished`], [`Event::Failed`] and [`Event::Stopped`] ends it. The enums are
//! tagged from outside, which serde reads and writes without building a tree.

use crate::domain::{
    event::FinishReason,
    failure::LaneFailure,
    plan::{GpuLayers, LocalPlan, TemplateSource},
    request::{ChatRequest, Effort, Message, Sampling},
    usage::{ServerTimings, Usage},
};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// From the parent to the child.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    /// Load a model; the first command, once.
    Load(Box<LoadSpec>),
    /// Answer a prompt, beside those that are being answered; no more than [`LoadSpec::parallel`] at once.
    Generate(Box<GenerateSpec>),
    /// Stop the generation of this id.
    Cancel(u64),
    /// Free everything and exit; the end of the input means the same.
    Unload,
}

/// What to load and how to run it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LoadSpec {
    /// The GGUF file.
    pub path: PathBuf,
    /// Layers on the GPU.
    pub gpu_layers: GpuLayers,
    /// Names or indices of the devices to use; empty: all.
    pub devices: Vec<String>,
    /// Size of the context; `None`: the smaller of the model's own and 8192.
    pub context_tokens: Option<u32>,
    /// Threads; 0: chosen by the engine.
    pub threads: u32,
    /// Prompts that may be answered at once, 1 to [`MAX_PARALLEL`](crate::domain::plan::MAX_PARALLEL); each has a whole context of its own.
    pub parallel: u32,
    /// Engines that may compute at the same time, this one included; divides the threads chosen by the engine.
    pub sharing: u32,
    /// The chat template.
    pub template: TemplateSource,
}

impl LoadSpec {
    /// What a lane's plan asks for.
    pub fn new(plan: &LocalPlan, sharing: u32) -> Self {
        Self {
            path: plan.path.clone(),
            gpu_layers: plan.gpu_layers,
            devices: plan.devices.clone(),
            context_tokens: plan.context_tokens,
            threads: plan.threads,
            parallel: plan.parallel,
            sharing,
            template: plan.template.clone(),
        }
    }
}

/// One prompt.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GenerateSpec {
    /// Grows with every generation of one child.
    pub id: u64,
    /// Instructions before the conversation.
    pub system: Option<String>,
    /// The conversation, oldest first.
    pub messages: Vec<Message>,
    /// How tokens are chosen and where the answer ends.
    pub sampling: Sampling,
    /// How much to think.
    pub effort: Option<Effort>,
    /// Most thinking tokens; after them the thinking is closed.
    pub thinking_budget: Option<u32>,
    /// More variables for the chat template.
    pub variables: serde_json::Map<String, serde_json::Value>,
}

impl GenerateSpec {
    /// What a request asks of a local lane.
    pub fn new(id: u64, request: ChatRequest, thinking_budget: Option<u32>) -> Self {
        Self {
            id,
            system: request.system,
            messages: request.messages,
            sampling: request.sampling,
            effort: request.effort,
            thinking_budget,
            variables: request.extra,
        }
    }
}

/// From the child to the parent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// The model is being loaded, 0 to 100.
    Loading(u8),
    /// Loaded and warm.
    Ready(Ready),
    /// The generation of this id has begun.
    Started(u64),
    /// What follows is of the generation of this id again.
    Turn(u64),
    /// How much of the prompt has been read.
    Prefill {
        /// Tokens read.
        done: u32,
        /// Tokens of the prompt.
        total: u32,
    },
    /// A piece of thinking; never empty.
    Reasoning(String),
    /// A piece of the answer; never empty.
    Answer(String),
    /// Tokens counted so far.
    Usage(Usage),
    /// Time spent so far.
    Server(ServerTimings),
    /// The answer ended.
    Finished(FinishReason),
    /// The load or the generation failed. After a failed load the child exits.
    Failed(LaneFailure),
    /// The generation was cancelled.
    Stopped,
}

/// What was loaded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ready {
    /// Where it runs: `CPU`, or the names of the GPU devices.
    pub device: String,
    /// Layers on the GPU.
    pub gpu_layers: u32,
    /// Layers that could be on the GPU, the output layer included.
    pub layers: u32,
    /// Tokens that prompt and answer may have together.
    pub context_tokens: u32,
    /// Threads that compute.
    pub threads: u32,
}

impl Ready {
    /// Where it runs, in the words of a pane.
    pub fn place(&self) -> String {
        if self.gpu_layers == 0 {
            return self.device.clone();
        }
        format!(
            "{} · {}/{} layers",
            self.device, self.gpu_layers, self.layers
        )
    }
}

/// A line that is not one of ours.
#[derive(Debug, thiserror::Error)]
#[error("not a line of the engine's protocol: {0}")]
pub struct NotProtocol(#[from] serde_json::Error);

macro_rules! lines {
    ($type:ty) => {
        impl $type {
            /// Appends the value as one line.
            pub fn write_line(&self, out: &mut Vec<u8>) -> Result<(), NotProtocol> {
                serde_json::to_writer(&mut *out, self)?;
                out.push(b'\n');
                Ok(())
            }

            /// Reads one line, with or without its end.
            pub fn read_line(line: &[u8]) -> Result<Self, NotProtocol> {
                Ok(serde_json::from_slice(line)?)
            }
        }
    };
}

lines!(Command);
lines!(Event);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_piece_is_one_short_line_whatever_is_in_it() {
        let mut line = Vec::new();
        Event::Answer("a\nb \"ü\" \u{1b}[0m".into())
            .write_line(&mut line)
            .unwrap();
        assert_eq!(
            line.iter().position(|byte| *byte == b'\n'),
            Some(line.len() - 1)
        );
        assert!(line.starts_with(br#"{"answer":""#));
        assert_eq!(
            Event::read_line(&line).unwrap(),
            Event::Answer("a\nb \"ü\" \u{1b}[0m".into())
        );
    }

    #[test]
    fn what_is_not_ours_is_an_error() {
        for line in [
            &b""[..],
            b"garbage",
            br#"{"answer":1}"#,
            br#"{"unheard_of":1}"#,
        ] {
            assert!(Event::read_line(line).is_err(), "{line:?}");
        }
    }

    #[test]
    fn a_pane_says_how_many_layers_are_offloaded() {
        let mut ready = Ready {
            device: "CPU".into(),
            gpu_layers: 0,
            layers: 5,
            context_tokens: 256,
            threads: 2,
        };
        assert_eq!(ready.place(), "CPU");
        ready.device = "Vulkan0 (llvmpipe)".into();
        ready.gpu_layers = 5;
        assert_eq!(ready.place(), "Vulkan0 (llvmpipe) · 5/5 layers");
    }
}
