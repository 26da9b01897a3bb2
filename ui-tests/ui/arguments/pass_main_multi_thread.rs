use std::process::ExitCode;

/// Documented.
#[secure_runtime::main(flavor = "multi_thread", worker_threads = 2, harden = true)]
async fn main() -> ExitCode {
    let there = tokio::spawn(async { tokio::runtime::Handle::current().metrics().num_workers() });
    assert_eq!(there.await.unwrap(), 2);
    ExitCode::SUCCESS
}
