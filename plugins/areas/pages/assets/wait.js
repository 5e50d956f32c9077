// Asks now and then whether another device or window has decided. Without this script the person presses the button.

const button = document.querySelector("[data-poll]");
const LONGEST = 10_000;

const poll = async () => {
  let wait = LONGEST;
  try {
    const body = new URLSearchParams(new FormData(button.form));
    const headers = { accept: "application/json" };
    const reply = await fetch(button.form.action, { method: "POST", body, headers });
    const said = reply.ok ? await reply.json() : {};
    if (said.go) {
      location.assign(said.go);
      return;
    }
    wait = Math.max(500, Number(said.pending) || LONGEST);
  } catch {
    // No network for a moment.
  }
  setTimeout(poll, wait);
};

if (button) setTimeout(poll, Math.min(LONGEST, Math.max(500, Number(button.dataset.poll) || 0)));
