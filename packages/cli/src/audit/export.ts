/** natsuin audit export — takes the logs away, whole, each under a head that the SAM signed. */
import { resolve } from 'node:path'
import { BLOCK_LEAVES, type LogName, peekCheckpoint } from '@natsuin/protocol/log'
import { type Channel, samCommand, WHERE } from '../sam/sam-command.ts'
import { type Block, createExport, writeLog } from './export-directory.ts'

export const auditExport = samCommand({
  name: 'audit export',
  usage: '--to DIR',
  help: `Writes the state log and the activity log of every SAM into a new directory, with a leaf a line, each under
a head that the SAM signed. natsuin audit verify needs nothing else but the SAM key's digest.

  --to DIR          a directory that does not exist yet, or is empty
${WHERE}

Exit status: 0 written, 1 the SAM does not answer or refuses, 2 wrong usage.`,
  flags: ['to'],
  async run({ flags }, channel, { out }) {
    const directory = resolve(flags.need('to'))
    const { samKey, logs } = await channel.call('audit/logs', {})
    await createExport(directory, samKey)
    for (const { log, checkpoint } of logs) {
      const { size } = peekCheckpoint(checkpoint)
      await writeLog(directory, { log, checkpoint }, blocksOf(channel, log, size))
      out(`${log}: ${size} leaves`)
    }
    return 0
  },
})

/** Up to the signed head: leaves that came later are not under it. */
async function* blocksOf(channel: Channel, log: LogName, size: number): AsyncGenerator<Block> {
  for (let from = 0; from < size; from += BLOCK_LEAVES) {
    const { leaves, root } = await channel.call('audit/leaves', { log, block: from / BLOCK_LEAVES })
    const isWhole = from + BLOCK_LEAVES <= size
    yield { leaves: leaves.slice(0, size - from), ...(isWhole && { root }) }
  }
}
