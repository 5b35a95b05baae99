/** What the SAM asks of a clock. The two are different clocks of the machine: that is how one is caught lying. */
export interface Clock {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  wall(): number
  /** Milliseconds since some fixed moment; never set, never goes back. */
  monotonic(): number
}
