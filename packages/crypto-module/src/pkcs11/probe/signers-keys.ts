/** What signers' keys need of a token (sole-control 11): each probe has one P-256 key of its own. */
import type { Handle, KeyPair } from 'pkcs11js'
import { ModuleRefusal } from '../../module.ts'
import { refusesUntrusted } from '../guards-wrapping.ts'
import { read } from '../key-objects.ts'
import { isWrappingRefusal } from '../return-codes.ts'
import { wrappablePairTemplates } from '../templates.ts'
import { Lacking, type Probe, type ProbePlace } from './probe.ts'
import { withMaster, withPair } from './probe-keys.ts'

const TYPE = 'ec-p256'

export const signersKeyProbes: readonly Probe[] = [
  {
    id: 'provenance',
    what: 'it says of a key that it was made here and was never to be read (LOCAL, ALWAYS_SENSITIVE)',
    from: 1,
    ask: place =>
      withSigner(place, async ({ on, pair }) => {
        on.checkGenerated(pair.privateKey)
        return undefined
      }),
  },
  {
    id: 'wrap',
    what: 'a key goes out under AES-KWP and comes back as one that only signs',
    from: 1,
    ask: place =>
      withUnwrapped(place, async ({ on, pair, key }) => {
        if (!(await on.provesItself(key, TYPE, on.publicKeyInfo(pair.publicKey, TYPE))))
          throw new Lacking('the key that comes back is another')
        return undefined
      }),
  },
  {
    id: 'altered',
    what: 'a wrapped key that was altered is refused',
    from: 1,
    ask: place =>
      withSigner(place, async ({ on, pair, master }) => {
        const wrapped = await on.wrap(master, pair.privateKey)
        await refused(on.unwrapSigner(master, { type: TYPE, wrapped: flipped(wrapped) }))
        return undefined
      }),
  },
  {
    id: 'not-readable',
    what: 'a private key cannot be read',
    from: 1,
    ask: place =>
      withUnwrapped(place, async ({ on, key }) => {
        if (isRead(() => read(on.library, on.session, key, ['VALUE']))) throw new Lacking('it is read')
        return undefined
      }),
  },
  {
    id: 'not-wrapped-again',
    what: 'a key that came back is wrapped by nobody',
    from: 1,
    ask: place =>
      withUnwrapped(place, async ({ on, key, master }) => {
        await wrappingRefused(on.wrap(master, key))
        return undefined
      }),
  },
  {
    id: 'trusted',
    what: 'a key made to leave under a trusted key alone (WRAP_WITH_TRUSTED) leaves under no other',
    from: 3,
    async ask({ on }) {
      if (!(await refusesUntrusted(on))) throw new Lacking('it leaves under any key')
      return undefined
    },
  },
]

const withSigner = <Result>(
  place: ProbePlace,
  use: (place: ProbePlace & { readonly pair: KeyPair; readonly master: Handle }) => Promise<Result>,
): Promise<Result> =>
  withMaster(place, ({ master }) =>
    withPair(place, TYPE, wrappablePairTemplates(TYPE), at => use({ ...at, master })),
  )

const withUnwrapped = <Result>(
  place: ProbePlace,
  use: (
    place: ProbePlace & { readonly pair: KeyPair; readonly master: Handle; readonly key: Handle },
  ) => Promise<Result>,
): Promise<Result> =>
  withSigner(place, async at => {
    const { on, master, pair } = at
    const wrapped = await on.wrap(master, pair.privateKey)
    const key = await on.unwrapSigner(master, { type: TYPE, wrapped })
    try {
      return await use({ ...at, key })
    } finally {
      on.discard(key)
    }
  })

const flipped = (wrapped: Uint8Array): Uint8Array => wrapped.with(9, (wrapped[9] ?? 0) ^ 1)

function isRead(attempt: () => unknown): boolean {
  try {
    attempt()
    return true
  } catch {
    return false
  }
}

async function refused(attempt: Promise<Handle>): Promise<void> {
  try {
    await attempt
  } catch (error) {
    if (error instanceof ModuleRefusal && error.code === 'wrapped-key-invalid') return
    throw error
  }
  throw new Lacking('it is taken')
}

async function wrappingRefused(attempt: Promise<unknown>): Promise<void> {
  try {
    await attempt
  } catch (error) {
    if (isWrappingRefusal(error)) return
    throw error
  }
  throw new Lacking('it is wrapped')
}
