/** What an application uses. The protocol, pictures, and a client of the vault's wire. */
export type { Secrets } from "./factors.ts";
export { LEAST_CELLS, type Keypad, type Misfit, type Weakness, misfits, straight, weakPin, weaknesses } from "./policy.ts";
export {
  type Asked,
  type Ber,
  type EnrolAnswer,
  type EnrolExtra,
  type EnrolState,
  type LoginAnswer,
  type LoginExtra,
  type LoginState,
  PolicyError,
  ProtocolError,
  answerLogin,
  beginEnrol,
  beginLogin,
  commit,
  forget,
} from "./vp1.ts";
export {
  type Codec,
  type Opened,
  type PictureBits,
  PictureError,
  type Reason,
  bitsForEnrolment,
  bitsOf,
  bitsOfPixels,
} from "./picture/index.ts";
export { type Stretch, stretchHere, stretchWith } from "./stretch.ts";
export { isWorker, serveStretch, stretchInWorker } from "./worker.ts";
export { Refused, VaultClient, type VaultOptions } from "./vault.ts";
