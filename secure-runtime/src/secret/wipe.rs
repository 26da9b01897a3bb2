//! Wiping a value, in bulk where its bytes are plain to see.

use std::any::TypeId;

use zeroize::Zeroize;

use crate::scrub;

/// `value.zeroize()`, which overwrites byte by byte; for the types that most secrets are, the same ten times faster.
pub(super) fn wipe<T: Zeroize>(value: &mut T) {
    if let Some(text) = as_type::<T, String>(value) {
        let mut bytes = std::mem::take(text).into_bytes();
        wipe_vec(&mut bytes);
    } else if let Some(bytes) = as_type::<T, Vec<u8>>(value) {
        wipe_vec(bytes);
    } else {
        value.zeroize();
    }
}

/// Overwrites a vector's content and its spare capacity, and leaves it empty.
fn wipe_vec(bytes: &mut Vec<u8>) {
    bytes.clear();
    // SAFETY: a `Vec` owns `capacity` bytes at its pointer, and none of them counts as initialised any more.
    unsafe { scrub::wipe(bytes.as_mut_ptr(), bytes.capacity()) };
}

/// The value, if its type is `U`.
fn as_type<T, U: 'static>(value: &mut T) -> Option<&mut U> {
    if typeid::of::<T>() != TypeId::of::<U>() {
        return None;
    }
    // SAFETY: `typeid::of` is the `TypeId` of `T` with all its lifetimes made `'static`. `U` has no lifetimes, so a `T` that
    // is equal but for lifetimes has none either, and is `U`.
    Some(unsafe { &mut *std::ptr::from_mut(value).cast::<U>() })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What lies in a block of `len` bytes.
    fn block(start: *const u8, len: usize) -> Vec<u8> {
        // SAFETY: the tests look at blocks that their vectors still own and that have been written to their end.
        unsafe { std::slice::from_raw_parts(start, len) }.to_vec()
    }

    #[test]
    fn a_vectors_content_and_what_was_behind_it_are_wiped() {
        let mut bytes = vec![7; 64];
        let start = bytes.as_ptr();
        bytes.truncate(10);
        wipe(&mut bytes);
        assert!(bytes.is_empty());
        assert_eq!(block(start, bytes.capacity()), vec![0; bytes.capacity()]);
    }

    #[test]
    fn a_text_is_left_empty() {
        let mut text = String::from("correct horse");
        wipe(&mut text);
        assert_eq!((text.as_str(), text.capacity()), ("", 0));
    }

    #[test]
    fn anything_else_wipes_itself() {
        struct Borrowing<'a>(&'a mut bool);
        impl Zeroize for Borrowing<'_> {
            fn zeroize(&mut self) {
                *self.0 = true;
            }
        }
        let mut wiped = false;
        wipe(&mut Borrowing(&mut wiped));
        assert!(wiped);
        let mut words = [7u32; 4];
        wipe(&mut words);
        assert_eq!(words, [0; 4]);
    }
}
