use secure_runtime::prelude::*;

mod careful {
    /// The first byte of a text.
    pub fn first(text: &str) -> Option<u8> {
        // SAFETY: a text that is not empty has a byte at its pointer.
        (!text.is_empty()).then(|| unsafe { *text.as_ptr() })
    }
}

#[secure_handler]
async fn handler(event: LambdaEvent<()>) -> Result<Option<u8>, Error> {
    let _ = event;
    let unsafe_words = "unsafe { }";
    let r#unsafe = careful::first(unsafe_words);
    // unsafe
    Ok(r#unsafe)
}

fn main() {}
