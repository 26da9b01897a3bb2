//! The tasks under the system's allocator.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    bench_memory::serve()
}
