// The other end of program.py: an application that does what it is told.

import { createInterface } from "node:readline";
import process from "node:process";

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const say = (what) => process.stdout.write(`${JSON.stringify(what)}\n`);
const hear = async () => JSON.parse((await lines.next()).value);

// Sends a person there; where that ended.
export async function visit(url) {
  say({ visit: String(url) });
  return hear();
}

// What an error says, and what the server said that led to it.
function told(error) {
  const cause = error.cause && typeof error.cause === "object" ? error.cause : {};
  return {
    name: error.name,
    code: error.code,
    message: error.message,
    // Where the reply said it in a header (RFC 6750, RFC 9449).
    error: error.error ?? (Array.isArray(cause) ? cause[0]?.parameters?.error : undefined),
    description: error.error_description,
    status: error.status,
    cause: cause.message ?? (cause.body ? JSON.stringify(cause.body) : undefined),
    stack: error.stack,
  };
}

// Does what it is told until nobody tells it anything.
export async function serve(actions) {
  for (let line = await lines.next(); !line.done; line = await lines.next()) {
    const { do: action, ...given } = JSON.parse(line.value);
    try {
      say({ done: (await actions[action](given)) ?? null });
    } catch (error) {
      say({ failed: told(error) });
    }
  }
}
