/** An application that signs a PDF with what we publish for applications: client, AdES library, nothing else. */

import { completePades, type PreparedPades, preparePades } from '@natsuin/ades/pades'
import { bytesSource } from '@natsuin/ades/pdf'
import { timeStampBy } from '@natsuin/ades/time-stamping'
import { type CredentialRequest, createCscClient } from '@natsuin/client'
import { concat } from '@natsuin/pki/encoding'
import { nodePlatform } from '@natsuin/pki/node'
import {
  approve,
  ECDSA_SHA256_OID,
  itemsFor,
  type KnownDeployment,
  logIn,
  openApproval,
  REDIRECT_URI,
  SHA256_OID,
  type Signer,
} from '@natsuin/testing/deployment'

export interface SignedPdf {
  readonly file: Uint8Array
  readonly signature: Uint8Array
  readonly signedAttributes: Uint8Array
  /** As the service answers it. */
  readonly evidence: unknown
  /** Asks for the same signature again, with the same Idempotency-Key. */
  retry(): Promise<Uint8Array>
}

/** Prepares, has the signer approve what she sees, signs, stamps the time, fetches the evidence. */
export async function signPdf(
  deployment: KnownDeployment,
  signer: Signer,
  document: Uint8Array,
  { clientId, redirectUri } = { clientId: 'application', redirectUri: REDIRECT_URI },
): Promise<SignedPdf> {
  const { urls } = deployment
  const client = createCscClient({ baseUrl: urls.csc, clientId, redirectUri })
  const logging = await client.beginServiceAuthorisation()
  const cameBackTo = await logIn(deployment, signer, logging.url, redirectUri)
  const service = await client.finishAuthorisation(logging.pending, cameBackTo)
  const { credentialId: credentialID } = signer
  const { cert } = await client.credentialsInfo(service, { credentialID })
  const prepared = await prepare(document, cert.certificates)
  const approving = await client.beginCredentialAuthorisation(requestFor(credentialID, prepared))
  const shown = await openApproval(deployment, signer, approving.url)
  const items = itemsFor(shown, [prepared.documentDigest])
  const approvedAt = await approve(deployment, signer, shown, { items, redirectUri })
  const credential = await client.finishAuthorisation(approving.pending, approvedAt)
  const sign = async () => {
    const request = {
      credentialID,
      hashes: [prepared.dtbsr],
      hashAlgorithmOID: SHA256_OID,
      signAlgo: ECDSA_SHA256_OID,
    }
    const [value = new Uint8Array()] = await client.signHash(credential, request, {
      idempotencyKey: 'the-one-signature',
    })
    return value
  }
  const signature = await sign()
  const timeStamp = timeStampBy({ platform: nodePlatform, exchange: exchangeWith(urls.timeStamp) })
  const update = await completePades(prepared, signature, { platform: nodePlatform, timeStamp })
  const evidence = await client.evidence(service, { credentialID, signature })
  const { signedAttributes } = prepared
  return { file: concat(document, update), signature, signedAttributes, evidence, retry: sign }
}

async function prepare(document: Uint8Array, [signingCertificate, ...chain]: readonly Uint8Array[]) {
  if (signingCertificate === undefined) throw new Error('the credential has no certificate')
  return await preparePades(bytesSource(document), {
    platform: nodePlatform,
    signingCertificate,
    chain,
    signatureAlgorithm: 'ecdsa-sha256',
    signingTime: new Date(),
    withTimeStamp: true,
  })
}

function requestFor(credentialID: string, prepared: PreparedPades): CredentialRequest {
  const { dtbsr: hash, signedAttributes: dtbs, documentDigest } = prepared
  const digest = { hash, label: 'deed.pdf', hashType: 'dtbsr', dtbs, documentDigest } as const
  return { credentialID, documentDigests: [digest], hashAlgorithmOID: SHA256_OID }
}

/** RFC 3161, 3.4. */
function exchangeWith(url: string) {
  return async (body: Uint8Array): Promise<Uint8Array> => {
    const headers = { 'content-type': 'application/timestamp-query' }
    const response = await fetch(url, { method: 'POST', headers, body: new Uint8Array(body) })
    return new Uint8Array(await response.arrayBuffer())
  }
}
