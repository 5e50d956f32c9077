//! The memory that Argon2 fills: one arena a thread, kept between calls.
//!
//! The crate's own way, an allocation a hash, costs 19 MiB of page faults each time: 10 to 17 % of the hashes a
//! second at our parameters, a fifth at 64 MiB. A kept `Vec` has none. Memory advised to huge pages would gain
//! another 0 to 6 % at our parameters (12 % at 64 MiB), but takes `unsafe` to view mapped bytes as blocks; an
//! operator with large parameters gets the same from the environment: `GLIBC_TUNABLES=glibc.malloc.hugetlb=1`.

use super::HashFault;
use argon2::Block;
use std::cell::Cell;
use zeroize::optimization_barrier;

thread_local! {
    static ARENA: Cell<Vec<Block>> = const { Cell::new(Vec::new()) };
}

/// Runs `work` on `count` zeroed blocks of 1 KiB, and wipes them.
///
/// The thread keeps them for its next call, unless they are more than `keep`: one import with large parameters
/// must not hold its memory for as long as the thread lives.
///
/// They are wiped since what `work` leaves in them lets a reader of the memory test guesses of the password, and
/// an idle server would hold it for hours. It costs 0 to 5 %: the next hash finds the lines in the cache.
pub(super) fn with_blocks<T>(
    count: usize,
    keep: usize,
    work: impl FnOnce(&mut [Block]) -> T,
) -> Result<T, HashFault> {
    // Taken out, not borrowed: a call within `work` would find an empty arena, not a panic.
    let mut blocks = if count <= keep { ARENA.take() } else { Vec::new() };
    if blocks.len() < count {
        // Wiped, so nothing is lost by starting anew, and nothing is copied.
        blocks = Vec::new();
        blocks.try_reserve_exact(count).map_err(|_| HashFault::OutOfMemory)?;
        blocks.resize(count, Block::new());
    }
    let used = &mut blocks[..count];
    let result = work(used);
    for block in used.iter_mut() {
        block.as_mut().fill(0);
    }
    // Without it the compiler may drop the writes to memory that is freed next.
    optimization_barrier(used);
    if count <= keep {
        ARENA.set(blocks);
    }
    Ok(result)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use argon2::{Algorithm, Argon2, AssociatedData, ParamsBuilder, Version};

    /// RFC 9106, section 5.3: the one test vector, with a secret and associated data.
    #[test]
    fn rfc_9106_vector() {
        let params = ParamsBuilder::new()
            .m_cost(32)
            .t_cost(3)
            .p_cost(4)
            .data(AssociatedData::new(&[4; 12]).unwrap())
            .build()
            .unwrap();
        let argon = Argon2::new_with_secret(&[3; 8], Algorithm::Argon2id, Version::V0x13, params).unwrap();
        let mut tag = [0; 32];
        let run =
            |blocks: &mut [Block]| argon.hash_password_into_with_memory(&[1; 32], &[2; 16], &mut tag, blocks);
        with_blocks(32, 32, run).unwrap().unwrap();
        let expected = "0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659";
        assert_eq!(data_encoding::HEXLOWER.encode(&tag), expected);
    }

    #[test]
    fn is_kept_up_to_the_limit_and_wiped() {
        let soil = |blocks: &mut [Block]| {
            assert!(blocks.iter().all(|block| block.as_ref().iter().all(|&word| word == 0)));
            blocks.iter_mut().for_each(|block| block.as_mut().fill(7));
            blocks.as_ptr() as usize
        };
        let first = with_blocks(64, 64, soil).unwrap();
        assert_eq!(with_blocks(32, 64, soil).unwrap(), first, "a smaller one is a part of it");
        assert_ne!(with_blocks(65, 64, soil).unwrap(), first, "a larger one is not kept");
        assert_eq!(with_blocks(64, 64, soil).unwrap(), first);
        let nested = with_blocks(64, 64, |_| with_blocks(64, 64, soil).unwrap()).unwrap();
        assert_ne!(nested, first);
    }

    #[test]
    fn memory_that_cannot_be_had_is_a_fault() {
        let refused = with_blocks(usize::MAX / 2048, usize::MAX, |_| ());
        assert_eq!(refused, Err(HashFault::OutOfMemory));
    }
}
