/** natsuin audit consistency — has the SAM prove that its log goes on from a checkpoint that somebody kept. */
import { readFile, writeFile } from 'node:fs/promises'
import { nodePlatform } from '@natsuin/pki/node'
import { isConsistent, type LogName, logName, peekCheckpoint, verifyCheckpoint } from '@natsuin/protocol/log'
import { ShapeError } from '@natsuin/protocol/shape'
import { reading, UsageError } from '../command.ts'
import { samCommand, WHERE } from '../sam/sam-command.ts'

export const auditConsistency = samCommand({
  name: 'audit consistency',
  usage: '<checkpoint> --to FILE',
  help: `Asks the SAM to prove that its log goes on from a checkpoint that you kept, checks the proof against the same
key, and writes the newest checkpoint into FILE, to be kept instead. Nothing else of the log is needed.

  --to FILE         where the newest checkpoint is written; may be the one that was kept
${WHERE}

Exit status: 0 it goes on from there, 1 it does not, or the SAM refuses, 2 wrong usage.`,
  words: ['the checkpoint'],
  flags: ['to'],
  async run({ words: [file = ''], flags }, channel, { out }) {
    const to = flags.need('to')
    const kept = await reading(file, () => readFile(file, 'utf8'))
    const { log, size } = readKept(file, kept)
    const { samKey } = await channel.call('audit/logs', {})
    const { checkpoint, proof } = await channel.call('audit/consistency', { log, size })
    const heads = await Promise.all(
      [kept, checkpoint].map(one => verifyCheckpoint(one, samKey, nodePlatform)),
    )
    const [first, second] = heads
    const goesOn =
      first !== undefined &&
      second?.origin === first.origin &&
      (await isConsistent(first, second, proof, nodePlatform))
    if (goesOn) await writeFile(to, checkpoint)
    out(goesOn ? `✔ ${log} goes on from ${size} to ${second.size} leaves.` : `✘ ${log} is another one.`)
    return goesOn ? 0 : 1
  },
})

/** The origin ends with the name of the log. */
function readKept(file: string, text: string): { readonly log: LogName; readonly size: number } {
  try {
    const { origin, size } = peekCheckpoint(text)
    return { log: logName(/(?:state|activity\/[^/]+)$/.exec(origin)?.[0]), size }
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error
    throw new UsageError(`${file} is no checkpoint of a log.`)
  }
}
