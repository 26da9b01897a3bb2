/// Docs are on both.
pub async fn handler(
    event: ::secure_runtime::LambdaEvent<::secure_runtime::RawPayload>,
) -> ::secure_runtime::__v1::Answer<Result<Session, LoginError>> {
    /// Docs are on both.
    async fn handler<'this_invocation>(
        event: LambdaEvent<Login<'this_invocation>>,
    ) -> Result<Session, LoginError> {
        let Login { user, password } = event.payload;
        Ok(Session { user })
    }
    let (raw, context, invocation) = ::secure_runtime::__v1::begin(event, "handler");
    let event = invocation.event(&raw, context)?;
    return ::secure_runtime::__v1::answer(invocation, handler(event)).await;
}
