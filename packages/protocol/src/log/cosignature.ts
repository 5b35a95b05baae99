/**
 * Cosignatures of witnesses on checkpoints: C2SP tlog-cosignature, the Ed25519 kind, and verifier keys of C2SP
 * signed-note.
 *
 * A cosignature says that its witness has seen no longer and no other log of this name until then. Of the two kinds that
 * the document has, this one is verified by every browser; ML-DSA-44, which it recommends, is not yet.
 */
import { concat, equal, fromBase64, toBase64, toHex, utf8 } from '@natsuin/pki/encoding'
import type { Digest, Platform } from '@natsuin/pki/platform'
import { ShapeError } from '../shape/shape.ts'
import { checkpointText, peekCheckpoint, signatureLines } from './checkpoint.ts'

/** A witness by name and key. */
export interface WitnessKey {
  /** A URL without a scheme. */
  readonly name: string
  /** 32 bytes: RFC 8032, 5.1.5. */
  readonly publicKey: Uint8Array
}

export interface Cosignature {
  readonly witness: string
  /** The witness's clock, seconds since 1970-01-01T00:00:00Z. */
  readonly at: number
}

/** `name+id+key`, as operators pass it on. */
export async function writeVkey(key: WitnessKey, platform: Digest): Promise<string> {
  const id = toHex(await keyId(key, platform))
  return `${key.name}+${id}+${toBase64(concat(TYPE, key.publicKey))}`
}

/** @throws ShapeError when it is none, or of another type of key */
export async function readVkey(text: string, platform: Digest): Promise<WitnessKey> {
  const [, name = '', id = '', encoded = ''] = VKEY.exec(text) ?? []
  const bytes = fromBase64(encoded) ?? new Uint8Array()
  if (bytes.length !== 33 || bytes[0] !== TYPE[0]) throw new ShapeError('vkey', 'that of an Ed25519 witness')
  const key = { name, publicKey: bytes.subarray(1) }
  if (toHex(await keyId(key, platform)) !== id) throw new ShapeError('vkey', 'one with the id of its key')
  return key
}

/** What a witness signs. @param at seconds */
export function cosignedText(checkpoint: string, at: number): string {
  return `cosignature/v1\ntime ${at}\n${checkpointText(peekCheckpoint(checkpoint))}`
}

/** The line that goes under the checkpoint. @param signature of `cosignedText` */
export async function cosignatureLine(
  key: WitnessKey,
  at: number,
  signature: Uint8Array,
  platform: Digest,
): Promise<string> {
  const time = new Uint8Array(8)
  new DataView(time.buffer).setBigUint64(0, BigInt(at))
  return `— ${key.name} ${toBase64(concat(await keyId(key, platform), time, signature))}\n`
}

/** The cosignature of this witness; `undefined` when there is none, or it does not verify. @throws ShapeError */
export async function findCosignature(
  checkpoint: string,
  key: WitnessKey,
  platform: Platform,
): Promise<Cosignature | undefined> {
  const id = await keyId(key, platform)
  const lines = signatureLines(checkpoint).filter(
    line => line.name === key.name && equal(line.bytes.subarray(0, 4), id),
  )
  for (const { bytes } of lines) {
    if (bytes.length !== 4 + 8 + 64) continue
    const at = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(4))
    const genuine = await platform.verify({
      algorithm: 'ed25519',
      spki: concat(SPKI, key.publicKey),
      data: utf8(cosignedText(checkpoint, at)),
      signature: bytes.subarray(12),
    })
    if (genuine) return { witness: key.name, at }
  }
  return undefined
}

/** SHA-256(name, line feed, type, key), its first four bytes. */
async function keyId({ name, publicKey }: WitnessKey, platform: Digest): Promise<Uint8Array> {
  const digest = await platform.digest('sha256', concat(utf8(`${name}\n`), TYPE, publicKey))
  return digest.subarray(0, 4)
}

/** Timestamped Ed25519 cosignatures. */
const TYPE = Uint8Array.of(0x04)
const VKEY = /^([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+=*)$/
/** What stands before the 32 bytes in a SubjectPublicKeyInfo: RFC 8410, 4. */
const SPKI = Uint8Array.of(0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00)
