/** Session objects for the length of one probe. */
import type { KeyType } from '@natsuin/pki/algorithms'
import type { Handle, KeyPair, Template } from 'pkcs11js'
import { attribute, mechanism } from '../cryptoki.ts'
import { type KeyPairTemplates, passingMasterTemplate, wrappableSecretTemplate } from '../templates.ts'
import type { ProbePlace } from './probe.ts'

export async function withKey<Result>(
  place: ProbePlace,
  how: number,
  template: Template,
  use: (place: ProbePlace & { readonly key: Handle }) => Promise<Result>,
): Promise<Result> {
  const key = await place.on.generateSecret(how, template)
  try {
    return await use({ ...place, key })
  } finally {
    place.on.discard(key)
  }
}

export const withMaster = <Result>(
  place: ProbePlace,
  use: (place: ProbePlace & { readonly master: Handle }) => Promise<Result>,
): Promise<Result> =>
  withKey(place, mechanism.AES_KEY_GEN, passingMasterTemplate, ({ key, ...rest }) =>
    use({ ...rest, master: key }),
  )

export async function withPair<Result>(
  place: ProbePlace,
  type: KeyType,
  templates: KeyPairTemplates,
  use: (place: ProbePlace & { readonly pair: KeyPair }) => Promise<Result>,
): Promise<Result> {
  const pair = await place.on.generatePair(type, templates)
  try {
    return await use({ ...place, pair })
  } finally {
    place.on.discard(pair.privateKey, pair.publicKey)
  }
}

/** A copy of a master key that could be wrapped, which cannot. */
export const withCopy = <Result>(
  place: ProbePlace,
  use: (copy: Handle) => Promise<Result>,
): Promise<Result> =>
  withKey(place, mechanism.AES_KEY_GEN, wrappableSecretTemplate('master'), async ({ on, key }) => {
    const copy = on.copy(key, [{ type: attribute.EXTRACTABLE, value: false }])
    try {
      return await use(copy)
    } finally {
      on.discard(copy)
    }
  })
