/** The connection to the SAM: the only door to keys, and it is on the other side. */

import { type Address, type Connection, connect } from '@natsuin/protocol/node'
import type { SapMethods } from '@natsuin/protocol/sap'
import { sapMethods, sapRefusals } from '@natsuin/protocol/sap'

export type Sam = Connection<SapMethods>

export function connectSam(address: Address): Sam {
  return connect({ methods: sapMethods, address, refusals: sapRefusals })
}
