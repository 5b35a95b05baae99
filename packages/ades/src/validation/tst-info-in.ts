/** What a time-stamp token states, not yet verified: with what to hash what it should be over, and in which order to look. */
import { DerError } from '@natsuin/pki/asn1'
import { parseSignedData } from '@natsuin/pki/cms'
import { parseTstInfo, type TstInfo } from '@natsuin/pki/tsp'

/**
 * @param token  DER TimeStampToken
 * @returns `undefined` when it is none
 */
export function tstInfoIn(token: Uint8Array): TstInfo | undefined {
  try {
    const { content } = parseSignedData(token)
    return content && parseTstInfo(content)
  } catch (error) {
    if (error instanceof DerError) return undefined
    throw error
  }
}
