//! What is written.

use crate::config::Template;
use gatewright_contract::Fault;
use gatewright_plugin::letters::{BuiltIn, Given, Letters};
use std::collections::BTreeMap;

pub(crate) const SUBJECT: &str = "subject";
pub(crate) const BODY: &str = "body";

const OTP: &str = "\
Your code for {site}: {code}

It is good once, for {minutes} minutes. Tell it to nobody: nobody of {site} will ask you for it.

If you did not ask for a code, somebody else has typed your name. Do nothing, or tell your administrator if it goes on.
";

const RESET: &str = "\
Somebody, you we hope, wants to choose a new password for {site}. The code for it: {code}

It is good once, for {minutes} minutes. Tell it to nobody: nobody of {site} will ask you for it.

If it was not you, do nothing: your password stays as it is.
";

const LINK: &str = "\
Open this link to log in to {site}, in the browser in which you asked for it:

{link}

It is good once, for {minutes} minutes.

If you did not ask for it, do nothing: nobody is logged in without it.
";

const VERIFY: &str = "\
Open this link to confirm that this address belongs to the account {username} at {site}, in a browser in which you are logged
in there:

{link}

It is good once, for {minutes} minutes.

If you did not ask for it, do nothing: nothing happens without you.
";

const NOTICE: &str = "\
The account {username} at {site} was changed: {what} was replaced ({at}).

If it was not you, tell your administrator at once: somebody else may use your account.
";

const ADDRESS_TAKEN: &str = "\
Somebody, you we hope, has given this address for a new account at {site}. It belongs to an account already, so that no other
gets it.

If it was you, log in with the account that you have, or ask for a new secret at the login page.

If it was not you, do nothing: your account stays as it is.
";

const USERNAME_TAKEN: &str = "\
Somebody, you we hope, wanted to make an account at {site} with this address. The username that was chosen is somebody else's, or
looks like it, so that no account was made.

If it was you, register again with another username.

If it was not you, do nothing: nothing happens without you.
";

const BUILT_IN: &[BuiltIn] = &[
    BuiltIn {
        template: "otp",
        parts: &[(SUBJECT, &[], "Your code for {site}"), (BODY, &["code", "minutes", "kind"], OTP)],
    },
    BuiltIn {
        template: "reset",
        parts: &[(SUBJECT, &[], "A new password for {site}"), (BODY, &["code", "minutes", "kind"], RESET)],
    },
    BuiltIn {
        template: "magic-link",
        parts: &[(SUBJECT, &[], "Your link for {site}"), (BODY, &["link", "minutes"], LINK)],
    },
    BuiltIn {
        template: "verify",
        parts: &[
            (SUBJECT, &["username"], "Confirm your address for {site}"),
            (BODY, &["link", "minutes", "username"], VERIFY),
        ],
    },
    BuiltIn {
        template: "address-taken",
        parts: &[(SUBJECT, &[], "Your account at {site}"), (BODY, &[], ADDRESS_TAKEN)],
    },
    BuiltIn {
        template: "username-taken",
        parts: &[(SUBJECT, &[], "Your registration at {site}"), (BODY, &[], USERNAME_TAKEN)],
    },
    BuiltIn {
        template: "notice",
        parts: &[
            (SUBJECT, &["what", "username", "at"], "Your account at {site} was changed"),
            (BODY, &["what", "username", "at"], NOTICE),
        ],
    },
];

/// The built-in texts, and what the operator wrote in their place.
///
/// # Errors
/// [`Fault::Config`] with the key.
pub(crate) fn letters(templates: &BTreeMap<String, Template>) -> Result<Letters, Fault> {
    let mut given = Vec::new();
    for (template, texts) in templates {
        let plain = [(SUBJECT, &texts.subject), (BODY, &texts.body)];
        let plain = plain.into_iter().filter_map(|(part, text)| Some((None, part, text.as_ref()?)));
        let languages = texts.languages.iter().flat_map(|(language, words)| {
            [(Some(language.as_str()), SUBJECT, &words.subject), (Some(language.as_str()), BODY, &words.body)]
        });
        for (language, part, text) in plain.chain(languages) {
            given.push(Given { template, language, part, text });
        }
    }
    Letters::new(BUILT_IN, &[SUBJECT, BODY], &given)
}
