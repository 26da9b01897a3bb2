//! The cipher alone, chunk by chunk; and others, with the feature `ciphers`.

use aes_gcm::{
    Aes256Gcm,
    aead::{AeadInOut as _, KeyInit as _, inout::InOutBuf},
};

/// The text of a chunk, in bytes.
pub(crate) const CHUNK: usize = 64 * 1024;

const KEY: [u8; 32] = [7; 32];

/// Seals a text as a sealed file does, and drops what comes of it.
pub(crate) fn seal(text: &[u8], out: &mut [u8]) {
    for chunk in text.chunks(CHUNK) {
        let cipher = Aes256Gcm::new(&KEY.into());
        let buffer = InOutBuf::new(chunk, &mut out[..chunk.len()]).expect("both are as long");
        let tag = cipher.encrypt_inout_detached(&[0; 12].into(), b"a place of 25 bytes......", buffer);
        std::hint::black_box(tag.expect("a chunk is short"));
    }
}

/// How long ciphers take for a chunk, in µs: by name.
#[cfg(not(feature = "ciphers"))]
pub(crate) fn compared(_: bool) -> Vec<(&'static str, f64)> {
    Vec::new()
}

#[cfg(feature = "ciphers")]
type Seal<'s> = &'s dyn Fn(&mut [u8]);

#[cfg(feature = "ciphers")]
pub(crate) fn compared(quick: bool) -> Vec<(&'static str, f64)> {
    use std::{hint::black_box, time::Instant};

    use chacha20poly1305::ChaCha20Poly1305;

    let aws = |algorithm: &'static aws_lc_rs::aead::Algorithm| {
        use aws_lc_rs::aead::{Aad, LessSafeKey, Nonce, UnboundKey};
        move |chunk: &mut [u8]| {
            let key = LessSafeKey::new(UnboundKey::new(algorithm, &KEY).expect("the key is long enough"));
            let nonce = Nonce::assume_unique_for_key([0; 12]);
            let tag = key.seal_in_place_separate_tag(nonce, Aad::empty(), chunk).expect("a chunk is short");
            black_box(tag.as_ref().len());
        }
    };
    let ring = |algorithm: &'static ring::aead::Algorithm| {
        use ring::aead::{Aad, LessSafeKey, Nonce, UnboundKey};
        move |chunk: &mut [u8]| {
            let key = LessSafeKey::new(UnboundKey::new(algorithm, &KEY).expect("the key is long enough"));
            let nonce = Nonce::assume_unique_for_key([0; 12]);
            let tag = key.seal_in_place_separate_tag(nonce, Aad::empty(), chunk).expect("a chunk is short");
            black_box(tag.as_ref().len());
        }
    };
    let aes = |chunk: &mut [u8]| {
        let tag = Aes256Gcm::new(&KEY.into()).encrypt_inout_detached(&[0; 12].into(), b"", chunk.into());
        black_box(tag.expect("a chunk is short"));
    };
    let chacha = |chunk: &mut [u8]| {
        let tag = ChaCha20Poly1305::new(&KEY.into()).encrypt_inout_detached(&[0; 12].into(), b"", chunk.into());
        black_box(tag.expect("a chunk is short"));
    };
    let (aws_aes, aws_chacha) = (aws(&aws_lc_rs::aead::AES_256_GCM), aws(&aws_lc_rs::aead::CHACHA20_POLY1305));
    let (ring_aes, ring_chacha) = (ring(&ring::aead::AES_256_GCM), ring(&ring::aead::CHACHA20_POLY1305));
    let all: [(&'static str, Seal<'_>); 6] = [
        ("RustCrypto, AES-256-GCM", &aes),
        ("RustCrypto, ChaCha20-Poly1305", &chacha),
        ("ring, AES-256-GCM", &ring_aes),
        ("ring, ChaCha20-Poly1305", &ring_chacha),
        ("aws-lc-rs, AES-256-GCM", &aws_aes),
        ("aws-lc-rs, ChaCha20-Poly1305", &aws_chacha),
    ];
    let (rounds, chunks) = if quick { (5, 20) } else { (51, 100) };
    let mut chunk = vec![0; CHUNK];
    let mut times: [Vec<f64>; 6] = Default::default();
    for _ in 0..rounds {
        for ((_, seal), times) in all.iter().zip(&mut times) {
            let start = Instant::now();
            for _ in 0..chunks {
                seal(&mut chunk);
            }
            times.push(start.elapsed().as_secs_f64() * 1e6 / f64::from(chunks));
        }
    }
    let middle = |times: Vec<f64>| secure_benches::stats::middle(times).unwrap_or(f64::NAN);
    all.into_iter().zip(times).map(|((name, _), times)| (name, middle(times))).collect()
}
