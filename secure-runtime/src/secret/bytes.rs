//! The bytes of a secret's value, where its type is known to be nothing but bytes.

use std::any::TypeId;

use zeroize::Zeroizing;

/// What a value looks like where it is written: the content of texts and byte strings, and the digits of numbers. `None` for
/// types of which that isn't known.
pub(super) fn with_bytes<T, R>(value: &T, f: impl FnOnce(&[u8]) -> R) -> Option<R> {
    macro_rules! digits {
        ($($number:ty),*) => {
            $(if let Some(number) = as_type::<T, $number>(value) {
                return Some(f(Zeroizing::new(number.to_string()).as_bytes()));
            })*
        };
    }
    if let Some(bytes) = place_of(value) {
        return Some(f(bytes));
    }
    digits!(u32, u64, u128, i32, i64, i128);
    None
}

/// Where the bytes of a text or a byte string lie, for as long as the value is neither changed nor dropped.
pub(super) fn place_of<T>(value: &T) -> Option<&[u8]> {
    macro_rules! bytes {
        ($($text:ty),*) => {
            $(if let Some(bytes) = as_type::<T, $text>(value) {
                return Some(AsRef::<[u8]>::as_ref(bytes));
            })*
        };
    }
    if let Some(text) = as_type::<T, Box<str>>(value) {
        return Some(text.as_bytes());
    }
    bytes!(String, Vec<u8>, Box<[u8]>, [u8; 16], [u8; 20], [u8; 24], [u8; 32], [u8; 48], [u8; 64]);
    None
}

/// The value, if its type is `U`.
fn as_type<T, U: 'static>(value: &T) -> Option<&U> {
    if typeid::of::<T>() != TypeId::of::<U>() {
        return None;
    }
    // SAFETY: `typeid::of` is the `TypeId` of `T` with all its lifetimes made `'static`. `U` has no lifetimes, so a `T` that
    // is equal but for lifetimes has none either, and is `U`.
    Some(unsafe { &*std::ptr::from_ref(value).cast::<U>() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_byte_strings_and_numbers_have_bytes() {
        let seen = |bytes: &[u8]| bytes.to_vec();
        assert_eq!(with_bytes(&String::from("text"), seen).unwrap(), b"text");
        assert_eq!(with_bytes(&vec![1u8, 2], seen).unwrap(), [1, 2]);
        assert_eq!(with_bytes(&[7u8; 32], seen).unwrap(), [7; 32]);
        assert_eq!(with_bytes(&4_111_111_111_111_111_u64, seen).unwrap(), b"4111111111111111");
        assert_eq!(with_bytes(&-7i32, seen).unwrap(), b"-7");
        assert!(with_bytes(&vec![1u32], seen).is_none());
        assert!(place_of(&7u64).is_none(), "its digits lie nowhere");
    }
}
