/** info — what this service is and can. CSC API v2.0.0.2, 11.1. */
import { type KeyType, keyTypes } from '@natsuin/pki/algorithms'
import type { InfoResponse } from '@natsuin/protocol/csc'
import { allAlgorithms, type Signs } from './algorithms.ts'
import type { Call, CscMethod, Services } from './method.ts'
import { checkCommon } from './parameters.ts'

// Object.keys forgets the names of a Record that is exhaustive by construction.
const KEY_TYPES = Object.keys(keyTypes) as KeyType[]

async function signsOf({ algorithms }: Services): Promise<ReadonlyMap<KeyType, Signs>> {
  return new Map(await Promise.all(KEY_TYPES.map(async type => [type, await algorithms.of(type)] as const)))
}

export const info: CscMethod = {
  access: 'none',

  async handle({ parameters }: Call<undefined>, services: Services): Promise<InfoResponse> {
    checkCommon(parameters)
    const { description: service, methods } = services
    return {
      specs: '2.0.0.0',
      name: service.name,
      logo: `${service.publicUrl}/logo.png`,
      region: service.region,
      lang: service.lang,
      description: service.description,
      authType: ['oauth2code'],
      oauth2: `${service.publicUrl}/`,
      asynchronousOperationMode: false,
      methods,
      validationInfo: false,
      signAlgorithms: allAlgorithms(await signsOf(services)),
      // Documents are formatted by the client; the service signs digests.
      signature_formats: { formats: [] },
      conformance_levels: [],
    }
  },
}
