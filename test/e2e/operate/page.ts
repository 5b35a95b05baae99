/** The commands of docs/operate.md: the blocks marked `sh`, each with the heading above it. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export interface Block {
  /** The heading without its number. */
  readonly heading: string
  readonly commands: string
}

export function blocksOfPage(): readonly Block[] {
  const page = readFileSync(fileURLToPath(new URL('../../../docs/operate.md', import.meta.url)), 'utf8')
  return page.split(/^## /m).flatMap(section => {
    const heading = (section.split('\n')[0] ?? '').replace(/^\d+\. /, '')
    const blocks = section.matchAll(/^```sh\n(.*?)^```$/gms)
    return [...blocks].map(([, commands = '']) => ({ heading, commands }))
  })
}
