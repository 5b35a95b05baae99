/**
 * The log's arithmetic once more, from the documents: Merkle tree hash (RFC 9162, 2.1.1) and checkpoints (C2SP
 * tlog-checkpoint, signed-note). Shares nothing with the SAM, so that both would have to be wrong in the same way.
 */
import { createHash, createPublicKey, verify } from 'node:crypto'

/** MTH of the leaves, in their order. */
export function treeHash(leaves: readonly Uint8Array[]): Buffer {
  return prefixHashes(leaves)(leaves.length)
}

/** MTH of the first `size` leaves, for many sizes: complete subtrees are hashed once. */
export function prefixHashes(leaves: readonly Uint8Array[]): (size: number) => Buffer {
  const complete = new Map<string, Buffer>()
  const between = (start: number, end: number): Buffer => {
    const known = complete.get(`${start} ${end}`)
    if (known !== undefined) return known
    if (end - start === 1) return leafHash(leaves[start] ?? new Uint8Array())
    let k = 1
    while (k * 2 < end - start) k *= 2
    const hash = sha256(Uint8Array.of(1), between(start, start + k), between(start + k, end))
    if (k * 2 === end - start) complete.set(`${start} ${end}`, hash)
    return hash
  }
  return size => (size === 0 ? sha256() : between(0, size))
}

export function leafHash(leaf: Uint8Array): Buffer {
  return sha256(Uint8Array.of(0), leaf)
}

export interface Head {
  readonly origin: string
  readonly size: number
  readonly root: Buffer
}

/** What a checkpoint says, if the key signed it. @param key DER SubjectPublicKeyInfo */
export function headOf(checkpoint: string, key: Uint8Array): Head | undefined {
  const end = checkpoint.indexOf('\n\n')
  const text = checkpoint.slice(0, end + 1)
  const [origin = '', size, root = ''] = text.split('\n')
  const lines = checkpoint.slice(end + 2).split('\n')
  const signed = lines.some(line => isSignature(line, `— ${origin} `, text, key))
  return signed ? { origin, size: Number(size), root: Buffer.from(root, 'base64') } : undefined
}

/** Four bytes of the key's digest, then the signature (signed-note, signature type 0x02). */
function isSignature(line: string, prefix: string, text: string, key: Uint8Array): boolean {
  if (!line.startsWith(prefix)) return false
  const bytes = Buffer.from(line.slice(prefix.length), 'base64')
  const hint = sha256(key).subarray(0, 4)
  const publicKey = createPublicKey({ key: Buffer.from(key), format: 'der', type: 'spki' })
  return (
    hint.equals(bytes.subarray(0, 4)) && verify('sha256', Buffer.from(text), publicKey, bytes.subarray(4))
  )
}

export function sha256(...parts: readonly Uint8Array[]): Buffer {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest()
}
