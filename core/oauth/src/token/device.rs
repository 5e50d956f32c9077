//! `urn:ietf:params:oauth:grant-type:device_code` (RFC 8628, section 3.4).

use super::{Call, begin::Beginning, narrow};
use crate::{Provider, Result, issue::TokenReply};

impl Provider {
    /// The code is spent by who answers for devices; what a person has agreed to becomes a grant here. Where that fails, the
    /// device shows a new code.
    pub(super) async fn by_device_code(&self, call: Call<'_>) -> Result<TokenReply> {
        let code = call.form.required("device_code")?;
        let terms = self.device_redeem(call.tenant, call.client, code).await?;
        let audience = narrow::resources(call.form, &terms.resources, &terms.resources)?;
        self.note_client(&call, &terms).await?;
        let (id, writes) = (self.record_id()?, Vec::new());
        self.begin(&call, Beginning { id, terms, audience, writes }).await
    }
}
