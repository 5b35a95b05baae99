/**
 * An error that whoever catches it is prepared for. Anything else is a defect or an outage, and goes on to where those
 * are told: a check that took it for a "no" would hide it.
 */
export function expectOnly<E extends Error>(error: unknown, Expected: new (...given: never[]) => E): E {
  if (error instanceof Expected) return error
  throw error
}
