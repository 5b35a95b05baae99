/**
 * The form of a JSON signature (RFC 7515, 7): compact, flattened or general, and nothing in between. Members that are
 * none of the form's are refused: what nobody signed is not to be shown beside what somebody did.
 */
import { fromUtf8 } from '@natsuin/pki/encoding'
import { exactly, list, malformed, object, readJson, text } from './json.ts'

export interface SerializedSignature {
  /** As it stands there, base64url. */
  readonly protected: string
  readonly signature: string
  /** Of the unprotected header, where it has one. */
  readonly etsiU: unknown
}

export interface Serialized {
  readonly compact: boolean
  /** As it stands there; absent where it is detached. */
  readonly payload: string | undefined
  readonly signatures: readonly SerializedSignature[]
}

/** @throws ValidationEnded FORMAT_FAILURE */
export function readSerialized(signature: string | Uint8Array): Serialized {
  const written = typeof signature === 'string' ? signature : fromUtf8(signature)
  if (written === undefined) throw malformed('no UTF-8')
  const trimmed = withoutSpaceAround(written)
  return trimmed.startsWith('{') ? readObject(trimmed) : readCompact(trimmed)
}

/** JSON's white space (RFC 8259, 2), which is less than that of `trim`. */
function withoutSpaceAround(text: string): string {
  const isSpace = (at: number) => '\t\n\r '.includes(text.charAt(at)) && text.charAt(at) !== ''
  let [start, end] = [0, text.length]
  while (isSpace(start)) start += 1
  while (end > start && isSpace(end - 1)) end -= 1
  return text.slice(start, end)
}

function readCompact(written: string): Serialized {
  const [header, payload, value, ...others] = written.split('.')
  if (header === undefined || payload === undefined || value === undefined || others.length > 0)
    throw malformed('not three parts')
  const signatures = [{ protected: header, signature: value, etsiU: undefined }]
  return { compact: true, payload: payload === '' ? undefined : payload, signatures }
}

function readObject(written: string): Serialized {
  const value = readJson(written, 'signature')
  const general = object(value, 'signature').has('signatures')
  const names = general ? ['payload', 'signatures'] : ['payload', ...SIGNATURE]
  const members = exactly(value, names, 'signature')
  const payload = members.has('payload') ? text(members.get('payload'), 'payload') : undefined
  const signatures = general
    ? list(members.get('signatures'), 'signatures', MOST_SIGNATURES).map(one =>
        exactly(one, SIGNATURE, 'signatures'),
      )
    : [members]
  return { compact: false, payload, signatures: signatures.map(readSignature) }
}

/** Each costs a chain and its status (threats.md, 4). */
const MOST_SIGNATURES = 50
const SIGNATURE = ['protected', 'header', 'signature']

/** TS 119 182-1 V1.2.1, 5.3.1: the unprotected header holds etsiU alone; an `alg` there would be anybody's. */
function readSignature(members: ReadonlyMap<string, unknown>): SerializedSignature {
  const header = members.has('header') ? exactly(members.get('header'), ['etsiU'], 'header') : undefined
  return {
    protected: text(members.get('protected'), 'protected'),
    signature: text(members.get('signature'), 'signature'),
    etsiU: header?.get('etsiU'),
  }
}
