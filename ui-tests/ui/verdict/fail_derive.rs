use secure_runtime::prelude::*;

#[derive(Public)]
struct Length(usize);

#[derive(Public)]
enum Verdict<'a> {
    Valid,
    Invalid { because: &'a str },
}

#[derive(Public)]
union Bits {
    bit: bool,
}

struct ByHand(String);
impl Public for ByHand {}

#[derive(Public)]
struct Generic<T>(T);

fn main() {
    fn public<T: Public>() {}
    public::<Generic<String>>();
}
