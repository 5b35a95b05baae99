/** Real users of this machine, real files: what the kernel lets them do is what the SAM expects of it. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { ConfigurationError } from '@natsuin/protocol/node'
import { checkSeparation } from './check-separation.ts'
import { canRead, canReplace } from './reach.ts'
import { findUser, readUserFiles, type User } from './users.ts'

const ROOT = process.getuid?.() === 0
/** Users that every Debian has and nobody logs in as: one plays the SAM's user, another `server`'s. */
const SAM: User = { name: 'games', uid: 5, gids: [60] }
const SERVER: User = { name: 'man', uid: 6, gids: [12] }
const SHARED_GROUP = 12

const folder = mkdtempSync('/tmp/natsuin-separation-')
after(() => rmSync(folder, { recursive: true }))
chmodSync(folder, 0o755)

let counter = 0

/** A file of the SAM in a directory of the SAM, and what is different about them. */
function place(changes: {
  readonly file?: { readonly mode?: number; readonly uid?: number; readonly gid?: number }
  readonly directory?: { readonly mode?: number; readonly uid?: number; readonly gid?: number }
}): string {
  const directory = join(folder, `${counter++}`)
  mkdirSync(directory)
  const file = join(directory, 'secret')
  writeFileSync(file, 'secret')
  for (const [path, given, mode] of [
    [file, changes.file, 0o600],
    [directory, changes.directory, 0o700],
  ] as const) {
    chownSync(path, given?.uid ?? SAM.uid, given?.gid ?? 60)
    chmodSync(path, given?.mode ?? mode)
  }
  return file
}

/** What the kernel says when that user tries. */
function kernelLets(user: User, script: string, path: string): boolean {
  const identity = [`--reuid=${user.uid}`, `--regid=${user.gids[0]}`, '--clear-groups']
  return spawnSync('setpriv', [...identity, 'sh', '-c', script, 'sh', path]).status === 0
}

const READ = 'cat "$1" >/dev/null 2>&1'
const REPLACE = '(echo x >>"$1") 2>/dev/null || (mv "$1" "$1.gone" 2>/dev/null && echo x >"$1" 2>/dev/null)'

const CASES: Readonly<
  Record<string, { changes: Parameters<typeof place>[0]; read: boolean; replace: boolean }>
> = {
  'nothing, of what is the owner’s alone': { changes: {}, read: false, replace: false },
  'nothing behind a closed directory, however open the file': {
    changes: { file: { mode: 0o666 } },
    read: false,
    replace: false,
  },
  'reads what is open to all': {
    changes: { directory: { mode: 0o755 }, file: { mode: 0o644 } },
    read: true,
    replace: false,
  },
  'reads what is open to a group of his': {
    changes: { directory: { mode: 0o755 }, file: { mode: 0o640, gid: SHARED_GROUP } },
    read: true,
    replace: false,
  },
  'nothing of what is open to a group that is not his': {
    changes: { directory: { mode: 0o755 }, file: { mode: 0o640 } },
    read: false,
    replace: false,
  },
  'replaces what lies in a directory that he can write to': {
    changes: { directory: { mode: 0o777 } },
    read: false,
    replace: true,
  },
  'replaces nothing of others in a sticky directory': {
    changes: { directory: { mode: 0o1777 } },
    read: false,
    replace: false,
  },
  'replaces what lies in a directory that a group of his can write to': {
    changes: { directory: { mode: 0o770, gid: SHARED_GROUP } },
    read: false,
    replace: true,
  },
  'reads and replaces what is his': {
    changes: { directory: { mode: 0o755 }, file: { uid: SERVER.uid } },
    read: true,
    replace: true,
  },
}

describe('what another user could do with a file', {
  skip: ROOT ? false : 'only root can play other users',
}, () => {
  for (const [title, { changes, read, replace }] of Object.entries(CASES)) {
    it(`is ${title}, and the kernel agrees`, () => {
      const file = place(changes)
      assert.deepEqual([canRead(SERVER, file), canReplace(SERVER, file)], [read, replace])
      assert.equal(kernelLets(SERVER, READ, file), read, 'read')
      assert.equal(kernelLets(SERVER, REPLACE, file), replace, 'replace')
    })
  }

  it('is judged where a link leads to', () => {
    const file = place({ directory: { mode: 0o755 }, file: { mode: 0o644 } })
    const link = join(folder, 'link')
    symlinkSync(file, link)
    assert.ok(canRead(SERVER, link))
  })

  it('is everything for root', () => {
    const file = place({})
    assert.ok(canRead({ name: 'root', uid: 0, gids: [0] }, file))
  })
})

describe('users', () => {
  const files = {
    passwd: 'root:x:0:0::/root:/bin/sh\nnatsuin-server:x:901:902::/:/bin/false\n',
    group: 'natsuin-server:x:902:\nnatsuin-sap:x:903:x,natsuin-server\nother:x:904:natsuin-server-2\n',
  }

  it('have their own group and those that list them', () => {
    assert.deepEqual(findUser('natsuin-server', files), {
      name: 'natsuin-server',
      uid: 901,
      gids: [902, 903],
    })
    assert.equal(findUser('natsuin', files), undefined)
  })

  it('are read from this machine', () => assert.equal(findUser('root', readUserFiles())?.uid, 0))
})

describe('the SAM’s separation (C-AC-4)', { skip: ROOT ? false : 'only root can play other users' }, () => {
  const files = {
    passwd: 'root:x:0:0::/:\nsam:x:5:60::/:\nserver:x:6:12::/:\n',
    group: '',
  }
  const problems = (path: string, name = 'server', ownUid = SAM.uid): readonly string[] => {
    try {
      checkSeparation({ secret: [path], relied: [] }, { names: [name], files, ownUid })
    } catch (error) {
      assert.ok(error instanceof ConfigurationError)
      return error.problems
    }
    return []
  }

  it('holds when nothing of it is open to the other', () => assert.deepEqual(problems(place({})), []))

  it('does not hold when the other could read or replace something, and each is named', () => {
    const file = place({ directory: { mode: 0o777 }, file: { mode: 0o644 } })
    assert.deepEqual(problems(file), [
      `separateFrom: server can read ${file}`,
      `separateFrom: server can replace ${file}`,
    ])
  })

  it('looks at everything in a directory', () => {
    const file = place({ directory: { mode: 0o711 }, file: { mode: 0o644 } })
    assert.deepEqual(problems(join(file, '..')), [`separateFrom: server can read ${file}`])
  })

  it('does not hold with the same user, with root, or with nobody', () => {
    const file = place({})
    assert.match(problems(file, 'sam')[0] ?? '', /runs as sam itself/)
    assert.match(problems(file, 'root')[0] ?? '', /is root/)
    assert.match(problems(file, 'stranger')[0] ?? '', /there is no user stranger/)
  })

  it('does not miss what is not there yet', () => assert.deepEqual(problems(join(folder, 'none')), []))
})
