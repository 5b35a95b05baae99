/** The witness's key: Ed25519, in a file of its own. */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { chmodSync, writeFileSync } from 'node:fs'
import { utf8 } from '@natsuin/pki/encoding'
import { nodePlatform } from '@natsuin/pki/node'
import { cosignatureLine, cosignedText, type WitnessKey } from '@natsuin/protocol/log'
import { ConfigurationError, readText } from '@natsuin/protocol/node'

export interface Cosigner {
  readonly key: WitnessKey
  /** The signature line for a checkpoint. @param at seconds */
  cosign(checkpoint: string, at: number): Promise<string>
}

/** @throws when there is a file already */
export function makeKey(file: string): void {
  const { privateKey } = generateKeyPairSync('ed25519')
  writeFileSync(file, privateKey.export({ type: 'pkcs8', format: 'pem' }), { flag: 'wx', mode: 0o600 })
  chmodSync(file, 0o600)
}

/** @throws ConfigurationError */
export function readCosigner(name: string, file: string): Cosigner {
  const privateKey = parse(file)
  const key = { name, publicKey: publicBytes(privateKey) }
  return {
    key,
    cosign: (checkpoint, at) => {
      const signature = sign(null, utf8(cosignedText(checkpoint, at)), privateKey)
      return cosignatureLine(key, at, signature, nodePlatform)
    },
  }
}

function parse(file: string): KeyObject {
  const pem = readText(file, 'keyFile')
  try {
    const key = createPrivateKey(pem)
    if (key.asymmetricKeyType === 'ed25519') return key
  } catch {
    // As what it is not: no key, or one of another kind.
  }
  throw new ConfigurationError([`keyFile: ${file} is no Ed25519 key`])
}

/** RFC 8032, 5.1.5. */
function publicBytes(privateKey: KeyObject): Uint8Array {
  const spki = createPublicKey(privateKey).export({ type: 'spki', format: 'der' })
  return new Uint8Array(spki.subarray(-32))
}
