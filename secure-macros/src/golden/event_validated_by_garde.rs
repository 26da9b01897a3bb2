#[derive(::secure_runtime::__v1::serde::Deserialize)]
#[serde(crate = "::secure_runtime::__v1::serde")]
#[derive(garde::Validate)]
enum Payment<'inv> {
    Card { #[garde(skip)] #[serde(borrow)] number: Secret<'inv, String> },
    Invoice(#[garde(dive)] #[serde(borrow)] Address<'inv>),
}
impl<'inv> ::secure_runtime::SecureEvent for Payment<'inv> {
    fn __fields() {
        ::secure_runtime::__v1::is_secret::<Secret<'inv, String>>();
    }
    #[allow(deprecated)]
    fn __validate(
        &self,
    ) -> ::secure_runtime::__v1::core::result::Result<(), ::secure_runtime::Invalid> {
        match self {
            Self::Card { .. } => {}
            Self::Invoice { 0: nested_0, .. } => {
                ::secure_runtime::__v1::validate_nested::<Address<'inv>>(nested_0)?;
            }
        }
        ::secure_runtime::__v1::validate_by_garde(self, &["number"])
    }
}
