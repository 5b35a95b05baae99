/**
 * An application with a person in front of it: enrols her, logs her in, prepares documents, asks for approvals and
 * signs; with and without a key of its own to sign its requests with.
 */
import assert from 'node:assert/strict'
import { type PreparedPades, preparePades } from '@natsuin/ades/pades'
import { bytesSource } from '@natsuin/ades/pdf'
import {
  type CredentialRequest,
  type CscClient,
  createCscClient,
  requestSigner,
  type Token,
} from '@natsuin/client'
import { type EvidenceFacts, verifyEvidence } from '@natsuin/evidence'
import { concat, toBase64url, utf8 } from '@natsuin/pki/encoding'
import { nodePlatform } from '@natsuin/pki/node'
import {
  type ClientPlan,
  createRequestKey,
  type Deployment,
  invite,
  type RequestKey,
} from '@natsuin/testing/deployment'
import type { Person } from './person.ts'
import type { Site } from './site.ts'

export const SHA256 = '2.16.840.1.101.3.4.2.1'
const ECDSA_SHA256 = '1.2.840.10045.4.3.2'

export interface PreparedDocument {
  readonly label: string
  readonly prepared: PreparedPades
  /** The document as prepared: what the application hands over. */
  readonly bytes: Uint8Array
}

/** What the application needs to know of the person to have her sign. */
export interface Account {
  readonly service: Token
  readonly credentialID: string
}

/** The roster's entry for the application of this site, and the key that it signs requests with. */
export function portalPlan(site: Site): { readonly plan: ClientPlan; readonly key: RequestKey } {
  const key = createRequestKey('portal-1')
  const keys = [{ kid: key.kid, publicKey: toBase64url(key.publicKey) }]
  const redirectUris = [site.callback]
  return { plan: { id: 'portal', name: '契約ポータル', redirectUris, keys, origins: [site.origin] }, key }
}

export class Portal {
  readonly client: CscClient
  /** The same application, where it signs what it asks for. */
  readonly vouching: CscClient
  readonly #deployment: Deployment

  private constructor(deployment: Deployment, client: CscClient, vouching: CscClient) {
    this.#deployment = deployment
    this.client = client
    this.vouching = vouching
  }

  static async open(deployment: Deployment, site: Site, key: RequestKey): Promise<Portal> {
    const options = { baseUrl: deployment.urls.csc, clientId: 'portal', redirectUri: site.callback }
    const signer = requestSigner(key.kid, await privateKeyOf(key))
    return new Portal(
      deployment,
      createCscClient(options),
      createCscClient({ ...options, requestSigner: signer }),
    )
  }

  /** Invites, enrols and logs in. */
  async welcome(person: Person, commonName: string, classId: string): Promise<Account> {
    const { url } = await invite(this.#deployment, { countryName: 'JP', commonName }, classId)
    const { page } = person
    await person.go(url)
    await page.click('#enrol')
    await page.click('#register')
    await page.waitForSelector('#done')
    return await this.logIn(person)
  }

  async logIn(person: Person): Promise<Account> {
    const begun = await this.client.beginServiceAuthorisation()
    await person.go(begun.url)
    await person.page.click('#log-in')
    const service = await this.client.finishAuthorisation(begun.pending, await person.cameBackTo())
    const [credentialID = ''] = (await this.client.credentialsList(service)).credentialIDs
    return { service, credentialID }
  }

  async prepare(account: Account, documents: readonly { label: string; bytes: Uint8Array }[]) {
    const { service, credentialID } = account
    const { cert } = await this.client.credentialsInfo(service, { credentialID })
    const [signingCertificate = new Uint8Array(), ...chain] = cert.certificates
    const prepareOne = async ({
      label,
      bytes,
    }: {
      label: string
      bytes: Uint8Array
    }): Promise<PreparedDocument> => {
      const prepared = await preparePades(bytesSource(bytes), {
        platform: nodePlatform,
        signingCertificate,
        chain,
        signatureAlgorithm: 'ecdsa-sha256',
        signingTime: new Date(),
        withTimeStamp: false,
      })
      return { label, prepared, bytes: concat(bytes, prepared.update) }
    }
    return await Promise.all(documents.map(prepareOne))
  }

  async sign(approved: Token, { credentialID }: Account, documents: readonly PreparedDocument[]) {
    const signatures: Uint8Array[] = []
    for (let at = 0; at < documents.length; at += HASHES_PER_CALL) {
      const hashes = documents.slice(at, at + HASHES_PER_CALL).map(({ prepared }) => prepared.dtbsr)
      const request = { credentialID, hashes, hashAlgorithmOID: SHA256, signAlgo: ECDSA_SHA256 }
      signatures.push(...(await this.client.signHash(approved, request)))
    }
    return signatures
  }

  async evidenceFacts({ service, credentialID }: Account, signature: Uint8Array): Promise<EvidenceFacts> {
    const evidence = await this.client.evidence(service, { credentialID, signature })
    const verdict = await verifyEvidence({
      evidence: utf8(JSON.stringify(evidence)),
      samKeyDigest: this.#deployment.samKeyDigest,
      platform: nodePlatform,
    })
    assert.ok(verdict.valid, JSON.stringify(verdict))
    return verdict.facts
  }
}

/** threats, section 4: hashes per signHash call. */
const HASHES_PER_CALL = 100

/** The request for signatures over these documents, each of which the page can find by its digest. */
export function requestFor(
  { credentialID }: Account,
  documents: readonly PreparedDocument[],
  locations: readonly string[] = [],
): CredentialRequest {
  return {
    credentialID,
    documentDigests: documents.map(({ label, prepared }) => ({
      hash: prepared.dtbsr,
      label,
      dtbs: prepared.signedAttributes,
      documentDigest: prepared.documentDigest,
    })),
    hashAlgorithmOID: SHA256,
    ...(locations.length > 0 && { documentLocations: locations.map(uri => ({ uri })) }),
  }
}

async function privateKeyOf({ privateKey }: RequestKey): Promise<CryptoKey> {
  const pkcs8 = new Uint8Array(privateKey.export({ type: 'pkcs8', format: 'der' }))
  return crypto.subtle.importKey('pkcs8', pkcs8, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign'])
}
