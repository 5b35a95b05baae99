/**
 * Moves one signer's key from under the master key that is to go to under the one in its place: wrapped anew in the
 * module, and its record written again (sole-control 11).
 *
 * A key that was destroyed is left out. With the master key its last copies go, which is what erasure means.
 */
import type { WrappedKey } from '@natsuin/crypto-module'
import { Refusal } from '@natsuin/protocol/refusal'
import { NotCommitted } from '../../audit/journal.ts'
import { checkStanding } from '../../credentials/check-standing.ts'
import { refuse } from '../../refuse.ts'
import type { Sam } from '../../sam.ts'
import type { CredentialRecord } from '../../store/record-shapes.ts'
import type { Versioned } from '../../store/sealed-records.ts'
import { forgetKey } from '../destroy.ts'
import { moduleAnswer } from '../module-answer.ts'

/**
 * False when the key is still under the old one: its record was altered or deleted, or is being written by somebody else.
 *
 * @throws Refusal `log-unavailable`, `module-unavailable`
 */
export async function moveKey(sam: Sam, credentialId: string): Promise<boolean> {
  await sam.lease.need()
  try {
    checkStanding(sam, credentialId)
    await move(sam, credentialId)
    return true
  } catch (error) {
    if (error instanceof NotCommitted) return false
    if (!(error instanceof Refusal)) throw error
    if (IS_OVER.has(error.code)) await forgetKey(sam, credentialId)
    else if (error.code !== 'record-altered') throw error
    return IS_OVER.has(error.code)
  }
}

const IS_OVER: ReadonlySet<string> = new Set(['credential-revoked', 'key-destroyed'])

async function move(sam: Sam, credentialId: string): Promise<void> {
  const { label: master, retiring } = sam.state.masterKey
  let stored = await readAgain(sam, credentialId)
  const { key, keyType: type } = stored.content
  if (key === undefined || key.master !== retiring) return
  const { wrapped } = await rewrap(sam, { type, wrapped: key.wrapped })
  await sam.logs.activity.append({
    leaves: [],
    records: () => {
      const { content, version } = stored
      const isThere = content.key?.master === retiring
      const moved = { ...content, key: { master, wrapped } }
      return isThere ? [sam.records.seal('credential', credentialId, version + 1, moved)] : []
    },
    stillHolds: () => checkStanding(sam, credentialId),
    // A certificate may have been linked, or another SAM has moved the key.
    reread: async () => {
      stored = await readAgain(sam, credentialId)
    },
  })
  await sam.failpoint('key-moved')
}

async function readAgain({ records }: Sam, credentialId: string): Promise<Versioned<CredentialRecord>> {
  const stored = await records.read('credential', credentialId)
  if (stored === undefined) throw refuse('record-altered', { credentialId })
  return stored
}

function rewrap({ module, state }: Sam, key: WrappedKey): Promise<WrappedKey> {
  const { label, retiring } = state.masterKey
  if (retiring === undefined) throw new Error('no rotation is under way')
  return moduleAnswer(() => module.rewrap(retiring, label, key))
}
