/** Changes of everything in the roster that is not a person. */
import { toHex } from '@natsuin/pki/encoding'
import { digestSync } from '@natsuin/pki/node'
import { problemsOfClassProvider } from '../../roster/provider-rules.ts'
import { type Apply, ImpossibleChange, withOne, without } from './change-rules.ts'

export const setQuorum: Apply<'quorum-set'> = (roster, { quorum }) => ({ ...roster, quorum })

export const setClass: Apply<'class-set'> = (roster, { class: given }) => {
  const [problem] = problemsOfClassProvider(given, roster)
  if (problem !== undefined) throw new ImpossibleChange(problem)
  return { ...roster, classes: withOne(roster.classes, given) }
}

export const removeClass: Apply<'class-remove'> = (roster, { classId }) => ({
  ...roster,
  classes: without(roster.classes, classId, 'class'),
})

export const setClient: Apply<'client-set'> = (roster, { client }) => ({
  ...roster,
  clients: withOne(roster.clients, client),
})

export const removeClient: Apply<'client-remove'> = (roster, { clientId }) => ({
  ...roster,
  clients: without(roster.clients, clientId, 'client'),
})

/** People are linked to accounts at one issuer: another one is another provider. */
export const setProvider: Apply<'provider-set'> = (roster, { provider }, { wasProvider }) => {
  const { providers = [] } = roster
  const { id, issuer } = provider
  const known = providers.find(one => one.id === id)
  if (known === undefined && wasProvider(id))
    throw new ImpossibleChange(`provider ${id}: was removed, and does not come back`)
  if (known !== undefined && known.issuer !== issuer)
    throw new ImpossibleChange(`provider ${id}: has another issuer`)
  return { ...roster, providers: withOne(providers, provider) }
}

/** Classes may go on naming it: taking it away in a hurry must not wait for them. */
export const removeProvider: Apply<'provider-remove'> = (roster, { providerId }) => ({
  ...roster,
  providers: without(roster.providers ?? [], providerId, 'provider'),
})

export const addTrustAnchor: Apply<'trust-anchor-add'> = (roster, { certificate }) => {
  const digests = roster.trustAnchors.map(digestOf)
  if (digests.includes(digestOf(certificate))) throw new ImpossibleChange('trustAnchors: is there already')
  return { ...roster, trustAnchors: [...roster.trustAnchors, certificate] }
}

export const removeTrustAnchor: Apply<'trust-anchor-remove'> = (roster, { digest }) => {
  const trustAnchors = roster.trustAnchors.filter(one => digestOf(one) !== toHex(digest))
  if (trustAnchors.length === roster.trustAnchors.length) {
    throw new ImpossibleChange(`trustAnchors: there is none with the digest ${toHex(digest)}`)
  }
  return { ...roster, trustAnchors }
}

export const setIssuer: Apply<'issuer-set'> = (roster, { issuer }) => ({ ...roster, issuer })

export const setLevel: Apply<'level-set'> = (roster, { maxLevel }) => ({ ...roster, maxLevel })

export const setLimits: Apply<'limits-set'> = (roster, { limits }) => ({ ...roster, limits })

const digestOf = (certificate: Uint8Array) => toHex(digestSync('sha256', certificate))
