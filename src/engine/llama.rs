//! Loads a model with llama.cpp: backend, devices, layers, progress. Generates nothing.

use super::{
    gguf::Header,
    memory::{self, Need},
    output::Output,
    protocol::{Event, LoadSpec, Ready},
    switch, threads,
};
use crate::domain::{
    failure::{FailureKind, LaneFailure},
    plan::{GpuLayers, MAX_PARALLEL},
};
use llama_cpp_2::{
    LlamaBackendDevice, LlamaBackendDeviceType, list_llama_ggml_backend_devices,
    llama_backend::LlamaBackend,
    model::{LlamaModel, params::LlamaModelParams},
};
use std::{cell::RefCell, rc::Rc};

/// The context where nobody said another.
const DEFAULT_CONTEXT_TOKENS: u64 = 8192;

/// A model in memory.
#[derive(Debug)]
pub(super) struct Loaded {
    pub(super) backend: LlamaBackend,
    pub(super) model: LlamaModel,
    pub(super) header: Header,
    /// Sequences that are decoded together at the most.
    pub(super) sequences: u32,
    /// What the parent is told once the context stands too.
    pub(super) ready: Ready,
}

impl Loaded {
    pub(super) fn is_on_gpu(&self) -> bool {
        self.ready.gpu_layers > 0
    }
}

/// Checks the file, then loads it, telling how far it is.
pub(super) fn load(spec: &LoadSpec, output: &Rc<RefCell<Output>>) -> Result<Loaded, LaneFailure> {
    let header = Header::read(&spec.path).map_err(|error| failed(error.to_string()))?;
    let backend = LlamaBackend::init().map_err(|error| failed(error.to_string()))?;
    let ready = plan(spec, &header)?;
    let devices = offered(spec)?;
    let sequences = spec.parallel.clamp(1, MAX_PARALLEL);
    fit(&header, &ready, sequences, &devices)?;
    let params = params(&ready, &devices, output)?;
    let model = LlamaModel::load_from_file(&backend, &spec.path, &params).map_err(|_| {
        failed(if switch::is_closing() {
            "the load was cancelled".to_owned()
        } else {
            format!("llama.cpp cannot load {}", spec.path.display())
        })
    })?;
    Ok(Loaded {
        backend,
        model,
        header,
        sequences,
        ready,
    })
}

/// A failure of the engine.
pub(super) fn failed(message: impl Into<String>) -> LaneFailure {
    LaneFailure::new(FailureKind::Engine, message)
}

/// The GPU devices that layers may go to.
fn offered(spec: &LoadSpec) -> Result<Vec<LlamaBackendDevice>, LaneFailure> {
    let all = list_llama_ggml_backend_devices();
    let of = |kind| -> Vec<LlamaBackendDevice> {
        all.iter()
            .filter(|device| device.device_type == kind)
            .cloned()
            .collect()
    };
    let mut gpus = of(LlamaBackendDeviceType::Gpu);
    // As llama.cpp does: a processor's own graphics only where there is nothing better, unless asked for by name.
    if gpus.is_empty() || !spec.devices.is_empty() {
        gpus.extend(of(LlamaBackendDeviceType::IntegratedGpu));
    }
    if spec.devices.is_empty() {
        return Ok(gpus);
    }
    spec.devices
        .iter()
        .map(|wanted| {
            gpus.iter()
                .enumerate()
                .find(|(index, device)| {
                    device.name.eq_ignore_ascii_case(wanted) || index.to_string() == *wanted
                })
                .map(|(_, device)| device.clone())
                .ok_or_else(|| {
                    let names: Vec<&str> = gpus.iter().map(|gpu| gpu.name.as_str()).collect();
                    failed(format!(
                        "there is no device `{wanted}`; there are: {}",
                        if names.is_empty() {
                            "none".to_owned()
                        } else {
                            names.join(", ")
                        }
                    ))
                })
        })
        .collect()
}

/// Settles layers, context and threads.
fn plan(spec: &LoadSpec, header: &Header) -> Result<Ready, LaneFailure> {
    let layers = u32::try_from(header.layers().unwrap_or(0))
        .unwrap_or(0)
        .saturating_add(1);
    let devices = offered(spec)?;
    let gpu_layers = match spec.gpu_layers {
        GpuLayers::Count(0) => 0,
        GpuLayers::Auto if devices.is_empty() => 0,
        GpuLayers::All | GpuLayers::Count(_) if devices.is_empty() => {
            return Err(failed(
                "`gpu_layers` asks for a GPU, and this build finds none; set it to \"auto\" or 0, or build with a GPU backend",
            ));
        }
        GpuLayers::Auto | GpuLayers::All => layers,
        GpuLayers::Count(count) => count.min(layers),
    };
    let device = if gpu_layers == 0 {
        "CPU".to_owned()
    } else {
        devices
            .iter()
            .map(|device| format!("{} ({})", device.name, device.description))
            .collect::<Vec<_>>()
            .join(" + ")
    };
    let trained = header.context_length().unwrap_or(DEFAULT_CONTEXT_TOKENS);
    let context_tokens = spec
        .context_tokens
        .map_or(trained.min(DEFAULT_CONTEXT_TOKENS), u64::from);
    Ok(Ready {
        device,
        gpu_layers,
        layers,
        context_tokens: u32::try_from(context_tokens.max(1)).unwrap_or(u32::MAX),
        threads: threads::count(spec.threads, header.weight_bytes(), spec.sharing),
    })
}

/// Whether it fits: what is offloaded into the devices' memory, the rest into the machine's.
fn fit(
    header: &Header,
    ready: &Ready,
    sequences: u32,
    devices: &[LlamaBackendDevice],
) -> Result<(), LaneFailure> {
    let share = |bytes: u64, layers: u32| {
        u64::try_from(u128::from(bytes) * u128::from(layers) / u128::from(ready.layers.max(1)))
            .unwrap_or(u64::MAX)
    };
    let need = |layers| Need {
        weights: share(header.weight_bytes(), layers),
        context: share(
            header
                .kv_bytes_per_token()
                // As llama.cpp rounds it, for each sequence.
                .saturating_mul(u64::from(ready.context_tokens).next_multiple_of(256))
                .saturating_mul(u64::from(sequences)),
            layers,
        )
        // What each sequence's next token is chosen from.
        .saturating_add(header.vocabulary().saturating_mul(4 * u64::from(sequences))),
        sequences,
    };
    need(ready.layers - ready.gpu_layers)
        .check(memory::available(), "this machine's memory")
        .map_err(failed)?;
    if ready.gpu_layers > 0 {
        let free = devices.iter().map(|device| device.memory_free as u64).sum();
        // Some drivers do not tell.
        need(ready.gpu_layers)
            .check((free > 0).then_some(free), "the GPU's memory")
            .map_err(failed)?;
    }
    Ok(())
}

fn params(
    ready: &Ready,
    devices: &[LlamaBackendDevice],
    output: &Rc<RefCell<Output>>,
) -> Result<LlamaModelParams, LaneFailure> {
    let used: Vec<usize> = if ready.gpu_layers == 0 {
        Vec::new()
    } else {
        devices.iter().map(|device| device.index).collect()
    };
    let output = Rc::clone(output);
    let mut told = None;
    let params = LlamaModelParams::default()
        .with_n_gpu_layers(ready.gpu_layers)
        .with_devices(&used)
        .map_err(|error| failed(error.to_string()))?
        .with_progress_callback(move |progress| {
            let percent = percent(progress);
            if told.replace(percent) != Some(percent) {
                // A parent that is gone closes the switch; nothing else needs to be done about it here.
                let _ = output.borrow_mut().send(&Event::Loading(percent));
            }
            !switch::is_closing()
        });
    Ok(params)
}

/// The last percents belong to the context and the warm-up.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // 0 to 95
fn percent(progress: f32) -> u8 {
    (progress.clamp(0.0, 1.0) * 95.0) as u8
}
