#[derive(::secure_runtime::__v1::serde::Deserialize)]
#[serde(crate = "::secure_runtime::__v1::serde")]
struct Order<'inv, T> {
    id: u64,
    #[serde(borrow)]
    payments: Vec<Payment<'inv>>,
    other: T,
}
impl<'inv, T> ::secure_runtime::SecureEvent for Order<'inv, T>
where
    T: ::secure_runtime::SecureEvent,
    Self: ::secure_runtime::Validate,
{
    fn __fields() {}
    #[allow(deprecated)]
    fn __validate(
        &self,
    ) -> ::secure_runtime::__v1::core::result::Result<(), ::secure_runtime::Invalid> {
        ::secure_runtime::__v1::validate_nested::<Vec<Payment<'inv>>>(&self.payments)?;
        ::secure_runtime::__v1::validate_nested::<T>(&self.other)?;
        ::secure_runtime::__v1::validate(self)
    }
}
