//! The guarded way out: requests to a URL that somebody has set. The host sends them, only to addresses that are
//! allowed, within bounds of time and size; nothing below the host opens a connection of its own to such a URL.

use async_trait::async_trait;

/// A request. Not printed: a header or the body may hold a secret.
#[derive(Clone)]
pub struct Request {
    /// `GET`, `POST`, …
    pub method: &'static str,
    /// Where to.
    pub url: String,
    /// Names in lower case, and values.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// What came back, whatever its status. Not printed.
#[derive(Clone)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The body, cut where the host stops reading.
    pub body: Vec<u8>,
}

/// Why nothing came back. The words tell nothing of a network that is not public.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoAnswer {
    /// It may not go there, and trying again changes nothing of that.
    #[error("{0}")]
    Refused(String),
    /// Nobody answered, or not in time: another try may do.
    #[error("{0}")]
    Failed(String),
}

/// Sends requests.
#[async_trait]
pub trait Outgoing: Send + Sync + 'static {
    /// Sends one. A status of failure is an answer. No redirect is followed.
    ///
    /// # Errors
    /// When it may not go there or is not answered.
    async fn send(&self, request: Request) -> Result<Answer, NoAnswer>;

    /// [`Outgoing::send`] for an answer that may be longer: of its body up to `most` bytes are read.
    ///
    /// # Errors
    /// Those of [`Outgoing::send`].
    async fn read(&self, request: Request, most: usize) -> Result<Answer, NoAnswer> {
        let mut answer = self.send(request).await?;
        answer.body.truncate(most);
        Ok(answer)
    }
}
