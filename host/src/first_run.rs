//! The first start: somebody must be able to log in.

use crate::app::App;
use data_encoding::BASE32_NOPAD;
use gatewright_contract::{Fault, Secret, TenantId};
use gatewright_core::{Origin, people::NewPerson, problem::Problem, world::random_array};
use serde_json::json;

/// Name of the first account.
pub const ADMINISTRATOR: &str = "admin";

/// The authenticator that a person at the machine sets for somebody else.
pub const PASSWORD: &str = "password";

/// Makes the first administrator, once. `None` when there is one already, or no passwords here.
///
/// # Errors
/// When the store does not answer.
pub async fn administrator(app: &App) -> Result<Option<Secret<String>>, Problem> {
    if !app.is_new || app.engine.catalogue().manifest(PASSWORD).is_none() {
        return Ok(None);
    }
    let origin = Origin::local("first-run");
    let tenant = TenantId::default_tenant();
    if app.engine.find_person(&tenant, ADMINISTRATOR).await?.is_some() {
        return Ok(None);
    }
    let password = generate(app)?;
    let person = NewPerson {
        tenant,
        username: ADMINISTRATOR.to_owned(),
        display_name: Some("Administrator".to_owned()),
        email: None,
        administrator: true,
    };
    let person = app.engine.create_person(person, &origin).await?;
    let proof = json!({"password": password.expose()});
    app.engine.enrol_for(&person, PASSWORD, (json!({}), proof), &origin).await?;
    Ok(Some(password))
}

/// 100 random bits as 20 letters and digits in groups of five.
///
/// # Errors
/// When there is no randomness.
pub fn generate(app: &App) -> Result<Secret<String>, Fault> {
    let bytes: [u8; 13] = random_array(app.engine.world())?;
    let text = BASE32_NOPAD.encode(&bytes).to_lowercase();
    let groups: Vec<&str> = [0, 5, 10, 15].into_iter().filter_map(|at| text.get(at..at + 5)).collect();
    Ok(Secret::new(groups.join("-")))
}
