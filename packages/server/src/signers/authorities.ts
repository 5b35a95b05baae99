/** The connection to `authorities`, which certify what the SAM attests and nothing else. */

import { type IssuanceMethods, issuanceMethods, issuanceRefusals } from '@natsuin/protocol/issuance'
import { type Address, type Connection, connect } from '@natsuin/protocol/node'

export type Authorities = Connection<IssuanceMethods>

export function connectAuthorities(address: Address): Authorities {
  return connect({ methods: issuanceMethods, address, refusals: issuanceRefusals })
}
