use secure_runtime::WipingAlloc;
use std::alloc::System;

#[global_allocator]
static GLOBAL: WipingAlloc<System> = WipingAlloc::new(System);

#[secure_runtime::main(allocator = none, harden = false, crate = secure_runtime)]
async fn main() {
    assert_eq!(vec![1, 2].len(), 2);
}
