/** A store some of whose leaves are in an archive: read from there, as if they were still here. */
import type { Archive } from '../audit/archive.ts'
import type { Store } from './store.ts'

export function withArchive(store: Store, archive: Archive): Store {
  const rows: Store['rows'] = async (log, from, count) => {
    const archived = archive.rows(log, from, count)
    if (archived.length === count) return archived
    return [...archived, ...(await store.rows(log, from + archived.length, count - archived.length))]
  }
  const hashes: Store['hashes'] = async (log, level, from, count) => {
    if (level > 0) return store.hashes(log, level, from, count)
    return (await rows(log, from, count)).map(({ hash }) => hash)
  }
  return new Proxy(store, {
    get(target, name) {
      if (name === 'rows') return rows
      if (name === 'hashes') return hashes
      const member: unknown = Reflect.get(target, name)
      return typeof member === 'function' ? member.bind(target) : member
    },
  })
}
