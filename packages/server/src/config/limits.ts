/** How much is taken on: what a deployment may set, and what holds where it does not (threats.md, 4 and 14). */
import { integer, optional, record, type Shaped } from '@natsuin/protocol/shape'

const perMinute = integer({ min: 1, max: 100_000_000 })

export const limitsSetting = record({
  inFlight: optional(integer({ min: 1, max: 100_000 })),
  connectionsPerAddress: optional(integer({ min: 1, max: 100_000 })),
  perMinute: optional(
    record({
      address: optional(perMinute),
      guesses: optional(perMinute),
      client: optional(perMinute),
      signer: optional(perMinute),
    }),
  ),
})

export interface Limits {
  /** Requests that are worked on at once, over all connections. */
  readonly inFlight: number
  readonly connectionsPerAddress: number
  readonly perMinute: {
    /** Requests of one address that carry no token. */
    readonly address: number
    /** Requests of one address that end with 401. */
    readonly guesses: number
    readonly client: number
    readonly signer: number
  }
}

const DEFAULTS: Limits = {
  inFlight: 512,
  connectionsPerAddress: 512,
  perMinute: { address: 6000, guesses: 600, client: 120_000, signer: 6000 },
}

export const LIMITS_DOCUMENTATION = `How much is taken on, of each server process: \`inFlight\`, requests worked on at once (${DEFAULTS.inFlight}); \`connectionsPerAddress\` (${DEFAULTS.connectionsPerAddress}; not behind \`proxies\`); and \`perMinute\`: requests of one \`address\` that carry no token (${DEFAULTS.perMinute.address}), \`guesses\`, requests of one address that are answered 401 (${DEFAULTS.perMinute.guesses}), requests with a token of one \`client\` (${DEFAULTS.perMinute.client}) and of one \`signer\` (${DEFAULTS.perMinute.signer}). What is left out is as in brackets. More is answered 429 or 503, with \`Retry-After\`.`

export function resolveLimits({ perMinute: some, ...limits }: Shaped<typeof limitsSetting>): Limits {
  return { ...DEFAULTS, ...limits, perMinute: { ...DEFAULTS.perMinute, ...some } }
}
