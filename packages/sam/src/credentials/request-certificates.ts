/**
 * The act by which keys sign their certification requests, for an authority outside (sole-control 6; RFC 2986).
 *
 * A request says what the SAM's own records say, and people approve what it says: name and key of each. The log says that
 * a key is used for it before it is. A key for one session has none: it would be gone before anybody outside answered.
 */
import { equal } from '@natsuin/pki/encoding'
import { digestSync, nodePlatform } from '@natsuin/pki/node'
import { assembleSigned, buildCertificationRequestInfo, verifySigned } from '@natsuin/pki/x509'
import type { ActOf } from '@natsuin/protocol/administration'
import { toWire } from '@natsuin/protocol/approval'
import { subjectName } from '@natsuin/protocol/issuance'
import { Refusal } from '@natsuin/protocol/refusal'
import { writeJson } from '@natsuin/protocol/shape'
import { signCertificationRequest } from '../activation/sign.ts'
import type { ActRules } from '../administration/act-rules.ts'
import type { ApprovedAct, RedeemedAct } from '../administration/approved-act.ts'
import { refuse } from '../refuse.ts'
import type { Sam } from '../sam.ts'
import type { CredentialRecord, KeptKey } from '../store/record-shapes.ts'
import type { Versioned } from '../store/sealed-records.ts'
import { checkStanding } from './check-standing.ts'

type Kind = 'request-certificates'
type Asked = ActOf<Kind>['credentials'][number]

export const REQUEST_CERTIFICATES: ActRules<Kind> = {
  operations: ({ kind }) => [kind],
  about: () => [],
  needed: ({ quorum }) => quorum,
  problems: problemsOf,
  perform: requestAll,
}

async function problemsOf(sam: Sam, { credentials }: ActOf<Kind>): Promise<readonly string[]> {
  const problems = await Promise.all(credentials.map(asked => problemsWith(sam, asked)))
  return problems.flat()
}

async function problemsWith(sam: Sam, asked: Asked): Promise<readonly string[]> {
  try {
    await readAsked(sam, asked)
    return []
  } catch (error) {
    if (error instanceof Refusal) return [`credential ${asked.credentialId}: ${error.code}`]
    throw error
  }
}

/** All in turn; the first that fails ends it, and those before have their requests. */
async function requestAll(sam: Sam, approved: ApprovedAct<Kind>): Promise<void> {
  const redeemed = approved.redeem()
  for (const asked of redeemed.act.credentials) await requestOne(sam, asked, redeemed)
}

/** @throws Refusal `module-unavailable`, `log-unavailable` and those of `readAsked` */
async function requestOne(sam: Sam, asked: Asked, redeemed: RedeemedAct<Kind>): Promise<void> {
  const { credentialId } = asked
  const { content: credential, key } = await readAsked(sam, asked)
  const subject = subjectName(asked.subject)
  const info = buildCertificationRequestInfo(subject, credential.publicKey)
  await recordUse(sam, credentialId, info, redeemed)
  await sam.failpoint('certificate-requested')
  await sam.lease.need()
  checkStanding(sam, credentialId)
  const { algorithm, signature } = await signCertificationRequest(sam.module, credential, key, subject)
  const signed = { tbs: info, signatureAlgorithm: algorithm, signature }
  if (!(await verifySigned(signed, credential.publicKey, nodePlatform)))
    throw refuse('module-unavailable', { faulty: true })
  await sam.failpoint('certification-signed')
  await keep(sam, credentialId, assembleSigned(info, algorithm, signature))
}

interface AskedCredential extends Versioned<CredentialRecord> {
  readonly key: KeptKey
}

/**
 * The credential, as those who approve see it.
 *
 * @throws Refusal `credential-unknown`, `change-refused` when its name or key is another one, `certificate-mismatch` when it
 *   has a certificate, `session-ended` for a key that lives for one session, and those of `checkStanding`
 */
async function readAsked(sam: Sam, { credentialId, ...asked }: Asked): Promise<AskedCredential> {
  checkStanding(sam, credentialId)
  const stored = await sam.records.read('credential', credentialId)
  if (stored === undefined) throw refuse('credential-unknown')
  const { signerId, publicKey, certificate, key } = stored.content
  const { subject } = await sam.records.need('signer', signerId)
  const isAsked =
    equal(writeJson(toWire(subject)), writeJson(toWire(asked.subject))) &&
    equal(digestSync('sha256', publicKey), asked.publicKeyDigest)
  if (!isAsked) throw refuse('change-refused', { credentialId })
  if (certificate !== undefined) throw refuse('certificate-mismatch', { credentialId })
  if (key === undefined) throw refuse('session-ended', { credentialId })
  return { ...stored, key }
}

async function recordUse(
  sam: Sam,
  credentialId: string,
  info: Uint8Array,
  { approvals, approvalDigests }: RedeemedAct<Kind>,
): Promise<void> {
  const { logs, records, time, identity } = sam
  const { instance } = identity
  let version = 0
  const readAgain = async () => {
    version = (await records.read('certification', credentialId))?.version ?? 0
  }
  await readAgain()
  await logs.activity.append({
    leaves: [
      {
        event: 'certificate-requested',
        at: time.milliseconds(),
        stateSize: logs.state.size,
        credentialId,
        infoDigest: digestSync('sha256', info),
        approvals: approvalDigests,
      },
    ],
    records: leaf => [
      records.seal('certification', credentialId, version + 1, { approvals, instance, leaf }),
    ],
    reread: readAgain,
  })
}

/** For whoever carries it to the authority. */
async function keep(sam: Sam, credentialId: string, certificationRequest: Uint8Array): Promise<void> {
  const { records } = sam
  const read = async () => {
    const stored = await records.read('credential', credentialId)
    if (stored === undefined) throw refuse('record-altered', { credentialId })
    return stored
  }
  let stored = await read()
  await sam.logs.activity.append({
    leaves: [],
    records: () => [
      records.seal('credential', credentialId, stored.version + 1, {
        ...stored.content,
        certificationRequest,
      }),
    ],
    stillHolds: () => checkStanding(sam, credentialId),
    // A rotation of the master key may have moved the key.
    reread: async () => {
      stored = await read()
    },
  })
}
