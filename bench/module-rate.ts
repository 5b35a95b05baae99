/** What the crypto module does by itself, in groups as the SAM's batches ask it: what every rate of the service stands beside. */
import { randomBytes } from 'node:crypto'
import type { CryptoModule, WrappedKeyPair } from '@natsuin/crypto-module'
import type { KeyType } from '@natsuin/pki/algorithms'
import { type SignatureAlgorithm, signatureAlgorithms } from '@natsuin/pki/algorithms'
import { digestSync } from '@natsuin/pki/node'
import { rateOf } from './load.ts'

const SECONDS = 5
/** Groups under way at the same time. */
const CONCURRENCY = 8

export interface ModuleLoad {
  readonly keyType: KeyType
  readonly algorithm: SignatureAlgorithm
  readonly groupSize: number
}

/** Unwrap, sign, destroy: what an activation asks of the module. Signatures a second. */
export async function wrappedRate(module: CryptoModule, load: ModuleLoad): Promise<number> {
  const master = `bench-${load.keyType}-${load.algorithm}-${load.groupSize}`
  await module.createMasterKey(master)
  const key: WrappedKeyPair = await module.generateWrapped(master, load.keyType)
  const requests = requestsOf(load)
  return await perSecond(async () => (await module.signWrapped(master, key, requests)).length)
}

/** The same with a key that lies in the module and stays there, one digest after the other. */
export async function residentRate(module: CryptoModule, load: ModuleLoad): Promise<number> {
  const label = `bench-resident-${load.keyType}-${load.algorithm}-${load.groupSize}`
  await module.createSigningKey(label, load.keyType)
  const requests = requestsOf(load)
  return await perSecond(async () => {
    for (const request of requests) await module.sign(label, request)
    return requests.length
  })
}

function requestsOf({ algorithm, groupSize }: ModuleLoad) {
  return Array.from({ length: groupSize }, () => {
    const message = new Uint8Array(randomBytes(64))
    return { algorithm, digest: digestSync(signatureAlgorithms[algorithm].digest, message), message }
  })
}

async function perSecond(call: () => Promise<number>): Promise<number> {
  return (await rateOf(call, { seconds: SECONDS, concurrency: CONCURRENCY })).perSecond
}
