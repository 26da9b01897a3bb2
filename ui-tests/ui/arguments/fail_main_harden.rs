mod a_word {
    #[secure_runtime::main(allocator = none, harden = off)]
    async fn main() {}
}

mod no_value {
    #[secure_runtime::main(allocator = none, harden)]
    async fn main() {}
}

mod twice {
    #[secure_runtime::main(allocator = none, harden = false, harden = true)]
    async fn main() {}
}

fn main() {}
