/** What a method of the CSC API is: a name, the access it demands, and a function from parameters to answer. */

import type { Clock } from '../clock.ts'
import type { AccessOf } from '../http/authorization.ts'
import type { Access, AccessTokens } from '../oauth/access-tokens.ts'
import type { Activations } from '../signing/activations.ts'
import type { Credentials } from '../signing/credentials.ts'
import type { ExplicitApprovals } from '../signing/explicit.ts'
import type { ModuleAlgorithms } from '../signing/module-algorithms.ts'
import type { Parameters } from './parameters.ts'

/** What `info` says about the operator; from the configuration. */
export interface ServiceDescription {
  readonly publicUrl: string
  readonly name: string
  readonly region: string
  readonly description: string
  /** RFC 5646 tag of the texts above. */
  readonly lang: string
}

export interface Services {
  readonly description: ServiceDescription
  /** `info.methods`. */
  readonly methods: readonly string[]
  readonly credentials: Credentials
  readonly activations: Activations
  readonly explicit: ExplicitApprovals
  readonly algorithms: ModuleAlgorithms
  /** Who calls, by what the request carries. @throws RequestRefused, Refusal */
  readonly accessOf: AccessOf
  readonly accessTokens: AccessTokens
  readonly clock: Clock
}

/** One call: who calls, and what HTTP carried beside the body. */
export interface Call<A> {
  readonly parameters: Parameters
  readonly access: A
  /** Empty when the client sent none. */
  readonly idempotencyKey: string
}

/**
 * `none`: anybody. `service`: a service token. `credential`: a service token, or a credential token, which
 * works for its own credential only (CSC API v2.0.0.2, 8.4.4).
 */
export type CscMethod =
  | { readonly access: 'none'; handle(call: Call<undefined>, services: Services): Promise<object> }
  | {
      readonly access: 'service' | 'credential'
      handle(call: Call<Access>, services: Services): Promise<object>
    }
