use secure_runtime::prelude::*;

#[derive(Debug, OpaqueError)]
#[opaque(code = "all_of_them")]
enum OrderError {
    SoldOut,
}

#[derive(OpaqueError)]
union Bits {
    bit: bool,
}

fn main() {}
