impl<E> ::secure_runtime::__v1::Derived for OrderError<E>
where
    E: ::secure_runtime::OpaqueError,
{}
impl<E> ::secure_runtime::OpaqueError for OrderError<E>
where
    E: ::secure_runtime::OpaqueError,
{
    fn __opaque(&self) -> ::secure_runtime::__v1::Opaque {
        match self {
            Self::SoldOut { .. } => {
                ::secure_runtime::__v1::Opaque::declared(
                    "sold_out",
                    409u16,
                    "There is none left.",
                    ::secure_runtime::__v1::Disposition::Poison,
                )
            }
            Self::Payment { 0: inner, .. } => {
                ::secure_runtime::__v1::inner::<PaymentError>().opaque(inner)
            }
            Self::Other { why: inner, .. } => {
                ::secure_runtime::__v1::inner::<E>().opaque(inner)
            }
            Self::Database { .. } => ::secure_runtime::__v1::Opaque::INTERNAL,
        }
    }
    fn __codes(codes: &mut ::secure_runtime::__v1::CodeList) {
        codes
            .add(
                ::secure_runtime::__v1::Opaque::declared(
                    "sold_out",
                    409u16,
                    "There is none left.",
                    ::secure_runtime::__v1::Disposition::Poison,
                ),
            );
        ::secure_runtime::__v1::inner::<PaymentError>().codes(codes);
        ::secure_runtime::__v1::inner::<E>().codes(codes);
        codes.add(::secure_runtime::__v1::Opaque::INTERNAL);
    }
    fn __text(&self) -> ::secure_runtime::__v1::Text<'_> {
        use ::secure_runtime::__v1::{AsError as _, AsMute as _, AsShown as _};
        (&&&::secure_runtime::__v1::Asked(self)).__text()
    }
}
