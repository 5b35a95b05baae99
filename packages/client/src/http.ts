/** One exchange with the service: JSON or form out, JSON in, errors typed. */
import { CscError, UnexpectedAnswer } from './csc-error.ts'

export type Fetch = (url: string, init: RequestInit) => Promise<Response>

export interface Exchange {
  readonly url: string
  readonly body: string
  readonly contentType: 'application/json' | 'application/x-www-form-urlencoded'
  readonly headers?: Readonly<Record<string, string>>
}

/** The answer's JSON object; an empty one for 204. @throws CscError, UnexpectedAnswer */
export async function exchange(
  fetch: Fetch,
  { url, body, contentType, headers }: Exchange,
): Promise<unknown> {
  const response = await fetch(url, {
    method: 'POST',
    body,
    headers: { 'content-type': contentType, ...headers },
  })
  if (response.status === 204) return {}
  const answer = await readObject(response)
  if (!response.ok) throw refusal(response.status, answer)
  return answer
}

async function readObject(response: Response): Promise<Record<string, unknown>> {
  const answer: unknown = await response.json().catch(() => undefined)
  if (typeof answer !== 'object' || answer === null) {
    throw new UnexpectedAnswer(`HTTP ${response.status} without a JSON object`)
  }
  return answer as Record<string, unknown> // an object, as just checked
}

function refusal(status: number, answer: Record<string, unknown>): CscError {
  const { error, error_description: description } = answer as { error?: unknown; error_description?: unknown }
  return new CscError(status, textOr(error, 'server_error'), textOr(description, ''))
}

function textOr(value: unknown, otherwise: string): string {
  return typeof value === 'string' ? value : otherwise
}
