//! `POST /transaction/next` and `POST /transaction/cancel`

use crate::LoginTags;
use gatewright_plugin::{
    Body, House, Text, or_problem, origin,
    outcome::{DOOR, EXAMPLE_HANDLE, LoginNext, handle},
    problem,
};
use poem::Request;
use poem_openapi::{ApiResponse, Object, OpenApi, payload::Json, types::Example};

pub(crate) struct Transaction(House);

impl Transaction {
    pub(crate) fn new(house: &House) -> Self {
        Self(house.clone())
    }
}

/// A transaction under way.
#[derive(Object)]
#[oai(rename = "LoginTransaction", deny_unknown_fields, example)]
struct LoginTransaction {
    /// Its newest handle.
    #[oai(validator(min_length = 1, max_length = 128))]
    transaction: Text,
}

impl Example for LoginTransaction {
    fn example() -> Self {
        Self { transaction: EXAMPLE_HANDLE.into() }
    }
}

#[derive(ApiResponse)]
enum NextReply {
    /// What may come next.
    #[oai(status = 200)]
    Next(Json<LoginNext>),
}

#[derive(ApiResponse)]
enum CancelReply {
    /// It is gone, or was not there.
    #[oai(status = 204)]
    Cancelled,
}

#[OpenApi]
impl Transaction {
    /// What may come next
    ///
    /// Changes nothing: the handle stays good.
    #[oai(
        path = "/transaction/next",
        method = "post",
        operation_id = "transaction_next",
        tag = "LoginTags::Login"
    )]
    async fn next(&self, request: &Request, body: Body<LoginTransaction>) -> poem::Result<NextReply> {
        let handle = or_problem(handle(&body.0.transaction))?;
        let next = self.0.engine.next(&handle, &origin(request, DOOR)).await.map_err(problem)?;
        Ok(NextReply::Next(Json(next.into())))
    }

    /// Give a login up
    ///
    /// Ends the transaction. Ending one that is not there is fine.
    #[oai(
        path = "/transaction/cancel",
        method = "post",
        operation_id = "transaction_cancel",
        tag = "LoginTags::Login"
    )]
    async fn cancel(&self, request: &Request, body: Body<LoginTransaction>) -> poem::Result<CancelReply> {
        if let Ok(handle) = handle(&body.0.transaction) {
            self.0.engine.cancel(&handle, &origin(request, DOOR)).await.map_err(problem)?;
        }
        Ok(CancelReply::Cancelled)
    }
}
