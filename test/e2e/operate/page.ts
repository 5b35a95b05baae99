/** The commands of docs/operate.md: the blocks marked `sh`, each with the heading above it. */
import { blocksOf } from '../blocks.ts'

export interface Block {
  /** The heading without its number. */
  readonly heading: string
  readonly commands: string
}

export function blocksOfPage(): readonly Block[] {
  const blocks = blocksOf('operate').filter(({ language }) => language === 'sh')
  return blocks.map(({ heading, text: commands }) => ({ heading, commands }))
}
