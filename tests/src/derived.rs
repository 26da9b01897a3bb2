//! Secrets that a computation makes on its way, and leaves: a key schedule, a password hash, a signature. What zeroizing a key
//! itself does nothing about ([RustCrypto/utils#810](https://github.com/RustCrypto/utils/issues/810)).
//!
//! Nothing in here wipes anything.

use std::hint::black_box;

use ed25519_compact::{KeyPair, Seed};
use sha2::{Digest as _, Sha256, Sha512};

/// What is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Computation {
    /// The eleven round keys of AES-128 (FIPS 197, 5.2).
    KeySchedule,
    /// Argon2id of a password.
    PasswordHash,
    /// Ed25519 (RFC 8032, 5.1.6), with its expanded key.
    Signature,
}

impl Computation {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::KeySchedule, Self::PasswordHash, Self::Signature];

    /// The one with a name, which is that of its variant.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|computation| format!("{computation:?}") == name)
    }

    /// Computes it with a secret that is made of `salt`, and says whether it went well. The secret is nowhere else before.
    #[must_use]
    pub fn run(self, salt: u64) -> bool {
        deep(self, salt)
    }

    /// What must not be found afterwards.
    #[must_use]
    pub fn secrets(self, salt: u64) -> Vec<Vec<u8>> {
        let secret = self.secret(salt);
        match self {
            Self::KeySchedule => round_keys(first_half(&secret)).map(|key| key.to_vec()).into(),
            Self::PasswordHash => vec![secret.to_vec(), slow_hash(&secret).to_vec()],
            Self::Signature => vec![secret.to_vec(), Sha512::digest(secret)[32..].to_vec()],
        }
    }

    fn secret(self, salt: u64) -> [u8; 32] {
        Sha256::new_with_prefix(format!("{self:?}")).chain_update(salt.to_le_bytes()).finalize().into()
    }
}

/// Below what a thread leaves that goes to sleep afterwards.
#[inline(never)]
fn deep(computation: Computation, salt: u64) -> bool {
    let gap = [0u8; 16 << 10];
    black_box(&gap);
    compute(computation, salt)
}

#[inline(never)]
fn compute(computation: Computation, salt: u64) -> bool {
    let secret = black_box(computation.secret(salt));
    match computation {
        Computation::KeySchedule => {
            let keys = black_box(round_keys(first_half(&secret)));
            keys[10] != keys[9]
        }
        Computation::PasswordHash => slow_hash(&secret) != secret,
        Computation::Signature => {
            let pair = KeyPair::from_seed(Seed::new(secret));
            pair.pk.verify(b"a message", &pair.sk.sign(b"a message", None)).is_ok()
        }
    }
}

fn first_half(secret: &[u8; 32]) -> [u8; 16] {
    std::array::from_fn(|at| secret[at])
}

fn slow_hash(password: &[u8]) -> [u8; 32] {
    let params = argon2::Params::new(64, 1, 1, None).expect("small numbers are valid");
    let hasher = argon2::Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, params);
    let mut hash = [0; 32];
    hasher.hash_password_into(password, b"a salt of 16 b..", &mut hash).expect("the lengths are valid");
    hash
}

/// AES-128's key expansion.
#[must_use]
pub fn round_keys(key: [u8; 16]) -> [[u8; 16]; 11] {
    let mut keys = [key; 11];
    let mut constant = 1;
    for round in 1..11 {
        let before = keys[round - 1];
        for at in 0..16 {
            let mixed = match at {
                0 => substituted(before[13]) ^ constant,
                1..3 => substituted(before[13 + at]),
                3 => substituted(before[12]),
                _ => keys[round][at - 4],
            };
            keys[round][at] = before[at] ^ mixed;
        }
        constant = doubled(constant);
    }
    keys
}

/// The S-box: the inverse in GF(2^8), and the affine map.
fn substituted(byte: u8) -> u8 {
    let inverse = (0..254).fold(1, |power, _| product(power, byte));
    (1..5).fold(inverse ^ 0x63, |sum, turn| sum ^ inverse.rotate_left(turn))
}

fn product(mut one: u8, mut other: u8) -> u8 {
    let mut product = 0;
    while other != 0 {
        if other & 1 == 1 {
            product ^= one;
        }
        one = doubled(one);
        other >>= 1;
    }
    product
}

fn doubled(byte: u8) -> u8 {
    (byte << 1) ^ (if byte & 0x80 == 0 { 0 } else { 0x1B })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// FIPS 197, A.1.
    #[test]
    fn round_keys_are_those_of_the_standard() {
        let key = 0x2b7e_1516_28ae_d2a6_abf7_1588_09cf_4f3c_u128;
        let keys = round_keys(key.to_be_bytes()).map(u128::from_be_bytes);
        assert_eq!(keys[1], 0xa0fa_fe17_8854_2cb1_23a3_3939_2a6c_7605);
        assert_eq!(keys[10], 0xd014_f9a8_c9ee_2589_e13f_0cc8_b663_0ca6);
    }

    #[test]
    fn computations_go_well() {
        for computation in Computation::ALL {
            assert!(computation.run(7), "{computation:?}");
            assert_eq!(Computation::named(&format!("{computation:?}")), Some(computation));
            assert_ne!(computation.secrets(7), computation.secrets(8));
        }
    }
}
