//! Letters that no function writes. It is a second implementation of their format.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use hpke::{Deserializable as _, OpModeS, Serializable as _, aead::AesGcm256, inout::InOutBuf, kdf::HkdfSha256};
use secure_runtime::dead_letter::PublicKey;
use serde_json::{Value, json};

type Kem = hpke::kem::X25519HkdfSha256;

/// Facts that are fine, but for those that are given.
pub(crate) fn facts(others: &Value) -> Value {
    let mut facts = json!({
        "request_id": "r-1", "function": "orders", "handler": "take_order", "message_id": "m-1", "code": "no_card",
        "reason": "declined", "receive_count": 3, "at": 1_764_000_000_123_u64,
    });
    facts.as_object_mut().unwrap().extend(others.as_object().unwrap().clone());
    facts
}

/// A body and attributes, as they stand in a letter or an object.
pub(crate) fn contents(attributes: &Value, body: &[u8]) -> Vec<u8> {
    [with_length(attributes), body.to_vec()].concat()
}

/// Seals whatever it is given.
pub(crate) fn forge(key: &PublicKey, facts: &Value, contents: &[u8]) -> String {
    let bytes = key.to_string().strip_prefix("dead-letter-public-1-").map(|text| BASE64_URL_SAFE_NO_PAD.decode(text));
    let public = <Kem as hpke::Kem>::PublicKey::from_bytes(&bytes.unwrap().unwrap()[..32]).unwrap();
    let head = format!("dead-letter.1.{}.", key.id());
    let mut text = [with_length(facts), contents.to_vec()].concat();
    let info = b"secure-runtime dead letter 1";
    let sender = hpke::setup_sender::<AesGcm256, HkdfSha256, Kem>(&OpModeS::Base, &public, info);
    let (encapsulated, mut sealer) = sender.unwrap();
    let tag = sealer.seal_inout_detached(InOutBuf::from(&mut text[..]), head.as_bytes()).unwrap();
    let sealed = [&encapsulated.to_bytes()[..], &text, &tag.to_bytes()].concat();
    format!("{head}{}.", BASE64_URL_SAFE_NO_PAD.encode(sealed))
}

fn with_length(json: &Value) -> Vec<u8> {
    let json = json.to_string();
    [&u32::try_from(json.len()).unwrap().to_le_bytes()[..], json.as_bytes()].concat()
}
