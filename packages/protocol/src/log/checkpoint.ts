/**
 * Checkpoints of the log: C2SP tlog-checkpoint, a signed note (C2SP signed-note) of three lines.
 *
 * Signed with the SAM key: signature type 0x02 of signed-note, ECDSA P-256 with SHA-256, whose key id is the
 * first four bytes of SHA-256 of the DER SubjectPublicKeyInfo.
 */
import { concat, equal, fromBase64, toBase64, utf8 } from '@natsuin/pki/encoding'
import type { Platform } from '@natsuin/pki/platform'
import { ShapeError } from '../shape/shape.ts'

export interface TreeHead {
  /** Schema-less URL that names the log. */
  readonly origin: string
  readonly size: number
  /** RFC 9162, 2.1.1. */
  readonly rootHash: Uint8Array
}

/** The text to sign. */
export function checkpointText(head: TreeHead): string {
  return `${head.origin}\n${head.size}\n${toBase64(head.rootHash)}\n`
}

/** @param samKeyDigest SHA-256 of the key's SubjectPublicKeyInfo. @param signature DER ECDSA-Sig-Value */
export function finishCheckpoint(head: TreeHead, samKeyDigest: Uint8Array, signature: Uint8Array): string {
  const signed = toBase64(concat(samKeyDigest.subarray(0, 4), signature))
  return `${checkpointText(head)}\n— ${head.origin} ${signed}\n`
}

/** The tree head, without looking at the signature. @throws ShapeError */
export function peekCheckpoint(checkpoint: string): TreeHead {
  return split(checkpoint).head
}

/** The tree head of a genuine checkpoint; `undefined` when no signature is by this key. @throws ShapeError */
export async function verifyCheckpoint(
  checkpoint: string,
  samKey: Uint8Array,
  platform: Platform,
): Promise<TreeHead | undefined> {
  const { head, signatures } = split(checkpoint)
  const keyId = (await platform.digest('sha256', samKey)).subarray(0, 4)
  const ours = signatures.find(line => line.name === head.origin && equal(line.bytes.subarray(0, 4), keyId))
  if (ours === undefined) return undefined
  const genuine = await platform.verify({
    algorithm: 'ecdsa-sha256',
    spki: samKey,
    data: utf8(checkpointText(head)),
    signature: ours.bytes.subarray(4),
  })
  return genuine ? head : undefined
}

/** A signature under a checkpoint: key id and signature in one. */
export interface SignatureLine {
  readonly name: string
  readonly bytes: Uint8Array
}

/** Everybody's signatures, in their order. @throws ShapeError */
export function signatureLines(checkpoint: string): readonly SignatureLine[] {
  return split(checkpoint).signatures
}

const CHECKPOINT =
  /^([^\n\s+]+)\n(0|[1-9]\d{0,14})\n([A-Za-z0-9+/]{43}=)\n\n((?:— [^\s+]+ [A-Za-z0-9+/=]+\n){1,16})$/

function split(checkpoint: string) {
  const [, origin, size, root, lines] = CHECKPOINT.exec(checkpoint) ?? []
  const rootHash = fromBase64(root ?? '')
  if (origin === undefined || rootHash === undefined || lines === undefined)
    throw new ShapeError('', 'a checkpoint')
  return {
    head: { origin, size: Number(size), rootHash },
    signatures: lines.split('\n').slice(0, -1).map(signatureLine),
  }
}

function signatureLine(line: string): SignatureLine {
  const [, name = '', encoded = ''] = line.split(' ')
  return { name, bytes: fromBase64(encoded) ?? new Uint8Array() }
}
