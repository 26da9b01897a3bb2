use secure_runtime::prelude::*;

#[derive(Debug, thiserror::Error, OpaqueError)]
#[error("a")]
#[opaque(code = "inner", status = 400)]
struct Inner;

#[derive(Debug, thiserror::Error, OpaqueError)]
enum OrderError {
    #[error("none")]
    #[opaque(delegate)]
    None,
    #[error("empty")]
    #[opaque(delegate)]
    Empty {},
    #[error("two")]
    #[opaque(delegate)]
    Two(Inner, Inner),
    #[error("named")]
    #[opaque(delegate)]
    Named { a: Inner, b: Inner },
    #[error("beside")]
    #[opaque(code = "beside", delegate, status = 404, retry)]
    Beside(Inner),
    #[error("twice")]
    #[opaque(delegate, delegate)]
    Twice(Inner),
    #[error("valued")]
    #[opaque(delegate = true)]
    Valued(Inner),
}

#[derive(Debug, OpaqueError)]
#[opaque(delegate)]
struct Unit;

fn main() {}
