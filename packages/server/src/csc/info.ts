/** info — what this service is and can. CSC API v1.0.4.0 and v2.0.0.2, 11.1. */
import { type KeyType, keyTypes } from '@natsuin/pki/algorithms'
import { infoRequest, infoResponse } from '@natsuin/protocol/csc'
import { CONFORMANCE_LEVELS, envelopesOf, FORMATS } from '../documents/offer.ts'
import { anybody } from './admission.ts'
import { allAlgorithms, type Signs } from './algorithms.ts'
import { cscMethod, type Services } from './method.ts'

// Object.keys forgets the names of a Record that is exhaustive by construction.
const KEY_TYPES = Object.keys(keyTypes) as KeyType[]

const WITHOUT_PASSWORDS = ['oauth2code', 'oauth2client'] as const
const WITH_PASSWORDS = ['oauth2code', 'oauth2client', 'basic'] as const

async function signsOf({ algorithms }: Services): Promise<ReadonlyMap<KeyType, Signs>> {
  return new Map(await Promise.all(KEY_TYPES.map(async type => [type, await algorithms.of(type)] as const)))
}

export const info = cscMethod({
  summary: 'What the service is and can.',
  access: anybody,
  request: infoRequest,
  answers: { 200: infoResponse },

  async handle({ specs }, services) {
    const { description: service } = services
    return {
      specs,
      name: service.name,
      logo: `${service.publicUrl}/logo.png`,
      region: service.region,
      lang: service.lang,
      description: service.description,
      authType: services.logInTokens === undefined ? WITHOUT_PASSWORDS : WITH_PASSWORDS,
      oauth2FAPIsupport: true,
      oauth2: `${service.publicUrl}/`,
      supportsRar: true,
      supportedHashTypes: ['dtbsr', 'sdr', 'sodr'],
      asynchronousOperationMode: true,
      methods: services.methods(specs),
      validationInfo: true,
      signAlgorithms: allAlgorithms(await signsOf(services)),
      signature_formats: { formats: FORMATS, envelope_properties: FORMATS.map(envelopesOf), allowMix: false },
      conformance_levels: CONFORMANCE_LEVELS,
    } as const
  },
})
