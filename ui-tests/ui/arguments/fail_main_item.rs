mod not_async {
    #[secure_runtime::main(allocator = none)]
    fn main() {}
}

mod parameters {
    #[secure_runtime::main(allocator = none)]
    async fn main(argument: u8) {}
}

mod item {
    #[secure_runtime::main]
    struct Main;
}

fn main() {}
