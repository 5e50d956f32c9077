// A first word on a new password while it is typed. The rules are the server's, which knows far more; this one only counts.

const CLASSES = [/[a-z]/u, /[A-Z]/u, /[0-9]/u, /[^A-Za-z0-9]/u];

// Bits, roughly: characters of the classes that are there, without runs and repetitions.
const bits = (text) => {
  const letters = [...text];
  const fresh = letters.filter((c, i) => {
    const step = c.codePointAt(0) - (letters[i - 1]?.codePointAt(0) ?? -9);
    return step !== 0 && step !== 1 && step !== -1;
  });
  const kinds = CLASSES.filter((kind) => kind.test(text)).length;
  return Math.min(fresh.length, new Set(letters).size * 2) * (2 + kinds * 0.9);
};

const level = (text, least) => {
  if ([...text].length < least) return 0;
  const value = bits(text);
  return value < 40 ? 1 : value < 60 ? 2 : 3;
};

for (const input of document.querySelectorAll("[data-strength]")) {
  const box = document.querySelector(`[data-strength-for="${input.id}"]`);
  const words = [box.dataset.short, box.dataset.weak, box.dataset.fair, box.dataset.good];
  input.addEventListener("input", () => {
    const reached = level(input.value, Number(input.dataset.strength));
    box.hidden = input.value === "";
    box.querySelector("meter").value = reached;
    box.querySelector("[role=status]").textContent = words[reached];
  });
}
