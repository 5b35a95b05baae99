/** Documents of which `server` made the DTBS/R. */
import type { AskedRepresentation, PreparedDocument } from '@natsuin/protocol/sap'

export const isPrepared = (asked: AskedRepresentation): asked is PreparedDocument =>
  !(asked instanceof Uint8Array) && 'dtbsr' in asked
