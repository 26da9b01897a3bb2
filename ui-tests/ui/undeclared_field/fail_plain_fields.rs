use secure_runtime::prelude::*;
use std::collections::HashMap;

#[secure_event]
struct Patient {
    name: String,
    age: Option<u32>,
    scan: Vec<u8>,
    notes: HashMap<String, Vec<String>>,
}

fn main() {}
