/** The blocks of code of a page of docs/, each with the heading above it: what a test runs as it stands. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export interface Block {
  /** The heading without its number. */
  readonly heading: string
  /** `sh`, `ts`, `console`. */
  readonly language: string
  readonly text: string
}

/** @param page its name below docs/ */
export function blocksOf(page: string): readonly Block[] {
  const text = readFileSync(fileURLToPath(new URL(`../../docs/${page}.md`, import.meta.url)), 'utf8')
  return text.split(/^## /m).flatMap(section => {
    const heading = (section.split('\n')[0] ?? '').replace(/^\d+\. /, '')
    const blocks = section.matchAll(/^```(\w+)\n(.*?)^```$/gms)
    return [...blocks].map(([, language = '', block = '']) => ({ heading, language, text: block }))
  })
}
