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
    fn __fields() {
        ::secure_runtime::__v1::is_secure_event::<Vec<Payment<'inv>>>();
        ::secure_runtime::__v1::is_secure_event::<T>();
    }
    #[allow(deprecated)]
    fn __validate(
        &self,
    ) -> ::secure_runtime::__v1::core::result::Result<(), ::secure_runtime::Invalid> {
        ::secure_runtime::SecureEvent::__validate(&self.payments)?;
        ::secure_runtime::SecureEvent::__validate(&self.other)?;
        ::secure_runtime::__v1::validate(self)
    }
}
