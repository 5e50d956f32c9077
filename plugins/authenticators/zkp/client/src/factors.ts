/** What a person knows, as the bytes that go into the OPRF (VP1, section 2.3). */
import { concat, lp, utf8 } from "./bytes.ts";

/** What somebody signs in with. */
export type Secrets = {
  /** The picture: 255 bytes, of `bitsOf` or `bitsForEnrolment`. */
  bits: Uint8Array;
  /** Digits; "": no PIN. */
  pin: string;
  /** Points on a side of the pattern; 0: no pattern. */
  grid: number;
  /** The points in the order in which they are drawn, counted by rows from 0. */
  cells: number[];
};

export function factors({ pin, grid, cells }: Omit<Secrets, "bits">): Uint8Array {
  if (!/^[0-9]*$/.test(pin)) throw new RangeError("a PIN has digits only");
  if (!Number.isInteger(grid) || grid < 0 || grid > 15) throw new RangeError("a pattern has at most 15 points on a side");
  if (cells.some((cell) => !Number.isInteger(cell) || cell < 0 || cell >= grid * grid)) {
    throw new RangeError("a point that the pattern does not have");
  }
  if ((grid === 0) !== (cells.length === 0)) throw new RangeError("a pattern has points");
  const flags = (pin === "" ? 0 : 1) | (grid === 0 ? 0 : 2);
  return concat(lp("VP1-factors"), Uint8Array.of(flags), lp(utf8(pin)), Uint8Array.of(grid), lp(Uint8Array.from(cells)));
}
