//! A small generator of random numbers that gives the same numbers everywhere. Not for secrets.

/// `SplitMix64` (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014).
#[derive(Debug, Clone)]
pub(super) struct Random(u64);

impl Random {
    /// The same seed gives the same numbers.
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 bits.
    pub(super) const fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// An index below `length`, which is not 0. Its bias is below `length` / 2^64 (Lemire 2019), which no figure shows.
    #[allow(clippy::cast_possible_truncation)] // the product's upper half is below `length`
    pub(super) const fn index(&mut self, length: usize) -> usize {
        ((self.bits() as u128 * length as u128) >> 64) as usize
    }
}
