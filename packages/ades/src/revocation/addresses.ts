/** The same question to one address after the other, until one answers. */
import { AdesRefusal } from '../refusal.ts'

/** @throws AdesRefusal `status-unavailable` with the last reason as its cause, when there is no address or none answers */
export async function firstAnswer(
  urls: readonly string[],
  ask: (url: string) => Promise<Uint8Array>,
): Promise<Uint8Array> {
  let cause: unknown
  for (const url of urls) {
    try {
      return await ask(url)
    } catch (error) {
      if (!(error instanceof AdesRefusal)) throw error
      cause = error
    }
  }
  throw new AdesRefusal('status-unavailable', urls.join(' ') || 'no address', { cause })
}
