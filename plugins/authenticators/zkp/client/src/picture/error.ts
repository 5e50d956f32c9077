/** Why a picture is not taken. Pages have a text for each reason; the message is for developers. */
export type Reason =
  | "too-large"
  | "not-a-picture"
  | "unsupported"
  | "truncated"
  | "too-many-pixels"
  | "undecodable"
  | "browser-hides-pixels"
  | "too-plain"
  | "changes-too-much";

export class PictureError extends Error {
  override name = "PictureError";
  readonly reason: Reason;
  constructor(reason: Reason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}
