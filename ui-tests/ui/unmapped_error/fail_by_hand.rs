use secure_runtime::prelude::*;

#[derive(Debug)]
struct Leaky(String);

impl OpaqueError for Leaky {}

fn main() {}
