/** natsuin sam erase — has the SAM erase what it keeps of a signer, once nothing binds it to keep it. */
import { samCommand, WHERE } from './sam-command.ts'

export const samErase = samCommand({
  name: 'sam erase',
  usage: '<signer>',
  help: `Erases the records of a signer: who he is, how he was enrolled, what he approved. The logs keep their
digests, and every proof stays valid; evidence that somebody has, holds. Refused before retentionDays have
passed since the end of his last certificate.

${WHERE}

Exit status: 0 erased, 1 the SAM does not answer or refuses, 2 wrong usage.`,
  words: ['the id of the signer'],
  async run({ words: [signerId = ''] }, channel, { out }) {
    const { records } = await channel.call('signers/erase', { signerId })
    out(`${records} records of ${signerId} are erased.`)
    return 0
  },
})
