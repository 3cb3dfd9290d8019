//! The context that a model decodes in, and how what runs in it can be stopped. Chooses no tokens.

use super::{
    llama::{Loaded, failed},
    switch,
};
use crate::domain::failure::LaneFailure;
use llama_cpp_2::{
    context::{LlamaContext, params::LlamaContextParams},
    llama_batch::LlamaBatch,
    token::LlamaToken,
};
use std::{ffi::c_void, num::NonZeroU32};

/// Most tokens that llama.cpp computes at once.
pub(super) const BATCH_TOKENS: u32 = 512;

/// Builds the context and decodes once in it, all sequences together, so that the first prompt finds its buffers
/// allocated and its weights in memory. Each sequence has cells of its own: no prompt takes room from another.
pub(super) fn warm(loaded: &Loaded) -> Result<LlamaContext<'_>, LaneFailure> {
    let threads = i32::try_from(loaded.ready.threads).unwrap_or(i32::MAX);
    let sequences = loaded.sequences;
    let cells = loaded.ready.context_tokens.saturating_mul(sequences);
    let mut params = LlamaContextParams::default()
        .with_n_ctx(NonZeroU32::new(cells))
        .with_n_seq_max(sequences)
        .with_kv_unified(false)
        .with_n_batch(BATCH_TOKENS)
        .with_n_ubatch(BATCH_TOKENS)
        .with_n_threads(threads)
        .with_n_threads_batch(threads);
    if !loaded.is_on_gpu() {
        params = params.with_op_offload(false).with_offload_kqv(false);
    }
    make_stoppable(&mut params);
    let mut context = loaded
        .model
        .new_context(&loaded.backend, params)
        .map_err(|_| {
            failed(format!(
                "llama.cpp cannot make a context of {} tokens{}",
                loaded.ready.context_tokens,
                match sequences {
                    1 => String::new(),
                    many => format!(" for each of {many} sequences; lower `parallel`"),
                }
            ))
        })?;
    let mut batch = LlamaBatch::new(sequences as usize, 1);
    let bos = loaded.model.vocab().bos();
    let token = if bos.0 < 0 { LlamaToken::new(0) } else { bos };
    for sequence in 0..sequences {
        batch
            .add(token, 0, &[place(sequence)], true)
            .map_err(|error| failed(error.to_string()))?;
    }
    context
        .decode(&mut batch)
        .map_err(|error| failed(format!("llama.cpp cannot run the model: {error}")))?;
    context.synchronize();
    for sequence in 0..sequences {
        forget(&mut context, sequence);
    }
    Ok(context)
}

/// Empties a sequence: every prompt is read from its beginning, so that its time and its text can be repeated.
pub(super) fn forget(context: &mut LlamaContext<'_>, sequence: u32) {
    // Removing whole sequences cannot fail, and does not touch the memory as clearing does.
    let _ = context.clear_kv_cache_seq(Some(sequence), None, None);
}

/// A sequence as llama.cpp numbers it; there are never more than it can have.
pub(super) fn place(sequence: u32) -> i32 {
    i32::try_from(sequence).unwrap_or(0)
}

/// Lets llama.cpp ask the switch between two operations; the processor's backend does, those of GPUs do not.
fn make_stoppable(params: &mut LlamaContextParams) {
    use llama_cpp_sys_2::llama_context_params as Raw;
    // The crate has no setter. Its type holds this one field, so equal sizes mean the same place.
    const { assert!(size_of::<LlamaContextParams>() == size_of::<Raw>()) };
    const { assert!(align_of::<LlamaContextParams>() == align_of::<Raw>()) };
    let raw = std::ptr::from_mut(params).cast::<Raw>();
    // SAFETY: `params` is exclusively borrowed, and its only field, of the same size and alignment, is a `Raw`.
    #[allow(unsafe_code)]
    unsafe {
        (*raw).abort_callback = Some(is_stopped);
    }
}

#[allow(unsafe_code)] // the type that llama.cpp asks for; nothing unsafe happens
unsafe extern "C" fn is_stopped(_: *mut c_void) -> bool {
    switch::is_stopped()
}
