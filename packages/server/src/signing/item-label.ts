/** What a signer is told of a digest that an application asks for by itself: its word, and which of them it is. */
import { madeVisible } from '@natsuin/protocol/approval'

const MAX_DESCRIPTION = 200

export function itemLabel(description: string, index: number): string {
  const said = description === '' ? 'digest' : madeVisible(description, MAX_DESCRIPTION)
  return `${said} (${index + 1})`
}
