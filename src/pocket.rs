//! The pocket models: small GGUF files inside the program, so that it answers without a network, a key or a download.
//!
//! They are unpacked into the cache folder when a lane first needs them, and again when the copy is not what it should
//! be. Runs nothing.

mod unpack;

pub use unpack::{UnpackError, Unpacking};

use crate::{
    config::spec::{LaneSpec, LocalSpec, Tuning},
    domain::{plan::ProviderId, tier::Tier},
};
use std::path::{Path, PathBuf};

/// A model inside the program.
#[derive(Clone, Copy)]
pub struct Pocket {
    /// The name of its lane.
    pub name: &'static str,
    /// Its tier.
    pub tier: Tier,
    gguf: &'static [u8],
}

/// All of them, in the order of their tiers.
pub static POCKETS: &[Pocket] = &[
    Pocket {
        name: "pocket-small",
        tier: Tier::Small,
        gguf: include_bytes!("../assets/pocket/pocket-small.gguf"),
    },
    Pocket {
        name: "pocket-flagship",
        tier: Tier::Flagship,
        gguf: include_bytes!("../assets/pocket/pocket-flagship.gguf"),
    },
    Pocket {
        name: "pocket-reasoning",
        tier: Tier::Reasoning,
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
                ..Tuning::default()
            },
            local: LocalSpec {
                path: Some(self.path(cache_dir).to_string_lossy().into_owned()),
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
