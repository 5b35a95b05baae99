/** A store whose disk is full, read-only or failing: whoever asks is refused, and everything goes on when it is not. */
import { endsProcess, isSqliteOutage } from '@natsuin/protocol/node'
import { Refusal } from '@natsuin/protocol/refusal'
import type { Store } from './store.ts'

/**
 * The same store. What its disk cannot do at present is refused as `store-unavailable`.
 * @param onUntrustedDisk told when nobody knows any more what is on the disk
 */
export function withOutages(store: Store, onUntrustedDisk: (fault: unknown) => void): Store {
  return new Proxy(store, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name)
      if (typeof member !== 'function') return member
      return async (...given: unknown[]) => {
        try {
          return await member.apply(target, given)
        } catch (error) {
          if (endsProcess(error)) onUntrustedDisk(error)
          throw isSqliteOutage(error) ? new Refusal('store-unavailable', {}, { cause: error }) : error
        }
      }
    },
  })
}
