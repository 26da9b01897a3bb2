#[secure_runtime::main(flavor = "local")]
async fn main() {
    let not_send = std::rc::Rc::new(7);
    let there = std::rc::Rc::clone(&not_send);
    assert_eq!(tokio::task::spawn_local(async move { *there }).await.unwrap(), 7);
}
