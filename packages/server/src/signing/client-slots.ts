/** Work side by side: so much in all, and so much of it for one client, so that no client takes what all of them share. */
export class ClientSlots {
  readonly #most: number
  readonly #mostOfClient: number
  readonly #running = new Map<Promise<void>, string>()

  constructor(most: number, mostOfClient: number) {
    this.#most = most
    this.#mostOfClient = mostOfClient
  }

  get isFull(): boolean {
    return this.#running.size >= this.#most
  }

  /** Clients that have as many as they may. */
  fullClients(): readonly string[] {
    const clients = [...this.#running.values()]
    return [...new Set(clients)].filter(clientId => this.#countOf(clientId) >= this.#mostOfClient)
  }

  isFullFor(clientId: string): boolean {
    return this.isFull || this.#countOf(clientId) >= this.#mostOfClient
  }

  /** @param work  does not reject */
  run(clientId: string, work: () => Promise<void>): void {
    const running = work().finally(() => this.#running.delete(running))
    this.#running.set(running, clientId)
  }

  /** What is running now has ended. */
  async ended(): Promise<void> {
    await Promise.all(this.#running.keys())
  }

  #countOf(clientId: string): number {
    return [...this.#running.values()].filter(other => other === clientId).length
  }
}
