/**
 * Certificates for the connections between our processes on different machines: an authority of the deployment's
 * own, and one certificate each for `sam`, `authorities` and `server`.
 *
 * Only `server` may ask and only the others may answer: the certificates say so (RFC 5280, 4.2.1.12), so that a
 * stolen certificate of an answering process opens no door. The authority's key is not needed again before the
 * certificates end, and belongs elsewhere.
 */
import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'
import { isIP } from 'node:net'
import { contextPrimitive, ia5String, implicit, OID, octetString, retag, sequence } from '@natsuin/pki/asn1'
import { nodePlatform } from '@natsuin/pki/node'
import {
  assembleSigned,
  authorityKeyIdentifier,
  basicConstraints,
  buildName,
  buildTbsCertificate,
  extension,
  extKeyUsage,
  keyIdentifier,
  keyUsage,
  subjectKeyIdentifier,
  toPem,
} from '@natsuin/pki/x509'

export interface Peer {
  readonly owner: 'sam' | 'authorities' | 'server'
  /** Host name or address under which it is dialled; what only dials has none. */
  readonly host?: string
}

/** PEM. */
export interface Identity {
  readonly certificate: string
  readonly key: string
}

export interface InternalAuthority {
  readonly authority: Identity
  readonly peers: ReadonlyMap<Peer['owner'], Identity>
}

const YEARS = 5
const DAY = 86_400_000
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1'
const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2'

export async function makeInternalAuthority(
  name: string,
  peers: readonly Peer[],
  now: Date,
): Promise<InternalAuthority> {
  const root = newKeys()
  const subject = nameOf(`${name} internal`)
  const issue = (keys: Keys, holder: Uint8Array, extensions: readonly Uint8Array[]) =>
    certify({ subject: holder, spki: keys.spki, issuer: subject, root, now, extensions })
  const own = await issue(root, subject, [
    basicConstraints({ ca: true, pathLength: 0 }),
    keyUsage('keyCertSign', 'cRLSign'),
  ])
  const issued = new Map<Peer['owner'], Identity>()
  for (const { owner, host } of peers) {
    const keys = newKeys()
    issued.set(owner, {
      certificate: await issue(keys, nameOf(owner), peerExtensions(host)),
      key: pemOf(keys.key),
    })
  }
  return { authority: { certificate: own, key: pemOf(root.key) }, peers: issued }
}

function peerExtensions(host: string | undefined): Uint8Array[] {
  const purpose = host === undefined ? CLIENT_AUTH : SERVER_AUTH
  return [
    basicConstraints({ ca: false }),
    keyUsage('digitalSignature'),
    extKeyUsage([purpose], { critical: false }),
    ...(host === undefined ? [] : [extension(OID.subjectAltName, false, sequence(generalName(host)))]),
  ]
}

/** RFC 5280, 4.2.1.6: dNSName [2] or iPAddress [7]. */
function generalName(host: string): Uint8Array {
  if (isIP(host) === 0) return implicit(2, ia5String(host))
  return retag(contextPrimitive(7), octetString(octetsOf(host)))
}

/** Of an address as it is dialled: 4 octets, or 16. */
function octetsOf(address: string): Uint8Array {
  if (isIP(address) === 4) return Uint8Array.from(address.split('.').map(Number))
  const [head = '', tail] = address.split('::')
  const groups = (text: string) => (text === '' ? [] : text.split(':'))
  const missing = tail === undefined ? 0 : 8 - groups(head).length - groups(tail).length
  const all = [...groups(head), ...Array<string>(missing).fill('0'), ...groups(tail ?? '')]
  return Uint8Array.from(
    all.flatMap(group => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 0xff]),
  )
}

interface Keys {
  readonly key: KeyObject
  readonly spki: Uint8Array
}

function newKeys(): Keys {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return { key: privateKey, spki: new Uint8Array(publicKey.export({ format: 'der', type: 'spki' })) }
}

async function certify(parts: {
  readonly subject: Uint8Array
  readonly spki: Uint8Array
  readonly issuer: Uint8Array
  readonly root: Keys
  readonly now: Date
  readonly extensions: readonly Uint8Array[]
}): Promise<string> {
  const { subject, spki, issuer, root, now, extensions } = parts
  const tbs = buildTbsCertificate({
    serialNumber: Uint8Array.of(1, ...randomBytes(15)),
    signatureAlgorithm: 'ecdsa-sha256',
    issuer,
    subject,
    notBefore: new Date(now.getTime() - DAY),
    notAfter: new Date(now.getTime() + YEARS * 365 * DAY),
    spki,
    extensions: [
      ...extensions,
      subjectKeyIdentifier(await keyIdentifier(spki, nodePlatform)),
      authorityKeyIdentifier(await keyIdentifier(root.spki, nodePlatform)),
    ],
  })
  const signature = new Uint8Array(sign('sha256', tbs, { key: root.key, dsaEncoding: 'der' }))
  return toPem('CERTIFICATE', assembleSigned(tbs, 'ecdsa-sha256', signature))
}

const nameOf = (commonName: string) => buildName([{ oid: OID.commonName, value: commonName.slice(0, 64) }])
const pemOf = (key: KeyObject) => key.export({ format: 'pem', type: 'pkcs8' }).toString()
