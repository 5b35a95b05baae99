/**
 * Named keys of which copies leave the token when they are made, and what comes back of them.
 *
 * Until it has been copied a key is a session object that can be wrapped; what is kept on the token is a copy of it
 * that cannot (PKCS #11 Base V2.40, 4.7). So no key of the token can ever be wrapped out, the backed-up ones included,
 * and a crash in between leaves nothing.
 */
import type { KeyType } from '@natsuin/pki/algorithms'
import type { Handle } from 'pkcs11js'
import { checkRecipient } from '../check-recipient.ts'
import type { BackedUpKey, KeyCopy, KeyWitness, NamedKey } from '../module.ts'
import { MAC_WITNESS_TEXT, WITNESS_TYPE, witnessDiffers } from '../witness.ts'
import { mechanism } from './cryptoki.ts'
import { type ReceivingKey, receiveOnToken, sendFromToken } from './key-transport.ts'
import { recognises } from './named-keys.ts'
import type { SessionOperations } from './session-operations.ts'
import {
  keptAs,
  keptForGoodAs,
  passingKeyShape,
  publicObjectTemplate,
  restoredSecretTemplate,
  unwrapTemplate,
  wrappablePairTemplates,
  wrappableSecretTemplate,
} from './templates.ts'

/** Session objects of one key; the secret half is the one that copies are made of. */
interface SessionObjects {
  readonly secret: Handle
  readonly publicKey?: Handle
}

type WitnessPair = (KeyWitness & { kind: 'master' })['pair']

/** @throws ModuleRefusal `key-type-unsupported` */
export async function createWithBackup(
  on: SessionOperations,
  key: NamedKey,
  recipients: readonly Uint8Array[],
): Promise<BackedUpKey> {
  for (const recipient of recipients) checkRecipient(recipient)
  const made = await make(on, key)
  try {
    const copies: KeyCopy[] = []
    for (const recipient of recipients)
      copies.push(await sendFromToken(on, made.secret, recipient, typeOf(key)))
    const witness = await witnessOf(on, key, made)
    on.copy(made.secret, keptForGoodAs(key.label))
    if (made.publicKey !== undefined) on.copy(made.publicKey, keptAs(key.label))
    return { copies, witness }
  } finally {
    on.discard(...handlesOf(made))
  }
}

/** @throws ModuleRefusal `wrapped-key-invalid`, `witness-differs` */
export async function restoreKey(
  on: SessionOperations,
  key: NamedKey,
  copy: { readonly importKey: ReceivingKey; readonly sent: Uint8Array },
  witness: KeyWitness,
): Promise<void> {
  if (witness.kind !== key.kind) throw witnessDiffers(key.label)
  const secret = await receiveOnToken(on, copy.importKey, copy.sent, templateOf(key))
  try {
    if (key.kind === 'signing') on.checkType(secret, key.type, passingKeyShape)
    if (!(await recognises(on, witness, secret))) throw witnessDiffers(key.label)
    keepRestored(on, key, secret, witness)
  } finally {
    on.discard(secret)
  }
}

async function make(on: SessionOperations, key: NamedKey): Promise<SessionObjects> {
  if (key.kind !== 'signing') {
    return { secret: await on.generateSecret(GENERATIONS[key.kind], wrappableSecretTemplate(key.kind)) }
  }
  const { publicKey, privateKey } = await on.generatePair(key.type, wrappablePairTemplates(key.type))
  return { secret: privateKey, publicKey }
}

const GENERATIONS = { master: mechanism.AES_KEY_GEN, mac: mechanism.GENERIC_SECRET_KEY_GEN } as const

function keepRestored(on: SessionOperations, key: NamedKey, secret: Handle, witness: KeyWitness): void {
  on.copy(secret, keptAs(key.label))
  if (key.kind !== 'signing' || witness.kind !== 'signing') return
  const publicKey = on.create(publicObjectTemplate(key.type, witness.spki, 'VERIFY'))
  on.copy(publicKey, keptAs(key.label))
  on.discard(publicKey)
}

async function witnessOf(on: SessionOperations, key: NamedKey, made: SessionObjects): Promise<KeyWitness> {
  if (key.kind === 'mac') return { kind: 'mac', mac: await on.mac(made.secret, MAC_WITNESS_TEXT) }
  if (key.kind === 'master') return { kind: 'master', pair: await witnessPair(on, made.secret) }
  if (made.publicKey === undefined) throw new Error('a pair has a public half')
  return { kind: 'signing', spki: on.publicKeyInfo(made.publicKey, key.type) }
}

/** A pair of nobody under the new master key. */
async function witnessPair(on: SessionOperations, master: Handle): Promise<WitnessPair> {
  const type = WITNESS_TYPE
  const { publicKey, privateKey } = await on.generatePair(type, wrappablePairTemplates(type))
  try {
    return { type, spki: on.publicKeyInfo(publicKey, type), wrapped: await on.wrap(master, privateKey, type) }
  } finally {
    on.discard(privateKey, publicKey)
  }
}

const typeOf = (key: NamedKey): KeyType | undefined => (key.kind === 'signing' ? key.type : undefined)

const templateOf = (key: NamedKey) =>
  key.kind === 'signing' ? unwrapTemplate(key.type) : restoredSecretTemplate(key.kind)

const handlesOf = ({ secret, publicKey }: SessionObjects): Handle[] =>
  publicKey === undefined ? [secret] : [secret, publicKey]
