use secure_runtime::prelude::*;

#[derive(Debug, OpaqueError)]
#[opaque(code = "all_of_them", delegate, colour = "red")]
enum OrderError {
    SoldOut,
    #[opaque(crate = secure_runtime)]
    Variant,
    Field(#[opaque(delegate)] std::io::Error),
}

#[derive(Debug, OpaqueError)]
struct Refused {
    #[opaque(code = "refused")]
    why: String,
}

#[derive(Debug, OpaqueError)]
#[opaque(retry)]
enum Never {}

#[derive(OpaqueError)]
union Bits {
    bit: bool,
}

#[secure_handler]
async fn nothing_else_is_wrong(_: LambdaEvent<()>) -> Result<(), OrderError> {
    Err(OrderError::SoldOut)
}

fn main() {}
