/** natsuin audit archive — has the SAM move old leaves of its activity log out of its database. */
import { UsageError } from '../command.ts'
import { samCommand, WHERE } from '../sam/sam-command.ts'

const DAY_MILLISECONDS = 86_400_000

export const auditArchive = samCommand({
  name: 'audit archive',
  usage: '--keep-days N',
  help: `Moves leaves of the SAM's activity log that are older than so many days from its database to its
archive (archiveDirectory), in whole blocks. Everything is shown and proved as before; the archive has to be
kept as long as the database.

  --keep-days N     leaves of the last N days stay in the database
${WHERE}

Exit status: 0 done, 1 the SAM does not answer, refuses, or has no archive, 2 wrong usage.`,
  flags: ['keep-days'],
  async run({ flags }, channel, { out }) {
    const { size } = await channel.call('audit/archive', {
      before: Date.now() - daysIn(flags.need('keep-days')),
    })
    out(`${size} leaves are in the archive.`)
    return 0
  },
})

function daysIn(text: string): number {
  if (!/^\d{1,5}$/.test(text)) throw new UsageError('--keep-days is a number of days.')
  return Number(text) * DAY_MILLISECONDS
}
