async fn handler(
    record: ::secure_runtime::LambdaEvent<::secure_runtime::RawPayload>,
    db: &Db,
    letters: Arc<Letters>,
) -> ::secure_runtime::__v1::sqs::Answer {
    async fn handler<'this_invocation>(
        record: Record<Order<'this_invocation>>,
        db: &Db,
        letters: Arc<Letters>,
    ) -> Result<(), OrderError> {
        let _ = &letters;
        db.put(record.body).await
    }
    ::secure_runtime::__v1::keeps_nothing!(* db);
    ::secure_runtime::__v1::keeps_nothing!(letters);
    let batch = ::secure_runtime::__v1::sqs::begin(record, "handler")?;
    return ::secure_runtime::__v1::sqs::run(
            batch,
            4,
            ::secure_runtime::__v1::sqs::sink(
                ::secure_runtime::__v1::sqs::again(&letters),
            ),
            move |raw, invocation| {
                let db = ::secure_runtime::__v1::sqs::again(&db);
                let letters = ::secure_runtime::__v1::sqs::again(&letters);
                async move {
                    let record = ::secure_runtime::__v1::sqs::record(&invocation, &raw)?;
                    let body = ::secure_runtime::__v1::sqs::says_nothing(
                        handler(record, db, letters),
                    );
                    return ::secure_runtime::__v1::sqs::answer(invocation, body).await;
                }
            },
        )
        .await;
}
