//! Which field of a payload is wrong, for the log.
//!
//! The keys of a JSON object may be data: a map from users to balances has users for keys. What may be told are names
//! that the program itself has given, so the path is walked once more through the type, which knows its fields.

use std::{fmt, fmt::Write as _, slice};

use serde::{
    Deserialize, Deserializer,
    de::{
        self, DeserializeSeed, EnumAccess, IntoDeserializer, MapAccess, SeqAccess, VariantAccess, Visitor,
        value::StrDeserializer,
    },
    forward_to_deserialize_any,
};
use serde_path_to_error::Segment;

/// Where `json` is no `T`, like `items[3].price`, with `*` for a name that is not the type's own.
pub(super) fn of_error<'de, T: Deserialize<'de>>(json: &'de [u8]) -> String {
    of_error_in::<T, _>(&mut serde_json::Deserializer::from_slice(json))
}

/// The same for whatever `T` is deserialized from.
pub(super) fn of_error_in<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> String {
    let Err(error) = serde_path_to_error::deserialize::<_, T>(deserializer) else { return String::new() };
    let segments: Vec<_> = error.path().iter().collect();
    let mut walk = Walk { left: segments.iter(), path: String::new() };
    // It stops with an error in any case; what counts is how far it came.
    let _ = T::deserialize(&mut walk);
    while let Some(segment) = walk.left.next() {
        match segment {
            Segment::Seq { index } => walk.index(*index),
            Segment::Map { .. } | Segment::Enum { .. } => walk.name(""),
            Segment::Unknown => {}
        }
    }
    walk.path
}

/// Follows a path into a type, by offering it just what is on the path.
struct Walk<'p> {
    left: slice::Iter<'p, &'p Segment>,
    path: String,
}

impl<'p> Walk<'p> {
    /// Takes a step to a key; `names` are those that the type has.
    fn key(&mut self, names: &[&str]) -> Result<&'p str, Stopped> {
        let Some(Segment::Map { key }) = self.left.as_slice().first() else { return Err(Stopped) };
        self.left.next();
        self.name(if names.contains(&key.as_str()) { key } else { "" });
        Ok(key)
    }

    fn name(&mut self, name: &str) {
        let dot = if self.path.is_empty() { "" } else { "." };
        let _ = write!(self.path, "{dot}{}", if name.is_empty() { "*" } else { name });
    }

    fn index(&mut self, index: usize) {
        let _ = write!(self.path, "[{index}]");
    }
}

/// The end of the path, or of what can be walked.
#[derive(Debug)]
struct Stopped;

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the walk ends here")
    }
}

impl std::error::Error for Stopped {}

impl de::Error for Stopped {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

impl<'de> Deserializer<'de> for &mut Walk<'_> {
    type Error = Stopped;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Stopped> {
        Err(Stopped)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stopped> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &str, visitor: V) -> Result<V::Value, Stopped> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stopped> {
        let Some(Segment::Seq { index }) = self.left.as_slice().first() else { return Err(Stopped) };
        self.left.next();
        self.index(*index);
        visitor.visit_seq(Only { walk: self })
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stopped> {
        let key = self.key(&[])?;
        visitor.visit_map(Entry { walk: self, key: Some(key) })
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Stopped> {
        let key = self.key(fields)?;
        visitor.visit_map(Entry { walk: self, key: Some(key) })
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Stopped> {
        let Some(Segment::Enum { variant }) = self.left.as_slice().first() else { return Err(Stopped) };
        self.left.next();
        self.name(if variants.contains(&variant.as_str()) { variant } else { "" });
        visitor.visit_enum(Variant { walk: self, name: variant })
    }

    // The elements of a tuple differ, and none but the first can be reached.
    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct tuple
        tuple_struct identifier ignored_any
    }
}

/// A sequence of the one element that is on the path.
struct Only<'w, 'p> {
    walk: &'w mut Walk<'p>,
}

impl<'de> SeqAccess<'de> for Only<'_, '_> {
    type Error = Stopped;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Stopped> {
        seed.deserialize(&mut *self.walk).map(Some)
    }
}

/// A map of the one entry that is on the path.
struct Entry<'w, 'p> {
    walk: &'w mut Walk<'p>,
    key: Option<&'p str>,
}

impl<'de> MapAccess<'de> for Entry<'_, '_> {
    type Error = Stopped;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Stopped> {
        let key = self.key.take().ok_or(Stopped)?;
        let key: StrDeserializer<'_, Stopped> = key.into_deserializer();
        seed.deserialize(key).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Stopped> {
        seed.deserialize(&mut *self.walk)
    }
}

/// The variant that is on the path.
struct Variant<'w, 'p> {
    walk: &'w mut Walk<'p>,
    name: &'p str,
}

impl<'de, 'w, 'p> EnumAccess<'de> for Variant<'w, 'p> {
    type Error = Stopped;
    type Variant = &'w mut Walk<'p>;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self::Variant), Stopped> {
        let name: StrDeserializer<'_, Stopped> = self.name.into_deserializer();
        Ok((seed.deserialize(name)?, self.walk))
    }
}

impl<'de> VariantAccess<'de> for &mut Walk<'_> {
    type Error = Stopped;

    fn unit_variant(self) -> Result<(), Stopped> {
        Err(Stopped)
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, Stopped> {
        seed.deserialize(self)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, Stopped> {
        Err(Stopped)
    }

    fn struct_variant<V: Visitor<'de>>(self, fields: &'static [&'static str], visitor: V) -> Result<V::Value, Stopped> {
        Deserializer::deserialize_struct(self, "", fields, visitor)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    #[allow(dead_code, reason = "only their shape matters")]
    struct Order {
        customer_id: u32,
        items: Vec<Item>,
        #[serde(default)]
        note: Option<Note>,
        #[serde(default)]
        by_name: HashMap<String, Item>,
        #[serde(default)]
        pair: Option<(u8, Item)>,
        #[serde(default)]
        payment: Option<Payment>,
    }

    #[derive(Deserialize)]
    #[allow(dead_code, reason = "only their shape matters")]
    struct Item {
        price: u32,
    }

    #[derive(Deserialize)]
    #[allow(dead_code, reason = "only their shape matters")]
    struct Note(Item);

    #[derive(Deserialize)]
    #[allow(dead_code, reason = "only their shape matters")]
    enum Payment {
        Card { digits: u8 },
        Invoice(Item),
    }

    #[test]
    fn the_path_has_the_programs_own_names() {
        for (json, path) in [
            (r#"{"customerId": "x"}"#, "customerId"),
            (r#"{"customerId": 1, "items": 7}"#, "items"),
            (r#"{"customerId": 1, "items": [{"price": 1}, {"price": "hunter2"}]}"#, "items[1].price"),
            (r#"{"customerId": 1, "items": [], "note": {"price": -1}}"#, "note.price"),
            (r#"{"customerId": 1, "items": [], "pair": [1, {"price": "hunter2"}]}"#, "pair[1].*"),
            (r#"{"customerId": 1, "items": [], "payment": {"Card": {"digits": 1000}}}"#, "payment.Card.digits"),
            (r#"{"customerId": 1, "items": [], "payment": {"Invoice": {"price": "x"}}}"#, "payment.Invoice.price"),
            ("[]", ""),
            ("{", ""),
        ] {
            assert_eq!(of_error::<Order>(json.as_bytes()), path, "{json}");
        }
    }

    #[test]
    fn a_key_that_is_data_is_not_told() {
        let json = r#"{"customerId": 1, "items": [], "byName": {"hunter2": {"price": "x"}}}"#;
        assert_eq!(of_error::<Order>(json.as_bytes()), "byName.*.price");
        assert_eq!(of_error::<HashMap<String, Vec<u8>>>(br#"{"hunter2": [1, "x"]}"#), "*[1]");
        assert_eq!(of_error::<Order>(br#"{"customerId": 1, "items": [], "payment": {"hunter2": 7}}"#), "payment");
        assert_eq!(of_error::<Order>(br#"{"hunter2": }"#), "*");
    }
}
