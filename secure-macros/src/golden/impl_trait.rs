async fn handler(
    event: ::secure_runtime::LambdaEvent<::secure_runtime::RawPayload>,
    clock: impl Clock,
    db: &Db,
) -> ::secure_runtime::__v1::OrFailure<impl Serialize> {
    ::secure_runtime::__v1::of_edition! {
        gen { async fn handler < 'this_invocation, '__state_0, __State0 : Clock > (event
        : LambdaEvent < () >, clock : __State0, db : & '__state_0 Db) -> Result < impl
        Serialize, Error > { Ok(clock.now()) } } { async fn handler < 'this_invocation,
        '__state_0, __State0 : Clock > (event : LambdaEvent < () >, clock : __State0, db
        : & '__state_0 Db) -> Result < impl Serialize + use < '__state_0, __State0 >,
        Error > { Ok(clock.now()) } }
    }
    ::secure_runtime::__v1::keeps_nothing!(clock);
    ::secure_runtime::__v1::keeps_nothing!(* db);
    let (raw, context, invocation) = ::secure_runtime::__v1::begin(event, "handler");
    let event = invocation.event(&raw, context)?;
    return ::secure_runtime::__v1::answer(invocation, handler::<_>(event, clock, db))
        .await;
}
