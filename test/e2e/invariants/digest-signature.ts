/** Whether a value is an ECDSA signature over a digest, by OpenSSL, which has no part in what the service believes. */
import { spawnSync } from 'node:child_process'
import { createPublicKey } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from '@natsuin/testing/temporary-folder'
import type { TokenValue } from './observation.ts'

const folder = temporaryFolder()
/** Everything is asked again after each kill, and a value does not change. */
const known = new Map<string, boolean>()

/** @param spki DER SubjectPublicKeyInfo */
export function isSignedBy(spki: Uint8Array, { input, value }: TokenValue): boolean {
  const key = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' })
  const pem = String(key.export({ format: 'pem', type: 'spki' }))
  const name = `${pem} ${input} ${value}`
  const verdict = known.get(name) ?? ask(pem, Buffer.from(input, 'hex'), derOf(Buffer.from(value, 'hex')))
  known.set(name, verdict)
  return verdict
}

function ask(pem: string, digest: Buffer, signature: Buffer): boolean {
  const at = (name: string) => join(folder, name)
  writeFileSync(at('key.pem'), pem)
  writeFileSync(at('digest'), digest)
  writeFileSync(at('signature'), signature)
  const files = ['-inkey', at('key.pem'), '-in', at('digest'), '-sigfile', at('signature')]
  return spawnSync('openssl', ['pkeyutl', '-verify', '-pubin', ...files]).status === 0
}

/** r and s of equal length beside each other, as PKCS #11 has them, in the DER of RFC 3279, 2.2.3. */
function derOf(value: Buffer): Buffer {
  const half = value.length / 2
  const numbers = [value.subarray(0, half), value.subarray(half)].map(integerOf)
  return tagged(0x30, Buffer.concat(numbers))
}

function integerOf(number: Buffer): Buffer {
  const first = number.findIndex(byte => byte !== 0)
  const shortest = number.subarray(first < 0 ? number.length - 1 : first)
  const isNegative = (shortest[0] ?? 0) >= 0x80
  return tagged(0x02, isNegative ? Buffer.concat([Buffer.of(0), shortest]) : shortest)
}

/** Numbers of P-256 alone: every length fits in one byte. */
const tagged = (tag: number, content: Buffer) => Buffer.concat([Buffer.of(tag, content.length), content])
