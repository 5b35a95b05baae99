/** The document whose digest was approved, where the DTBS/R was made of it afterwards, and by whom (sole-control 4). */
import { documentHashType } from '../approval/index.ts'
import { base64url, oneOf, optional, record, type Shaped, variant } from '../shape/shape.ts'

const approvedDocument = {
  hashType: documentHashType,
  documentDigest: base64url({ min: 32, max: 64 }),
}

const preimage = base64url({ max: 16384 })

export const madeRepresentation = variant('madeBy', {
  /** From the template: whoever has the certificate makes the same. */
  sam: record({ madeBy: oneOf('sam'), ...approvedDocument, signedAttributes: preimage }),
  /** That the DTBS/R is of this document is `server`'s word. */
  server: record({ madeBy: oneOf('server'), ...approvedDocument, dtbs: optional(preimage) }),
})

export type MadeRepresentation = Shaped<typeof madeRepresentation>
