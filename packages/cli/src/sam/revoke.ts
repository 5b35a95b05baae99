/** natsuin sam revoke — ends a credential for good. */
import { samCommand, WHERE } from './sam-command.ts'

export const samRevoke = samCommand({
  name: 'sam revoke',
  usage: '<credential> --reason TEXT',
  help: `Ends a credential: its key signs nothing any more, from the moment this returns. There is no way back.
Its certificate is revoked by the server, by the signer's request or natsuin's revocation API; the key is dead without.

  --reason TEXT     for the log
${WHERE}

Exit status: 0 it signs nothing any more, 1 there is no such credential, 2 wrong usage.`,
  words: ['the credential'],
  flags: ['reason'],
  async run({ words: [credentialId = ''], flags }, channel, { out }) {
    await channel.call('credentials/revoke', { credentialId, reason: flags.need('reason') })
    out('Revoked: its key signs nothing any more.')
    return 0
  },
})
