use secure_runtime::prelude::*;

const MESSAGE: &str = "Try again.";

#[derive(Debug, OpaqueError)]
enum OrderError {
    #[opaque(code = "SoldOut")]
    Code,
    #[opaque(status = 200)]
    Status,
    #[opaque(status = "404")]
    StatusText,
    #[opaque(message = MESSAGE)]
    Message(String),
    #[opaque(message = " ")]
    Blank,
    #[opaque(colour = "red")]
    Unknown,
    #[opaque(code = "a", code = "b")]
    Twice,
    #[opaque(retry, poison)]
    Both,
    #[opaque(retry = true)]
    Valued,
    #[opaque]
    Empty,
}

fn main() {}
