//! A number from a text that is the same in every version and on every machine. Not for secrets.

/// FNV-1a with 64 bits, <http://www.isthe.com/chongo/tech/comp/fnv/>.
pub(super) fn fnv1a(parts: &[&[u8]]) -> u64 {
    const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0000_0100_0000_01b3;
    let bytes = parts.iter().flat_map(|part| part.iter());
    bytes.fold(OFFSET, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(PRIME)
    })
}

/// The same with its bits mixed once more, since near texts have near hashes: the last step of `MurmurHash3`.
pub(super) fn mixed(parts: &[&[u8]]) -> u64 {
    let mut hash = fnv1a(parts);
    hash ^= hash >> 33;
    hash = hash.wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash ^= hash >> 33;
    hash = hash.wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    hash ^ (hash >> 33)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_the_published_one() {
        assert_eq!(fnv1a(&[b""]), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv1a(&[b"a"]), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(fnv1a(&[b"foo", b"bar"]), 0x8594_4171_f739_67e8);
    }

    #[test]
    fn the_mixed_hash_never_changes() {
        assert_eq!(mixed(&[b"sum-1"]), mixed(&[b"sum", b"-1"]));
        // A change here would move the cells of everybody's job arrays.
        assert_eq!(mixed(&[b"sum-1"]), 0xba26_746f_e0a2_107d);
    }
}
