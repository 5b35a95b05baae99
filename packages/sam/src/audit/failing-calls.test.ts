/**
 * Every call to the file system that the writer of the log makes fails once, one after the other (threats 23,
 * T-DUR-05): a log that was opened again holds what was acknowledged, and is in order.
 */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { describe, it } from 'node:test'
import { promisify } from 'node:util'
import { createFileFaults } from '@natsuin/testing/file-faults'
import { rounds } from '@natsuin/testing/rounds'
import { temporaryFolder } from '@natsuin/testing/temporary-folder'

const WRITER = new URL('../fixture/failing-calls.ts', import.meta.url).pathname
const FOLDER = temporaryFolder()

/** EIO, ENOSPC: the one leaves a disk that nobody trusts, the other room to go on. */
const ERRORS = [5, 28]

describe('a log whose writer’s calls to the file system fail (T-DUR-05)', () => {
  for (const error of ERRORS) {
    it(`with error ${error}, each once: verifies afterwards, and holds everything that was acknowledged`, async () => {
      const faults = createFileFaults()
      const argv = [
        FOLDER,
        faults.environment['NATSUIN_FAULTS'] ?? '',
        String(error),
        String(rounds('failingCall')),
      ]
      const { stdout } = await promisify(execFile)(
        process.execPath,
        ['--conditions=natsuin-source', WRITER, ...argv],
        { env: { ...process.env, ...faults.environment } },
      )
      faults.remove()
      const { failed, wrong } = JSON.parse(stdout)
      assert.deepEqual(wrong, [])
      assert.ok(failed > 20, `${failed} calls failed`)
    })
  }
})
