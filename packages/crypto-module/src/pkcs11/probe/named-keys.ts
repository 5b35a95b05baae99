/** What the named keys of a deployment need of a token. */
import { utf8 } from '@natsuin/pki/encoding'
import { mechanism } from '../cryptoki.ts'
import { isSound, SAMPLE_LENGTH } from '../generator.ts'
import { oaepDigestFor } from '../key-transport.ts'
import { passingImportTemplates, wrappableSecretTemplate } from '../templates.ts'
import { Lacking, type Probe } from './probe.ts'
import { withCopy, withKey, withMaster, withPair } from './probe-keys.ts'

export const namedKeyProbes: readonly Probe[] = [
  {
    id: 'random',
    what: 'its generator gives octets that look random',
    from: 1,
    async ask({ on }) {
      const sample = on.library.C_GenerateRandom(on.session, Buffer.alloc(SAMPLE_LENGTH))
      if (!isSound(sample, undefined)) throw new Lacking('the same octet again and again')
      return undefined
    },
  },
  {
    id: 'master-key',
    what: 'AES-256 keys that can wrap and unwrap, and cannot decrypt',
    from: 1,
    ask: place =>
      withMaster(place, async ({ on, master }) => {
        const how = { mechanism: mechanism.AES_CBC_PAD, parameter: Buffer.alloc(16) }
        if (isTaken(() => on.library.C_DecryptInit(on.session, how, master))) throw new Lacking('it decrypts')
        return undefined
      }),
  },
  {
    id: 'mac-key',
    what: 'HMAC-SHA-256',
    from: 1,
    ask: place =>
      withKey(
        place,
        mechanism.GENERIC_SECRET_KEY_GEN,
        wrappableSecretTemplate('mac'),
        async ({ on, key }) => {
          const { length } = await on.mac(key, utf8('natsuin: probe'))
          if (length !== 32) throw new Lacking(`${length} octets`)
          return undefined
        },
      ),
  },
  {
    id: 'import-key',
    what: 'keys come in under RSAES-OAEP (imported keys, restored backups)',
    ask: place =>
      withPair(place, 'rsa-3072', passingImportTemplates('rsa-3072'), async ({ on, pair }) => {
        const spki = on.publicKeyInfo(pair.publicKey, 'rsa-3072')
        return `with ${await oaepDigestFor(on, pair.privateKey, spki)}`
      }),
  },
  {
    id: 'backup',
    what: 'a key can be kept as a copy that cannot be wrapped (backups of named keys)',
    ask: place => withCopy(place, async () => undefined),
  },
]

function isTaken(begin: () => unknown): boolean {
  try {
    begin()
    return true
  } catch {
    return false
  }
}
