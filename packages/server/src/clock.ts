/** Time is a parameter: only what starts on its own asks the system for it, `main.ts` and the thread `document-thread.ts`. */

/** The present, by the server's clock. Expiry that protects a key is judged by the SAM's. */
export type Clock = () => Date

/** Whole seconds since 1970-01-01T00:00:00Z, as tables, tickets and OAuth count. */
export function epochSeconds(instant: Date): number {
  return Math.floor(instant.getTime() / 1000)
}
