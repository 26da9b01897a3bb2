async fn handler(
    db: &Db,
    event: ::secure_runtime::LambdaEvent<::secure_runtime::RawPayload>,
    state_2: Extra,
) -> ::secure_runtime::__v1::Answer<Answer<Session>> {
    async fn handler<'this_invocation>(
        db: &Db,
        event: LambdaEvent<Login<'this_invocation>>,
        Extra { name, .. }: Extra,
    ) -> Answer<Session> {
        db.find(name).await
    }
    ::secure_runtime::__v1::keeps_nothing!(* db);
    ::secure_runtime::__v1::keeps_nothing!(state_2);
    let (raw, context, invocation) = ::secure_runtime::__v1::begin(event, "handler");
    let event = invocation.event(&raw, context)?;
    return ::secure_runtime::__v1::answer(invocation, handler(db, event, state_2)).await;
}
