/**
 * natsuin evidence verify — check offline that the signer approved what was signed.
 *
 * Needs the evidence file, the signed document and the pinned SAM key; asks nobody.
 */
import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { nodePlatform, openFileSource } from '@natsuin/ades/node'
import { verifyPades } from '@natsuin/ades/validation'
import {
  type DocumentSignature,
  type EvidenceFacts,
  type EvidenceVerdict,
  verifyEvidence,
} from '@natsuin/evidence'
import { type Command, reading, UsageError } from '../command.ts'

export const evidenceVerify: Command = {
  name: 'evidence verify',
  usage: '<evidence.json> <signed.pdf> --sam-key <sha256> [--witness <vkey>]… [--json]',
  help: `Proves from the evidence file alone, offline, that an authenticator enrolled for this person
approved this digest, and that the key signed it once.

  --sam-key  SHA-256 of the SAM key, hexadecimal: the one thing you have to trust.
             Get it from the operator, not from the evidence.
  --witness  a witness's verifier key: one who must have cosigned the logs. May be given several times.
             Without any, a second history of the service cannot be excluded.
  --json     print the verdict as JSON

Exit status: 0 the evidence proves it, 1 it does not, 2 wrong usage or a file that cannot be read.`,

  async run(args, terminal) {
    const { evidence, document, samKeyDigest, vkeys, json } = readArguments(args)
    const bytes = await reading(evidence, () => readFile(evidence))
    const { signature, reason } = await reading(document, () => signatureIn(document))
    const verdict = await verifyEvidence({
      evidence: new Uint8Array(bytes),
      samKeyDigest,
      platform: nodePlatform,
      ...(signature && { document: signature }),
      ...(vkeys.length > 0 && { witnesses: { vkeys } }),
    })
    const compared = verdict.valid && !verdict.facts.documentCompared ? notCompared(reason) : verdict
    terminal.out(json ? JSON.stringify(compared, spellBytes, 2) : inWords(compared))
    return compared.valid ? 0 : 1
  },
}

function notCompared(reason: string): EvidenceVerdict {
  return {
    valid: false,
    reason: 'document-differs',
    detail: `the document carries no signature over what it says now: ${reason}`,
  }
}

function readArguments(args: readonly string[]) {
  const { values, positionals } = parse(args)
  const [evidence, document, surplus] = positionals
  if (evidence === undefined || document === undefined || surplus !== undefined) {
    throw new UsageError('Two files are needed: the evidence and the signed document.')
  }
  const samKeyDigest = values['sam-key'] ?? ''
  if (!/^[0-9a-f]{64}$/i.test(samKeyDigest)) throw new UsageError('--sam-key needs 64 hexadecimal digits.')
  return { evidence, document, samKeyDigest, vkeys: values.witness, json: values.json }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options: OPTIONS })
  } catch (error) {
    throw new UsageError(error instanceof TypeError ? error.message : String(error))
  }
}

const OPTIONS = {
  'sam-key': { type: 'string' },
  witness: { type: 'string', multiple: true, default: [] as string[] },
  json: { type: 'boolean', default: false },
} as const

interface SignatureFound {
  /** Absent when the document has none that fits its content. */
  readonly signature: DocumentSignature | undefined
  readonly reason: string
}

/** What the document's last signature carries. Whether its certificate is to be believed is the evidence's business. */
async function signatureIn(path: string): Promise<SignatureFound> {
  const source = await openFileSource(path)
  try {
    const trustNobody = { platform: nodePlatform, trustAnchors: [], at: new Date() }
    const verdict = await verifyPades(source, trustNobody)
    const { signedAttributes, signatureValue } = verdict.facts
    const reason = verdict.indication === 'TOTAL-PASSED' ? '' : verdict.reason
    if (!signedAttributes || !signatureValue) return { signature: undefined, reason }
    return { signature: { signedAttributes, signatureValue }, reason }
  } finally {
    await source.close()
  }
}

function inWords(verdict: EvidenceVerdict): string {
  if (!verdict.valid) return `✘ The evidence proves nothing: ${verdict.detail} (${verdict.reason}).`
  return [
    '✔ The evidence holds.',
    '',
    ...rows(verdict.facts).map(([name, text]) => `  ${name.padEnd(12)} ${text}`),
  ].join('\n')
}

function rows(facts: EvidenceFacts): [string, string][] {
  const { approved, logs } = facts
  const software = facts.softwareModule ? ', software module' : ''
  return [
    ['Signer', `${facts.subject.commonName} (${facts.signerId})`],
    ['Vouched for', `by ${facts.officers.join(', ')}; identity proven ${proofingOf(facts)}`],
    ['Credential', facts.credentialId],
    ['Key', ORIGIN[facts.keyOrigin]],
    ['Approved', `"${approved.label}", ${BASIS[approved.basis]}, for ${facts.client}`],
    ['', APPROVED_AS[hashTypeOf(approved)]],
    ['Signed', CONNECTION[facts.connection]],
    ...signedBy(facts),
    ['With', approvedWith(facts)],
    ['When', `approved ${facts.approvedAt.toISOString()}, signed ${facts.signedAt.toISOString()}`],
    ['Level', `${facts.level}${software}, environment ${facts.environment}`],
    [
      'Logs',
      Object.values(logs)
        .map(({ origin, size }) => `${origin}, ${size} records`)
        .join('; '),
    ],
    ['', witnessedBy(facts)],
  ]
}

function witnessedBy({ witnesses }: EvidenceFacts): string {
  if (witnesses.length === 0) return 'not witnessed: a second history cannot be excluded'
  return `witnessed by ${witnesses.map(({ name, at }) => `${name} (${at.toISOString()})`).join(', ')}`
}

const proofingOf = ({ proofing: { method, level, completedAt } }: EvidenceFacts) =>
  `${new Date(completedAt * 1000).toISOString().slice(0, 10)} (${method}, level ${level})`
function signedBy({ client, clientKey }: EvidenceFacts): [string, string][] {
  return clientKey === undefined ? [] : [['Requested', `by ${client}, signed with its key ${clientKey}`]]
}

type ApprovedWith = EvidenceFacts['approvedWith']
type WithWords = {
  readonly [K in ApprovedWith['kind']]: (given: Extract<ApprovedWith, { kind: K }>) => string
}

const WITH: WithWords = {
  passkey: ({ origin, since }) =>
    origin === 'enrolled'
      ? `the passkey that was enrolled on ${since.toISOString()}`
      : `a passkey that the signer added on ${since.toISOString()}, with one of his own`,
  provider: ({ logIn: { provider, issuer, subject, at, since } }) =>
    `the word of ${provider} (${issuer}) that ${subject}, linked on ${since.toISOString()}, logged in at ${at.toISOString()}`,
  'provider-and-passkey': ({ passkey, logIn }) =>
    `${WITH.passkey(passkey)}, and ${WITH.provider({ kind: 'provider', logIn })}`,
  'seal-key': ({ since }) =>
    `software with the seal key that was enrolled on ${since.toISOString()}, nobody present`,
  'pin-sent-code': ({ since }) =>
    `a PIN and a code that was sent, enrolled on ${since.toISOString()}: that they were right, the SAM says and nobody else can know`,
  'pin-totp': ({ since }) =>
    `a PIN and a one-time code, enrolled on ${since.toISOString()}: that they were right, the SAM says and nobody else can know`,
}

function approvedWith({ approvedWith: given }: EvidenceFacts): string {
  // Each takes what stands under its kind.
  const say = WITH[given.kind] as (given: ApprovedWith) => string
  return say(given)
}

const ORIGIN: Readonly<Record<EvidenceFacts['keyOrigin'], string>> = {
  generated: 'made in the module',
  imported: 'imported: it was elsewhere before, where copies may be',
}

const BASIS: Readonly<Record<EvidenceFacts['approved']['basis'], string>> = {
  seen: 'seen by the signer in the approval page',
  vouched: 'not seen by the signer: the application vouched for this name',
  unseen: 'not seen by the signer, only its digest',
}

const hashTypeOf = (item: EvidenceFacts['approved']) => ('hashType' in item ? item.hashType : 'dtbsr')

const APPROVED_AS: Readonly<Record<ReturnType<typeof hashTypeOf>, string>> = {
  dtbsr: 'as the value that the key signs (dtbsr)',
  sdr: 'as the digest of the document in the form that is signed (sdr)',
  sodr: 'as the digest of the whole file (sodr)',
}

const CONNECTION: Readonly<Record<EvidenceFacts['connection'], string>> = {
  approved: 'what was approved, and nothing else',
  derived: 'what follows from the approved digest and the certificate, and nothing else',
  prepared: 'what the service prepared: that it is of the approved document, only the service says',
}

function spellBytes(_: string, value: unknown): unknown {
  return value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value
}
