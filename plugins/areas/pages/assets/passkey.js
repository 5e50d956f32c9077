// Passkeys: hands what the page holds to the browser, and what the browser gives to the form. Everything is judged by the server.
// Buttons are hidden without this script, so that nobody presses what can't work.

const button = document.querySelector("[data-webauthn]");
const able = window.PublicKeyCredential && PublicKeyCredential.parseRequestOptionsFromJSON;

const failed = (shown) => {
  button.form.querySelector("[data-webauthn-failed]").hidden = !shown;
};

const send = (credential) => {
  button.form.querySelector("[data-credential]").value = JSON.stringify(credential.toJSON());
  // Not requestSubmit: the button itself asks the browser.
  button.form.submit();
};

// A page with a name field: a login without a name begins only when a passkey is at hand.
let begun;
const begin = async () => {
  const form = new FormData(button.form);
  const reply = await fetch(button.dataset.begin, { method: "POST", body: new URLSearchParams(form) });
  if (!reply.ok) throw new Error(String(reply.status));
  const { flow, options } = await reply.json();
  button.form.elements.flow.value = flow;
  return PublicKeyCredential.parseRequestOptionsFromJSON(options);
};

const ask = async () => {
  if (button.dataset.webauthn === "create") {
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(JSON.parse(button.dataset.options));
    return navigator.credentials.create({ publicKey });
  }
  if (button.dataset.webauthn === "get") {
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(JSON.parse(button.dataset.options));
    return navigator.credentials.get({ publicKey });
  }
  begun ??= begin();
  return navigator.credentials.get({ publicKey: await begun });
};

let waiting;
const offer = async () => {
  if (button.dataset.webauthn !== "first" || !(await PublicKeyCredential.isConditionalMediationAvailable?.())) return;
  waiting = new AbortController();
  try {
    begun = begin();
    const publicKey = await begun;
    send(await navigator.credentials.get({ publicKey, mediation: "conditional", signal: waiting.signal }));
  } catch {
    // Nobody has chosen one: the form is there for that.
    if (!waiting.signal.aborted) begun = undefined;
  }
};

if (button && able) {
  button.hidden = false;
  button.addEventListener("click", async (event) => {
    event.preventDefault();
    failed(false);
    waiting?.abort();
    try {
      send(await ask());
    } catch {
      begun = undefined;
      failed(true);
      button.focus();
    }
  });
  offer();
}
