//! The pocket models: small GGUF files inside the program, so that it answers without a network, a key or a download.
//!
//! They are unpacked into the cache folder when a lane first needs them, and again when the copy is not what it should
//! be. Runs nothing.

mod unpack;

pub use unpack::{UnpackError, Unpacking};

use crate::{
    config::spec::{LaneSpec, LocalSpec, Tuning},
    domain::{
        plan::{ProviderId, TemplateSource},
        tier::Tier,
    },
};
use std::path::{Path, PathBuf};

/// A model inside the program.
#[derive(Clone)]
pub struct Pocket {
    /// The name of its lane.
    pub name: &'static str,
    /// Its tier.
    pub tier: Tier,
    /// How a prompt is put to it: a base model has no template, it continues text.
    template: TemplateSource,
    gguf: &'static [u8],
}

/// Most tokens of a continuation by the base model; a person's own limit goes before it.
const MAX_CONTINUATION: u32 = 96;

/// All of them, in the order of their tiers.
pub static POCKETS: &[Pocket] = &[
    Pocket {
        name: "pocket-base",
        tier: Tier::Base,
        template: TemplateSource::None,
        gguf: include_bytes!("../assets/pocket/pocket-base.gguf"),
    },
    Pocket {
        name: "pocket-small",
        tier: Tier::Small,
        template: TemplateSource::Model,
        gguf: include_bytes!("../assets/pocket/pocket-small.gguf"),
    },
    Pocket {
        name: "pocket-flagship",
        tier: Tier::Flagship,
        template: TemplateSource::Model,
        gguf: include_bytes!("../assets/pocket/pocket-flagship.gguf"),
    },
    Pocket {
        name: "pocket-reasoning",
        tier: Tier::Reasoning,
        template: TemplateSource::Model,
        gguf: include_bytes!("../assets/pocket/pocket-reasoning.gguf"),
    },
];

impl Pocket {
    /// Where it is unpacked.
    pub fn path(&self, cache_dir: &Path) -> PathBuf {
        cache_dir.join("pocket").join(format!("{}.gguf", self.name))
    }

    /// Its lane.
    pub fn lane(&self, cache_dir: &Path) -> LaneSpec {
        LaneSpec {
            tier: Some(self.tier),
            // Models this small know one right answer or none: chance only adds mistakes.
            tuning: Tuning {
                temperature: Some(0.0),
                // One that only continues text need not stop by itself.
                max_tokens: (self.tier == Tier::Base).then_some(MAX_CONTINUATION),
                ..Tuning::default()
            },
            local: LocalSpec {
                path: Some(self.path(cache_dir).to_string_lossy().into_owned()),
                template: Some(self.template.clone()),
                ..LocalSpec::default()
            },
            ..LaneSpec::new(self.name, ProviderId::Local)
        }
    }

    /// Makes sure that its file is there and whole, and gives its path. Safe for several processes at once.
    pub fn unpack(&self, cache_dir: &Path) -> Result<PathBuf, UnpackError> {
        let path = self.path(cache_dir);
        unpack::ensure(&path, self.gguf)?;
        Ok(path)
    }
}

impl std::fmt::Debug for Pocket {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Pocket")
            .field("name", &self.name)
            .field("bytes", &self.gguf.len())
            .finish_non_exhaustive()
    }
}
