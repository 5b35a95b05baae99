/** The natsuin command: thin commands over the published packages. */
import { auditArchive } from './audit/archive.ts'
import { auditConsistency } from './audit/consistency.ts'
import { auditExport } from './audit/export.ts'
import { auditVerify } from './audit/verify.ts'
import { clientAdd } from './client/add.ts'
import { clientList } from './client/list.ts'
import { clientRemove } from './client/remove.ts'
import { clientRotate } from './client/rotate.ts'
import { type Command, type Terminal, UsageError } from './command.ts'
import { augment } from './document/augment.ts'
import { sign } from './document/sign.ts'
import { timestamp } from './document/timestamp.ts'
import { evidenceVerify } from './evidence/verify.ts'
import { hsmProbe } from './hsm/probe.ts'
import { hsmSplitPin } from './hsm/split-pin.ts'
import { hsmUnlock } from './hsm/unlock.ts'
import { keyInspect } from './key/inspect.ts'
import { keyOpenShare } from './key/open-share.ts'
import { keyPrepare } from './key/prepare.ts'
import { check } from './operation/check.ts'
import { founding } from './operation/founding.ts'
import { init } from './operation/init.ts'
import { run } from './operation/run.ts'
import { start } from './operation/start.ts'
import { status } from './operation/status.ts'
import { samApprove } from './sam/approve.ts'
import { samLinkCertificate, samRequestCertificates } from './sam/certificates.ts'
import { samCustodians } from './sam/custodians.ts'
import { samErase } from './sam/erase.ts'
import { samGenesis } from './sam/genesis.ts'
import { samMasterKey, samRotateMasterKey } from './sam/master-key.ts'
import { samPeople } from './sam/people.ts'
import { samProposals, samWithdraw } from './sam/proposals.ts'
import { samPropose } from './sam/propose.ts'
import { samRegister } from './sam/register.ts'
import { samRestore, samResume } from './sam/restore.ts'
import { samRevoke } from './sam/revoke.ts'
import { samAmendments, samRoster } from './sam/roster.ts'

const COMMANDS: readonly Command[] = [
  init,
  founding,
  run,
  check,
  start,
  status,
  clientAdd,
  clientList,
  clientRotate,
  clientRemove,
  samPeople,
  samCustodians,
  samGenesis,
  samRoster,
  samAmendments,
  samRegister,
  samPropose,
  samProposals,
  samApprove,
  samWithdraw,
  samRevoke,
  samErase,
  hsmProbe,
  hsmSplitPin,
  hsmUnlock,
  samRequestCertificates,
  samLinkCertificate,
  samMasterKey,
  samRotateMasterKey,
  samRestore,
  samResume,
  sign,
  augment,
  timestamp,
  evidenceVerify,
  auditExport,
  auditVerify,
  auditConsistency,
  auditArchive,
  keyInspect,
  keyPrepare,
  keyOpenShare,
]

process.exitCode = await main(process.argv.slice(2), { out: console.log, error: console.error })

async function main(args: readonly string[], terminal: Terminal): Promise<number> {
  const command = COMMANDS.find(({ name }) => `${args.join(' ')} `.startsWith(`${name} `))
  if (command === undefined) return showCommands(args, terminal)
  const rest = args.slice(command.name.split(' ').length)
  if (rest.includes('--help')) return showHelp(command, terminal)
  try {
    return await command.run(rest, terminal)
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    terminal.error(`${error.message}\n\n  natsuin ${command.name} ${command.usage}`)
    return 2
  }
}

function showCommands(args: readonly string[], { out, error }: Terminal): number {
  const lines = COMMANDS.map(({ name, usage }) => `  natsuin ${name} ${usage}`)
  const asked = args.length === 0 || args[0] === '--help' || args[0] === 'help'
  const say = asked ? out : error
  say(
    [
      asked ? 'natsuin — open remote signing' : `There is no command "${args.join(' ')}".`,
      '',
      ...lines,
      '',
      '--help after a command tells more.',
    ].join('\n'),
  )
  return asked ? 0 : 2
}

function showHelp({ name, usage, help }: Command, { out }: Terminal): number {
  out(`natsuin ${name} ${usage}\n\n${help}`)
  return 0
}
