/**
 * What keys sign with here: what the SAM's module can do, not what their type could (threats T-P11-14). Asked of the SAM
 * once for each type of key, and again after a while, because it may have come back with another token.
 */
import type { KeyType, SignatureAlgorithm } from '@natsuin/pki/algorithms'
import type { Clock } from '../clock.ts'
import type { Sam } from './sam.ts'

export interface ModuleAlgorithms {
  /** The recommended one first; none when the module has no such keys. @throws Refusal `module-unavailable` */
  of(keyType: KeyType): Promise<readonly SignatureAlgorithm[]>
}

const KEPT_MILLISECONDS = 60_000

export function createModuleAlgorithms(sam: Pick<Sam, 'call'>, clock: Clock): ModuleAlgorithms {
  const known = new Map<KeyType, { readonly answer: Promise<readonly SignatureAlgorithm[]>; until: number }>()
  const ask = async (keyType: KeyType) => (await sam.call('algorithms/list', { keyType })).algorithms
  return {
    of(keyType) {
      const now = clock().getTime()
      const kept = known.get(keyType)
      if (kept !== undefined && now < kept.until) return kept.answer
      const answer = ask(keyType)
      known.set(keyType, { answer, until: now + KEPT_MILLISECONDS })
      // What could not be asked is asked again by whoever comes next.
      answer.catch(() => known.delete(keyType))
      return answer
    },
  }
}
