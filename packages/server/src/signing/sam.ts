/** The connection to the SAM, or to several: the only door to keys, and it is on the other side. */
import { type Address, type Connection, connect } from '@natsuin/protocol/node'
import { type SapMethods, sapMethods, sapRefusals } from '@natsuin/protocol/sap'
import { locatedSads } from './located-sads.ts'
import { SeveralSams } from './several-sams.ts'

export type Sam = Connection<SapMethods>

/** @param addresses one of each SAM of the deployment */
export function connectSam(addresses: readonly Address[]): Sam {
  const connections = addresses.map(address =>
    connect({ methods: sapMethods, address, refusals: sapRefusals }),
  )
  return locatedSads(new SeveralSams(connections))
}
