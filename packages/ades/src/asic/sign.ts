/**
 * Signatures in containers, in two steps like those outside: EN 319 162-1 V1.1.1, 4.3.3.2 (one document), 4.4.3.2 and
 * 4.4.4.2 (any number).
 *
 * A CAdES signature is over the one document, or over a manifest that names every document with its digest. A XAdES
 * signature names the documents itself.
 */
import { signatureAlgorithms } from '@natsuin/pki/algorithms'
import { utf8 } from '@natsuin/pki/encoding'
import { type CompleteCadesOptions, completeCades } from '../cades/complete.ts'
import { type PrepareCadesOptions, type PreparedCades, prepareCades } from '../cades/prepare.ts'
import { bytesSource } from '../pdf/byte-source.ts'
import { type CompleteXadesOptions, completeXades } from '../xades/complete.ts'
import { placeInside } from '../xades/insertion.ts'
import { type PreparedXades, type PrepareXadesOptions, prepareXades } from '../xades/prepare.ts'
import { parseXml } from '../xml/parse.ts'
import { type AsicContainer, type AsicFile, metaInfBytes, nextName, uriOf, withMetaInf } from './container.ts'
import { buildManifest } from './manifest.ts'
import { packageManifest } from './package-manifest.ts'
import { ASIC_NAMESPACE, MEDIA_TYPE_OF, META_INF } from './vocabulary.ts'

/** What kinds of data the documents are, by their names (RFC 2045). */
interface WithMimeTypes {
  readonly mimeTypes?: Readonly<Record<string, string>>
}

export type PrepareAsicOptions =
  | ({ readonly signature: 'CAdES' } & PrepareCadesOptions & WithMimeTypes)
  | ({ readonly signature: 'XAdES' } & PrepareXadesOptions & WithMimeTypes)

/** Plain values only; holds nothing of the documents. `prepared.dtbsr` is the hash that the key signs. */
export type PreparedAsic =
  | {
      readonly signature: 'CAdES'
      /** Where in the container the signature will stand. */
      readonly name: string
      /** What it is over in an extended container. */
      readonly manifest?: { readonly name: string; readonly bytes: Uint8Array }
      readonly prepared: PreparedCades
    }
  | {
      readonly signature: 'XAdES'
      readonly name: string
      /** Of an extended container: what is in it, for readers of OpenDocument packages. */
      readonly manifest?: { readonly name: string; readonly bytes: Uint8Array }
      readonly prepared: PreparedXades
    }

/**
 * Prepares a signature over all documents of a container.
 *
 * @throws as `prepareCades` and `prepareXades`
 */
export async function prepareAsic(
  container: AsicContainer,
  options: PrepareAsicOptions,
): Promise<PreparedAsic> {
  if (options.signature === 'XAdES') return prepareWithXades(container, options)
  return container.form === 'ASiC-S' ? prepareSimple(container, options) : prepareExtended(container, options)
}

async function prepareSimple(container: AsicContainer, options: PrepareCadesOptions): Promise<PreparedAsic> {
  const name = `${META_INF}signature.p7s`
  onlyFile(container, name)
  const [document] = container.documents
  if (document === undefined) throw new RangeError('a container with no document')
  return { signature: 'CAdES', name, prepared: await prepareCades(document.content, options) }
}

async function prepareExtended(
  container: AsicContainer,
  { mimeTypes = {}, ...options }: PrepareCadesOptions & WithMimeTypes,
): Promise<PreparedAsic> {
  const name = nextName(container, 'signature', '.p7s')
  const { digest: digestAlgorithm } = signatureAlgorithms[options.signatureAlgorithm]
  const files = container.documents.map(file => ({ ...file, mimeType: mimeTypes[file.name] }))
  const signature = { name, mimeType: MEDIA_TYPE_OF.cades }
  const bytes = await buildManifest({ signature, files, digestAlgorithm }, options.platform)
  const prepared = await prepareCades(bytesSource(bytes), options)
  const manifest = { name: nextName(container, 'ASiCManifest', '.xml'), bytes }
  return { signature: 'CAdES', name, manifest, prepared }
}

async function prepareWithXades(
  container: AsicContainer,
  { mimeTypes = {}, ...options }: PrepareXadesOptions & WithMimeTypes,
): Promise<PreparedAsic> {
  const objects = container.documents.map(({ name, content }) => {
    const mimeType = mimeTypes[name]
    return { uri: uriOf(name), content, ...(mimeType === undefined ? {} : { mimeType }) }
  })
  const prepared = await prepareXades({ packaging: 'detached', objects }, options)
  if (container.form === 'ASiC-S') {
    const name = `${META_INF}signatures.xml`
    const around = await aroundIn(onlyFile(container, name))
    return { signature: 'XAdES', name, prepared: { ...prepared, ...around } }
  }
  const name = nextName(container, 'signatures', '.xml')
  const manifest = packageManifest(container, mimeTypes)
  return { signature: 'XAdES', name, prepared: { ...prepared, ...AROUND }, manifest }
}

/**
 * 4.3.3.2: META-INF of a simple container has one file, in which several signers stand beside each other.
 *
 * @throws RangeError where it has another one
 */
function onlyFile({ metaInf }: AsicContainer, name: string): AsicFile | undefined {
  const [file, ...others] = metaInf
  if (others.length > 0 || (file !== undefined && file.name !== name))
    throw new RangeError(`a simple container with another signature than ${name}`)
  return file
}

async function aroundIn(file: AsicFile | undefined) {
  if (file === undefined) return AROUND
  const { text, root } = parseXml(await metaInfBytes(file))
  const { before, after } = placeInside(text, root)
  return { before: utf8(before), after: utf8(after) }
}

/** 4.4.3.2: the root of a file of XAdES signatures. */
const AROUND = {
  before: utf8(
    `<?xml version="1.0" encoding="UTF-8"?>\n<asic:XAdESSignatures xmlns:asic="${ASIC_NAMESPACE}">`,
  ),
  after: utf8('</asic:XAdESSignatures>'),
}

export type CompleteAsicOptions = Omit<CompleteCadesOptions, 'beside'> &
  Pick<CompleteXadesOptions, 'timeStamp'>

/**
 * The container with the signature in it.
 *
 * @throws as `completeCades` and `completeXades`
 */
export async function completeAsic(
  container: AsicContainer,
  prepared: PreparedAsic,
  signatureValue: Uint8Array,
  options: CompleteAsicOptions,
): Promise<AsicContainer> {
  if (prepared.signature === 'XAdES') {
    const signed = await completeXades(prepared.prepared, signatureValue, options)
    return withMetaInf(withManifest(container, prepared), prepared.name, signed)
  }
  const { name } = prepared
  const before = container.metaInf.find(file => file.name === name)
  const beside = before === undefined ? {} : { beside: await metaInfBytes(before) }
  const signature = await completeCades(prepared.prepared, signatureValue, { ...options, ...beside })
  return withMetaInf(withManifest(container, prepared), name, signature)
}

function withManifest(container: AsicContainer, { manifest }: PreparedAsic): AsicContainer {
  return manifest === undefined ? container : withMetaInf(container, manifest.name, manifest.bytes)
}
