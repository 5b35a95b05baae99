/** How far this SAM is with a rotation of the master key; `continue-rotation.ts` keeps it. */
export class RotationProgress {
  /** Credentials that were looked at in this pass. */
  looked = 0
  /** Of how many. */
  total = 0
  /** Those whose keys could not be moved in this pass. */
  readonly heldUp = new Set<string>()
  /** Seconds; there is no pass before. */
  pausedUntil = 0
  /** Label of the key that this process has destroyed last. */
  destroyed: string | undefined

  begin(total: number): void {
    this.looked = 0
    this.total = total
    this.heldUp.clear()
  }
}
