/**
 * natsuin evidence verify — check offline that the signer approved what was signed.
 *
 * Needs the evidence file, the signed document and the pinned SAM key; asks nobody.
 */
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { nodePlatform, openFileSource } from '@natsuin/ades/node'
import { verifyPades } from '@natsuin/ades/validation'
import {
  type DocumentSignature,
  type EvidenceFacts,
  type EvidenceVerdict,
  verifyEvidence,
} from '@natsuin/evidence'
import { type Command, UsageError } from '../command.ts'

export const evidenceVerify: Command = {
  name: 'evidence verify',
  usage: '<evidence.json> <signed.pdf> --sam-key <sha256> [--json]',
  help: `Proves from the evidence file alone, offline, that an authenticator enrolled for this person
approved this digest, and that the key signed it once.

  --sam-key  SHA-256 of the SAM key, hexadecimal: the one thing you have to trust.
             Get it from the operator, not from the evidence.
  --json     print the verdict as JSON

Exit status: 0 the evidence proves it, 1 it does not, 2 wrong usage.`,

  async run(args, terminal) {
    const { evidence, document, samKeyDigest, json } = readArguments(args)
    const signature = await signatureIn(document)
    const verdict = await verifyEvidence({
      evidence: readFileSync(evidence),
      samKeyDigest,
      platform: nodePlatform,
      ...(signature && { document: signature }),
    })
    const compared = verdict.valid && !verdict.facts.documentCompared ? NO_SIGNATURE : verdict
    terminal.out(json ? JSON.stringify(compared, spellBytes, 2) : inWords(compared))
    return compared.valid ? 0 : 1
  },
}

const NO_SIGNATURE: EvidenceVerdict = {
  valid: false,
  reason: 'document-differs',
  detail: 'the document carries no signature that can be read',
}

function readArguments(args: readonly string[]) {
  const { values, positionals } = parse(args)
  const [evidence, document, surplus] = positionals
  if (evidence === undefined || document === undefined || surplus !== undefined) {
    throw new UsageError('Two files are needed: the evidence and the signed document.')
  }
  const samKeyDigest = values['sam-key'] ?? ''
  if (!/^[0-9a-f]{64}$/i.test(samKeyDigest)) throw new UsageError('--sam-key needs 64 hexadecimal digits.')
  return { evidence, document, samKeyDigest, json: values.json }
}

function parse(args: readonly string[]) {
  try {
    const options = { 'sam-key': { type: 'string' }, json: { type: 'boolean', default: false } } as const
    return parseArgs({ args: [...args], allowPositionals: true, options })
  } catch (error) {
    throw new UsageError(error instanceof TypeError ? error.message : String(error))
  }
}

/** What the document's last signature carries. Whether it is valid is the business of the evidence here. */
async function signatureIn(path: string): Promise<DocumentSignature | undefined> {
  const source = await openFileSource(path)
  try {
    const { facts } = await verifyPades(source, { platform: nodePlatform, trustAnchors: [], at: new Date() })
    const { signedAttributes, signatureValue } = facts
    return signedAttributes && signatureValue && { signedAttributes, signatureValue }
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
    ['Approved', `"${approved.label}", ${BASIS[approved.basis]}, for ${facts.client}`],
    ...signedBy(facts),
    ['When', `approved ${facts.approvedAt.toISOString()}, signed ${facts.signedAt.toISOString()}`],
    ['Level', `${facts.level}${software}, environment ${facts.environment}`],
    [
      'Logs',
      Object.values(logs)
        .map(({ origin, size }) => `${origin}, ${size} records`)
        .join('; '),
    ],
    ['', 'not witnessed: a second history cannot be excluded'],
  ]
}

const proofingOf = ({ proofing: { method, level, completedAt } }: EvidenceFacts) =>
  `${new Date(completedAt * 1000).toISOString().slice(0, 10)} (${method}, level ${level})`
function signedBy({ client, clientKey }: EvidenceFacts): [string, string][] {
  return clientKey === undefined ? [] : [['Requested', `by ${client}, signed with its key ${clientKey}`]]
}

const BASIS: Readonly<Record<EvidenceFacts['approved']['basis'], string>> = {
  seen: 'seen by the signer in the approval page',
  vouched: 'not seen by the signer: the application vouched for this name',
  unseen: 'not seen by the signer, only its digest',
}

function spellBytes(_: string, value: unknown): unknown {
  return value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value
}
