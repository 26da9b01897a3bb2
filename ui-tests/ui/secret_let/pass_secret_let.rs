use secure_runtime::prelude::*;

fn fetch() -> Result<(String, Option<u64>), std::io::Error> {
    Ok(("key".into(), Some(7)))
}

#[secure_handler]
async fn handler(_: LambdaEvent<()>, variable: &str) -> Result<bool, Error> {
    #[secret]
    let key = std::env::var(variable)?;
    #[secret]
    let (mut name, Some(number)) = fetch()? else {
        return Err("nothing".into());
    };
    name = name.map(|name| name.repeat(2));
    let mut all = key.expose(|key| !key.is_empty()) && name.expose(|name| name == "keykey");
    for round in 0..2 {
        #[secret]
        let round: [u8; 2] = [round; 2];
        all &= round.expose(|round| round[0] < 2);
    }
    let in_a_task = async {
        #[secret]
        let inner = vec![1u8, 2];
        tokio::task::yield_now().await;
        inner.expose(|inner| inner.len() == 2)
    };
    let in_a_closure = |byte: u8| {
        #[secret]
        let byte = byte;
        byte.expose(|byte| *byte == 1)
    };
    all &= match number.expose(|number| *number == 7) {
        true => {
            #[secret]
            let arm = 1u8;
            arm.expose(|arm| *arm == 1)
        }
        false => false,
    };
    Ok(all && in_a_task.await && in_a_closure(1))
}

#[tokio::main]
async fn main() {
    let payload = RawPayload::from(serde_json::Value::Null);
    assert!(handler(LambdaEvent::new(payload, Context::default()), "PATH").await.unwrap());
}
