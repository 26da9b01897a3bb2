use secure_runtime::prelude::*;

struct Function;

impl Function {
    #[secure_handler]
    async fn handler(&self, event: LambdaEvent<()>) -> Result<(), Error> {
        Ok(event.payload)
    }
}

fn main() {}
