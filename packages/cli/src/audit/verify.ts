/**
 * natsuin audit verify — check offline that an export of the logs is whole and contradicts nothing.
 *
 * Needs the export and the pinned SAM key; asks nobody.
 */
import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { nodePlatform } from '@natsuin/ades/node'
import { type AuditedLog, type AuditVerdict, type Place, verifyAudit } from '@natsuin/evidence'
import { type Command, reading, UsageError } from '../command.ts'
import { openExport } from './export-directory.ts'

export const auditVerify: Command = {
  name: 'audit verify',
  usage: '<directory> --sam-key <sha256> [--kept <checkpoint>]… [--witness <vkey>]… [--json]',
  help: `Proves from an export alone, offline, that the SAM signed these logs, that no leaf was changed, moved, added
or taken out, and that they say nothing that a SAM would not have done.

  --sam-key  SHA-256 of the SAM key, hexadecimal: the one thing you have to trust.
             Get it from the operator, not from the export.
  --kept     a file with a checkpoint of any of the logs that you kept: the log must go on from there.
             May be given several times.
  --witness  a witness's verifier key: one who must have cosigned the heads. May be given several times.
             Without any, a second history of the service cannot be excluded.
  --json     print the verdict as JSON

Exit status: 0 the logs are in order, 1 they are not, 2 wrong usage or a file that cannot be read.`,

  async run(args, terminal) {
    const { directory, samKeyDigest, keptFiles, vkeys, json } = readArguments(args)
    const { samKey, logs } = await openExport(directory)
    const kept = await Promise.all(keptFiles.map(file => reading(file, () => readFile(file, 'utf8'))))
    const verdict = await verifyAudit({
      samKey,
      samKeyDigest,
      logs,
      kept,
      platform: nodePlatform,
      ...(vkeys.length > 0 && { witnesses: { vkeys } }),
    })
    terminal.out(json ? JSON.stringify(verdict, undefined, 2) : inWords(verdict))
    return verdict.valid ? 0 : 1
  },
}

function readArguments(args: readonly string[]) {
  const { values, positionals } = parse(args)
  const [directory, surplus] = positionals
  if (directory === undefined || surplus !== undefined)
    throw new UsageError('One directory is needed: the export.')
  const samKeyDigest = values['sam-key'] ?? ''
  if (!/^[0-9a-f]{64}$/i.test(samKeyDigest)) throw new UsageError('--sam-key needs 64 hexadecimal digits.')
  return { directory, samKeyDigest, keptFiles: values.kept, vkeys: values.witness, json: values.json }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options: OPTIONS })
  } catch (error) {
    throw new UsageError(error instanceof TypeError ? error.message : String(error))
  }
}

const OPTIONS = {
  'sam-key': { type: 'string' },
  kept: { type: 'string', multiple: true, default: [] as string[] },
  witness: { type: 'string', multiple: true, default: [] as string[] },
  json: { type: 'boolean', default: false },
} as const

function inWords(verdict: AuditVerdict): string {
  if (!verdict.valid) {
    const { detail, reason, place } = verdict
    return `✘ The logs are not in order: ${detail} (${reason}).${place === undefined ? '' : `\n  ${placeInWords(place)}`}`
  }
  const { logs, compared } = verdict.facts
  return [
    '✔ The logs are in order.',
    ...(compared ? [] : ['  The state log is not among them: what the SAMs knew was not compared.']),
    ...logs.flatMap(log => ['', ...linesOf(log)]),
  ].join('\n')
}

const placeInWords = ({ log, from, to }: Place): string =>
  to - from === 1 ? `In ${log}, at leaf ${from}.` : `In ${log}, somewhere in leaves ${from} to ${to - 1}.`

function linesOf(log: AuditedLog): string[] {
  const { name, size, firstAt, lastAt, events, witnesses, timesBack, open } = log
  const times = firstAt && lastAt ? `, ${firstAt.toISOString()} to ${lastAt.toISOString()}` : ''
  const seen = witnesses.map(witness => `${witness.name} (${witness.at.toISOString()})`).join(', ')
  return [
    `  ${name}: ${size} leaves${times}`,
    `    ${Object.entries(events)
      .map(([event, count]) => `${count} ${event}`)
      .join(', ')}`,
    ...(open > 0 ? [`    ${open} activations without outcome: going on, or broken off`] : []),
    ...(timesBack > 0 ? [`    the time goes back ${timesBack} times; the order is that of the leaves`] : []),
    `    ${seen === '' ? 'not witnessed: a second history cannot be excluded' : `witnessed by ${seen}`}`,
  ]
}
