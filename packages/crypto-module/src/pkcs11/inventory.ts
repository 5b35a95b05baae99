/** Everything that a token shows us: its own objects and those of our sessions (threats INV-10). */
import type { Handle } from 'pkcs11js'
import type { ModuleObject } from '../module.ts'
import { objectClass } from './cryptoki.ts'
import { read } from './key-objects.ts'
import type { SessionOperations } from './session-operations.ts'

export function inventory(on: SessionOperations): ModuleObject[] {
  on.checkLoggedIn()
  return handles(on).map(object => describe(on, object))
}

function handles({ library, session }: SessionOperations): Handle[] {
  const found: Handle[] = []
  library.C_FindObjectsInit(session, [])
  try {
    for (let some = next(); some.length > 0; some = next()) found.push(...some)
  } finally {
    library.C_FindObjectsFinal(session)
  }
  return found

  function next(): Handle[] {
    return library.C_FindObjects(session, AT_ONCE)
  }
}

function describe({ library, session }: SessionOperations, object: Handle): ModuleObject {
  const [label, kind, token] = read(library, session, object, ['LABEL', 'CLASS', 'TOKEN'])
  return {
    label: Buffer.from(label ?? []).toString(),
    kind: KINDS.find(([, number]) => number === kind?.[0])?.[0] ?? 'other',
    persistent: token?.[0] === 1,
  }
}

const AT_ONCE = 100
const KINDS = [
  ['secret', objectClass.SECRET_KEY],
  ['private', objectClass.PRIVATE_KEY],
  ['public', objectClass.PUBLIC_KEY],
] as const
