#[secure_runtime::main(flavor = "threads", worker_threads = 0, allocator = some, colour = "red", flavor = "local")]
async fn main() {}
