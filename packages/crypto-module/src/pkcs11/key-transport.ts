/**
 * Keys that leave the token for one recipient, and keys that come in (sole control, 11): what `sendKey` and `receiveKey`
 * of pki do, inside the token, where no key is ever in the clear.
 *
 * In two steps, because SoftHSM lacks CKM_RSA_AES_KEY_WRAP: an AES key goes under RSAES-OAEP, the key itself under
 * that one. SoftHSM has no other digest for OAEP than SHA-1; which one a token takes is found by trying.
 */
import { createPublicKey } from 'node:crypto'
import type { KeyType } from '@natsuin/pki/algorithms'
import { concat } from '@natsuin/pki/encoding'
import { type KeyRecipient, partsOfTransport, sendKey } from '@natsuin/pki/node'
import type { Handle, Mechanism, Template } from 'pkcs11js'
import { type KeyCopy, ModuleRefusal, type OaepDigest } from '../module.ts'
import { mechanism, OAEP_LABEL_SPECIFIED, oaepMechanism, parameters } from './cryptoki.ts'
import { isParameterRefusal } from './return-codes.ts'
import type { SessionOperations } from './session-operations.ts'
import { publicObjectTemplate, receivingKeyTemplate, sendingKeyTemplate } from './templates.ts'

/** The private half of an import key, and how keys are encrypted for it. */
export interface ReceivingKey extends KeyRecipient {
  readonly handle: Handle
}

/** A copy of the key, which must be extractable, for the recipient. @throws ModuleRefusal `key-type-unsupported` */
export async function sendFromToken(
  on: SessionOperations,
  key: Handle,
  recipient: Uint8Array,
  type?: KeyType,
): Promise<KeyCopy> {
  const sending = await on.generateSecret(mechanism.AES_KEY_GEN, sendingKeyTemplate)
  const publicKey = on.create(publicObjectTemplate(RSA, recipient, 'WRAP'))
  try {
    const [oaepDigest, transport] = await firstTaken(how => on.wrapBy(how, publicKey, sending))
    const wrapped = await on.wrap(sending, key, type)
    return { spki: recipient, oaepDigest, sent: concat(transport, wrapped) }
  } finally {
    on.discard(sending, publicKey)
  }
}

/** @throws ModuleRefusal `wrapped-key-invalid`, `module-unavailable` */
export async function receiveOnToken(
  on: SessionOperations,
  { handle, spki, oaepDigest }: ReceivingKey,
  sent: Uint8Array,
  template: Template,
): Promise<Handle> {
  const bits = modulusBits(spki)
  const { transport, wrapped } = partsOfTransport(sent, bits)
  if (transport.length * 8 !== bits) throw tooShort(sent)
  const receiving = await on.unwrapBy(oaep(oaepDigest), handle, transport, receivingKeyTemplate)
  try {
    return await on.unwrap(receiving, wrapped, template)
  } finally {
    on.discard(receiving)
  }
}

/** How keys are to be encrypted for this import key: the first way that the token decrypts. */
export async function oaepDigestFor(
  on: SessionOperations,
  handle: Handle,
  spki: Uint8Array,
): Promise<OaepDigest> {
  const [oaepDigest, probe] = await firstTaken((how, digest) => {
    const sent = sendKey({ spki, oaepDigest: digest }, new Uint8Array(32))
    const { transport } = partsOfTransport(sent, modulusBits(spki))
    return on.unwrapBy(how, handle, transport, receivingKeyTemplate)
  })
  on.discard(probe)
  return oaepDigest
}

const tooShort = ({ length }: Uint8Array) =>
  new ModuleRefusal('wrapped-key-invalid', `${length} octets are too few for this import key`)

/** The type only says which family of objects it is. */
const RSA: KeyType = 'rsa-3072'

const modulusBits = (spki: Uint8Array): number =>
  createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' }).asymmetricKeyDetails
    ?.modulusLength ?? 0

async function firstTaken<Result>(
  attempt: (how: Mechanism, digest: OaepDigest) => Promise<Result>,
): Promise<[OaepDigest, Result]> {
  try {
    return [PREFERRED, await attempt(oaep(PREFERRED), PREFERRED)]
  } catch (error) {
    if (!isParameterRefusal(error)) throw error
    return [LAST, await attempt(oaep(LAST), LAST)]
  }
}

const PREFERRED: OaepDigest = 'sha256'
const LAST: OaepDigest = 'sha1'

function oaep(digest: OaepDigest): Mechanism {
  const { hash, mgf } = oaepMechanism[digest]
  const parameter = { type: parameters.RSA_OAEP, hashAlg: hash, mgf, source: OAEP_LABEL_SPECIFIED }
  return { mechanism: mechanism.RSA_PKCS_OAEP, parameter }
}
