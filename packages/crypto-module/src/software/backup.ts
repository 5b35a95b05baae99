/** Named keys of which copies leave when they are made, and what comes back of them. */
import { createHmac, createSecretKey, randomBytes } from 'node:crypto'
import { equal } from '@natsuin/pki/encoding'
import { sendKey, unwrapKey, wrapKey } from '@natsuin/pki/node'
import { checkRecipient } from '../check-recipient.ts'
import { type BackedUpKey, type KeyWitness, ModuleRefusal, type NamedKey } from '../module.ts'
import { isProofBy, MAC_WITNESS_TEXT, proofRequest, WITNESS_TYPE, witnessDiffers } from '../witness.ts'
import { OAEP_DIGEST, ownSpelling, receive } from './import-key.ts'
import type { StoredKey } from './key-directory.ts'
import { digestSigner, generateKeyPairDer } from './private-key.ts'
import type { UsableKey } from './usable-keys.ts'

/** What copies can be made of. */
type BackedUp = Exclude<StoredKey, { kind: 'import' }>

export async function backUp(
  key: NamedKey,
  recipients: readonly Uint8Array[],
): Promise<{ stored: BackedUp; backup: BackedUpKey }> {
  const stored = await make(key)
  const copies = recipients.map(spki => {
    checkRecipient(spki)
    const recipient = { spki, oaepDigest: OAEP_DIGEST }
    return { ...recipient, sent: sendKey(recipient, stored.secret) }
  })
  return { stored, backup: { copies, witness: await witnessOf(stored) } }
}

/** @throws ModuleRefusal `wrapped-key-invalid` */
export function restoredKey(
  key: NamedKey,
  importKey: UsableKey & { kind: 'import' },
  sent: Uint8Array,
): BackedUp {
  const secret = receive(importKey, sent)
  if (key.kind === 'signing') {
    const { pkcs8, spki } = ownSpelling(secret, key.type)
    return { kind: 'signing', type: key.type, secret: pkcs8, spki }
  }
  if (secret.length !== 32) throw new ModuleRefusal('wrapped-key-invalid', 'the copy is no key of 256 bits')
  return { kind: key.kind, secret }
}

/** @throws ModuleRefusal `witness-differs` */
export async function checkWitness(label: string, stored: BackedUp, witness: KeyWitness): Promise<void> {
  if (!(await recognises(witness, stored))) throw witnessDiffers(label)
}

async function make(key: NamedKey): Promise<BackedUp> {
  if (key.kind !== 'signing') return { kind: key.kind, secret: new Uint8Array(randomBytes(32)) }
  const { pkcs8, spki } = await generateKeyPairDer(key.type)
  return { kind: 'signing', type: key.type, secret: pkcs8, spki }
}

async function witnessOf(stored: BackedUp): Promise<KeyWitness> {
  if (stored.kind === 'mac') return { kind: 'mac', mac: macOf(stored.secret) }
  if (stored.kind === 'signing') return { kind: 'signing', spki: stored.spki }
  const { pkcs8, spki } = await generateKeyPairDer(WITNESS_TYPE)
  const wrapped = wrapKey(createSecretKey(stored.secret), pkcs8)
  pkcs8.fill(0)
  return { kind: 'master', pair: { type: WITNESS_TYPE, wrapped, spki } }
}

async function recognises(witness: KeyWitness, stored: BackedUp): Promise<boolean> {
  if (witness.kind === 'mac') return stored.kind === 'mac' && equal(macOf(stored.secret), witness.mac)
  if (witness.kind === 'signing') return stored.kind === 'signing' && equal(stored.spki, witness.spki)
  return stored.kind === 'master' && unwrapsWitness(stored.secret, witness.pair)
}

async function unwrapsWitness(
  secret: Uint8Array,
  { type, wrapped, spki }: (KeyWitness & { kind: 'master' })['pair'],
): Promise<boolean> {
  const pkcs8 = unwrapKey(createSecretKey(secret), wrapped)
  const sign = pkcs8 && digestSigner(type, pkcs8)
  return sign !== undefined && isProofBy({ type, spki }, await sign(proofRequest(type)))
}

const macOf = (secret: Uint8Array): Uint8Array =>
  new Uint8Array(createHmac('sha256', secret).update(MAC_WITNESS_TEXT).digest())
