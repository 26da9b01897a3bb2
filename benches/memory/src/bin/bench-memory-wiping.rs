//! The tasks under the allocator that `#[secure_runtime::main]` sets up.

use std::alloc::System;

use secure_runtime::WipingAlloc;

#[global_allocator]
static GLOBAL: WipingAlloc<System> = WipingAlloc::new(System);

fn main() -> Result<(), Box<dyn std::error::Error>> {
    bench_memory::serve()
}
