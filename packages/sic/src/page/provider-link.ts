/**
 * How the window that was at the identity provider tells the approval page what came of it: over a channel that pages of
 * this origin alone can hear, named after a secret that the page made.
 */
export interface ProviderAnswer {
  readonly code?: string | undefined
  /** RFC 9207, 2. */
  readonly iss?: string | undefined
  /** RFC 6749, 4.1.2.1. */
  readonly error?: string | undefined
}

/** @param state what the page gave the provider along, and gets back (RFC 6749, 4.1.1) */
export const channelOf = (state: string): BroadcastChannel => new BroadcastChannel(`natsuin-log-in-${state}`)

/** What stands in the address to which the provider sent the window back. @param query `location.search` */
export function readProviderAnswer(query: string): {
  readonly state: string
  readonly answer: ProviderAnswer
} {
  const given = new URLSearchParams(query)
  const member = (name: string) => given.get(name) ?? undefined
  return {
    state: member('state') ?? '',
    answer: { code: member('code'), iss: member('iss'), error: member('error') },
  }
}
