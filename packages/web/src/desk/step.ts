/** The steps of a signature, as the application sees them. */
export type StepName =
  | 'discover'
  | 'log-in'
  | 'credential'
  | 'prepare'
  | 'push'
  | 'approve'
  | 'sign'
  | 'time-stamp'
  | 'verify'
  | 'evidence'

export interface Step {
  readonly name: StepName
  readonly milliseconds: number
}
