use secure_runtime::prelude::*;

const MESSAGE: &str = "Try again.";

#[derive(Debug, OpaqueError)]
enum OrderError {
    #[opaque(code = "SoldOut")]
    Code,
    #[opaque(code = "sold__out_")]
    Underscores,
    #[opaque(code = "")]
    NoCode,
    #[opaque(code = "a_code_that_says_all_there_is_to_say_about_what_may_have_gone_wrong")]
    LongCode,
    #[opaque(status = 200)]
    Status,
    #[opaque(status = 40400000)]
    LargeStatus,
    #[opaque(status = "404")]
    StatusText,
    #[opaque(message = MESSAGE)]
    Message(String),
    #[opaque(message = " ")]
    Blank,
    #[opaque(message = "First.\nSecond.")]
    Lines,
    #[opaque(message = "Try again. ")]
    BlankEnd,
    #[opaque(message = "There is no {sku} left, only {}.")]
    Filled { sku: String },
    #[opaque(message = "Long, long, long, long, long, long, long, long, long, long, long, long, long, long, long, long, long, \
        long, long, long, long, long, long, long, long, long, long, long, long, long, long, long, long, long, long, long, \
        long, long, long, long, long, long, long.")]
    LongMessage,
    #[opaque(colour = "red")]
    Unknown,
    #[opaque(code = "a", code = "b")]
    Twice,
    #[opaque(retry)]
    #[opaque(retry)]
    TwiceInTwo,
    #[opaque(retry, poison)]
    Both,
    #[opaque(retry = true)]
    Valued,
    #[opaque]
    Empty,
    #[opaque()]
    EmptyList,
    #[opaque = "internal_error"]
    Assigned,
    #[opaque(code = "Wrong", status = 99, message = "{}", colour)]
    Everything,
}

fn main() {}
