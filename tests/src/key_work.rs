//! What programs do with keys on the stack, and what of it is secret: for those who do it, and for the test that looks for it.

use std::hint::black_box;

use sha2::{Digest as _, Sha256, Sha512};

/// The kinds of work.
pub const KINDS: [&str; 3] = ["aes", "argon2", "ed25519"];

/// Does such work on a key that is made of the seed. What comes of it is no secret.
///
/// # Panics
/// When there is no such kind.
#[must_use]
#[inline(never)]
pub fn work(kind: &str, seed: &[u8]) -> u8 {
    let key = key(kind, seed);
    match kind {
        "aes" => {
            let schedule = black_box(schedule(&key));
            schedule.iter().fold(0, |sum, byte| sum ^ byte) & 1
        }
        "argon2" => {
            let password = black_box(password(&key));
            let hash = black_box(slow_hash(&password));
            hash[0] & 1
        }
        "ed25519" => {
            let pair = ed25519_compact::KeyPair::from_seed(ed25519_compact::Seed::new(black_box(key)));
            let signature = pair.sk.sign(b"a message", None);
            signature[0] & 1
        }
        other => panic!("no kind {other}"),
    }
}

/// All of the work that nobody but the function may know.
#[must_use]
pub fn secrets(kind: &str, seed: &[u8]) -> Vec<Vec<u8>> {
    let key = key(kind, seed);
    match kind {
        "aes" => vec![schedule(&key).to_vec()],
        "argon2" => {
            let password = password(&key);
            vec![password.to_vec(), slow_hash(&password).to_vec()]
        }
        _ => vec![key.to_vec(), Sha512::digest(key)[32..].to_vec()],
    }
}

#[inline(never)]
fn key(kind: &str, seed: &[u8]) -> [u8; 32] {
    Sha256::new().chain_update(kind).chain_update(seed).finalize().into()
}

/// As letters, so that nobody takes it for a number.
#[inline(never)]
fn password(key: &[u8; 32]) -> [u8; 64] {
    std::array::from_fn(|at| b'a' + (key[at / 2] >> (4 * (at % 2)) & 15))
}

#[inline(never)]
fn slow_hash(password: &[u8]) -> [u8; 32] {
    let params = argon2::Params::new(64, 1, 1, None).expect("small numbers are valid");
    let hasher = argon2::Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, params);
    let mut hash = [0; 32];
    hasher.hash_password_into(password, b"a salt of its own", &mut hash).expect("the lengths are valid");
    hash
}

/// The key schedule of AES-256: 15 round keys. Source: FIPS 197, section 5.2.
#[must_use]
#[inline(never)]
pub fn schedule(key: &[u8; 32]) -> [u8; 240] {
    let mut round_keys = [0; 240];
    round_keys[..32].copy_from_slice(key);
    let mut round = 1;
    for at in (32..240).step_by(4) {
        let mut word = [0, 1, 2, 3].map(|byte| round_keys[at - 4 + byte]);
        match at % 32 {
            0 => {
                word.rotate_left(1);
                word = word.map(substituted);
                word[0] ^= round;
                round <<= 1;
            }
            16 => word = word.map(substituted),
            _ => {}
        }
        for (byte, value) in word.into_iter().enumerate() {
            round_keys[at + byte] = round_keys[at + byte - 32] ^ value;
        }
    }
    round_keys
}

/// The S-box: the inverse in GF(2^8), and an affine map. Source: FIPS 197, section 5.1.1.
fn substituted(byte: u8) -> u8 {
    let product = |mut a: u8, mut b: u8| {
        let mut sum = 0;
        while b != 0 {
            sum ^= a * (b & 1);
            a = (a << 1) ^ (0x1B * (a >> 7));
            b >>= 1;
        }
        sum
    };
    // In a field of 256, the inverse is the 254th power.
    let inverse = (1..255).fold(1, |power, _| product(power, byte));
    [1, 2, 3, 4].iter().fold(inverse ^ 0x63, |sum, &by| sum ^ inverse.rotate_left(by))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// FIPS 197, appendix A.3.
    #[test]
    fn the_schedule_is_that_of_the_standard() {
        let key: [u8; 32] = [
            0x60, 0x3d, 0xeb, 0x10, 0x15, 0xca, 0x71, 0xbe, 0x2b, 0x73, 0xae, 0xf0, 0x85, 0x7d, 0x77, 0x81, 0x1f, 0x35,
            0x2c, 0x07, 0x3b, 0x61, 0x08, 0xd7, 0x2d, 0x98, 0x10, 0xa3, 0x09, 0x14, 0xdf, 0xf4,
        ];
        let schedule = schedule(&key);
        assert_eq!(schedule[32..36], [0x9b, 0xa3, 0x54, 0x11]);
        assert_eq!(schedule[236..], [0x70, 0x6c, 0x63, 0x1e]);
    }
}
