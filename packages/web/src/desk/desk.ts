/** What the demonstration's own process tells its page. */
import { fromBase64 } from '@natsuin/pki/encoding'
import { record, type Shaped, text } from '@natsuin/protocol/shape'
import { post } from '../ask.ts'
import { PageRefusal } from '../failure.ts'
import type { Step } from './step.ts'

const address = text({ max: 300, pattern: /^https?:\/\// })

const configAnswer = record({
  serverUrl: address,
  clientId: text({ max: 100 }),
  tsaUrl: address,
  approvalOrigin: address,
  /** Base64 DER. */
  root: text({ max: 16384 }),
  /** Hexadecimal SHA-256. */
  samKeyDigest: text({ max: 64 }),
})

export type DeskConfig = Shaped<typeof configAnswer>

export interface Judgement {
  readonly name: string
  readonly verdict: string
  readonly good: boolean
}

/** What the demonstration did before anyone opened the page. */
export interface ActResult {
  readonly verdict: string
  readonly good: boolean
  readonly judges: readonly Judgement[]
  readonly credentialID: string
  readonly level: string
  readonly signer: string
  readonly approved: { readonly label: string; readonly digest: string }
  readonly timeStamp: string
  readonly samKeyDigest: string
  readonly rootDigest: string
  readonly steps: readonly Step[]
  readonly elapsedMs: number
}

export async function readConfig(): Promise<DeskConfig> {
  return configAnswer(await (await fetch('/desk/config.json')).json())
}

/** DER. */
export function rootOf({ root }: DeskConfig): Uint8Array {
  const bytes = fromBase64(root)
  if (bytes === undefined) throw new TypeError('the root certificate is not base64')
  return bytes
}

/** `undefined` while nothing was signed yet. */
export async function readResult(): Promise<ActResult | undefined> {
  const answer = await fetch('/desk/result.json')
  // Written by the process that serves this page, and only shown.
  return answer.ok ? ((await answer.json()) as ActResult) : undefined
}

/** Has the demonstration's officer vouch for this name. @returns where the person enrols */
export async function invite(name: string): Promise<string> {
  const { url } = await post('/desk/invitations', { name }).catch((cause: unknown) => {
    throw cause instanceof PageRefusal && cause.code === 'refused'
      ? new PageRefusal('invitation-refused', {}, { cause })
      : cause
  })
  return String(url)
}
