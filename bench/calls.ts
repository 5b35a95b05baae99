/**
 * Calls of `signHash` that somebody has approved already, made against the clock. The human is not measured: all
 * approvals, by passkey and through the real pages' protocol, happen before it starts.
 */
import { type SignatureAlgorithm, signatureAlgorithms } from '@natsuin/pki/algorithms'
import { toBase64 } from '@natsuin/pki/encoding'
import { pssParameters } from '@natsuin/pki/x509'
import {
  type Deployment,
  detailFor,
  openApplication,
  SHA256_OID,
  type Signer,
  type TestDocument,
  testDocuments,
} from '@natsuin/testing/deployment'
import { type Caller, openCaller } from './caller.ts'
import { type Figure, reference } from './figure.ts'
import { type Rate, rateOf } from './load.ts'
import { childrenOf, processorTime } from './processor-time.ts'
import { APPROVED } from './stacks.ts'

export interface CallPlan {
  readonly hashesPerCall: number
  /** Calls that one worker makes one after the other before its time counts: a batch longer than a call may be. */
  readonly callsInARow?: number
  /** Each for `APPROVED` signatures. */
  readonly approvals: number
  /** Rows of calls under way at the same time. */
  readonly concurrency: number
  readonly seconds: number
  readonly algorithm?: SignatureAlgorithm
}

export interface Measured extends Rate {
  readonly processorTimes: readonly Figure[]
}

/** Approvals first, then signing against the clock until time or approvals run out. */
export async function measureCalls(
  deployment: Deployment,
  signers: readonly Signer[],
  plan: CallPlan,
): Promise<Measured> {
  const rows = await prepareRows(deployment, signers, plan)
  const prepared = rows.length
  const caller = openCaller(plan.concurrency, { tls: deployment.plan.tls !== undefined })
  const read = watchProcessors(deployment)
  const url = new URL(`${deployment.urls.csc}signatures/signHash`)
  const rate = await rateOf(() => callRow(rows.pop() ?? [], caller, url), plan)
  const processorTimes = read(prepared - rows.length)
  caller.close()
  return { ...rate, processorTimes }
}

/** How many signatures came back. */
async function callRow(row: Row, caller: Caller, url: URL): Promise<number> {
  for (const { body, token } of row) await caller.post(url, body, token)
  return row.reduce((sum, { hashes }) => sum + hashes, 0)
}

/** Says how much processor time a row cost, and where: unlike a rate, that hardly depends on who else is there. */
function watchProcessors(deployment: Deployment) {
  const sam = deployment.process('sam').pid
  // The SAM starts no other process than that which holds the PKCS #11 library.
  const [library] = childrenOf(sam)
  const pids = {
    sam,
    ...(library !== undefined && { 'library of the module': library }),
    server: deployment.process('server').pid,
    'load generator': process.pid,
  }
  const used = () => Object.values(pids).map(processorTime)
  const before = used()
  return (rows: number): readonly Figure[] => {
    const after = used()
    return Object.keys(pids).map((name, i) =>
      reference(`  processor time of one call, ${name}`, ((after[i] ?? 0) - (before[i] ?? 0)) / rows, 'ms'),
    )
  }
}

interface PreparedCall {
  readonly token: string
  readonly body: string
  readonly hashes: number
}

type Row = readonly PreparedCall[]

/** The rows of all approvals in turn, so that one SAD is never asked by every worker at once. */
async function prepareRows(
  deployment: Deployment,
  signers: readonly Signer[],
  plan: CallPlan,
): Promise<Row[]> {
  const application = openApplication(deployment)
  const rows: { readonly turn: number; readonly row: Row }[] = []
  for (let i = 0; i < plan.approvals; i++) {
    const signer = signers[i % signers.length]
    if (signer === undefined) throw new Error('nobody signs')
    const documents = testDocuments(APPROVED)
    const token = await application.credentialToken(signer, detailFor(signer.credentialId, documents), {
      documents: documents.map(({ documentDigest }) => documentDigest),
    })
    rows.push(...rowsFor(signer, token, documents, plan).map((row, turn) => ({ turn, row })))
  }
  return rows.toSorted((a, b) => a.turn - b.turn).map(({ row }) => row)
}

function rowsFor(
  { credentialId: credentialID }: Signer,
  token: string,
  documents: readonly TestDocument[],
  { hashesPerCall, callsInARow = 1, algorithm = 'ecdsa-sha256' }: CallPlan,
): readonly Row[] {
  const common = { credentialID, hashAlgorithmOID: SHA256_OID, ...signAlgoOf(algorithm) }
  const calls = inGroups(documents, hashesPerCall).map(some => {
    const hashes = some.map(({ dtbsr }) => toBase64(dtbsr))
    return { token, body: JSON.stringify({ ...common, hashes }), hashes: hashes.length }
  })
  return inGroups(calls, callsInARow)
}

function inGroups<T>(members: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: members.length / size }, (_, i) => members.slice(i * size, (i + 1) * size))
}

function signAlgoOf(algorithm: SignatureAlgorithm): object {
  const { oid, family, digest } = signatureAlgorithms[algorithm]
  return { signAlgo: oid, ...(family === 'rsa-pss' && { signAlgoParams: toBase64(pssParameters(digest)) }) }
}
