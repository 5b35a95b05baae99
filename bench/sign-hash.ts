/**
 * Authorised `signHash` over HTTP, beside the raw rate of the same module and OpenSSL's own.
 *
 * Everything is real: passkey approvals (before the clock starts; the human is not measured), OAuth tokens, the
 * SAM's two commits and log leaves for each call, verify-after-sign. Server, SAM and load generator share the machine.
 */
import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type CryptoModule, createSoftwareModule, openPkcs11Module } from '@natsuin/crypto-module'
import { createSoftHsmToken, type SoftHsmToken } from '@natsuin/crypto-module/softhsm'
import { toBase64 } from '@natsuin/pki/encoding'
import {
  type Application,
  classOf,
  type Deployment,
  detailFor,
  ECDSA_SHA256_OID,
  enrolSigner,
  openApplication,
  type Plan,
  SHA256_OID,
  type Signer,
  startThrowaway,
  type TokenPlan,
  testDocuments,
} from '@natsuin/testing/deployment'
import { startPostgres } from '@natsuin/testing/postgres'
import { type Caller, openCaller } from './caller.ts'
import { compared, type Figure, reference } from './figure.ts'
import { type Rate, rateOf } from './load.ts'
import { processorTime } from './processor-time.ts'

const SECONDS = 5
const CONCURRENCY = 32
/** One approval allows this many signatures. */
const APPROVED = 1000

export async function signHashFigures(tell: (what: string) => void): Promise<readonly Figure[]> {
  const openssl = opensslRate()
  tell('signHash: embedded database, software module')
  const embedded = await withSoftware(module => moduleRate('software module', module, openssl))
  const onEmbedded = await withDeployment({}, deployment =>
    serviceRates('embedded + software', deployment, embedded),
  )
  tell('signHash: PostgreSQL, SoftHSM')
  return [openssl, embedded, ...onEmbedded, ...(await productionFigures(openssl))]
}

/** ECDSA P-256 signatures a second of one process, by OpenSSL's own benchmark. */
function opensslRate(): Figure {
  const { stdout } = spawnSync('openssl', ['speed', '-seconds', '2', '-mr', 'ecdsap256'], {
    encoding: 'utf8',
  })
  // +F4:index:bits:signatures a second:verifications a second
  const rate = Number(/^\+F4:\d+:256:([^:]+):/m.exec(stdout)?.[1])
  return reference('openssl speed, P-256, one process', rate, 'signatures/s')
}

async function productionFigures(openssl: Figure): Promise<readonly Figure[]> {
  const postgres = await startPostgres({ fsync: true })
  const tokens = { sam: await createSoftHsmToken(), authorities: await createSoftHsmToken() }
  try {
    const raw = await openPkcs11Module(tokens.sam.options)
    const figure = await moduleRate('SoftHSM', raw, openssl).finally(() => raw.close())
    const store = {
      sam: await postgres.createDatabase('sam'),
      server: await postgres.createDatabase('server'),
    }
    const module = { sam: planOf(tokens.sam), authorities: planOf(tokens.authorities) }
    const members = { store, module }
    return [
      figure,
      ...(await withDeployment(members, it => serviceRates('PostgreSQL + SoftHSM', it, figure))),
    ]
  } finally {
    await postgres.stop()
    await Promise.all([tokens.sam.remove(), tokens.authorities.remove()])
  }
}

function planOf({ options }: SoftHsmToken): TokenPlan {
  const { modulePath, tokenLabel, pinFile, environment = {} } = options
  return { modulePath, tokenLabel, pinFile, environment }
}

async function withSoftware(measure: (module: CryptoModule) => Promise<Figure>): Promise<Figure> {
  const directory = join(mkdtempSync(join(tmpdir(), 'natsuin-bench-')), 'keys')
  const module = await createSoftwareModule({ directory })
  try {
    return await measure(module)
  } finally {
    await module.close()
    rmSync(directory, { recursive: true })
  }
}

/** Unwrap, sign, destroy: what an activation asks of the module, in groups of 100 as batches do. */
async function moduleRate(name: string, module: CryptoModule, openssl: Figure): Promise<Figure> {
  await module.createMasterKey('bench-master')
  const key = await module.generateWrapped('bench-master', 'ec-p256')
  const requests = Array.from({ length: 100 }, () => ({
    algorithm: 'ecdsa-sha256' as const,
    digest: new Uint8Array(randomBytes(32)),
  }))
  const call = async () => (await module.signWrapped('bench-master', key, requests)).length
  const { perSecond } = await rateOf(call, { seconds: SECONDS, concurrency: 8 })
  return compared(`${name}, raw, wrapped key, groups of 100`, perSecond, openssl)
}

async function withDeployment<T>(
  members: Partial<Plan>,
  use: (deployment: Deployment) => Promise<T>,
): Promise<T> {
  const deployment = await startThrowaway({
    classes: [classOf(1, { maxSignatures: APPROVED, sadSeconds: 3600 })],
    maxLevel: 1,
    ...members,
  })
  try {
    return await use(deployment)
  } finally {
    await deployment.stop()
  }
}

async function serviceRates(name: string, deployment: Deployment, raw: Figure): Promise<readonly Figure[]> {
  const signer = await enrolSigner(deployment, { commonName: 'Bench', countryName: 'JP' })
  const single = await measure(deployment, signer, 1, 16)
  const batch = await measure(deployment, signer, 100, 80)
  return [
    compared(`signHash, ${name}, one hash a call`, single.perSecond, raw),
    reference('  p99 of one call', single.p99, 'ms'),
    ...single.processorTimes,
    compared(`signHash, ${name}, 100 hashes a call`, batch.perSecond, raw),
    reference('  p99 of one call', batch.p99, 'ms'),
  ]
}

interface Measured extends Rate {
  readonly processorTimes: readonly Figure[]
}

/** Approvals first, then signing against the clock until time or approvals run out. */
async function measure(
  deployment: Deployment,
  signer: Signer,
  hashesPerCall: number,
  approvals: number,
): Promise<Measured> {
  const concurrency = hashesPerCall === 1 ? CONCURRENCY : 8
  const calls = await prepareCalls(openApplication(deployment), signer, hashesPerCall, approvals)
  const prepared = calls.length
  const caller = openCaller(concurrency)
  const read = watchProcessors(deployment)
  const rate = await rateOf(() => callNext(calls, caller, deployment, hashesPerCall), {
    seconds: SECONDS,
    concurrency,
  })
  const processorTimes = read(prepared - calls.length)
  caller.close()
  return { ...rate, processorTimes }
}

async function callNext(calls: PreparedCall[], caller: Caller, { urls }: Deployment, hashes: number) {
  const next = calls.pop()
  if (next === undefined) return 0
  await caller.post(new URL(`${urls.csc}signatures/signHash`), next.body, next.token)
  return hashes
}

/** Says how much processor time a call cost, and where: unlike a rate, that hardly depends on who else is there. */
function watchProcessors(deployment: Deployment) {
  const pids = {
    sam: deployment.process('sam').pid,
    server: deployment.process('server').pid,
    'load generator': process.pid,
  }
  const used = () => Object.values(pids).map(processorTime)
  const before = used()
  return (calls: number): readonly Figure[] => {
    const after = used()
    return Object.keys(pids).map((name, i) =>
      reference(`  processor time of one call, ${name}`, ((after[i] ?? 0) - (before[i] ?? 0)) / calls, 'ms'),
    )
  }
}

interface PreparedCall {
  readonly token: string
  readonly body: string
}

async function prepareCalls(
  application: Application,
  signer: Signer,
  hashesPerCall: number,
  approvals: number,
): Promise<PreparedCall[]> {
  const calls: PreparedCall[] = []
  for (let i = 0; i < approvals; i++) {
    const documents = testDocuments(APPROVED)
    const token = await application.credentialToken(signer, detailFor(signer.credentialId, documents), {
      documents: documents.map(({ documentDigest }) => documentDigest),
    })
    const hashes = documents.map(({ dtbsr }) => toBase64(dtbsr))
    for (let at = 0; at < APPROVED; at += hashesPerCall) {
      const request = {
        credentialID: signer.credentialId,
        hashes: hashes.slice(at, at + hashesPerCall),
        hashAlgorithmOID: SHA256_OID,
        signAlgo: ECDSA_SHA256_OID,
      }
      calls.push({ token, body: JSON.stringify(request) })
    }
  }
  // Approvals take turns, so that one SAD is never asked by every worker at once.
  return calls
    .map((call, i) => ({ call, turn: i % (APPROVED / hashesPerCall) }))
    .toSorted((a, b) => a.turn - b.turn)
    .map(({ call }) => call)
}
