/** What must not be enrolled (VP1, section 2.3). Only here, since the server never sees a PIN or a pattern. */
import { PINS } from "./pins.ts";

/** What a tenant asks for. */
export type Keypad = { pin: number | null; pattern: number | null; order: string[]; show_pin: boolean };

export type Weakness = "pin-common" | "pattern-short" | "pattern-repeats" | "pattern-line";
export type Misfit = "pin-size" | "pattern-size";

/** The least points of a pattern. */
export const LEAST_CELLS = 3;

/** One digit again and again, digits in a row, something said twice or thrice, a year, or of the list. */
export function weakPin(pin: string): boolean {
  const steps = new Set([...pin].slice(1).map((digit, at) => (Number(digit) - Number(pin[at]) + 10) % 10));
  const inARow = steps.size === 1 && [0, 1, 9].includes([...steps][0]);
  const repeated = pin.length > 3 && /^(\d{1,3})\1+$/.test(pin);
  const year = /^(19|20)\d\d$/.test(pin);
  return pin.length < 3 || inARow || repeated || year || PINS.has(pin);
}

/** Whether all points are on one straight line, whichever its slope. */
export function straight(grid: number, cells: number[]): boolean {
  const points = cells.map((cell) => [cell % grid, Math.floor(cell / grid)]);
  const [[x0, y0], [x1, y1]] = points;
  return points.every(([x, y]) => (x1 - x0) * (y - y0) === (y1 - y0) * (x - x0));
}

/** Why these are not to be enrolled; nothing: they are. */
export function weaknesses({ pin, grid, cells }: { pin: string; grid: number; cells: number[] }): Weakness[] {
  const found: Weakness[] = [];
  if (pin !== "" && weakPin(pin)) found.push("pin-common");
  if (grid > 0) {
    if (new Set(cells).size !== cells.length) found.push("pattern-repeats");
    if (new Set(cells).size < LEAST_CELLS) found.push("pattern-short");
    else if (straight(grid, cells)) found.push("pattern-line");
  }
  return found;
}

/** What does not have the size that the tenant asks for; every factor that it enables is required. */
export function misfits(keypad: Keypad, shape: { pin: number; grid: number }): Misfit[] {
  const found: Misfit[] = [];
  if (shape.pin !== (keypad.pin ?? 0)) found.push("pin-size");
  if (shape.grid !== (keypad.pattern ?? 0)) found.push("pattern-size");
  return found;
}
