/** What a signed sigD refers to, and in which way it is signed: TS 119 182-1 V1.2.1, 5.2.8. */
import { type DigestAlgorithm, joseDigest } from '@natsuin/pki/algorithms'
import { equal, join, toBase64url, utf8 } from '@natsuin/pki/encoding'
import type { Digest } from '@natsuin/pki/platform'
import type { DetachedContent } from '../../jades/content.ts'
import type { ByteSource } from '../../pdf/byte-source.ts'
import { ValidationEnded } from '../verdict.ts'
import { httpHeaders } from './http-headers.ts'
import { base64url, exactly, type JsonObject, list, malformed, text } from './json.ts'
import { found, type SignedContent } from './signed-thing.ts'

export interface Reference {
  /** Of sigD. */
  readonly members: JsonObject
  /** pars, none of them twice. */
  readonly names: readonly string[]
  /** Whether b64 is not false. */
  readonly encoded: boolean
  /** What the verifier has. */
  readonly given: DetachedContent
  readonly platform: Digest
}

/** @throws ValidationEnded FORMAT_FAILURE, HASH_FAILURE, SIGNED_DATA_NOT_FOUND */
export async function referredContent(
  sigD: unknown,
  circumstances: Pick<Reference, 'encoded' | 'given' | 'platform'>,
): Promise<SignedContent> {
  const members = exactly(sigD, ['mId', 'pars', 'hashM', 'hashV', 'ctys'], 'sigD')
  const names = list(members.get('pars'), 'pars').map(one => text(one, 'pars'))
  if (new Set(names).size !== names.length) throw malformed('pars: a name twice')
  const mechanism = MECHANISMS.get(text(members.get('mId'), 'mId'))
  if (mechanism === undefined) throw malformed('sigD: mechanism')
  return mechanism({ ...circumstances, members, names })
}

type Mechanism = (reference: Reference) => Promise<SignedContent>

const MECHANISMS: ReadonlyMap<string, Mechanism> = new Map([
  ['http://uri.etsi.org/19182/HttpHeaders', byHeaders],
  ['http://uri.etsi.org/19182/ObjectIdByURI', byUri],
  ['http://uri.etsi.org/19182/ObjectIdByURIHash', byUriHash],
])

function lacks(members: JsonObject, ...names: readonly string[]): void {
  for (const name of names) if (members.has(name)) throw malformed(`sigD: ${name}`)
}

/** 5.2.8.2: headers have no base64url of their own. */
async function byHeaders({ members, names, encoded, given, platform }: Reference): Promise<SignedContent> {
  lacks(members, 'hashM', 'hashV', 'ctys')
  if (encoded) throw malformed('sigD: b64 is not false')
  return httpHeaders(names, found(given.message, 'the HTTP message'), platform)
}

/** 5.2.8.3.2. */
async function byUri(reference: Reference): Promise<SignedContent> {
  lacks(reference.members, 'hashM', 'hashV')
  const objects = objectsOf(reference)
  const stamped = () => octetsOf(objects, reference.encoded)
  return { thing: thingOf(reference), stamped, signed: await collected(stamped()) }
}

/** 5.2.8.3.3: the digests stand in the header, and the payload is an empty stream. */
async function byUriHash(reference: Reference): Promise<SignedContent> {
  const { members, encoded, platform } = reference
  const objects = objectsOf(reference)
  const digests = list(members.get('hashV'), 'hashV').map(one => base64url(one, 'hashV'))
  if (digests.length !== objects.length) throw malformed('hashV')
  const algorithm = digestNamed(members.get('hashM'))
  await checkDigests(objects, digests, { algorithm, encoded, platform })
  const stamped = () => octetsOf(objects, encoded)
  return { thing: thingOf(reference), stamped, signed: new Uint8Array() }
}

function thingOf({ names }: Reference) {
  return { kind: 'objects' as const, uris: names }
}

/** In the order of the signature. */
function objectsOf({ members, names, given }: Reference): readonly ByteSource[] {
  const ctys = members.get('ctys')
  if (ctys !== undefined && list(ctys, 'ctys').length !== names.length) throw malformed('ctys')
  return names.map(uri => found(given.objects?.get(uri), uri))
}

function digestNamed(hashM: unknown): DigestAlgorithm {
  const algorithm = joseDigest(text(hashM, 'hashM'))
  if (algorithm === undefined) throw new ValidationEnded('CRYPTO_CONSTRAINTS_FAILURE', 'hashM')
  return algorithm
}

interface Digesting {
  readonly algorithm: DigestAlgorithm
  readonly encoded: boolean
  readonly platform: Digest
}

async function checkDigests(
  objects: readonly ByteSource[],
  digests: readonly Uint8Array[],
  { algorithm, encoded, platform }: Digesting,
): Promise<void> {
  for (const [i, object] of objects.entries()) {
    const digest = platform.stream(algorithm)
    for await (const octets of octetsOf([object], encoded)) digest.update(octets)
    if (!equal(digest.finish(), digests[i] ?? new Uint8Array()))
      throw new ValidationEnded('HASH_FAILURE', `object ${i + 1} is another one`)
  }
}

// Three octets are four characters: pieces of such lengths can be encoded one by one.
const PIECE = 3 * 32 * 1024

async function* octetsOf(objects: readonly ByteSource[], encoded: boolean): AsyncGenerator<Uint8Array> {
  for (const object of objects)
    for (let at = 0; at < object.size; at += PIECE) {
      const piece = await object.read(at, Math.min(PIECE, object.size - at))
      yield encoded ? utf8(toBase64url(piece)) : piece
    }
}

async function collected(octets: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  for await (const part of octets) parts.push(part.slice())
  return join(parts)
}
