/**
 * Whether a package holds the key that officers approved, and one that this deployment takes (requirements C-KI-1;
 * threats T-KEY-04 to T-KEY-09). Asked when the grant is submitted, so that officers hear of it, and again when its owner
 * enrols, because months may lie between.
 *
 * What the officer's tool examined is examined again as far as the public half shows it: the tool ran elsewhere.
 */
import { DerError } from '@natsuin/pki/asn1'
import { equal } from '@natsuin/pki/encoding'
import { digestSync, nodeKeyPlatform } from '@natsuin/pki/node'
import { type WeakKeyReason, weaknessOfPublicKey } from '@natsuin/pki/weak-keys'
import { readPublicKey } from '@natsuin/pki/x509'
import type { EnrolmentGrant } from '@natsuin/protocol/approval'
import type { CredentialClass } from '@natsuin/protocol/genesis'
import { type ImportPackage, importPackage } from '@natsuin/protocol/keys'
import { readStrictJson } from '@natsuin/protocol/shape'
import { checkCertificate } from '../credentials/check-certificate.ts'
import { refuse } from '../refuse.ts'
import type { Sam } from '../sam.ts'
import { readImportKey, WRAPPINGS } from './import-key.ts'

export interface PackageFacts {
  readonly sam: Pick<Sam, 'roster' | 'time' | 'state' | 'module'>
  readonly grant: EnrolmentGrant
  readonly class: CredentialClass
  readonly content: ImportPackage
}

/** What a package is once every check has passed. */
export interface KeyOnItsWay {
  readonly content: ImportPackage
  readonly packageDigest: Uint8Array
  readonly publicKeyDigest: Uint8Array
}

type PackageCheck = (facts: PackageFacts) => void | Promise<void>

const PACKAGE_CHECKS: readonly PackageCheck[] = [
  checkClass,
  checkImportKey,
  checkPublicKey,
  checkCopies,
  checkNotKnown,
  checkOwnCertificate,
]

/**
 * @throws Refusal `import-not-approved`, `malformed`, `import-key-differs`, `import-unavailable`, `algorithm-mismatch`,
 *   `key-weak`, `copies-remain`, `key-known`, `import-not-certified`, `module-unavailable` and those of `checkCertificate`
 */
export async function checkImportPackage(
  sam: PackageFacts['sam'],
  {
    bytes,
    grant,
    class: credentialClass,
  }: Pick<PackageFacts, 'grant' | 'class'> & { readonly bytes: Uint8Array },
): Promise<KeyOnItsWay> {
  const packageDigest = digestSync('sha256', bytes)
  const approved = grant.importPackage
  if (approved === undefined || !equal(packageDigest, approved)) throw refuse('import-not-approved')
  const content = readStrictJson(bytes, importPackage)
  const facts = { sam, grant, class: credentialClass, content }
  for (const check of PACKAGE_CHECKS) await check(facts)
  return { content, packageDigest, publicKeyDigest: digestSync('sha256', content.publicKey) }
}

/** The class is for keys from elsewhere and for keys of this type. */
function checkClass({ class: credentialClass, content }: PackageFacts): void {
  if (credentialClass.keys !== 'imported') throw refuse('import-not-approved')
  if (content.keyType !== credentialClass.keyType) throw refuse('algorithm-mismatch')
}

/** It was encrypted for this module, in a way that this module can undo. */
async function checkImportKey({ sam, content }: PackageFacts): Promise<void> {
  const { spki, oaepDigest } = await readImportKey(sam)
  const isOurs =
    content.deployment === sam.roster.deployment && equal(content.importKey, digestSync('sha256', spki))
  if (!isOurs || content.wrapping !== WRAPPINGS[oaepDigest]) throw refuse('import-key-differs')
}

/** The public half is of the type that it says, and nothing about it is weak. */
function checkPublicKey({ content: { publicKey, keyType } }: PackageFacts): void {
  const weakness = weaknessOf(publicKey)
  if (weakness !== undefined) throw refuse('key-weak', { weakness })
  if (readPublicKey(publicKey).keyType !== keyType) throw refuse('algorithm-mismatch')
}

function weaknessOf(publicKey: Uint8Array): WeakKeyReason | undefined {
  try {
    return weaknessOfPublicKey(publicKey, nodeKeyPlatform)
  } catch (error) {
    if (error instanceof DerError) throw refuse('malformed', {}, { cause: error })
    throw error
  }
}

/** From level 2 on no other usable copy exists, by the officer's word (requirements JT2A-KIMP-4). */
function checkCopies({ class: { level }, content }: PackageFacts): void {
  if (level > 1 && content.otherCopies !== 'destroyed') throw refuse('copies-remain')
}

/** One key is one signer's, for ever (EN 419 241-1:2018, SRG_KM.3.4): also when he had it once. */
function checkNotKnown({ sam, content }: PackageFacts): void {
  if (sam.state.isKeyImported(digestSync('sha256', content.publicKey))) throw refuse('key-known')
}

/** From level 2 on the key comes from an authority that the roster names; below, our own may certify it. */
async function checkOwnCertificate({ sam, grant, class: { level }, content }: PackageFacts): Promise<void> {
  const { certificates, publicKey } = content
  if (certificates.length === 0 && level === 1) return
  if (certificates.length < 2) throw refuse('import-not-certified')
  await checkCertificate(sam, { publicKey, subject: grant.subject }, certificates)
}
