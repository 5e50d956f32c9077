/** Draws the factor into the page: `[data-module]` is where. */
export function start(): void {
  // The pages of the factor come here.
}
