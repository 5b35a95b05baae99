/** What a probe found, for people: as text, and as the tables of docs/hsm.md. */
import type { KeyTypeCapability } from '../../module.ts'
import type { Finding, TokenReport } from './finding.ts'

export function inWords({ token, findings, keyTypes, highestLevel }: TokenReport): string {
  const types = Object.entries(keyTypes).map(([type, can]) => `  ${type.padEnd(10)} ${abilities(can)}`)
  return [
    token.name,
    '',
    ...findings.map(finding => `${finding.works ? '✔' : '✘'} ${finding.what}${detail(finding)}`),
    '',
    'Keys:',
    ...types,
    '',
    highestLevel === 0
      ? 'This token cannot be used.'
      : `This token can be used up to level ${highestLevel}${highestLevel === 3 ? IF_TRUSTED : ''}.`,
  ].join('\n')
}

const IF_TRUSTED = ', when its officer has marked the master key as trusted'

function detail({ works, from, said }: Finding): string {
  const needed = works || from === undefined ? [] : [`needed from level ${from}`]
  const parts = [...needed, ...(said === undefined ? [] : [said])]
  return parts.length === 0 ? '' : ` (${parts.join('; ')})`
}

function abilities({ signs, wraps }: KeyTypeCapability): string {
  if (signs.length === 0) return 'none'
  return `${signs.join(', ')}${wraps ? '' : '; cannot be wrapped: named and one-time keys only'}`
}

/** Without what differs from token to token of one kind. */
export function inMarkdown({ findings, keyTypes }: TokenReport): string {
  const rows = findings.map(
    finding =>
      `| \`${finding.id}\` | ${finding.what} | ${finding.from ?? ''} | ${finding.works ? 'yes' : 'no'}${said(finding)} |`,
  )
  const types = Object.entries(keyTypes).map(
    ([type, { signs, wraps }]) => `| \`${type}\` | ${signs.join(', ')} | ${wraps ? 'yes' : 'no'} |`,
  )
  return [
    '| probe | the token | needed from level | found |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
    '| key type | signs with | can be wrapped |',
    '| --- | --- | --- |',
    ...types,
  ].join('\n')
}

const said = ({ said: words }: Finding): string => (words === undefined ? '' : `: ${words}`)
