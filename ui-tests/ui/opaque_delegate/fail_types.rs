use secure_runtime::prelude::*;

#[derive(Debug)]
struct Leaky(String);

#[derive(Debug, OpaqueError)]
enum OrderError {
    #[opaque(delegate)]
    Leaky(Leaky),
    #[opaque(delegate)]
    Number { source: std::num::ParseIntError, at: usize },
}

#[derive(Debug, OpaqueError)]
#[opaque(delegate)]
struct Outer(Vec<String>);

#[derive(Debug, OpaqueError)]
enum Generic<E> {
    #[opaque(delegate)]
    Inner(E),
}

#[secure_handler]
async fn handler(_: LambdaEvent<()>) -> Result<(), Generic<Leaky>> {
    Err(Generic::Inner(Leaky(String::new())))
}

fn main() {}
