/** What axe-core has against a page: WCAG 2.2, levels A and AA. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { AxeResults } from 'axe-core'
import type { Page } from 'playwright-core'

const AXE = readFileSync(fileURLToPath(import.meta.resolve('axe-core')), 'utf8')

const RULES = {
  type: 'tag',
  values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
}

/** A line for each thing that is wrong, with where it is; frames are pages of their own. */
export async function complaints(page: Page): Promise<readonly string[]> {
  await page.evaluate(AXE)
  const { violations }: Pick<AxeResults, 'violations'> = await page.evaluate(
    `axe.run(document, { runOnly: ${JSON.stringify(RULES)}, iframes: false })`,
  )
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target }) => `${id}: ${help}: ${target.join(' ')}`),
  )
}
