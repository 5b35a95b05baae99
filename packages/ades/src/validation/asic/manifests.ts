/** ASiCManifest files under validation: EN 319 162-1 V1.1.1, A.4 and A.7. What they name is hashed anew. */
import { type DigestAlgorithm, digestByUri } from '@natsuin/pki/algorithms'
import { equal, fromBase64 } from '@natsuin/pki/encoding'
import type { Digest } from '@natsuin/pki/platform'
import type { ByteSource } from '../../pdf/byte-source.ts'
import { attributeOf, elementsOf, isNamed, type XmlElement } from '../../xml/node.ts'
import { parseXml } from '../../xml/parse.ts'
import { XmlRefusal } from '../../xml/refusal.ts'
import { ValidationEnded } from '../verdict.ts'
import { textIn } from '../xades/signature-parts.ts'
import type { ContainerFiles } from './container-files.ts'

const ASIC = 'http://uri.etsi.org/02918/v1.2.1#'
const DS = 'http://www.w3.org/2000/09/xmldsig#'

export interface Manifest {
  readonly name: string
  readonly bytes: Uint8Array
  /** The signature or time-stamp over it. */
  readonly signature: string
  readonly references: readonly ManifestReference[]
}

export interface ManifestReference {
  readonly name: string
  readonly algorithm: string
  readonly digest: Uint8Array
  /** The archive manifest that was the newest before. */
  readonly isRoot: boolean
}

/** @throws ValidationEnded FORMAT_FAILURE for one that is not written as it should be */
export function readManifest(name: string, bytes: Uint8Array): Manifest {
  const root = rootOf(name, bytes)
  if (!isNamed(root, [ASIC, 'ASiCManifest'])) throw malformed(name)
  const children = elementsOf(root)
  const [signature, ...others] = children.filter(one => isNamed(one, [ASIC, 'SigReference']))
  const references = children.filter(one => isNamed(one, [ASIC, 'DataObjectReference']))
  if (signature === undefined || others.length > 0 || references.length === 0) throw malformed(name)
  return { name, bytes, signature: nameIn(signature), references: references.map(readReference) }
}

function rootOf(name: string, bytes: Uint8Array): XmlElement {
  try {
    return parseXml(bytes).root
  } catch (error) {
    if (error instanceof XmlRefusal) throw malformed(`${name}: ${error.code}`)
    throw error
  }
}

function readReference(element: XmlElement): ManifestReference {
  const child = (localName: string) => elementsOf(element).filter(one => isNamed(one, [DS, localName]))
  const [method, value] = [child('DigestMethod'), child('DigestValue')]
  const digest = value[0] && fromBase64(textIn(value[0]).replace(/\s/g, ''))
  const name = nameIn(element)
  if (method.length !== 1 || value.length !== 1 || digest === undefined) throw malformed(name)
  const algorithm = (method[0] && attributeOf(method[0], 'Algorithm')) ?? ''
  return { name, algorithm, digest, isRoot: attributeOf(element, 'Rootfile') === 'true' }
}

/** A relative reference from the root of the container (A.4): percent-encoded, or as it is where nothing has to be. */
function nameIn(element: XmlElement): string {
  const uri = attributeOf(element, 'URI')
  if (uri === undefined) throw malformed('URI')
  try {
    return decodeURIComponent(uri)
  } catch {
    throw malformed(uri)
  }
}

function malformed(what: string): ValidationEnded {
  return new ValidationEnded('FORMAT_FAILURE', `manifest: ${what}`)
}

/**
 * Whether every file that the manifest names is there, and is what it was.
 *
 * @throws ValidationEnded HASH_FAILURE, SIGNED_DATA_NOT_FOUND, CRYPTO_CONSTRAINTS_FAILURE, FORMAT_FAILURE
 */
export async function checkReferences(
  { references }: Manifest,
  files: ContainerFiles,
  platform: Digest,
): Promise<void> {
  const names = new Set<string>()
  for (const { name, algorithm, digest } of references) {
    if (names.has(name)) throw malformed(`${name} twice`)
    names.add(name)
    const known = digestByUri(algorithm)
    if (known === undefined) throw new ValidationEnded('CRYPTO_CONSTRAINTS_FAILURE', algorithm)
    if (!equal(await digestOf(name, known, files, platform), digest))
      throw new ValidationEnded('HASH_FAILURE', name)
  }
}

async function digestOf(
  name: string,
  algorithm: DigestAlgorithm,
  files: ContainerFiles,
  platform: Digest,
): Promise<Uint8Array> {
  const key = `${algorithm} ${name}`
  const known = files.digests.get(key)
  if (known !== undefined) return known
  const hash = platform.stream(algorithm)
  for await (const piece of contentOf(name, files)) hash.update(piece)
  const digest = hash.finish()
  files.digests.set(key, digest)
  return digest
}

const PIECE = 256 * 1024

async function* contentOf(name: string, { documents, metaInf }: ContainerFiles): AsyncGenerator<Uint8Array> {
  const small = metaInf.get(name)
  if (small !== undefined) return yield small
  const document: ByteSource | undefined = documents.get(name)
  if (document === undefined) throw new ValidationEnded('SIGNED_DATA_NOT_FOUND', name)
  for (let at = 0; at < document.size; at += PIECE)
    yield document.read(at, Math.min(PIECE, document.size - at))
}
