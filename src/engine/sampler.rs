//! How the next token is chosen: a chain of llama.cpp's samplers out of what a request asks for.
//!
//! What a request leaves open is as llama.cpp's own programs have it. A sampler accepts the token that it samples;
//! nothing else may tell it.

use crate::domain::request::Sampling;
use llama_cpp_2::sampling::LlamaSampler;

const TEMPERATURE: f64 = 0.8;
const TOP_K: u32 = 40;
const TOP_P: f64 = 0.95;
const MIN_P: f64 = 0.05;

/// Builds the chain of one generation.
pub(super) fn chain(sampling: &Sampling) -> LlamaSampler {
    let temperature = sampling.temperature.unwrap_or(TEMPERATURE);
    if temperature <= 0.0 {
        return LlamaSampler::greedy();
    }
    LlamaSampler::chain_simple([
        LlamaSampler::top_k(i32::try_from(sampling.top_k.unwrap_or(TOP_K)).unwrap_or(i32::MAX)),
        LlamaSampler::top_p(single(sampling.top_p.unwrap_or(TOP_P)), 1),
        LlamaSampler::min_p(single(sampling.min_p.unwrap_or(MIN_P)), 1),
        LlamaSampler::temp(single(temperature)),
        LlamaSampler::dist(seed(sampling.seed)),
    ])
}

#[allow(clippy::cast_possible_truncation)] // probabilities and temperatures need no more
fn single(value: f64) -> f32 {
    value as f32
}

/// llama.cpp's seeds have 32 bits, and all of them set asks for a random one.
fn seed(seed: Option<u64>) -> u32 {
    seed.map_or(u32::MAX, |seed| {
        u32::try_from(seed % u64::from(u32::MAX)).unwrap_or(0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_seed_of_a_person_is_taken_for_a_wish_for_chance() {
        assert_eq!(seed(None), u32::MAX);
        assert_eq!(seed(Some(7)), 7);
        assert_ne!(seed(Some(u64::from(u32::MAX))), u32::MAX);
        assert_ne!(seed(Some(u64::MAX)), u32::MAX);
    }
}
