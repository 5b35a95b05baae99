/**
 * signed_props of XAdES: values are the XML of the property's element, by the clauses of EN 319 132-1 V1.3.1 that CSC API
 * v2.0.0.2, 11.11 names.
 *
 * Each is read into what `ades` can say, and every element in it has to be one of those: what we would leave away is refused.
 * Content time-stamps are not among them: `ades` makes none.
 */
import type { PrepareXadesOptions } from '@natsuin/ades/xades'
import { parseXml, type XmlElement } from '@natsuin/ades/xml'
import { digestByUri } from '@natsuin/pki/algorithms'
import { fromBase64 } from '@natsuin/pki/encoding'
import { DocumentRefused, readingProperty } from '../refusal.ts'
import type { SignedProperty } from '../task.ts'

export type XadesClaims = Pick<
  PrepareXadesOptions,
  'claimedRoles' | 'commitmentTypes' | 'productionPlace' | 'signaturePolicy'
>

/** Texts by the path of local names to them. */
type Leaves = ReadonlyMap<string, readonly string[]>

interface Property {
  /** Every path that may be there. */
  readonly paths: readonly string[]
  /** @returns undefined for what it does not say */
  readonly read: (leaves: Leaves) => XadesClaims | undefined
}

const PLACE = {
  'SignatureProductionPlaceV2/City': 'city',
  'SignatureProductionPlaceV2/StreetAddress': 'streetAddress',
  'SignatureProductionPlaceV2/StateOrProvince': 'stateOrProvince',
  'SignatureProductionPlaceV2/PostalCode': 'postalCode',
  'SignatureProductionPlaceV2/CountryName': 'countryName',
} as const
const ROLE = 'SignerRoleV2/ClaimedRoles/ClaimedRole'
const COMMITMENT = 'CommitmentTypeIndication/CommitmentTypeId/Identifier'
const POLICY = 'SignaturePolicyIdentifier/SignaturePolicyId'
const POLICY_PATHS = {
  identifier: `${POLICY}/SigPolicyId/Identifier`,
  algorithm: `${POLICY}/SigPolicyHash/DigestMethod`,
  digest: `${POLICY}/SigPolicyHash/DigestValue`,
  uri: `${POLICY}/SigPolicyQualifiers/SigPolicyQualifier/SPURI`,
}

const PROPERTIES: Readonly<Record<string, Property>> = {
  SignatureProductionPlaceV2: {
    paths: Object.keys(PLACE),
    read(leaves) {
      const said = Object.entries(PLACE).map(([path, part]) => [part, leaves.get(path)?.[0]] as const)
      const productionPlace = Object.fromEntries(said.filter(([, text]) => text !== undefined))
      return said.every(([, text]) => text === undefined) ? undefined : { productionPlace }
    },
  },
  SignerRoleV2: {
    paths: [ROLE],
    read: leaves => ({ claimedRoles: leaves.get(ROLE) ?? [] }),
  },
  CommitmentTypeIndication: {
    paths: [COMMITMENT, 'CommitmentTypeIndication/AllSignedDataObjects'],
    read: leaves => ({ commitmentTypes: (leaves.get(COMMITMENT) ?? []).map(identified) }),
  },
  SignaturePolicyIdentifier: { paths: Object.values(POLICY_PATHS), read: readPolicy },
}

function readPolicy(leaves: Leaves): XadesClaims | undefined {
  const { identifier, algorithm, digest, uri } = Object.fromEntries(
    Object.entries(POLICY_PATHS).map(([name, path]) => [name, leaves.get(path)?.[0]]),
  )
  const digestAlgorithm = digestByUri(algorithm ?? '')
  const bytes = fromBase64(digest ?? '')
  if (identifier === undefined || digestAlgorithm === undefined || !bytes?.length) return undefined
  const policy = { identifier: identified(identifier), digestAlgorithm, digest: bytes }
  return { signaturePolicy: { ...policy, ...(uri === undefined ? {} : { uri }) } }
}

/** An OID is written as a URN (EN 319 132-1 V1.3.1, 5.1.2). */
const identified = (text: string): string => text.replace(/^urn:oid:/, '')

/** @throws DocumentRefused `signed-props-invalid` */
export function xadesClaims(properties: readonly SignedProperty[]): XadesClaims {
  return Object.assign({}, ...properties.map(claimOf))
}

function claimOf({ name, value }: SignedProperty): XadesClaims {
  const refused = new DocumentRefused('signed-props-invalid', name)
  const property = Object.hasOwn(PROPERTIES, name) ? PROPERTIES[name] : undefined
  if (property === undefined || value === undefined) throw refused
  const leaves = leavesOf(readingProperty(name, () => parseXml(value)).root)
  const claims = property.read(leaves)
  const isKnown = [...leaves.keys()].every(path => property.paths.includes(path))
  if (claims === undefined || !isKnown) throw refused
  return claims
}

function leavesOf(root: XmlElement): Leaves {
  const leaves = new Map<string, string[]>()
  const walk = (element: XmlElement, path: string) => {
    const inside = element.children.filter(child => child.kind === 'element')
    for (const child of inside) walk(child, `${path}/${child.localName}`)
    if (inside.length === 0) leaves.set(path, [...(leaves.get(path) ?? []), textOf(element)])
  }
  walk(root, root.localName)
  return leaves
}

/** Of ds:DigestMethod what counts is its attribute. */
function textOf(element: XmlElement): string {
  const algorithm = element.attributes.find(({ localName }) => localName === 'Algorithm')
  return (
    algorithm?.value ??
    element.children
      .map(child => (child.kind === 'text' ? child.value : ''))
      .join('')
      .trim()
  )
}
