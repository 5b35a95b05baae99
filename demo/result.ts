/** What the act led to: for the terminal, for `--json`, and for the page. */
export interface Judgement {
  readonly name: string
  /** In the judge's own words. */
  readonly verdict: string
  readonly good: boolean
}

export interface Step {
  readonly name: StepName
  readonly milliseconds: number
}

export const STEPS = [
  'discover',
  'log-in',
  'credential',
  'prepare',
  'push',
  'approve',
  'sign',
  'time-stamp',
  'verify',
  'evidence',
] as const

export type StepName = (typeof STEPS)[number]

export interface Result {
  /** Absolute paths. */
  readonly signedPdf: string
  readonly evidence: string
  /** EN 319 102-1, or what kept it from being so. */
  readonly verdict: string
  readonly good: boolean
  readonly judges: readonly Judgement[]
  readonly credentialID: string
  readonly level: string
  readonly signer: string
  readonly approved: { readonly label: string; readonly digest: string; readonly basis: string }
  readonly timeStamp: string
  /** SHA-256 of the SAM key, hexadecimal: what a verifier of the evidence pins. */
  readonly samKeyDigest: string
  /** SHA-256 of the root certificate, hexadecimal. */
  readonly rootDigest: string
  readonly steps: readonly Step[]
  readonly elapsedMs: number
}
