use secure_runtime::prelude::*;

#[secure_handler]
struct Handler;

#[secure_handler]
impl Handler {}

#[secure_handler]
const LIMIT: usize = 7;

fn main() {}
